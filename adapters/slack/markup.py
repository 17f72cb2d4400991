"""Spans -> mrkdwn or rich text. Pure.

Slack has no escape for its formatting: `*`, `_`, `~`, a backtick, `:smile:` and a leading `>` are read as markup
wherever they stand, and no invisible character is known to stop that for certain. So a paragraph is written as mrkdwn,
which is compact, has documented limits and is what every client knows, only when nothing in it could be misread; any
other becomes rich text, whose elements are shown as they are. Both look alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from adapters.slack import limits
from adapters.text import printable, truncate, web_url
from bot.model import Span

Json = dict[str, Any]
Line = tuple[Span, ...]
Paragraph = tuple[Line, ...]
"""Cleaned spans, line by line, without line breaks: Slack's formatting does not reach across one."""

LEAST_LABEL = 20
"""Characters; when a paragraph is cut, a link with fewer characters of label left loses its address."""
DATE_FORMAT = "{date_short_pretty} at {time} your time"
"""Such as “tomorrow at 9:00 AM”."""
_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_READ_AS_MARKUP = re.compile(r"[*_~`]|:[^\s:]+:|^\s*>")
_BEFORE_STYLED = re.compile(r"[\s(]?")
_AFTER_STYLED = re.compile(r"[\s.,;:!?)]?")
"""What may precede and follow styled text for Slack to read its marks."""
_AUTOLINK = re.compile(r"[@#]|://|\.[^\W\d_]{2}")
_MENTION = re.compile(r"(?<=<)(?=[!@#])")


def characters(blocks: list[Json]) -> int:
    """Characters of blocks as JSON, which `limits.MESSAGE` counts."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def escape(text: str) -> str:
    """Text with the three entities Slack decodes (https://docs.slack.dev/messaging/formatting-message-text#escaping)."""
    return text.translate(_ENTITIES)


def escaped_length(text: str) -> int:
    """Characters after escaping."""
    return len(escape(text)) if any(mark in text for mark in "&<>") else len(text)


@lru_cache(maxsize=1_024)
def one_line(text: str) -> str:
    """Foreign text on one line, without invisible characters."""
    return " ".join(printable(text, lines=True).split())


def safe_url(url: str | None) -> str | None:
    """An address that may become a link, not yet escaped; None for any other."""
    safe = web_url(url)
    return safe if safe and escaped_length(safe) <= limits.URL else None


@lru_cache(maxsize=1_024)
def to_paragraph(spans: tuple[Span, ...]) -> Paragraph:
    """Foreign spans by lines, without invisible characters; empty if nothing is visible, blank lines merged.

    Cached, as is everything here that costs: at nine o'clock the same papers go to a thousand channels.
    """
    lines: list[list[Span]] = [[]]
    for span in spans:
        url = safe_url(span.url)
        texts = printable(span.text, lines=True).split("\n")
        parts = [_part(span, text, url) for text in texts]
        lines[-1].append(parts[0])
        lines += [[part] for part in parts[1:]]
    return _without_blank_lines(tuple(span for span in line if span.text) for line in lines)


def _part(span: Span, text: str, url: str | None) -> Span:
    """One line of a span; blank text is neither a link nor a date, and a link is no date."""
    visible = bool(text.strip())
    return replace(span, text=text, url=url if visible else None, at=span.at if visible and url is None else None)


def _without_blank_lines(lines: Iterable[Line]) -> Paragraph:
    """The lines without blank ones at both ends, and with one in place of several."""
    result: list[Line] = []
    for line in lines:
        if any(span.text.strip() for span in line):
            result.append(line)
        elif result and result[-1]:
            result.append(())
    return tuple(result[:-1] if result and not result[-1] else result)


def plain_text(paragraph: Paragraph) -> str:
    """The text without styles and links."""
    return "\n".join("".join(span.text for span in line) for line in paragraph)


def has_autolinks(paragraph: Paragraph) -> bool:
    """Whether Slack would make a link of something in the text by itself: an address, @somebody, #somewhere."""
    return _AUTOLINK.search(plain_text(paragraph)) is not None


# --- length ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1_024)
def mrkdwn_length(paragraph: Paragraph) -> int:
    """Characters as mrkdwn, or a few more."""
    return sum(map(_line_length, paragraph)) + max(len(paragraph) - 1, 0)


def shorten(paragraph: Paragraph, most: int) -> Paragraph:
    """The paragraph in at most `most` characters.

    The longest line is cut, as the others hold facts; if that is not enough, the paragraph is.
    """
    excess = mrkdwn_length(paragraph) - most
    if excess <= 0:
        return paragraph
    lengths = [_line_length(line) for line in paragraph]
    at = lengths.index(max(lengths))
    if lengths[at] - excess >= most // 3:
        return (*paragraph[:at], _shorten_line(paragraph[at], lengths[at] - excess), *paragraph[at + 1 :])
    return tuple(_beginning(paragraph, most))


def _beginning(paragraph: Paragraph, most: int) -> Iterator[Line]:
    for line in paragraph:
        if most <= 0:
            return
        yield _shorten_line(line, most)
        most -= _line_length(line) + 1


def _shorten_line(spans: Line, most: int) -> Line:
    """The line in at most `most` characters, never empty; an address that leaves no room for a label is dropped."""
    result: list[Span] = []
    for span in spans:
        if span.url and escaped_length(span.text) > most - _markup_length(span) < LEAST_LABEL:
            span = replace(span, url=None)  # noqa: PLW2901 - the same span, without its link
        room = most - _markup_length(span)
        if escaped_length(span.text) > room:
            text = truncate(span.text, room, escaped_length)
            return (*result, replace(span, text=text)) if text else tuple(result) or (Span("…"),)
        result.append(span)
        most = room - escaped_length(span.text)
    return tuple(result)


def _line_length(spans: Line) -> int:
    return sum(escaped_length(span.text) + _markup_length(span) for span in spans)


def _markup_length(span: Span) -> int:
    date = len(_date(span.at, "")) if span.at else 0
    return 2 * (span.bold + span.italic + span.code) + date + (escaped_length(span.url) + 3 if span.url else 0)


# --- mrkdwn ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1_024)
def mrkdwn(paragraph: Paragraph) -> str | None:
    """The paragraph as mrkdwn; None where Slack could misread it."""
    lines = [line for spans in paragraph if (line := _mrkdwn_line(spans)) is not None]
    return "\n".join(lines) if len(lines) == len(paragraph) else None


def _mrkdwn_line(spans: Line) -> str | None:
    code_with_markup = any(span.code and (span.url or span.at) for span in spans)
    if code_with_markup or _READ_AS_MARKUP.search("".join(span.text for span in spans)):
        return None
    # The line with x for marked text: what may stand beside a mark is decided by unmarked characters.
    masked = "".join(re.sub(r"\S", "x", span.text) if _is_marked(span) else span.text for span in spans)
    written, at = [], 0
    for span in spans:
        core = span.text.strip()
        start = at + len(span.text) - len(span.text.lstrip())
        at += len(span.text)
        if core and _is_styled(span):
            before, after = masked[max(start - 1, 0) : start], masked[start + len(core) :][:1]
            if not (_BEFORE_STYLED.fullmatch(before) and _AFTER_STYLED.fullmatch(after)):
                return None
        written.append(span.text.replace(core, _marked(span, core), 1) if core else span.text)
    return "".join(written)


def _is_styled(span: Span) -> bool:
    return span.bold or span.italic or span.code


def _is_marked(span: Span) -> bool:
    return _is_styled(span) or span.url is not None or span.at is not None


def _marked(span: Span, core: str) -> str:
    text = escape(core)
    text = _date(span.at, text) if span.at else text
    text = f"<{escape(span.url)}|{text}>" if span.url else text
    for is_set, mark in ((span.code, "`"), (span.italic, "_"), (span.bold, "*")):
        text = f"{mark}{text}{mark}" if is_set else text
    return text


def _date(at: datetime, fallback: str) -> str:
    """https://docs.slack.dev/messaging/formatting-message-text#date-formatting: by the reader's clock and language."""
    return f"<!date^{int(at.timestamp())}^{DATE_FORMAT}|{fallback}>"


# --- rich text ---------------------------------------------------------------------------------------------------


def rich_text_elements(paragraph: Paragraph) -> list[Json]:
    """The paragraph as elements of a rich text section, which Slack shows as they are: nothing is escaped.

    `<!`, `<@` and `<#` are split, so that no string of a payload is a mention for a reader who takes it for mrkdwn.
    """
    elements: list[Json] = []
    for number, line in enumerate(paragraph):
        if number:
            elements.append({"type": "text", "text": "\n"})
        for span in line:
            texts = [span.text] if span.at else _MENTION.split(span.text)
            elements += [_element(span, text) for text in texts]
    return elements


def _element(span: Span, text: str) -> Json:
    style = {name: True for name in ("bold", "italic", "code") if getattr(span, name)}
    styled: Json = {"style": style} if style else {}
    if span.at is not None:
        stamp = int(span.at.timestamp())
        return {"type": "date", "timestamp": stamp, "format": DATE_FORMAT, "fallback": text, **styled}
    kind: Json = {"type": "link", "url": span.url} if span.url else {"type": "text"}
    return {**kind, "text": text, **styled}
