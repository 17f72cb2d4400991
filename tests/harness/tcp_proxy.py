"""A proxy before PostgreSQL's socket, which stops passing bytes when it is told to, as a network does that is cut.

async with CutProxy("/tmp/server/.s.PGSQL.5432") as proxy:
    proxy.cut()     # connections stay open, new ones are accepted, and nothing is passed on
    proxy.mend()    # what was held back arrives now
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self


class CutProxy:
    """Listens on a port of loopback and passes bytes on, both ways."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._passes = asyncio.Event()
        self._passes.set()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    def cut(self) -> None:
        """Pass nothing on."""
        self._passes.clear()

    def mend(self) -> None:
        """Pass everything on, what was held back first."""
        self._passes.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self._passes.set()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._connections)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._writers.add(writer)
        try:
            await self._passes.wait()
            there = await asyncio.open_unix_connection(self._socket)
            await asyncio.gather(self._pass(reader, there[1]), self._pass(there[0], writer))
        except OSError:  # the server is away
            writer.close()
        finally:
            self._connections.discard(task)
            self._writers.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                await self._passes.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
