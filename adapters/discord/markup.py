"""Spans -> Discord's markdown, foreign text neutralised by backslashes. Pure.

Discord takes a backslash before any ASCII character that is no letter, digit or space for that character itself, so
everything that could be read as markup (`*`, `_`, `<@1>`, `https:`, `# `, `1.`) is written with one and shown as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from adapters.discord import limits
from adapters.text import cut, printable, utf16, web_url
from bot.model import Span

_MARKS = re.compile(r"[\\*_~`|<>\[\]()#:@-]|(?<=\d)\.(?=\s|$)")
_PARENTHESES = {ord("("): "%28", ord(")"): "%29"}
NOTHING = "…"


def escape(text: str) -> str:
    """Foreign text, shown as it is."""
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", text)


def length(text: str) -> int:
    """What the text counts once it is escaped."""
    return utf16(text) + len(_MARKS.findall(text))


def clean(text: str) -> str:
    """Foreign text without anything unseen in it; line breaks stay."""
    return printable(text, lines=True)


def line(text: str) -> str:
    """The same on one line."""
    return " ".join(clean(text).split())


def link(url: str | None) -> str | None:
    """An address that may become a link; None for any other."""
    safe = web_url(url)
    return safe.translate(_PARENTHESES) if safe and utf16(safe) <= limits.URL else None


@lru_cache(maxsize=2_048)
def markdown(spans: tuple[Span, ...], most: int) -> str:
    """A paragraph in at most `most` units; "" if there is nothing to see. Lines with nothing in them are left out."""
    written, room = [], most
    for span in spans:
        shown = _written(span, room)
        written.append(shown)
        room -= utf16(shown)
        if room <= 0 or (shown.endswith(NOTHING) and not span.text.endswith(NOTHING)):
            break
    return "\n".join(each.rstrip() for each in "".join(written).split("\n") if each.strip())


def plain(spans: tuple[Span, ...]) -> str:
    """The words alone."""
    return "".join(clean(span.text) for span in spans)


def _written(span: Span, room: int) -> str:
    """One span, cut to its room; styles go around its words and not around the space beside them."""
    return "\n".join(_written_line(span, part, room) for part in clean(span.text).split("\n"))[: max(room, 0)]


def _written_line(span: Span, text: str, room: int) -> str:
    core = text.strip()
    if not core:
        return text if room >= len(text) else ""
    url = link(span.url)
    before, after = _styles(span, core, url)
    room -= len(text) - len(core) + len(before) + len(after)
    shown = cut(core, room, utf16 if before.endswith("`") else length)
    if not shown:
        return ""
    escaped = shown if before.endswith("`") else escape(shown)
    return text.replace(core, f"{before}{escaped}{after}", 1)


def _styles(span: Span, core: str, url: str | None) -> tuple[str, str]:
    before, after = "", ""
    if span.bold:
        before, after = f"{before}**", f"**{after}"
    if span.italic:
        before, after = f"{before}*", f"*{after}"
    if url:
        return f"{before}[", f"](<{url}>){after}"
    if span.code and "`" not in core:
        return f"{before}`", f"`{after}"
    return before, after
