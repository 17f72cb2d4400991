"""The HTTP client of the sources against a real server with every kind of failure."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from bot.errors import SourceError
from bot.sources.connect import known_hosts
from bot.sources.content_coding import RATIO_MAX, ContentCodingError, unpacked
from bot.sources.http_client import HttpClient, HttpLimits
from bot.sources.redirects import follows
from tests.fakes.http_server import DROP, HANG, Answer, Loopback, Seen

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)
QUICK = HttpLimits(timeout=5, attempts=3, wait_initial=0, wait_max=0, wait_jitter=0, body_max=100_000)
OK = Answer(200, b"fine")


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with HttpClient("Paperboy/1.0 (paper digests; contact: ops@example.org)", limits=QUICK) as client:
        yield client


async def fails(http: HttpClient, url: str, **how: object) -> str:
    with pytest.raises(SourceError) as caught:
        await http.get("test", url, **how)  # type: ignore[arg-type]
    assert "\n" not in caught.value.reason
    return caught.value.reason


async def test_a_request_carries_the_user_agent_and_the_parameters(server: Loopback, http: HttpClient) -> None:
    server.on("/a", OK)
    answer = await http.get("test", f"{server.url}/a", {"q": "two words", "p": 0})
    [request] = server.requests
    assert answer.body == b"fine"
    assert request.query == {"q": "two words", "p": "0"}
    assert request.headers["user-agent"] == "Paperboy/1.0 (paper digests; contact: ops@example.org)"


@pytest.mark.parametrize(
    "fault", [Answer(500), Answer(503), Answer(429), Answer(408), DROP, Answer(200, b"abc", cut=1)]
)
async def test_a_transient_failure_is_repeated(server: Loopback, http: HttpClient, fault: Answer) -> None:
    server.on("/a", fault, fault, OK)
    assert (await http.get("test", f"{server.url}/a")).body == b"fine"
    assert len(server.requests) == 3


async def test_a_lasting_failure_is_reported_after_the_last_attempt(server: Loopback, http: HttpClient) -> None:
    server.on("/a", Answer(503))
    assert await fails(http, f"{server.url}/a") == "HTTP 503 from 127.0.0.1 (3 attempts)"
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [301, 304, 400, 401, 403, 404])
async def test_a_refusal_is_final(server: Loopback, http: HttpClient, status: int) -> None:
    server.on("/a", Answer(status))
    assert await fails(http, f"{server.url}/a") == f"HTTP {status} from 127.0.0.1"
    assert len(server.requests) == 1


async def test_an_accepted_status_is_an_answer(server: Loopback, http: HttpClient) -> None:
    server.on("/a", Answer(404, b"none"))
    answer = await http.get("test", f"{server.url}/a", accept=(200, 404))
    assert (answer.status, answer.body) == (404, b"none")


async def test_a_silent_server_is_not_waited_for(server: Loopback) -> None:
    server.on("/a", HANG)
    for limits in (replace(QUICK, timeout=0.3, attempts=2), replace(QUICK, deadline=0.3, attempts=2)):
        async with HttpClient("test", limits=limits) as http:
            assert await fails(http, f"{server.url}/a") == "no answer from 127.0.0.1 in time (2 attempts)"
    assert len(server.requests) == 4


async def test_a_refused_connection_is_one_line(server: Loopback, http: HttpClient) -> None:
    url = server.url
    await server.__aexit__()
    assert await fails(http, url) == "no connection to 127.0.0.1 (ConnectError) (3 attempts)"
    await server.__aenter__()


def date(seconds: float = 0) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("retry_after", ["0", date(-5), "soon", ""])
async def test_a_retry_after_that_is_past_or_unreadable_adds_no_wait(
    server: Loopback, http: HttpClient, retry_after: str
) -> None:
    server.on("/a", Answer(429, headers={"Retry-After": retry_after, "Date": date()}), OK)
    assert (await http.get("test", f"{server.url}/a")).status == 200


async def test_a_retry_date_without_the_servers_own_date_is_ignored(server: Loopback, http: HttpClient) -> None:
    server.on("/a", Answer(429, headers={"Retry-After": date(3600)}), OK)
    assert (await http.get("test", f"{server.url}/a")).status == 200


async def test_a_retry_after_is_waited_for(server: Loopback, http: HttpClient) -> None:
    loop = asyncio.get_running_loop()
    server.on("/a", Answer(429, headers={"Retry-After": "1"}), OK)
    began = loop.time()
    await http.get("test", f"{server.url}/a")
    assert loop.time() - began >= 0.99


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "1800"},
        {"Retry-After": date(1800), "Date": date()},
        {"RateLimit": '"api";r=0;t=1800', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'},
    ],
)
async def test_a_long_retry_after_stops_requests_until_it_is_over(server: Loopback, headers: dict[str, str]) -> None:
    hours = [0.0]
    server.on("/a", Answer(429, headers=headers), OK)
    async with HttpClient("test", clock=lambda: hours[-1], limits=QUICK) as http:
        reason = "HTTP 429 from 127.0.0.1, which asks to be left alone for 30 min"
        assert await fails(http, f"{server.url}/a") == reason
        hours.append(601.0)
        assert await fails(http, f"{server.url}/a") == "127.0.0.1 asked to be left alone for another 20 min"
        assert len(server.requests) == 1
        hours.append(1800.0)
        assert (await http.get("test", f"{server.url}/a")).body == b"fine"


async def test_a_retry_after_counts_for_six_hours_at_most(server: Loopback, http: HttpClient) -> None:
    server.on("/a", Answer(503, headers={"Retry-After": "999999999"}))
    assert "left alone for 360 min" in await fails(http, f"{server.url}/a")


@pytest.mark.parametrize("chunked", [True, False])
async def test_twenty_megabytes_are_refused_before_they_are_read(server: Loopback, *, chunked: bool) -> None:
    server.on("/a", Answer(200, b"x" * 20 * 2**20, chunked=chunked))
    async with HttpClient("test") as http:
        assert await fails(http, f"{server.url}/a") == "an answer of more than 16 MB from 127.0.0.1"
    assert len(server.requests) == 1


async def test_a_packed_answer_is_unpacked(server: Loopback, http: HttpClient) -> None:
    two_members = gzip.compress(b"fi") + gzip.compress(b"ne")
    for body, named in (
        (gzip.compress(b"fine"), "gzip"),
        (two_members, "X-GZIP"),
        (b"fine", "identity"),
        (b"fine", ""),
    ):
        server.on("/a", Answer(200, body, {"Content-Encoding": named}))
        assert (await http.get("test", f"{server.url}/a")).body == b"fine"
    assert {request.headers["accept-encoding"] for request in server.requests} == {"gzip"}


async def test_a_gzip_bomb_is_measured_unpacked(server: Loopback, http: HttpClient) -> None:
    bomb = gzip.compress(b"0" * 2**20)
    assert len(bomb) < QUICK.body_max
    server.on("/a", Answer(200, bomb, {"Content-Encoding": "gzip"}))
    assert "more than" in await fails(http, f"{server.url}/a")


async def test_a_bomb_of_two_layers_is_refused_before_it_is_unpacked(server: Loopback) -> None:
    """1.8 kB that became 3.3 GB; the codings may stand in one header or in two."""
    bomb = gzip.compress(gzip.compress(b"0" * 2**24))
    stacked = [
        "gzip, gzip",
        "gzip,gzip,gzip",
        "identity, gzip, x-gzip",
        "deflate",
        "br",
        "zstd",
        "gzip, \x7f" + "y" * 999,
    ]
    async with HttpClient("test", limits=replace(QUICK, body_max=2**30)) as http:
        for named in stacked:
            server.on("/a", Answer(200, bomb, {"Content-Encoding": named}))
            reason = await fails(http, f"{server.url}/a")
            assert reason.startswith("unreadable answer from 127.0.0.1: packed as “")
            assert reason.endswith("”, which was not asked for")
            assert len(reason) < 150


def test_unpacking_stops_at_the_limit_and_at_a_ratio_that_no_text_has() -> None:
    packed = gzip.compress(b"0" * 2**26)  # 64 MB from 65 kB
    tracemalloc.start()
    for limit, most in ((2**21, 2**21), (2**30, RATIO_MAX * len(packed))):
        tracemalloc.reset_peak()
        with pytest.raises(ContentCodingError, match=r"more than .* MB unpacked from 0\.06\d* MB"):
            unpacked(packed, limit)
        assert tracemalloc.get_traced_memory()[1] < most + 2**21
    tracemalloc.stop()
    text = gzip.compress(bytes(range(256)) * 4096)
    assert len(unpacked(text, 2**20)) == 2**20
    with pytest.raises(ContentCodingError):
        unpacked(text, 2**20 - 1)


async def test_unpacking_leaves_the_loop_free(server: Loopback) -> None:
    """Other work goes on while a large answer is unpacked: it runs in a thread."""
    threads: list[int] = []

    def unpack(body: bytes, limit: int) -> bytes:
        threads.append(threading.get_ident())
        return unpacked(body, limit)

    server.on("/a", Answer(200, gzip.compress(b"fine"), {"Content-Encoding": "gzip"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.sources.http_client.unpacked", unpack)
        async with HttpClient("test", limits=QUICK) as http:
            await http.get("test", f"{server.url}/a")
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_a_body_that_is_not_gzip_as_announced_is_one_line(server: Loopback, http: HttpClient) -> None:
    for body, reason in (
        (b"plain", "not gzip, as it says"),
        (gzip.compress(b"x" * 99)[:-9], "a gzip body that is cut off"),
    ):
        server.on("/a", Answer(200, body, {"Content-Encoding": "gzip"}))
        assert await fails(http, f"{server.url}/a") == f"unreadable answer from 127.0.0.1: {reason}"


async def test_an_answer_that_comes_byte_by_byte_is_not_waited_for() -> None:
    """Each byte is in time; the whole is not."""

    hung_up = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)
        writer.close()
        hung_up.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as dripping:
        port = dripping.sockets[0].getsockname()[1]
        async with HttpClient("test", limits=replace(QUICK, timeout=5, deadline=0.1, attempts=1)) as http:
            assert await fails(http, f"http://127.0.0.1:{port}/") == "no answer from 127.0.0.1 in time"
        await hung_up.wait()


@pytest.mark.parametrize(("mark", "question"), [("ETag", "if-none-match"), ("Last-Modified", "if-modified-since")])
async def test_an_unchanged_answer_is_not_sent_again(
    server: Loopback, http: HttpClient, mark: str, question: str
) -> None:
    value = '"v1"' if mark == "ETag" else "Tue, 16 Jun 2026 04:00:00 GMT"

    def route(request: Seen) -> Answer:
        unchanged = request.headers.get(question) == value
        return Answer(304) if unchanged else Answer(200, b"body", {mark: value, "Link": '<x>; rel="next"'})

    server.on("/a", route)
    first, second = [await http.get("test", f"{server.url}/a") for _ in range(2)]
    assert first == second
    assert second.links == {"next"}
    assert question in server.requests[1].headers
    await http.get("test", f"{server.url}/a", conditional=False)
    assert question not in server.requests[2].headers


async def test_the_kept_bodies_are_bounded(server: Loopback) -> None:
    server.on("/*", Answer(200, b"x" * 400, {"ETag": '"e"'}))
    async with HttpClient("test", limits=replace(QUICK, remembered_max=1000)) as http:
        for path in "abca":
            await http.get("test", f"{server.url}/{path}")
    assert ["if-none-match" in request.headers for request in server.requests] == [False] * 4


async def test_redirects_are_followed_but_not_in_circles(server: Loopback, http: HttpClient) -> None:
    server.on("/old", Answer(302, headers={"Location": "/new"}))
    server.on("/new", OK)
    server.on("/round", Answer(302, headers={"Location": "/round"}))
    assert (await http.get("test", f"{server.url}/old")).body == b"fine"
    assert await fails(http, f"{server.url}/round") == "more than 5 redirects from 127.0.0.1"
    assert len(server.seen("/round")) == 6


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("http://169.254.169.254/latest/meta-data", "http://169.254.169.254"),
        ("http://localhost:1/", "http://localhost:1"),
        ("https://evil.example/" + "x" * 500, "https://evil.example"),
        ("http://known.example/", "http://known.example"),
        ("https://known.example:8443/", "https://known.example:8443"),
        ("https://known.example.evil.example/", "https://known.example.evil.example"),
        ("https://notknown.example/", "https://notknown.example"),
        ("//evil.example/a", "http://evil.example"),
        ("https://user:secret@evil.example/", "https://evil.example"),
        ("file:///etc/hostname", "file://127.0.0.1"),
        ("ftp://127.0.0.1/", "ftp://127.0.0.1"),
    ],
)
async def test_a_redirect_to_another_host_is_refused_and_the_host_is_named(
    server: Loopback, location: str, shown: str
) -> None:
    server.on("/a", Answer(302, headers={"Location": location}))
    async with HttpClient("test", hosts=("known.example",), limits=QUICK) as http:
        assert await fails(http, f"{server.url}/a") == (
            f"127.0.0.1 redirects to {shown}, which is neither the same host nor one we know over https;"
            " if the service has moved, correct the setting"
        )
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("before", "after", "followed"),
    [
        ("https://rss.arxiv.org/a", "https://rss.arxiv.org/b", True),
        ("http://export.arxiv.org/a", "https://export.arxiv.org/a", True),
        ("http://mirror.example:8080/a", "https://mirror.example/a", True),
        ("https://export.arxiv.org/a", "https://arxiv.org/a", True),
        ("https://mirror.example/a", "https://cdn-lfs.huggingface.co/a", True),
        ("https://arxiv.org/a", "http://arxiv.org/a", False),
        ("http://mirror.example/a", "http://mirror.example:6379/a", False),
        ("https://arxiv.org/a", "https://arxiv.org.example/a", False),
        ("https://arxiv.org/a", "https://xarxiv.org/a", False),
    ],
)
def test_the_hosts_of_all_sources_are_known(before: str, after: str, followed: bool) -> None:
    assert follows(httpx.URL(before), httpx.URL(after), known_hosts()) is followed


async def test_a_password_stays_with_its_host(server: Loopback, http: HttpClient) -> None:
    server.on("/old", Answer(302, headers={"Location": "/new"}))
    server.on("/new", OK)
    await http.get("test", server.url.replace("http://", "http://me:hunter2@") + "/old")
    first, second = server.requests
    assert first.headers["authorization"] == second.headers["authorization"]


async def test_a_password_in_an_address_is_sent_as_a_header_and_told_to_nobody(
    server: Loopback, http: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.on("/a", OK, Answer(500))
    url = server.url.replace("http://", "http://me:hunter2@") + "/a"
    await http.get("test", url)
    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert "hunter2" not in await fails(http, url)
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("url", ["not a url", "http://a:port/", "ftp://example.org/a", "http://", ""])
async def test_an_invalid_url_is_reported_as_a_setting(http: HttpClient, url: str) -> None:
    assert "correct the setting" in await fails(http, url)


async def test_every_attempt_takes_a_turn_of_its_own(server: Loopback, http: HttpClient) -> None:
    turns: list[str] = []

    @asynccontextmanager
    async def turn() -> AsyncIterator[None]:
        turns.append("in")
        try:
            yield
        finally:
            turns.append("out")

    server.on("/a", Answer(500), OK)
    await http.get("test", f"{server.url}/a", turn=turn)
    assert turns == ["in", "out", "in", "out"]


async def socks5(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A SOCKS5 server without authentication that answers the tunnelled request itself (RFC 1928)."""
    await reader.readexactly((await reader.readexactly(2))[1])
    writer.write(b"\x05\x00")
    await reader.readexactly(4)
    host = await reader.readexactly((await reader.readexactly(1))[0] + 2)
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    await reader.readuntil(b"\r\n\r\n")
    body = b"for " + host[:-2]
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    writer.close()


async def test_a_socks_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socksio")
    for name in ("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with await asyncio.start_server(socks5, "127.0.0.1", 0) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        async with HttpClient("Paperboy", limits=QUICK) as client:
            assert (await client.get("test", "http://papers.example/a")).body == b"for papers.example"
