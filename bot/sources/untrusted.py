"""A stranger's fields: each is read, or unknown; only a broken whole is an error.

Text is bounded and freed of what could not be stored or would disturb the line it is shown in.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model import Findings, Paper, Signal

TITLE_MAX = 1_000
ABSTRACT_MAX = 50_000
AUTHORS_MAX = 2_000
NAME_MAX = 300
URL_MAX = 2_000
COUNT_MAX = 1e9
EARLIEST_YEAR = 1900
PARTS_MAX = 1_000_000
"""Objects, lists or tags of an answer: 16 MB of nothing but brackets would unpack to half a gigabyte."""

# Control characters, and the marks that turn the direction of all text after them (a title could reorder the
# sentence around it): https://unicode.org/reports/tr9/#Explicit_Directional_Embeddings
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def text_line(value: object, limit: int) -> str:
    """Text on one line, at most `limit` characters; empty for anything that is not text."""
    if not isinstance(value, str):
        return ""
    # Cut before cleaning too: a title of 16 MB is not worth a full pass.
    text = _LONE_SURROGATE.sub("\ufffd", value[: limit * 4])
    return " ".join(_UNWANTED.sub(" ", text).split())[:limit].rstrip()


def name_list(value: object, limit: int = AUTHORS_MAX) -> tuple[str, ...]:
    """The texts of a list, without empty ones; none for anything else."""
    if not isinstance(value, list | tuple):
        return ()
    found = (text_line(item, NAME_MAX) for item in value[:limit])
    return tuple(name for name in found if name)


def nonnegative(value: object) -> float | None:
    """A number of votes, points or stars, 0 included; None for anything that cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= COUNT_MAX or not math.isfinite(value):
        return None
    return float(value)


def utc_time(value: object) -> datetime | None:
    """An ISO 8601 time in UTC (a missing zone is UTC); None for anything else."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        told = datetime.fromisoformat(value.strip())
        told = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return told if told.year >= EARLIEST_YEAR else None


def web_link(value: object) -> str | None:
    """A web address that can be shown: http or https, with a host, without a password."""
    if not isinstance(value, str) or len(value) > URL_MAX or _UNWANTED.search(value):
        return None
    address = value.strip()
    try:
        parts = urlsplit(address)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or not port_is_fine:
        return None
    unsafe = parts.username or parts.password or _LONE_SURROGATE.search(address)
    return None if unsafe or any(c.isspace() or c in '<>"' for c in address) else address


def decoded_json(body: bytes, source: str) -> Any:
    """Decoded JSON. Raises SourceError when it is cut off, something else, or nested to harm."""
    start = body[:200].lstrip()
    if not start:
        raise SourceError(source, "an empty answer instead of JSON")
    if start.startswith(b"<"):
        raise SourceError(source, "HTML or XML instead of JSON")
    if body.count(b"{") + body.count(b"[") > PARTS_MAX:
        raise SourceError(source, f"JSON of more than {PARTS_MAX:,} parts")
    try:
        return json.loads(body)
    except json.JSONDecodeError as broken:
        raise SourceError(source, f"broken JSON at character {broken.pos + 1}: {broken.msg}") from None
    except (ValueError, RecursionError) as broken:
        raise SourceError(source, f"unreadable JSON ({type(broken).__name__})") from None


def json_type(value: object) -> str:
    """What a JSON value is, for a sentence about what was expected instead."""
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def merged_findings(batches: Iterable[Findings]) -> Findings:
    """Several answers as one: each paper and each observation once, as first seen (pages shift while they are read)."""
    papers: dict[str, Paper] = {}
    signals: dict[tuple[str, str, str, datetime], Signal] = {}
    for batch in batches:
        for paper in batch.papers:
            papers.setdefault(paper.id, paper)
        for signal in batch.signals:
            signals.setdefault((signal.paper_id, signal.source, signal.kind, signal.seen_at), signal)
    return Findings(tuple(papers.values()), tuple(signals.values()))
