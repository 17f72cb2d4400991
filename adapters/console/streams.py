"""Reading and writing a terminal, a pipe or a file without blocking the event loop.

Threads are not used: one that waits on stdin cannot be cancelled, takes the next line, and keeps the process alive. Nor
are the descriptors made non-blocking: a terminal's stdin and stdout are one open file, so print() would fail.
"""

from __future__ import annotations

import asyncio
import codecs
import io
import os
from collections.abc import Callable
from typing import TextIO

WRITE_SIZE = 1_024
"""Bytes that a pipe takes without blocking once it is writable (POSIX: at least 512, Linux: 4,096)."""
READ_SIZE = 65_536
"""Bytes."""
LONGEST_LINE = 10_000
"""Characters kept of one typed line."""
BACKGROUND_WAIT = 1.0
"""Seconds between two checks whether a job in the background has come to the foreground."""


class StreamReader:
    """Lines from a terminal, a pipe, a file or text in memory."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._descriptor = descriptor(source)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""
        self._ended = False

    async def line(self) -> str | None:
        """The next line without its line break; None after the last one."""
        while "\n" not in self._pending and not self._ended:
            self._pending = self._pending[:LONGEST_LINE] + await self._more()
        if not self._pending:
            return None
        line, _, self._pending = self._pending.partition("\n")
        return line[:LONGEST_LINE].rstrip("\r")

    async def _more(self) -> str:
        if self._descriptor is None:
            text = self._source.readline()
            self._ended = not text
            return text
        try:
            data = await _read(self._descriptor)
        except OSError:  # the terminal hung up
            data = b""
        self._ended = not data
        return self._decoder.decode(data, final=self._ended)


class StreamWriter:
    """Text to a terminal, a pipe or a file, in order; a slow reader delays only the texts behind."""

    def __init__(self, target: TextIO) -> None:
        self._target = target
        self._descriptor = descriptor(target)
        self._encoding = getattr(target, "encoding", None) or "utf-8"
        self._lock = asyncio.Lock()

    async def write(self, text: str) -> None:
        """Write all of it. Raises OSError (BrokenPipeError: the reader is gone) or ValueError (closed)."""
        async with self._lock:
            if self._descriptor is None:
                self.write_now(text)
                return
            self._target.flush()
            rest = memoryview(self._encode(text))
            loop = asyncio.get_running_loop()
            while rest:
                await _ready(self._descriptor, loop.add_writer, loop.remove_writer)
                rest = rest[os.write(self._descriptor, rest[:WRITE_SIZE]) :]

    def write_now(self, text: str) -> None:
        """Write all of it, blocking; for commands without an event loop."""
        self._target.write(self._encode(text).decode(self._encoding))
        self._target.flush()

    def _encode(self, text: str) -> bytes:
        # Characters that an old terminal does not have become question marks instead of an error.
        return text.encode(self._encoding, "replace")


def descriptor(stream: TextIO) -> int | None:
    """File descriptor of an open stream; None for text in memory and closed streams."""
    try:
        return stream.fileno()
    except (AttributeError, io.UnsupportedOperation, ValueError):
        return None


def is_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is an open terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


async def _read(number: int) -> bytes:
    loop = asyncio.get_running_loop()
    while True:
        await _ready(number, loop.add_reader, loop.remove_reader)
        if _in_foreground(number):
            return os.read(number, READ_SIZE)
        # Reading from a terminal in the background would stop the whole process (SIGTTIN).
        await asyncio.sleep(BACKGROUND_WAIT)


async def _ready(number: int, add: Callable[..., None], remove: Callable[[int], bool]) -> None:
    """Wait until a descriptor can be read or written without blocking."""
    ready = asyncio.Event()
    try:
        add(number, ready.set)
    except PermissionError:  # files and /dev/null cannot be waited for, and never block
        await asyncio.sleep(0)
        return
    try:
        await ready.wait()
    finally:
        remove(number)


def _in_foreground(number: int) -> bool:
    try:
        return not os.isatty(number) or os.tcgetpgrp(number) == os.getpgrp()
    except OSError:
        return True
