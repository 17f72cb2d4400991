"""Text on its way out: cut, split and counted as a platform counts, and foreign text made harmless. Pure.

Cuts fall between words; failing that between what a reader sees as characters (an emoji of five code points, a letter
with its accents), and never inside a number: “95.” of “95.3” would be a lie.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

import regex

Measure = Callable[[str], int]
"""Counts text as a platform does. It must count at least 1 for every code point, and more text never less."""

LONGEST_URL = 2_000
"""Characters. Longer ones break in clients (https://support.microsoft.com/kb/208427), and no paper needs them."""

# ECMA-48: control strings (titles, links, device control), CSI sequences, then two-character escapes. Possessive, and
# stopped by the next introducer, so linear; a string that is never ended loses only its introducer.
_ESCAPES = regex.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90-\x9f]{0,4096}+(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|\x1b[ -/]*+[0-~]?"
)
# Controls but white space, lone surrogates, non-characters, and format characters: bidi marks, overrides and isolates,
# zero-width ones, tags. Arabic and Syriac number signs are format characters too, but are seen.
_UNSEEN = regex.compile(
    r"[[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]--[\s\u200d\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2]]",
    flags=regex.V1,
)
_LOOSE_JOINER = regex.compile(
    r"(?<!\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?)\u200d+|\u200d+(?!\p{Extended_Pictographic})"
)
_PILED_MARKS = regex.compile(r"(\p{M}{8})\p{M}++")
_SPACE = regex.compile(r"[^\S\u00a0\u202f]\s*|[\u00a0\u202f]\s+")
_BREAKS = regex.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
_INDENTED = regex.compile(r"[^\S\n\u00a0\u202f]")

_GRAPHEME = regex.compile(r"\X")
_NUMBER = regex.compile(r"\d(?:[\d.,:'’\u00a0\u2007\u202f/×eE+−-]*\d)?[%‰]?")
_LOOSE_END = regex.compile(r"[\s,;:–—(\[{«“‘-]+$")
# The places to split at, best first. No-break spaces are none of them.
_PLACES = tuple(map(regex.compile, (r"\n\s*\n", r"\n", r"(?<=[.!?…。！？])\s", r"[^\S\u00a0\u2007\u202f]")))


def characters(text: str) -> int:
    """Code points, as Slack and Discord count."""
    return len(text)


def utf16(text: str) -> int:
    """UTF-16 code units, as JavaScript counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8(text: str) -> int:
    """Bytes on the wire."""
    return len(text.encode("utf-8", "surrogatepass"))


def cut(text: str, limit: int, measure: Measure = characters, ellipsis: str = "…") -> str:
    """The text, or its beginning and an ellipsis, in at most `limit` by the measure."""
    if measure(text) <= limit:
        return text
    room = limit - measure(ellipsis)
    if room < 0:
        return ""
    return _LOOSE_END.sub("", text[: _cut_at(text, room, measure)]) + ellipsis


def split(text: str, limit: int, measure: Measure = characters) -> list[str]:
    """Parts of at most `limit` each, in order; white space at the cuts is left out and nothing else.

    Only what is longer than a whole part is cut within: a number between its digits, a grapheme between its code
    points. Raises ValueError for a limit below 4, the most that one code point counts.
    """
    if limit < 4:
        raise ValueError("a part must have room for any one character: at least 4")
    parts: list[str] = []
    rest = text.strip()
    while measure(rest) > limit:
        end = _split_at(rest, limit, measure)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest else parts


@lru_cache(maxsize=1_024)
def printable(text: str, *, lines: bool = False) -> str:
    """The text without anything that could act on a terminal or a page: escape sequences, controls, direction marks,
    zero-width characters (but the joiner inside an emoji), piles of accents. White space becomes single spaces
    (a no-break space by itself stays one); with `lines`, line breaks and indentation stay.
    """
    text = _ESCAPES.sub("", text)
    text = _BREAKS.sub("\n", text) if lines else text
    text = _LOOSE_JOINER.sub("", _UNSEEN.sub("", text))
    text = _PILED_MARKS.sub(r"\1", text)
    return _INDENTED.sub(" ", text.expandtabs(4)) if lines else _SPACE.sub(" ", text)


def web_url(url: str | None) -> str | None:
    """The address if it may become a link: http or https, a host, no credentials, nothing unseen in it; else None."""
    if not url or len(url) > LONGEST_URL or " " in url or printable(url) != url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or port == 0:
        return None
    # What could end the address early where it stands between brackets or quotes.
    return url.translate({ord(mark): f"%{ord(mark):02X}" for mark in "<>\"'`\\^{}|"})


def _cut_at(text: str, room: int, measure: Measure) -> int:
    """Where to end so that it fits in `room`: after a word unless that loses half, then between graphemes."""
    most = _longest(text, room, measure)
    if _PLACES[-1].match(text, most):
        return most
    spaces = list(_PLACES[-1].finditer(text, 0, most))
    if spaces and spaces[-1].start() >= most // 2:
        return int(spaces[-1].start())
    return _outside_numbers(text, _between_graphemes(text, most))


def _split_at(text: str, limit: int, measure: Measure) -> int:
    """The same for a part of a whole: nothing may be lost, so a part is never empty."""
    most = _longest(text, limit, measure)
    if _PLACES[-1].match(text, most):
        return most
    for place in _PLACES:
        found = [match.start() for match in place.finditer(text, 0, most) if match.start() >= most // 2]
        if found:
            return int(found[-1])
    return _outside_numbers(text, _between_graphemes(text, most)) or _between_graphemes(text, most) or most


def _longest(text: str, room: int, measure: Measure) -> int:
    """How many code points fit, by bisection: measures are monotone."""
    low, high = 0, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= room else (low, middle - 1)
    return low


def _between_graphemes(text: str, most: int) -> int:
    """The last boundary between graphemes at or before `most`."""
    at = 0
    # One more code point than can be kept: whether `most` is a boundary depends on its neighbours alone.
    for grapheme in _GRAPHEME.finditer(text, 0, min(len(text), most + 1)):
        if grapheme.end() > most:
            return int(grapheme.start())
        at = grapheme.end()
    return at


def _outside_numbers(text: str, at: int) -> int:
    """The place itself, or the start of the number it falls into."""
    for number in _NUMBER.finditer(text):
        if number.start() < at < number.end():
            return _between_graphemes(text, number.start())
        if number.start() >= at:
            break
    return at
