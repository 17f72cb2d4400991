"""Limits on connections, with real sockets: deadlines, caps, bodies, ambiguous requests; unlisted proxies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.app import http_server
from bot.app.http_connections import ConnectionLimits
from bot.app.http_proxies import NOTE, Proxies, unlisted
from bot.app.logs import Unrepeated
from tests.discord.harness import Notes
from tests.processes.test_run import free_port

HALF = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
LOOPBACK = ("127.0.0.1", "::1")


class Front:
    """Reads its bodies and answers with their size, its client and its peer; `/silent` reads nothing."""

    name = "front"

    def __init__(self) -> None:
        self.asgi = ("", self._answer)
        self.bodies: list[int] = []

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        size, more = 0, scope["path"] != "/silent"
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size, more = size + len(message["body"]), message["more_body"]
        self.bodies.append(size)
        answer = json.dumps([size, scope["client"][0], scope["peer"][0]]).encode()
        if scope["path"] == "/large":
            answer = b"x" * (16 << 20)
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", str(len(answer)).encode())]})  # fmt: skip
        await send({"type": "http.response.body", "body": answer})

    async def serve(self, desk: Any) -> None:
        await asyncio.Event().wait()


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def status(self, data: bytes = b"") -> int | None:
        """The status of the next answer; None if the connection is closed without one."""
        await self.says(data)
        async with asyncio.timeout(60):
            line = await self.reader.readline()
        return int(line.split()[1]) if line else None

    async def closed(self) -> bytes:
        """Wait until the server closes; everything it said."""
        async with asyncio.timeout(60):
            with contextlib.suppress(ConnectionError):
                return await self.reader.read()
            return b""


class Listening:
    """A server with these limits."""

    def __init__(self, front: Front, host: str, port: int) -> None:
        self.front, self.host, self.port = front, host, port
        self._clients: list[Client] = []

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection(self.host, self.port))
        self._clients.append(client)
        return client

    async def close(self) -> None:
        for client in self._clients:
            client.writer.transport.abort()


@contextlib.asynccontextmanager
async def listening(
    *, host: str = "127.0.0.1", proxies: tuple[str, ...] = (), notes: Notes | None = None, **limits: Any
) -> AsyncIterator[Listening]:
    front, port = Front(), free_port()
    part = http_server.serve((front,), host, port, proxies=proxies, notes=notes, limits=ConnectionLimits(**limits))
    task = asyncio.create_task(part)
    server = Listening(front, host, port)
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(OSError):
                (await server.connect()).writer.close()
                break
            await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        await server.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_half_sent_head_is_given_up_and_a_trickle_does_not_prolong_it():
    async with listening(head=0.2) as server:
        slow, trickling = await server.connect(), await server.connect()
        await slow.says(HALF)

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                for number in range(10_000):
                    await trickling.says(b"GET /" if not number else b"x")
                    await asyncio.sleep(0.02)

        trickles = asyncio.create_task(trickle())
        assert (await slow.closed()).startswith(b"HTTP/1.1 408 ")
        answer = await trickling.closed()
        assert not answer or answer.startswith(b"HTTP/1.1 408 ")  # a byte sent after the close may take it along
        trickles.cancel()


async def test_a_head_that_is_half_sent_after_an_answer_is_given_up_too():
    async with listening(head=0.2) as server:
        client = await server.connect()
        await client.says(HALF + b"\r\n" + HALF)
        assert b"408" in await client.closed()


async def test_a_half_sent_body_is_given_up_and_its_front_hears_that_the_client_left():
    async with listening(body=0.2) as server:
        client = await server.connect()
        await client.says(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        assert (await client.closed()).startswith(b"HTTP/1.1 408 ")
        assert server.front.bodies == []


async def test_an_answer_that_nobody_takes_is_given_up():
    async with listening(closing=0.2, head=0.2) as server:
        client = await server.connect()
        await client.says(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(60):
            while not client.writer.transport.is_closing():  # it reads nothing, and so learns of the end by writing
                client.writer.write(b"x")
                await asyncio.sleep(0.01)
        assert len(await client.closed()) < 16 << 20


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("path", [b"/", b"/silent"])
async def test_a_body_over_the_limit_is_413_or_cut_off(chunked: bool, path: bytes):
    async with listening(body_bytes=100_000) as server:
        client = await server.connect()
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 10000000"
        await client.says(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n")
        piece = (b"8000\r\n" if chunked else b"") + b"x" * 0x8000 + (b"\r\n" if chunked else b"")
        with contextlib.suppress(ConnectionError):
            for _ in range(40):
                await client.says(piece)
        said = await client.closed()
        assert b"HTTP/1.1 413 " in said or path == b"/silent" or not said
        assert all(size < 200_000 for size in server.front.bodies)


async def test_bodies_under_the_limit_are_read_and_the_connection_goes_on():
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * 20_000

    async with listening(body_bytes=100_000) as server, httpx.AsyncClient(timeout=60) as client:
        for _ in range(3):  # together more than the limit
            assert (await client.post(f"http://127.0.0.1:{server.port}/", content=chunks())).status_code == 200
        assert server.front.bodies == [80_000] * 3


async def test_a_request_with_two_lengths_is_refused_and_ends_the_connection():
    async with listening() as server:
        client = await server.connect()
        request = (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HALF
        )
        await client.says(request)
        said = await client.closed()
        assert said.startswith(b"HTTP/1.1 400 ")
        assert said.count(b"HTTP/1.1") == 1
        assert server.front.bodies == []


async def test_a_new_connection_takes_the_place_of_the_one_that_waited_longest(caplog):
    async with listening(connections=8, proxies=LOOPBACK) as server:
        idle = [await server.connect() for _ in range(40)]
        for client in idle:
            with contextlib.suppress(ConnectionError):
                await client.says(HALF)
        assert await (await server.connect()).status(HALF + b"\r\n") == 200
        assert await idle[0].closed() == b""
        assert await idle[-1].status(b"\r\n") == 200, "the latest go on"
    assert len([record for record in caplog.records if "too many connections" in record.getMessage()]) == 1


@pytest.mark.parametrize("host", LOOPBACK)
async def test_one_client_has_a_share_of_the_connections_and_a_proxy_has_all(host: str):
    for proxies, first in (((), b""), (LOOPBACK, b"HTTP/1.1 200 OK")):
        async with listening(host=host, per_client=3, proxies=proxies) as server:
            clients = [await server.connect() for _ in range(5)]
            assert await clients[-1].status(HALF + b"\r\n") == 200
            with contextlib.suppress(ConnectionError):
                await clients[0].says(HALF + b"Connection: close\r\n\r\n")
            assert (await clients[0].closed()).startswith(first)


def test_half_of_the_descriptors_are_kept_back():
    limits = ConnectionLimits()
    assert [limits.within(n).connections for n in (64, 256, 1_024, 1 << 20)] == [32, 128, 512, 512]


# --- proxies -----------------------------------------------------------------------------------------------------


async def test_a_proxy_that_is_not_listed_is_named_once_and_again_at_the_next_start(caplog):
    notes = Notes()
    async with listening(notes=notes) as server:
        for _ in range(3):
            client = await server.connect()
            assert await client.status(HALF.replace(b"/healthz", b"/") + b"X-Forwarded-For: 203.0.113.7\r\n\r\n") == 200
    warnings = [record.getMessage() for record in caplog.records if "PAPERBOY_PROXIES" in record.getMessage()]
    assert len(warnings) == 1
    assert "forwarded by 127.0.0.1" in warnings[0]
    assert "set PAPERBOY_PROXIES=127.0.0.1" in warnings[0]
    assert notes.texts == {NOTE: '"127.0.0.1"'}
    caplog.clear()
    async with listening(notes=notes):
        assert "forwarded by 127.0.0.1" in caplog.text
    caplog.clear()
    async with listening(notes=notes, proxies=LOOPBACK) as server:
        client = await server.connect()
        await client.says(b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n")
        assert b'"203.0.113.7", "127.0.0.1"]' in await client.closed()
    assert "PAPERBOY_PROXIES" not in caplog.text


def test_the_remedy_names_the_private_network_of_a_hosts_routers():
    for peer, network in (("10.1.2.3", "10.0.0.0/8"), ("::ffff:172.17.0.1", "172.16.0.0/12"), ("fd00::7", "fc00::/7")):
        warning = unlisted(peer, LOOPBACK)
        assert warning is not None
        assert f"PAPERBOY_PROXIES={network},127.0.0.1,::1" in warning[1]
    public = unlisted("203.0.113.9", ())
    assert public is not None
    assert public[1].endswith("PAPERBOY_PROXIES=203.0.113.9")
    assert unlisted("10.1.2.3", ("10.0.0.0/8",)) is None
    assert unlisted("testclient", ()) is None


async def test_a_public_forwarder_is_not_stored():
    """Anybody may send that header, from anywhere."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Nothing."""

    notes = Notes()
    scope = {"type": "http", "headers": [(b"x-forwarded-for", b"1.2.3.4")], "client": ("8.8.8.8", 1)}
    await Proxies(app, (), notes)(scope, None, None)
    assert notes.texts == {}


# --- the log -----------------------------------------------------------------------------------------------------


def test_a_message_is_logged_once_a_minute_with_the_number_of_its_repeats():
    seen: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())

    logger = logging.Logger("odd")
    logger.addHandler(Handler())
    Unrepeated.attach(logger)
    Unrepeated.attach(logger)

    def says(seconds: float, text: str, error: Exception | None = None) -> None:
        record = logger.makeRecord("odd", logging.ERROR, "", 0, text, (), (type(error), error, None) if error else None)
        record.created = seconds
        logger.handle(record)

    for second in range(0, 60, 2):
        says(second, f"accept failed\nsocket: {second}")
    says(30, "another")
    says(31, "a task failed", ValueError("a"))
    says(32, "a task failed", ValueError("b"))
    says(60, "accept failed\nsocket: 60")
    assert seen[1:] == [
        "another",
        "a task failed",
        "a task failed",
        "accept failed\nsocket: 60 (and 29 more like this)",
    ]
