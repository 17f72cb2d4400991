"""Spans -> what Slack shows. Pure.

Slack has no escape for its formatting: `*`, `_`, `~`, a backtick, `:smile:` and a leading `>` are read as markup
wherever they stand, and no invisible character is known to stop that for certain. So a paragraph is written as mrkdwn,
which is compact, has documented limits and is what every client knows, only when nothing in it could be misread; any
other becomes rich text, whose elements are shown as they are. Both look the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from adapters.slack import limits
from adapters.text import cut, printable, web_url
from bot.model import Span

Json = dict[str, Any]
Line = tuple[Span, ...]
Paragraph = tuple[Line, ...]
"""Cleaned spans, line by line, without line breaks: Slack's formatting does not reach across one."""

LEAST_LABEL = 20
"""Characters of a link's words that are worth its address when a paragraph is cut."""
_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_MISREAD = re.compile(r"[*_~`]|:[^\s:]+:|^\s*>")
_BEFORE = re.compile(r"[\s(]?")
"""What may stand before formatted text; after it:"""
_AFTER = re.compile(r"[\s.,;:!?)]?")
_BARE = re.compile(r"[@#]|://|\.[^\W\d_]{2}")
_MENTION = re.compile(r"(?<=<)(?=[!@#])")


def escape(text: str) -> str:
    """The three characters Slack decodes (https://docs.slack.dev/messaging/formatting-message-text#escaping)."""
    return text.translate(_ENTITIES)


def escaped_length(text: str) -> int:
    """Characters after escaping."""
    return len(escape(text)) if any(mark in text for mark in "&<>") else len(text)


def printable_lines(text: str) -> str:
    """Foreign text without anything unseen in it; line breaks stay."""
    return printable(text, lines=True)


@lru_cache(maxsize=1_024)
def one_line(text: str) -> str:
    """The same on one line."""
    return " ".join(printable_lines(text).split())


def safe_url(url: str | None) -> str | None:
    """An address that may become a link, not yet escaped; None for any other."""
    safe = web_url(url)
    return safe if safe and escaped_length(safe) <= limits.URL else None


@lru_cache(maxsize=1_024)
def paragraph(spans: tuple[Span, ...]) -> Paragraph:
    """Foreign spans made harmless, by lines. Empty if there is nothing to see; never two blank lines in a row.

    Remembered, as everything here that costs: at nine o'clock the same papers go to a thousand channels.
    """
    lines: list[list[Span]] = [[]]
    for span in spans:
        url = safe_url(span.url)
        parts = [
            replace(span, text=text, url=url if text.strip() else None)
            for text in printable_lines(span.text).split("\n")
        ]
        lines[-1].append(parts[0])
        lines += [[part] for part in parts[1:]]
    return _trimmed(tuple(span for span in each if span.text) for each in lines)


def _trimmed(lines: Iterable[Line]) -> Paragraph:
    kept: list[Line] = []
    for each in lines:
        if any(span.text.strip() for span in each):
            kept.append(each)
        elif kept and kept[-1]:
            kept.append(())
    return tuple(kept[:-1] if kept and not kept[-1] else kept)


def plain_text(shown: Paragraph) -> str:
    """The words alone."""
    return "\n".join("".join(span.text for span in each) for each in shown)


def has_autolinks(shown: Paragraph) -> bool:
    """Whether Slack would link something in it by itself: an address, @somebody, #somewhere."""
    return _BARE.search(plain_text(shown)) is not None


# --- length ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1_024)
def mrkdwn_length(shown: Paragraph) -> int:
    """At least as many characters as its mrkdwn has."""
    return sum(map(_line_size, shown)) + max(len(shown) - 1, 0)


def shorten(shown: Paragraph, most: int) -> Paragraph:
    """The paragraph in at most `most` characters: its longest line gives way, as the others hold facts; failing that,
    its beginning.
    """
    over = mrkdwn_length(shown) - most
    if over <= 0:
        return shown
    sizes = [_line_size(each) for each in shown]
    at = sizes.index(max(sizes))
    if sizes[at] - over >= most // 3:
        return (*shown[:at], _shortened_line(shown[at], sizes[at] - over), *shown[at + 1 :])
    return tuple(_beginning(shown, most))


def _beginning(shown: Paragraph, most: int) -> Iterator[Line]:
    for each in shown:
        if most <= 0:
            return
        yield _shortened_line(each, most)
        most -= _line_size(each) + 1


def _shortened_line(spans: Line, most: int) -> Line:
    """Never empty; an address that leaves no room for words is dropped first."""
    kept: list[Span] = []
    for span in spans:
        if span.url and escaped_length(span.text) > most - _overhead(span) < LEAST_LABEL:
            span = replace(span, url=None)  # noqa: PLW2901 - the same span, without its link
        room = most - _overhead(span)
        if escaped_length(span.text) > room:
            text = cut(span.text, room, escaped_length)
            return (*kept, replace(span, text=text)) if text else tuple(kept) or (Span("…"),)
        kept.append(span)
        most = room - escaped_length(span.text)
    return tuple(kept)


def _line_size(spans: Line) -> int:
    return sum(escaped_length(span.text) + _overhead(span) for span in spans)


def _overhead(span: Span) -> int:
    return 2 * (span.bold + span.italic + span.code) + (escaped_length(span.url) + 3 if span.url else 0)


# --- mrkdwn ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1_024)
def mrkdwn(shown: Paragraph) -> str | None:
    """The paragraph as mrkdwn; None where Slack could read something else than was meant."""
    lines: list[str] = []
    for each in shown:
        written = _mrkdwn_line(each)
        if written is None:
            return None
        lines.append(written)
    return "\n".join(lines)


def _mrkdwn_line(spans: Line) -> str | None:
    if _MISREAD.search("".join(span.text for span in spans)) or any(span.code and span.url for span in spans):
        return None
    around = "".join(re.sub(r"\S", "x", span.text) if _is_marked(span) else span.text for span in spans)
    written, at = [], 0
    for span in spans:
        core = span.text.strip()
        start = at + len(span.text) - len(span.text.lstrip())
        at += len(span.text)
        if core and _is_styled(span):
            end = start + len(core)
            if not (_BEFORE.fullmatch(around[max(start - 1, 0) : start]) and _AFTER.fullmatch(around[end : end + 1])):
                return None
        written.append(span.text.replace(core, _marked(span, core), 1) if core else span.text)
    return "".join(written)


def _is_styled(span: Span) -> bool:
    return span.bold or span.italic or span.code


def _is_marked(span: Span) -> bool:
    return _is_styled(span) or span.url is not None


def _marked(span: Span, core: str) -> str:
    text = escape(core)
    text = f"<{escape(span.url)}|{text}>" if span.url else text
    for wanted, mark in ((span.code, "`"), (span.italic, "_"), (span.bold, "*")):
        text = f"{mark}{text}{mark}" if wanted else text
    return text


# --- rich text ---------------------------------------------------------------------------------------------------


def rich_text_elements(shown: Paragraph) -> list[Json]:
    """The paragraph as elements of a rich text section, which Slack shows as they are: nothing is escaped.

    `<!` and its kind are parted, so that no string of a payload is a mention, whoever may read it as mrkdwn.
    """
    elements: list[Json] = []
    for number, each in enumerate(shown):
        if number:
            elements.append({"type": "text", "text": "\n"})
        for span in each:
            elements += [_element(span, text) for text in _MENTION.split(span.text)]
    return elements


def _element(span: Span, text: str) -> Json:
    style = {name: True for name in ("bold", "italic", "code") if getattr(span, name)}
    kind: Json = {"type": "link", "url": span.url} if span.url else {"type": "text"}
    return {**kind, "text": text, **({"style": style} if style else {})}
