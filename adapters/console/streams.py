"""Reading and writing a terminal, a pipe or a file without holding the event loop.

Threads are not used: one that waits on stdin can't be cancelled, eats the next line, and keeps the process alive. Nor
are the descriptors made non-blocking: a terminal's stdin and stdout are one open file, so print() would fail.
"""

from __future__ import annotations

import asyncio
import codecs
import io
import os
from collections.abc import Callable
from typing import TextIO

WRITTEN_AT_ONCE = 1_024
"""Bytes: what a pipe takes without blocking once it is writable (POSIX: at least 512, Linux: 4,096)."""
READ_AT_ONCE = 65_536
"""Bytes."""
LONGEST_LINE = 10_000
"""Characters kept of one typed line."""
BACKGROUND_WAIT = 1.0
"""Seconds between two looks whether a job in the background has come to the front."""


class StreamReader:
    """Typed lines, one at a time, from a terminal, a pipe, a file or text in memory."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._descriptor = descriptor(source)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""
        self._ended = False

    async def line(self) -> str | None:
        """The next line without its end; None after the last one."""
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
    """Text to a terminal, a pipe or a file; whoever reads slowly holds up only the messages behind."""

    def __init__(self, target: TextIO) -> None:
        self._target = target
        self._descriptor = descriptor(target)
        self._turn = asyncio.Lock()

    async def write(self, text: str) -> None:
        """Write all of it, in turn. Raises OSError (BrokenPipeError: nobody reads any more) or ValueError (closed)."""
        async with self._turn:
            if self._descriptor is None:
                self.write_now(text)
                return
            self._target.flush()
            await _write(self._descriptor, self._encode(text))

    def write_now(self, text: str) -> None:
        """The same at once, for when no event loop is running."""
        self._target.write(self._encode(text).decode(self._encoding))
        self._target.flush()

    @property
    def _encoding(self) -> str:
        return getattr(self._target, "encoding", None) or "utf-8"

    def _encode(self, text: str) -> bytes:
        """As bytes; what an old terminal has no character for becomes a question mark instead of an error."""
        return text.encode(self._encoding, "replace")


def descriptor(stream: TextIO) -> int | None:
    """The operating system's number of an open stream; None for text in memory and closed streams."""
    try:
        return stream.fileno()
    except (AttributeError, io.UnsupportedOperation, ValueError):
        return None


async def _read(number: int) -> bytes:
    loop = asyncio.get_running_loop()
    while True:
        await _ready(number, loop.add_reader, loop.remove_reader)
        if _in_front(number):
            return os.read(number, READ_AT_ONCE)
        # Reading from a terminal in the background would stop the whole process (SIGTTIN).
        await asyncio.sleep(BACKGROUND_WAIT)


async def _write(number: int, data: bytes) -> None:
    loop = asyncio.get_running_loop()
    left = memoryview(data)
    while left:
        await _ready(number, loop.add_writer, loop.remove_writer)
        left = left[os.write(number, left[:WRITTEN_AT_ONCE]) :]


async def _ready(number: int, add: Callable[..., None], remove: Callable[[int], bool]) -> None:
    """Wait until a descriptor can be read or written without blocking."""
    ready = asyncio.get_running_loop().create_future()
    try:
        add(number, _wake, ready)
    except PermissionError:  # files and /dev/null can't be waited for, and never block
        await asyncio.sleep(0)
        return
    try:
        await ready
    finally:
        remove(number)


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _in_front(number: int) -> bool:
    try:
        return not os.isatty(number) or os.tcgetpgrp(number) == os.getpgrp()
    except OSError:
        return True
