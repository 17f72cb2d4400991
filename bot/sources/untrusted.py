"""Fields of foreign answers: each function returns a valid value, or what stands for "unknown".

Text is bounded, and without characters that cannot be stored or would disturb the line around them.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model import Findings, Paper, Signal
from bot.text.entities import without_html

T = TypeVar("T")

log = logging.getLogger(__name__)

TITLE_MAX, ABSTRACT_MAX, NAME_MAX, URL_MAX = 1_000, 50_000, 300, 2_000
"""Characters."""
AUTHORS_MAX = 2_000
"""Authors whose names are kept; the others are counted."""
COUNT_MAX = 1e9
EARLIEST_YEAR = 1900
PARTS_MAX = 1_000_000
"""Objects, lists or tags of an answer; 16 MB of brackets alone would become half a gigabyte of objects."""

# Control characters, and directional marks, which would reorder the sentence around a title:
# https://unicode.org/reports/tr9/#Explicit_Directional_Embeddings
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def text_line(value: object, limit: int, *, html: bool = True) -> str:
    """Text on one line, at most `limit` characters; "" if the value is not text. With `html` entities are decoded."""
    if not isinstance(value, str):
        return ""
    # Cut before cleaning too, so that a title of 16 MB is not cleaned as a whole.
    value = value[: limit * 4]
    text = value.strip().replace("\n  ", " ").replace("\n", " ")  # in a fifth of the time of splitting it
    if "  " in text or not text.isprintable():  # there may be other white space than single spaces
        text = " ".join(text.split())
    if text.isprintable() and not (html and ("&" in text or "</" in text)):
        return text[:limit].rstrip()  # nearly all text: neither marks, surrogates nor entities
    text = _LONE_SURROGATE.sub("\ufffd", value)
    text = without_html(text) if html else text
    return " ".join(_UNWANTED.sub(" ", text).split())[:limit].rstrip()


def name_list(value: object) -> tuple[str, ...]:
    """The non-empty texts among the first AUTHORS_MAX of a list; () if the value is not a list."""
    if not isinstance(value, list | tuple):
        return ()
    names = [text_line(item, NAME_MAX) for item in value[:AUTHORS_MAX]]
    return tuple(names if all(names) else filter(None, names))


def author_names(names: Sequence[object]) -> tuple[tuple[str, ...], int]:
    """The first AUTHORS_MAX names, and how many there are beyond them."""
    return name_list(names), max(0, len(names) - AUTHORS_MAX)


def nonnegative(value: object) -> float | None:
    """A count (votes, points, stars) from 0 to COUNT_MAX; None for any other value."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= COUNT_MAX:
        return None
    return float(value)


def count_signals(paper_id: str, source: str, counts: Mapping[str, object], now: datetime) -> tuple[Signal, ...]:
    """The valid counts by kind as signals of a paper, as of now."""
    values = {kind: nonnegative(value) for kind, value in counts.items()}
    return tuple(Signal(paper_id, source, kind, value, now) for kind, value in values.items() if value is not None)


def utc_time(value: object) -> datetime | None:
    """An ISO 8601 time, in UTC (a missing zone means UTC); None for any other value."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        time = datetime.fromisoformat(value.strip())
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return time if time.year >= EARLIEST_YEAR else None


def web_link(value: object) -> str | None:
    """A URL that can be shown as a link: http or https, with a host, without a password; else None."""
    if not isinstance(value, str) or len(value) > URL_MAX or _UNWANTED.search(value):
        return None
    url = value.strip()
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    unsafe = parts.username or parts.password or _LONE_SURROGATE.search(url) or re.search(r'[\s<>"]', url)
    return url if usable and not unsafe else None


def decoded_json(body: bytes, source: str) -> Any:
    """Decoded JSON. Raises SourceError if it is incomplete, not JSON, or nested too deeply."""
    start = body[:200].lstrip()
    if not start:
        raise SourceError(source, "an empty answer instead of JSON")
    if start.startswith(b"<"):
        raise SourceError(source, "HTML or XML instead of JSON")
    if body.count(b"{") + body.count(b"[") > PARTS_MAX:
        raise SourceError(source, f"JSON of more than {PARTS_MAX:,} parts")
    try:
        try:
            return json.loads(body)
        except ValueError:  # one bad character or number of one item
            return json.loads(body.decode("utf-8-sig", "replace"), strict=False, parse_int=_integer)
    except json.JSONDecodeError as broken:
        raise SourceError(source, f"broken JSON at character {broken.pos + 1}: {broken.msg}") from None
    except RecursionError:
        raise SourceError(source, "JSON that is nested too deeply") from None


def _integer(digits: str) -> float:
    """A number of JSON; one with more digits than Python converts is infinite."""
    return int(digits) if len(digits) <= 400 else float("inf")


def readable(source: str, items: Iterable[object], read: Callable[[Any], T]) -> tuple[list[T], tuple[str, ...]]:
    """Results of `read` by item, and one line about each item for which it raises.

    `read` raises SourceError for an item that is not as it should be; any other exception is logged and skips the
    item too, so that no item ever fails the others.
    """
    results: list[T] = []
    skipped: dict[str, None] = {}
    for item in items:
        try:
            results.append(read(item))
        except SourceError as fault:
            skipped[fault.reason] = None
        except Exception as error:
            log.exception("an item cannot be read source=%s", source)
            skipped[f"{named(item)} raised {type(error).__name__}, see the log"] = None
    return results, tuple(skipped)


def named(item: object) -> str:
    """Name of a JSON object in a line about it: the first of its title, address and id that is text."""
    texts = (text_line(item.get(key), 80) for key in ("title", "url", "id")) if isinstance(item, dict) else ()
    return next((f"“{text}”" for text in texts if text), "an item without a title")


def json_type(value: object) -> str:
    """Name of a JSON value's type, for error messages."""
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def merged_findings(batches: Iterable[Findings]) -> Findings:
    """Several answers as one; duplicates (pages shift while they are read) are dropped, the first one stays."""
    papers: dict[str, Paper] = {}
    signals: dict[tuple[str, str, str, datetime], Signal] = {}
    skipped: dict[str, None] = {}
    summaries: dict[str, str] = {}
    for batch in batches:
        skipped |= dict.fromkeys(batch.skipped)
        summaries |= batch.summaries
        for paper in batch.papers:
            papers.setdefault(paper.id, paper)
        for signal in batch.signals:
            signals.setdefault((signal.paper_id, signal.source, signal.kind, signal.seen_at), signal)
    return Findings(tuple(papers.values()), tuple(signals.values()), tuple(skipped), tuple(summaries.items()))
