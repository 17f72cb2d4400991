"""Papers as JSON Lines, gzipped or not: `paperboy import`, PAPERBOY_FILE, the bundled sample, corpora.

A line: {"id", "title", "abstract", "authors", "published_at", "listed_at", "categories", "organization" (a name, or
{"name": its account, "fullname"}), "code_url", "project_url", "comment", "signals": [{"source", "kind", "value",
"seen_at"}]}. Only id and title are needed; the names that Hugging Face, Kaggle's snapshot of arXiv and retrieval
corpora use are read too (`_ALIASES`, `_authors`).
"""

from __future__ import annotations

import asyncio
import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from io import BufferedIOBase
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from bot.errors import SourceError, UserError
from bot.model import Findings, Paper, Signal
from bot.model.paper_id import paper_id, version
from bot.sources import untrusted
from bot.sources.huggingface_parse import SUMMARY_MAX, read_organization, shown_authors
from bot.sources.withdrawal import is_withdrawn

NAME = "file"
LINE_MAX = 2 * 2**20
"""Bytes per line; the longest line of a real file has 30,000."""
FILE_MAX = 2**30
"""Bytes per file, unpacked."""
LINES_MAX = 1_000_000
"""Lines per file of papers, which are held in memory until they are stored."""
SKIPPED_MAX = 10_000
"""Bad lines per file; with more it is not the file that was meant."""
ID_MAX = 200
"""Characters of an id or a DOI."""

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "_id"),
    "abstract": ("abstract", "summary", "text"),
    "published_at": ("published_at", "publishedAt"),
    "listed_at": ("listed_at", "submittedOnDailyAt"),
    "code_url": ("code_url", "githubRepo"),
    "project_url": ("project_url", "projectPage"),
    "comment": ("comment", "comments"),
    "journal_ref": ("journal_ref", "journal-ref"),
}
_BETWEEN_AUTHORS = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+and\s+")
_SUBMITTED = re.compile(
    r"[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) ((?:19|20)\d{2}) (\d{2}):(\d{2}):([0-5]\d) GMT", re.ASCII
)
"""Kaggle's usual form, which is read five times as fast as any date of mail."""
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_NUMERIC_ID = re.compile(r"(\d{3,4})\.(\d{1,5})", re.ASCII)
_VERSION = re.compile(r"v[1-9]\d{0,2}", re.ASCII)
_FIVE_DIGITS = "1501"
"""Month since which an arXiv id ends in five digits."""
_AFFILIATION = re.compile(r"\([^()]*\)")

_Value = TypeVar("_Value")
FirstSeen: TypeAlias = Callable[[datetime | None, datetime | None], datetime]
"""When a paper counts as first seen, by the times of its first version and of its listing."""


class JsonLines:
    """A file as a source, read as a whole by each fetch. `summaries`: as of `HuggingFace`."""

    name = NAME

    def __init__(self, path: Path, summaries: str = "authors") -> None:
        self._path, self._brings_summaries = path, summaries == "huggingface"

    async def fetch(self, since: datetime, now: datetime) -> Findings:  # noqa: ARG002 - the whole file is read
        """All papers and signals of the file, without bad lines. Raises SourceError if it cannot be read."""
        findings = await asyncio.to_thread(read_file, self._path)
        return findings if self._brings_summaries else replace(findings, summaries=())


def read_file(path: Path, *, strict: bool = False) -> Findings:
    """All papers and signals of a file; a bad line is left out and named in `skipped`.

    Raises SourceError if the file cannot be read or is too large; with `strict` also for the first bad line.
    """
    with _opened(path) as lines:
        return _parse(lines, strict=strict)


def read_each(
    file: Path, read: Callable[[dict[str, Any]], _Value], kind: str, skipped: list[str] | None
) -> Iterator[_Value]:
    """Each object of a file as `read` makes it, one at a time.

    A bad line, or one for which `read` raises SourceError, is left out and named in `skipped`; without that list it is
    an error. Raises UserError, also if no line is a `kind`.
    """
    is_any = False
    try:
        with _opened(file) as lines:
            for number, line in enumerate(lines, 1):
                try:
                    with line_number_in_fault(number):
                        if (record := read_line(line)) is None:
                            continue
                        value = read(record)
                except SourceError as fault:
                    leave_out(fault, skipped)
                    continue
                is_any = True
                yield value
    except SourceError as error:
        raise UserError(f"{file}: {error.reason}") from None
    if skipped and not is_any:
        raise UserError(f"{file}: no line is a {kind}; {skipped[0]}")


def leave_out(fault: SourceError, skipped: list[str] | None) -> None:
    """Name a bad line in `skipped`. Raises the fault if there is no such list, or if it is full."""
    if skipped is None or len(skipped) >= SKIPPED_MAX:
        raise fault
    skipped.append(fault.reason)


def paper_text(record: Mapping[str, Any]) -> tuple[str, str, str]:
    """Id, title and abstract of an object, one line each; "" where missing."""
    title = untrusted.text_line(record.get("title"), untrusted.TITLE_MAX)
    record_id = _field(record, "id")
    whole_id = _snapshot_id(record_id) if _is_snapshot(record) else _id(record_id)
    return whole_id, title, untrusted.text_line(_field(record, "abstract"), untrusted.ABSTRACT_MAX)


def parse_lines(body: bytes) -> Findings:
    """Papers and signals of JSON Lines. Raises SourceError with the number of the first bad line."""
    return _parse(body.splitlines(), strict=True)


def _parse(lines: Iterable[bytes], *, strict: bool) -> Findings:
    skipped: list[str] = []

    def papers() -> Iterator[Findings]:
        for number, line in enumerate(lines, 1):
            if number > LINES_MAX:
                raise SourceError(NAME, f"more than {LINES_MAX:,} lines; split the file")
            try:
                with line_number_in_fault(number):
                    if (record := read_line(line)) is not None:
                        paper, signals, summary = read_record(record)
                        summaries = ((paper.id, summary),) if summary else ()
                        yield Findings((paper,), signals, summaries=summaries)
            except SourceError as fault:
                leave_out(fault, None if strict else skipped)

    findings = untrusted.merged_findings(papers())
    return replace(findings, skipped=tuple(skipped))


def read_line(line: bytes) -> dict[str, Any] | None:
    """The object of a line; None for an empty line."""
    if not line.strip():
        return None
    if len(line) > LINE_MAX:
        raise SourceError(NAME, f"longer than {LINE_MAX // 2**20} MB")
    record = untrusted.decoded_json(line, NAME)
    if not isinstance(record, dict):
        raise SourceError(NAME, f"{untrusted.json_type(record)} instead of an object")
    inner = record.get("paper")  # an item of Hugging Face's daily list
    return record | inner if isinstance(inner, dict) else record


@contextmanager
def line_number_in_fault(number: int) -> Iterator[None]:
    """Put a line's number before the reason of a SourceError."""
    try:
        yield
    except SourceError as fault:
        raise SourceError(NAME, f"line {number}: {fault.reason}") from None


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            with gzip.GzipFile(fileobj=raw) if packed else raw as stream:
                yield _lines(stream)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SourceError(NAME, f"{path.name} is not a whole gzip file") from None
    except OSError as fault:
        raise SourceError(NAME, f"cannot read {path.name}: {fault.strerror or type(fault).__name__}") from None


def _lines(stream: BufferedIOBase) -> Iterator[bytes]:
    """Lines of a file; of one that is too long its beginning, which is longer than LINE_MAX."""
    size, whole = 0, True
    while line := stream.readline(LINE_MAX + 1):
        if whole:
            yield line
        whole = line.endswith(b"\n")
        size += len(line)
        if size > FILE_MAX:
            raise SourceError(NAME, f"more than {FILE_MAX // 2**20} MB unpacked; split the file")


def read_record(
    record: Mapping[str, Any], first_seen: FirstSeen | None = None
) -> tuple[Paper, tuple[Signal, ...], str]:
    """Paper of an object, its observations, and Hugging Face's summary or "". Raises SourceError."""
    paper = read_paper(record, first_seen)
    if not paper.title:
        raise SourceError(NAME, "no title")
    summary = untrusted.text_line(record.get("ai_summary"), SUMMARY_MAX)
    return paper, _signals(record.get("signals"), paper.id), summary


def read_paper(record: Mapping[str, Any], first_seen: FirstSeen | None = None) -> Paper:
    """Paper of an object, of which any field but the id may be missing. Raises SourceError without one."""
    id_text, title, abstract = paper_text(record)
    if not id_text:
        raise SourceError(NAME, "no id")
    authors, more_authors = untrusted.author_names(_authors(record))
    comment = untrusted.text_line(_field(record, "comment"), 2_000)
    organization = read_organization(record.get("organization"))
    published_at = untrusted.utc_time(_field(record, "published_at")) or _first_version(record)
    listed_at = untrusted.utc_time(_field(record, "listed_at"))
    return Paper(
        id=paper_id(id_text) or id_text,
        title=title,
        abstract=abstract,
        authors=authors,
        more_authors=more_authors,
        published_at=published_at,
        listed_at=listed_at,
        first_seen=first_seen(published_at, listed_at) if first_seen else None,
        categories=_categories(record.get("categories")),
        organization=organization.name,
        organization_handle=organization.handle,
        code_url=untrusted.web_link(_field(record, "code_url")),
        project_url=untrusted.web_link(_field(record, "project_url")),
        comment=comment or None,
        journal_ref=untrusted.text_line(_field(record, "journal_ref"), 500) or None,
        doi=untrusted.text_line(record.get("doi"), ID_MAX) or None,
        version=version(id_text) or _last_version(record),
        withdrawn=record.get("withdrawn") is True
        or untrusted.utc_time(record.get("withdrawnAt")) is not None
        or is_withdrawn(comment, abstract),
    )


def _authors(record: Mapping[str, Any]) -> list[object]:
    """Names from a list of names, Hugging Face's list of objects, or Kaggle's parsed list or text."""
    parsed, value = record.get("authors_parsed"), record.get("authors")
    if isinstance(parsed, list) and parsed:  # [family name, given names, suffix]
        return [
            " ".join(map(str, (*part[1:2], part[0], *part[2:3]))) for part in parsed if isinstance(part, list) and part
        ]
    if isinstance(value, str):
        return [name.strip() for name in _BETWEEN_AUTHORS.split(_AFFILIATION.sub("", value)) if name.strip()]
    if not isinstance(value, list):
        return []
    return shown_authors(value) if any(isinstance(author, dict) for author in value) else value


def word_list(value: object) -> object:
    """A text as the list of its words; any other value as it is."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _categories(value: object) -> tuple[str, ...]:
    return _split_categories(value) if isinstance(value, str) else untrusted.name_list(value)


@lru_cache(maxsize=10_000)
def _split_categories(value: str) -> tuple[str, ...]:
    return untrusted.name_list(word_list(value))


def _first_version(record: Mapping[str, Any]) -> datetime | None:
    """When the first version of Kaggle's list was submitted: "Mon, 2 Apr 2007 19:18:42 GMT"."""
    versions = record.get("versions")
    first = versions[0] if isinstance(versions, list) and versions else None
    if not isinstance(first, dict) or "created" not in first:
        return None
    created = str(first["created"])
    try:
        if usual := _SUBMITTED.fullmatch(created):
            day, month, year, hour, minute, second = usual.groups()
            moment = (int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second))
            return datetime(*moment, tzinfo=UTC)
        return untrusted.utc_time(parsedate_to_datetime(created).isoformat())
    except (KeyError, ValueError, OverflowError):
        return None


def _field(record: Mapping[str, Any], name: str) -> object:
    for alias in _ALIASES[name]:
        if (value := record.get(alias)) is not None and value != "":
            return value
    return None


def _id(value: object) -> str:
    """An id as text; corpora have numbers as ids."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return untrusted.text_line(text, ID_MAX) if isinstance(text, str) and len(text) <= ID_MAX else ""


def _is_snapshot(record: Mapping[str, Any]) -> bool:
    """Whether an object is of Kaggle's snapshot of arXiv."""
    return isinstance(record.get("versions"), list) and "update_date" in record


def _snapshot_id(value: object) -> str:
    """An arXiv id that was a number on its way, with its zeros: 704.0001 is 0704.0001, 1001.01 is 1001.0100."""
    text = str(value) if isinstance(value, float) else _id(value)
    if not (number := _NUMERIC_ID.fullmatch(text)):
        return text
    month, paper = number[1].zfill(4), number[2]
    return f"{month}.{paper.ljust(5 if month >= _FIVE_DIGITS else 4, '0')}"


def _last_version(record: Mapping[str, Any]) -> int | None:
    """Number of the last version of Kaggle's list, which is the one of the record's text."""
    versions = record.get("versions")
    last = versions[-1] if isinstance(versions, list) and versions else None
    name = last.get("version") if isinstance(last, dict) else None
    return int(name[1:]) if isinstance(name, str) and _VERSION.fullmatch(name) else None


def _signals(value: object, paper: str) -> tuple[Signal, ...]:
    """Observations; a bad one is an error, since a time series with gaps would be a different series."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise SourceError(NAME, f"signals is {untrusted.json_type(value)} instead of a list")
    signals = []
    for number, item in enumerate(value, 1):
        fields = item if isinstance(item, dict) else {}
        counted_by, kind = (untrusted.text_line(fields.get(key), 50) for key in ("source", "kind"))
        count, seen_at = untrusted.nonnegative(fields.get("value")), untrusted.utc_time(fields.get("seen_at"))
        if not counted_by or not kind or count is None or seen_at is None:
            needs = "source, kind, a value of 0 or more and seen_at (ISO 8601)"
            raise SourceError(NAME, f"signal {number} needs {needs}")
        signals.append(Signal(paper, counted_by, kind, count, seen_at))
    return tuple(signals)
