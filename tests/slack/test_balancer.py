"""Two processes behind a balancer, HAProxy and a small one of ours: one ends, and nobody notices."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from adapters.slack.manifest import manifest
from tests.harness.postgres import clear_databases
from tests.slack.fake import FakeSlack
from tests.slack.fake.signed import signature
from tests.slack.test_together import process, typed

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
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(OSError):
                    (await asyncio.open_connection("127.0.0.1", port))[1].close()
                    break
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        await running.wait()


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    yield
    clear_databases()


@pytest.mark.parametrize("balancer", [small_balancer, haproxy], ids=["own", "haproxy"])
async def test_commands_go_on_when_a_process_behind_the_balancer_ends(tmp_path: Path, balancer):
    async with FakeSlack(manifest=manifest("https://paperboy.example")) as slack, contextlib.AsyncExitStack() as stack:
        ada = slack.team("T1").user("U1")
        channel = slack.team("T1").channel("C1", [ada])
        second = await stack.enter_async_context(process(slack, tmp_path))
        async with contextlib.AsyncExitStack() as life_of_first:
            first = await life_of_first.enter_async_context(process(slack, tmp_path))
            ports = [urlsplit(each.url).port or 0 for each in (first, second)]
            url = await stack.enter_async_context(balancer(ports, tmp_path))

            async def commands(count: int) -> None:
                for _ in range(count):
                    body, kind = typed(slack, ada, channel, "today")
                    stamp = str(int(time.time()))
                    headers = {
                        "content-type": kind,
                        "x-slack-request-timestamp": stamp,
                        "x-slack-signature": signature(slack.signing_secret, stamp, body),
                    }
                    async with httpx.AsyncClient() as client:
                        answer = await client.post(f"{url}/slack/events", content=body, headers=headers)
                    assert answer.status_code == 200

            await commands(6)
            for each in (first, second):
                await each.front._tasks.finish(5.0)
            assert [len(each.desk.calls) for each in (first, second)] == [3, 3]
        await commands(6)
        await second.front._tasks.finish(5.0)
        assert len(second.desk.calls) == 9
