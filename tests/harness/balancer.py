"""Balancers before processes on loopback: HAProxy, and a small one of ours where that is not installed."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

HAPROXY = """
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
    retries 3
    option redispatch 1
    retry-on conn-failure
frontend front
    bind 127.0.0.1:{port}
    default_backend processes
backend processes
    balance roundrobin
"""


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def small_balancer(ports: Sequence[int], _path: Path) -> AsyncIterator[str]:
    """Connections in turn; to the next process where one does not listen."""
    turn = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turn
        for _ in ports:
            turn += 1
            with contextlib.suppress(OSError):
                there = await asyncio.open_connection("127.0.0.1", ports[turn % len(ports)])
                await asyncio.gather(copy(reader, there[1]), copy(there[0], writer))
                return
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@contextlib.asynccontextmanager
async def haproxy(ports: Sequence[int], path: Path) -> AsyncIterator[str]:
    program = shutil.which("haproxy")
    if program is None:
        pytest.skip("haproxy is not installed: apt-get install haproxy")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    servers = "".join(f"    server process{each} 127.0.0.1:{each}\n" for each in ports)
    (path / "haproxy.cfg").write_text(HAPROXY.format(port=port) + servers)
    running = await asyncio.create_subprocess_exec(program, "-db", "-q", "-f", str(path / "haproxy.cfg"))
    try:
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(OSError):
                    (await asyncio.open_connection("127.0.0.1", port))[1].close()
                    break
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        await running.wait()
