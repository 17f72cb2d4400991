"""Discord's markdown for spans, with foreign text escaped. Pure.

A backslash before any ASCII character that is no letter, digit or space shows that character itself, so everything that
could be read as markup (`*`, `_`, `<@1>`, `https:`, `# `, `1.`) gets one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from adapters.discord import limits
from adapters.text import printable, truncate, utf16, web_url
from bot.model import Span

_SPECIAL = re.compile(r"[\\*_~`|<>\[\]()#:@-]|(?<=\d)\.(?=\s|$)")
_PARENTHESES = {ord("("): "%28", ord(")"): "%29"}
NOTHING = "…"


@dataclass(frozen=True, slots=True)
class Mention(Span):
    """A span that Discord shows as the mention of something; where that does not fit, its text stands there."""

    mention: str = ""


def escape(text: str) -> str:
    """Text that Discord shows as it is."""
    return _SPECIAL.sub(lambda mark: f"\\{mark[0]}", text)


def escaped_length(text: str) -> int:
    """UTF-16 units of the escaped text."""
    return utf16(text) + len(_SPECIAL.findall(text))


def one_line(text: str) -> str:
    """Foreign text on one line, without invisible characters."""
    return " ".join(printable(text, lines=True).split())


def safe_url(url: str | None) -> str | None:
    """The URL in a form that may stand in a link; None if it is no web address or too long."""
    safe = web_url(url)
    return safe.translate(_PARENTHESES) if safe and utf16(safe) <= limits.URL else None


@lru_cache(maxsize=2_048)
def markdown(spans: tuple[Span, ...], limit: int) -> str:
    """A paragraph in at most `limit` units, without blank lines; "" if nothing of it is visible."""
    parts, room = [], limit
    for span in spans:
        lines = printable(span.text, lines=True).split("\n")
        part = "\n".join(_line(span, each, room) for each in lines)[: max(room, 0)]
        parts.append(part)
        room -= utf16(part)
        if room <= 0 or (part.rstrip().endswith(NOTHING) and not span.text.rstrip().endswith(NOTHING)):
            break
    return "\n".join(each.rstrip() for each in "".join(parts).split("\n") if each.strip())


def _special(span: Span) -> str:
    """Text that Discord draws itself: a mention, or a moment by the reader's clock and how far away it is."""
    if isinstance(span, Mention):
        return span.mention
    if span.at is None:
        return ""
    seconds = int(span.at.timestamp())
    return f"<t:{seconds}:F> your time (<t:{seconds}:R>)"


def _line(span: Span, text: str, room: int) -> str:
    """One line of a span, cut to its room; marks go around its words and not around the space beside them."""
    if 0 < len(special := _special(span)) <= room:
        return special
    words = text.strip()
    if not words:
        return text if room >= len(text) else ""
    before, after = "**" * span.bold + "*" * span.italic, "*" * span.italic + "**" * span.bold
    url = safe_url(span.url)
    is_code = url is None and span.code and "`" not in words
    if url:
        before, after = f"{before}[", f"](<{url}>){after}"
    elif is_code:
        before, after = f"{before}`", f"`{after}"
    room -= len(text) - len(words) + len(before) + len(after)
    fitting = truncate(words, room, utf16 if is_code else escaped_length)
    if not fitting:
        return ""
    return text.replace(words, f"{before}{fitting if is_code else escape(fitting)}{after}", 1)
