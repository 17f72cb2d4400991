"""Text for platforms: truncated by the platform's measure, and text of others made harmless. Pure.

Text ends after a word; failing that after a grapheme (an emoji of five code points, a letter with its accents), and
never inside a number: “95.” of “95.3” would be wrong.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlsplit

import regex

from bot.model import Span
from bot.text.joiners import without_loose_joiners

Measure = Callable[[str], int]
"""Length of a text as a platform counts it: at least 1 for every code point, and monotone."""

MAX_URL = 2_000
"""Characters. Longer ones break in clients (https://support.microsoft.com/kb/208427)."""

# ECMA-48: control strings (titles, links, device control), CSI sequences, then two-character escapes. Possessive, and
# stopped by the next introducer, so linear; a string that is never ended loses only its introducer.
_ESCAPES = regex.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90-\x9f]{0,4096}+(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|\x1b[ -/]*+[0-~]?"
)
# Controls but white space, lone surrogates, non-characters, and format characters: bidi marks, overrides and isolates,
# zero-width ones, tags. Arabic and Syriac number signs are format characters too, but visible.
_INVISIBLE = regex.compile(
    r"[[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]--[\s\u200c\u200d\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2]]",
    flags=regex.V1,
)
_PILED_MARKS = regex.compile(r"(\p{M}{8})\p{M}++")
_SPACE = regex.compile(r"[^\S\u00a0\u202f]\s*|[\u00a0\u202f]\s+")
_BREAKS = regex.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
_INDENTED = regex.compile(r"[^\S\n\u00a0\u202f]")

_URL_ENDS = {ord(mark): f"%{ord(mark):02X}" for mark in "<>\"'`\\^{}|"}
"""Marks that could end a URL early between brackets or quotes, percent-encoded."""
_GRAPHEME = regex.compile(r"\X")
_NUMBER = regex.compile(r"\d(?:[\d.,:'’\u00a0\u2007\u202f/×eE+−-]*\d)?[%‰]?")
_LOOSE_END = regex.compile(r"(?r)[\s,;:–—(\[{«“‘-]*")
_BREAKING_SPACE = regex.compile(r"[^\S\u00a0\u2007\u202f]")
_LAST_BREAKING_SPACE = regex.compile(r"(?r)[^\S\u00a0\u2007\u202f]")
"""Read backwards, as the one before: from the beginning, a long text is read whole."""
_PLAIN_URL = regex.compile(r"https://(?:[a-z0-9-]+\.)+[a-z]+(?:/[A-Za-z0-9._~/-]*)?")
"""Nothing in it could mislead; nearly all links are of this kind, and parsing one takes twenty times as long."""


def utf16(text: str) -> int:
    """UTF-16 code units, as JavaScript counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def truncate(text: str, limit: int, measure: Measure = len, ellipsis: str = "…") -> str:
    """The text, or its beginning and an ellipsis, at most `limit` long by the measure (by default code points)."""
    if measure(text) <= limit:
        return text
    room = limit - measure(ellipsis)
    if room < 0:
        return ""
    beginning = text[: _end(text, room, measure)]
    loose = _LOOSE_END.match(beginning)
    return beginning[: loose.start() if loose else None] + ellipsis


def printable(text: str, *, lines: bool = False) -> str:
    """The text without escape sequences, controls, direction marks, zero-width characters (but joiners that a script
    or an emoji needs) and piles of accents. White space becomes single spaces (a single no-break space stays); with
    `lines`, line breaks and indentation stay.
    """
    if text.isprintable() and (text.isascii() or not _PILED_MARKS.search(text)) and (lines or "  " not in text):
        return text  # nearly all text, and most of the time of a page
    return _harmless(text, lines=lines)


@lru_cache(maxsize=1_024)
def _harmless(text: str, *, lines: bool) -> str:
    text = _ESCAPES.sub("", text)
    text = _BREAKS.sub("\n", text) if lines else text
    text = without_loose_joiners(_INVISIBLE.sub("", text))
    text = _PILED_MARKS.sub(r"\1", text)
    return _INDENTED.sub(" ", text.expandtabs(4)) if lines else _SPACE.sub(" ", text)


@lru_cache(maxsize=4_096)
def web_url(url: str | None) -> str | None:
    """The URL if it may become a link: http or https, a host, no credentials, nothing invisible in it; else None."""
    if not url or len(url) > MAX_URL or " " in url or printable(url) != url:
        return None
    if _PLAIN_URL.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or port == 0:
        return None
    return url.translate(_URL_ENDS)


@lru_cache(maxsize=4_096)
def harmless(span: Span) -> Span:
    """The span with printable text, its line breaks kept, and its URL only if it may become a link."""
    return replace(span, text=printable(span.text, lines=True), url=web_url(span.url))


def _end(text: str, room: int, measure: Measure) -> int:
    """Index of the end of the text that fits in `room`: after a word unless that loses half, else after a grapheme."""
    most = bisect_right(range(1, min(len(text), room) + 1), room, key=lambda size: measure(text[:size]))
    if _BREAKING_SPACE.match(text, most):
        return most
    space = _LAST_BREAKING_SPACE.search(text, 0, most)
    if space and space.start() >= most // 2:
        return int(space.start())
    end = _grapheme_end(text, most)
    number_start = next((each.start() for each in _NUMBER.finditer(text) if each.start() < end < each.end()), end)
    return _grapheme_end(text, number_start)


def _grapheme_end(text: str, most: int) -> int:
    """The last boundary between graphemes at or before `most`."""
    # One more code point than fits: whether `most` is a boundary depends on its neighbours alone.
    ends = (grapheme.end() for grapheme in _GRAPHEME.finditer(text, 0, min(len(text), most + 1)))
    return max((end for end in ends if end <= most), default=0)


def decoded(content: bytes) -> str:
    """Text of a file that somebody sent: UTF-8 or UTF-16, else Windows' Latin alphabet, which reads any bytes."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
