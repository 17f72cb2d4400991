"""The HTTP client of the sources against a real server with every kind of failure."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.errors import SourceError
from bot.sources.http_client import HttpClient, HttpLimits
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
    for limits in (replace(QUICK, timeout=0.05, attempts=2), replace(QUICK, deadline=0.05, attempts=2)):
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


async def test_a_gzip_bomb_is_measured_unpacked(server: Loopback, http: HttpClient) -> None:
    bomb = gzip.compress(b"0" * 2**20)
    assert len(bomb) < QUICK.body_max
    server.on("/a", Answer(200, bomb, {"Content-Encoding": "gzip"}))
    assert "more than" in await fails(http, f"{server.url}/a")


async def test_a_body_that_is_not_gzip_as_announced_is_one_line(server: Loopback, http: HttpClient) -> None:
    server.on("/a", Answer(200, b"plain", {"Content-Encoding": "gzip"}))
    assert await fails(http, f"{server.url}/a") == "unreadable answer from 127.0.0.1 (DecodingError)"


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
    server.on("/file", Answer(302, headers={"Location": "file:///etc/hostname"}))
    assert (await http.get("test", f"{server.url}/old")).body == b"fine"
    assert await fails(http, f"{server.url}/round") == "more than 5 redirects from 127.0.0.1"
    assert await fails(http, f"{server.url}/file") == "its address is not a web address; correct the setting"


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
