"""Cache files of the index: each stored segment in a file of its own, mapped into memory.

    <database>.index/<checksum>.segment      a whole segment, as the database has it
    <database>.index/<checksum>.<…>.part     one that some process is writing

Processes share the mapped pages, and the system may drop them at any time. The folder can be deleted whenever one
likes: what is mapped stays valid, and a file that is missing is made anew. Nothing in here can make a search fail:
where files cannot be written, the segments are held in memory.

A file that this module has written or checked bears a time of modification that nothing else sets (`_seal`), another
one after each start of the machine. A file with another time was changed, or may have lost pages with the power: its
checksum is computed before it is used.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import mmap
import os
import re
import stat
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b, file_digest
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from weakref import WeakValueDictionary

from bot.errors import StoreError
from bot.search import segment_file
from bot.search.segment_file import DamagedSegmentError

log = logging.getLogger("paperboy.search")

Parts = Callable[[], Iterator[bytes]]
"""A function that begins to read a segment's bytes."""

STALE_SECONDS = 3600.0
"""Age of a temporary file that no process can still be writing."""
FRESH_SECONDS = 60.0
"""Age below which a file is not deleted: a process whose index is newer may have written it."""
RETRY_SECONDS = 60.0
"""After a file could not be written, none is tried for so long."""
BYTES_PER_PAPER = 1_000
"""Of all files, about."""
WAIT_SECONDS = 5.0
"""Longest wait for another process that writes; a segment takes half a second."""
_POLL_SECONDS = 0.02
_WRITTEN_AT_ONCE = 65_536
"""Bytes. Linux maps as much as was written at once: with 4 MB the postings of a stem, some 100 KB in ten places, had 40
MB in memory."""
_DIGEST = 16
"""Bytes of a checksum."""
_CHECKSUM = re.compile(rf"[0-9a-f]{{{2 * _DIGEST}}}")
_SEGMENT = re.compile(rf"({_CHECKSUM.pattern})\.segment")
_PART = re.compile(rf"{_CHECKSUM.pattern}\.\w+\.part")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_THERE = (FileNotFoundError, NotADirectoryError)


class SegmentCache:
    """The files of a database's segments. For one thread at a time; several processes may share a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        """Without a `folder` all segments are held in memory. The folder is made when the first file is written."""
        self.folder = folder
        self._retry_at = self._waits_at = -float("inf")
        self._said: set[str] = set()
        self._maps: WeakValueDictionary[str, mmap.mmap] = WeakValueDictionary()
        """Files that are mapped now, by checksum."""
        self._others = 0
        """Bytes of programs and libraries in memory, as of the first segment."""

    def open(self, checksum: str, parts: Parts) -> memoryview:
        """The bytes of a segment, mapped from its file, which is made of `parts` if there is none.

        Raises StoreError if the parts are not what the checksum says.
        """
        if not _CHECKSUM.fullmatch(checksum):
            raise StoreError(_damaged(checksum))
        if not self._maps:
            self._others = mapped_bytes()
        data = self._mapped(checksum) or self._made(checksum, parts) or _in_memory(checksum, parts)
        if isinstance(data.obj, mmap.mmap):
            self._maps[checksum] = data.obj
        return data

    def release(self, checksums: Iterable[str], most: int) -> None:
        """Give back the mapped pages of some segments if this process has more than `most` bytes of all in memory.

        They stay in the system's cache as long as there is room, so that the next search finds them there.
        """
        if not self._maps or mapped_bytes() - self._others <= most:
            return
        for checksum in checksums:
            if (mapped := self._maps.get(checksum)) is not None:
                mapped.madvise(mmap.MADV_DONTNEED)  # what a thread reads now is mapped again

    def keep(self, checksums: Collection[str]) -> None:
        """Delete the files of other segments than these, and what processes that were killed have left."""
        if self.folder is None:
            return
        now, kept = time.time(), set(checksums)
        with suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    if _is_old(entry, kept, now):
                        Path(entry).unlink()

    def _mapped(self, checksum: str) -> memoryview | None:
        """The bytes of a segment's file; None if there is none, or none that can be used."""
        if self.folder is None:
            return None
        try:
            if _others_may_write(self.folder):
                return None
            with self._path(checksum).open("rb") as file:
                return _checked(file, checksum)
        except _NOT_THERE:
            return None
        except (OSError, ValueError) as error:
            self._say("made anew", f"index cache made anew file={self._path(checksum)} reason={_reason(error)!r}")
            return None

    def _made(self, checksum: str, parts: Parts) -> memoryview | None:
        """The bytes of a segment's file that is written now; None if it cannot be."""
        if self.folder is None or time.monotonic() < self._retry_at:
            return None
        try:
            _make_private(self.folder)
            with self._turn(self.folder):
                return self._mapped(checksum) or self._written(checksum, parts)
        except OSError as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            where, reason = self.folder, _reason(error)
            text = f"index cache not used, so the index is held in memory folder={where} reason={reason!r}"
            self._say("not used", f"{text}: {remedy(error)}")
            return None

    @contextmanager
    def _turn(self, folder: Path) -> Iterator[None]:
        """Wait while another process writes into a folder: two that start at once would write everything twice.

        That process may be frozen, so the wait is short, and there is none for some time after it was in vain.
        """
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            until = time.monotonic() + WAIT_SECONDS
            while time.monotonic() >= self._waits_at and not _is_locked(descriptor):
                time.sleep(_POLL_SECONDS)
                if time.monotonic() >= until:
                    self._waits_at = until + RETRY_SECONDS
            yield
        finally:
            os.close(descriptor)

    def _written(self, checksum: str, parts: Parts) -> memoryview:
        descriptor, name = tempfile.mkstemp(".part", f"{checksum}.", self.folder)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                rest = _verified(checksum, parts)
                beginning = next(rest, b"")
                _reserve(file, beginning)
                for part in chain((beginning,), rest):
                    file.writelines(
                        part[start : start + _WRITTEN_AT_ONCE] for start in range(0, len(part), _WRITTEN_AT_ONCE)
                    )
                file.truncate()
                if (theirs := self._mapped(checksum)) is not None:  # another process was faster: its pages are shared
                    return theirs
                _set_sealed(file)
                temporary.replace(self._path(checksum))
                return _map(file)
        finally:
            temporary.unlink(missing_ok=True)

    def _path(self, checksum: str) -> Path:
        return (self.folder or Path()) / f"{checksum}.segment"

    def _say(self, subject: str, text: str) -> None:
        """Log a text, once for its subject: there may be hundreds of segments."""
        if subject not in self._said:
            self._said.add(subject)
            log.warning("%s", text)


def mapped_bytes() -> int:
    """Bytes of files that this process has in memory; 0 on systems that do not tell."""
    try:
        descriptor = os.open("/proc/self/statm", os.O_RDONLY)  # each search asks: a ninth of the time of a Path's
    except OSError:
        return 0
    try:
        return int(os.read(descriptor, 128).split()[2]) * mmap.PAGESIZE
    finally:
        os.close(descriptor)


def folder_fault(folder: Path) -> OSError | None:
    """The reason why no file can be written in a folder, or why it cannot be made; None if it can. Makes nothing."""
    try:
        if folder.exists():
            _make_private(folder)
        above = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        with tempfile.TemporaryFile(dir=above):
            return None
    except OSError as error:
        return error


def size(folder: Path) -> int:
    """Bytes of the segments' files in a folder."""
    try:
        return sum(each.stat().st_size for each in folder.iterdir() if _SEGMENT.fullmatch(each.name))
    except OSError:
        return 0


def remedy(error: OSError) -> str:
    """Remedy for a file that cannot be written, to tell an operator."""
    if error.errno in _NO_ROOM:
        return "free space on its disk, or set PAPERBOY_CACHE to a folder on another one"
    return "let Paperboy write there, or set PAPERBOY_CACHE to a folder where it may"


def _checked(file: BufferedReader, checksum: str) -> memoryview:
    """The bytes of a file. Raises ValueError if they are not those of the checksum."""
    data = _map(file)
    segment_file.from_bytes(data)
    if os.fstat(file.fileno()).st_mtime_ns != _seal():
        if file_digest(file, _digest).hexdigest() != checksum:
            raise DamagedSegmentError("another checksum")
        with suppress(OSError):  # another user's file
            _set_sealed(file)
    return data


def _is_locked(descriptor: int) -> bool:
    """Whether a folder is locked by this process now, or cannot be locked at all."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _reserve(file: BinaryIO, beginning: bytes) -> None:
    """Reserve the room of a segment with this beginning: a file that grows takes several times as long.

    Raises OSError if there is not so much.
    """
    try:
        os.posix_fallocate(file.fileno(), 0, segment_file.read_size(beginning))
    except (DamagedSegmentError, AttributeError):  # not of this version; a system without that function
        pass
    except OSError as error:
        if error.errno in _NO_ROOM:  # else of a file system that cannot do it
            raise


def _map(file: BinaryIO) -> memoryview:
    return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _in_memory(checksum: str, parts: Parts) -> memoryview:
    data = bytearray()
    for part in _verified(checksum, parts):
        data += part
    return memoryview(data).toreadonly()


def _verified(checksum: str, parts: Parts) -> Iterator[bytes]:
    """The parts. Raises StoreError after the last one if they are not those of the checksum.

    A part's checksum is computed on another core while its reader writes it and the next one is read.
    """
    digest = _digest()
    with ThreadPoolExecutor(1, "segment-checksum") as other_core:
        computed = other_core.submit(digest.update, b"")
        for part in parts():
            computed.result()  # no more than two parts are in memory
            computed = other_core.submit(digest.update, part)
            yield part
    if digest.hexdigest() != checksum:
        raise StoreError(_damaged(checksum))


def _damaged(checksum: str) -> str:
    return f"the search index is damaged in the database (segment {checksum[:8]}): `paperboy reindex` makes it anew"


def _digest() -> blake2b:
    return blake2b(digest_size=_DIGEST)


def _make_private(folder: Path) -> None:
    """Make a private folder. Raises PermissionError for one where somebody else may plant files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _others_may_write(folder):
        raise PermissionError(errno.EPERM, "others may write there")


def _others_may_write(folder: Path) -> bool:
    """Whether somebody may who has no right to write in the folder above."""
    status = folder.stat()
    return bool(status.st_mode & stat.S_IWOTH) or status.st_uid not in {0, os.geteuid(), folder.parent.stat().st_uid}


def _is_old(entry: os.DirEntry[str], kept: set[str], now: float) -> bool:
    """Whether a file is one of this module's, and no longer needed."""
    if segment := _SEGMENT.fullmatch(entry.name):
        # The time of the last change of its name: that of its bytes is the seal.
        return segment[1] not in kept and now - entry.stat(follow_symlinks=False).st_ctime > FRESH_SECONDS
    return bool(_PART.fullmatch(entry.name)) and now - entry.stat(follow_symlinks=False).st_mtime > STALE_SECONDS


def _set_sealed(file: BinaryIO) -> None:
    os.utime(file.fileno(), ns=(time.time_ns(), _seal()))


@cache
def _seal() -> int:
    """Time of modification, in ns, of files that were checked since the machine was started: a time before 2018.

    Even seconds, which every file system can hold.
    """
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    except OSError:
        start = b""
    since_2000 = int.from_bytes(blake2b(start, digest_size=4).digest(), "little") >> 4
    return (946_684_800 + 2 * since_2000) * 10**9


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
