"""A file of papers of any size, read in batches: plain, gzipped, or the largest file of a zip archive.

Memory is bounded by a batch. Each batch ends at a byte, from which reading can go on after a stop.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import IO, Any, cast

from bot.errors import SourceError
from bot.model import Paper, Signal
from bot.sources.jsonl import LINE_MAX, NAME, FirstSeen, line_number_in_fault, read_line, read_record, word_list

BATCH = 4_096
"""Lines of a batch: some 10 MB, and a segment of the index."""
SIGNALS_AT_ONCE = 20_000
"""Signals after which a batch ends early."""
BYTES_AT_ONCE = 64 * 2**20
"""Bytes of lines after which a batch ends early."""
SKIPPED_NAMED = 20
_HEAD = 65_536
"""Bytes by which a file is recognised, with its size and time of change."""
_SKIPPED_AT_ONCE = 2**20
_READ_AT_ONCE = 2**18
"""Bytes of a read, at which another thread may take the interpreter."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line's end in a file."""

    offset: int = 0
    """Bytes before it, unpacked."""
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records of a file are read: of any of these categories or archives, submitted on a day or later."""

    categories: tuple[str, ...] = ()
    since: date | None = None

    def includes_categories(self, record: Mapping[str, Any]) -> bool:
        """Whether a record has one of the categories; any record if there are none."""
        if not self.categories:
            return True
        names = word_list(record.get("categories"))
        if not isinstance(names, list | tuple):
            return False
        lowered = [name.casefold() for name in names if isinstance(name, str)]
        return any(name == each or name.startswith(f"{each}.") for name in lowered for each in self.categories)

    def includes_date(self, paper: Paper) -> bool:
        """Whether a paper was submitted late enough; one without a date was not."""
        return self.since is None or (paper.published_at is not None and paper.published_at.date() >= self.since)


@dataclass(slots=True)
class Batch:
    """Papers and signals of some lines."""

    papers: list[Paper] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    summaries: list[tuple[str, str]] = field(default_factory=list)
    passed_over: int = 0
    skipped: int = 0
    skipped_named: list[str] = field(default_factory=list)
    """Lines about the first bad ones."""
    end: Place = Place()
    read: float = 0.0
    """Share of the file's bytes read by its end, 0 to 1."""

    def leave_out(self, reason: str) -> None:
        """Count a bad line, and name it if it is one of the first."""
        self.skipped += 1
        if len(self.skipped_named) < SKIPPED_NAMED:
            self.skipped_named.append(reason)


class PaperFile:
    """A file of papers."""

    def __init__(
        self, path: Path, wanted: Wanted | None = None, *, strict: bool = False, first_seen: FirstSeen | None = None
    ) -> None:
        """With `strict` the first bad line is a SourceError."""
        self._path, self._wanted, self._strict, self._first_seen = path, wanted or Wanted(), strict, first_seen

    def identity(self) -> str:
        """Name of the file as it is now and of what is read of it: another one for other content. Raises SourceError.

        A file that was touched is another one: reading it again from the beginning costs time, and loses nothing.
        """
        with _faults(self._path):
            state = self._path.stat()
            with self._path.open("rb") as content:
                head = content.read(_HEAD)
        facts = f"{state.st_size} {state.st_mtime_ns} {sorted(self._wanted.categories)} {self._wanted.since}"
        return blake2b(head + facts.encode(), digest_size=12).hexdigest()

    def batches(self, start: Place = Place()) -> Generator[Batch, None, None]:
        """Batches of the file after a place, some thousand lines at a time; an empty last batch too.

        A file that ends early is read up to there, and its end is left out like a bad line. Raises SourceError.
        """
        batch = Batch(end=start)
        try:
            with _faults(self._path), _unpacked(self._path) as (stream, share):
                _go_to(stream, start.offset)
                yield from self._batches(batch, stream, share)
        except _CutError as fault:
            # what was read of the last batch is lost with the generator that read it
            last = self._last
            if self._strict:
                raise SourceError(NAME, fault.reason) from None
            last.leave_out(f"after line {last.end.lines}: {fault.reason}")
            last.read = 1.0
            yield last

    def _batches(self, batch: Batch, stream: BufferedIOBase, share: _Share) -> Iterator[Batch]:
        self._last = batch
        place, size, lines = batch.end, 0, 0
        while line := stream.readline(LINE_MAX + 1):
            length = len(line)
            if not line.endswith(b"\n") and length > LINE_MAX:
                length += _rest_of_line(stream)
            place = Place(place.offset + length, place.lines + 1)
            try:
                with line_number_in_fault(place.lines):
                    self._read(line, batch)
            except SourceError as fault:
                if self._strict:
                    raise
                batch.leave_out(fault.reason)
            batch.end = place
            size, lines = size + length, lines + 1
            if lines >= BATCH or size >= BYTES_AT_ONCE or len(batch.signals) >= SIGNALS_AT_ONCE:
                batch.read = share(place.offset)
                yield batch
                batch = self._last = Batch(end=place)
                size = lines = 0
        batch.read = 1.0
        yield batch

    def _read(self, line: bytes, batch: Batch) -> None:
        if (record := read_line(line)) is None:
            return
        if not self._wanted.includes_categories(record):
            batch.passed_over += 1
            return
        paper, signals, summary = read_record(record, self._first_seen)
        if not self._wanted.includes_date(paper):
            batch.passed_over += 1
            return
        batch.papers.append(paper)
        batch.signals += signals
        if summary:
            batch.summaries.append((paper.id, summary))


class _CutError(Exception):
    """A packed file that ends before its content does."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _Share:
    """Share of a file's bytes that were read: packed ones where the size of the content is not known."""

    def __init__(self, packed: IO[bytes] | None, size: int) -> None:
        self._packed, self._size = packed, size

    def __call__(self, offset: int) -> float:
        done = offset if self._packed is None else self._packed.tell()
        return min(done / self._size, 1.0) if self._size else 1.0


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[BufferedIOBase, _Share]]:
    size = path.stat().st_size
    with cast(BufferedReader, path.open("rb", buffering=_READ_AT_ONCE)) as raw:
        start = raw.peek(4)[:4]
        if start[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=raw) as stream:
                yield stream, _Share(raw, size)
        elif start == b"PK\x03\x04":
            with zipfile.ZipFile(raw) as archive:
                largest = max(archive.infolist(), key=lambda each: each.file_size)
                with archive.open(largest) as member:
                    yield cast(BufferedIOBase, member), _Share(None, largest.file_size)
        else:
            yield raw, _Share(None, size)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise _CutError(f"{path.name} is not a whole gzip file") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as fault:  # a password, an unknown packing
        raise SourceError(NAME, f"{path.name} cannot be unpacked ({str(fault)[:80]})") from None
    except OSError as fault:
        raise SourceError(NAME, f"cannot read {path.name}: {fault.strerror or type(fault).__name__}") from None


def _go_to(stream: BufferedIOBase, offset: int) -> None:
    """Go to a byte; what is packed is unpacked up to there, which takes a second for 300 MB."""
    if stream.seekable() and not isinstance(stream, gzip.GzipFile | zipfile.ZipExtFile):
        stream.seek(offset)
        return
    while offset > 0 and (block := stream.read(min(offset, _SKIPPED_AT_ONCE))):
        offset -= len(block)


def _rest_of_line(stream: BufferedIOBase) -> int:
    """Pass over the rest of a line that is too long; returns its bytes."""
    size = 0
    while part := stream.readline(LINE_MAX):
        size += len(part)
        if part.endswith(b"\n"):
            break
    return size
