"""The HTTP side against a real server that misbehaves in every way."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.errors import SourceError, UserError
from bot.ports import Lookup, Source
from bot.sources import SOURCES, source_class
from bot.sources.http_client import HttpClient, HttpLimits, user_agent
from bot.sources.limiter import Limiter
from tests.fakes.http_server import DROP, HANG, Answer, Loopback, Seen

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)
QUICK = HttpLimits(timeout=5, attempts=3, wait_initial=0, wait_max=0, wait_jitter=0, body_max=100_000)
OK = Answer(200, b"fine")


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as running:
        yield running


@pytest.fixture
async def web() -> AsyncIterator[HttpClient]:
    async with HttpClient(user_agent("1.0", "ops@example.org"), limits=QUICK) as client:
        yield client


async def fails(web: HttpClient, url: str, **how: object) -> str:
    with pytest.raises(SourceError) as caught:
        await web.get("test", url, **how)  # type: ignore[arg-type]
    assert "\n" not in caught.value.reason
    return caught.value.reason


async def test_a_request_says_who_we_are_and_what_it_wants(server: Loopback, web: HttpClient) -> None:
    server.on("/a", OK)
    answer = await web.get("test", f"{server.url}/a", {"q": "two words", "p": 0})
    [seen] = server.requests
    assert answer.body == b"fine"
    assert seen.query == {"q": "two words", "p": "0"}
    assert seen.headers["user-agent"] == "Paperboy/1.0 (paper digests; contact: ops@example.org)"


def test_a_contact_in_any_alphabet_makes_a_header() -> None:
    assert user_agent("1", "Zoë\r\nX: y <a@b.org>") == "Paperboy/1 (paper digests; contact: Zo X: y <a@b.org>)"
    assert "not given" in user_agent("1", " ")


@pytest.mark.parametrize(
    "fault", [Answer(500), Answer(503), Answer(429), Answer(408), DROP, Answer(200, b"abc", cut=1)]
)
async def test_what_may_pass_is_tried_again(server: Loopback, web: HttpClient, fault: Answer) -> None:
    server.on("/a", fault, fault, OK)
    assert (await web.get("test", f"{server.url}/a")).body == b"fine"
    assert len(server.requests) == 3


async def test_what_does_not_pass_is_told_after_the_last_attempt(server: Loopback, web: HttpClient) -> None:
    server.on("/a", Answer(503))
    assert await fails(web, f"{server.url}/a") == "HTTP 503 from 127.0.0.1 (3 attempts)"
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [301, 304, 400, 401, 403, 404])
async def test_a_refusal_is_final(server: Loopback, web: HttpClient, status: int) -> None:
    server.on("/a", Answer(status))
    assert await fails(web, f"{server.url}/a") == f"HTTP {status} from 127.0.0.1"
    assert len(server.requests) == 1


async def test_an_accepted_status_is_an_answer(server: Loopback, web: HttpClient) -> None:
    server.on("/a", Answer(404, b"none"))
    answer = await web.get("test", f"{server.url}/a", accept=(200, 404))
    assert (answer.status, answer.body) == (404, b"none")


async def test_a_silent_server_is_not_waited_for(server: Loopback) -> None:
    server.on("/a", HANG)
    for limits in (replace(QUICK, timeout=0.05, attempts=2), replace(QUICK, deadline=0.05, attempts=2)):
        async with HttpClient("test", limits=limits) as web:
            assert await fails(web, f"{server.url}/a") == "no answer from 127.0.0.1 in time (2 attempts)"
    assert len(server.requests) == 4


async def test_nobody_listening_is_one_line(server: Loopback, web: HttpClient) -> None:
    url = server.url
    await server.__aexit__()
    assert await fails(web, url) == "no connection to 127.0.0.1 (ConnectError) (3 attempts)"
    await server.__aenter__()


def date(seconds: float = 0) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("told", ["0", date(-5), "soon", ""])
async def test_a_retry_after_that_is_over_or_unreadable_waits_no_longer(
    server: Loopback, web: HttpClient, told: str
) -> None:
    server.on("/a", Answer(429, headers={"Retry-After": told, "Date": date()}), OK)
    assert (await web.get("test", f"{server.url}/a")).status == 200


async def test_a_date_without_the_servers_own_time_tells_no_wait(server: Loopback, web: HttpClient) -> None:
    server.on("/a", Answer(429, headers={"Retry-After": date(3600)}), OK)
    assert (await web.get("test", f"{server.url}/a")).status == 200


async def test_a_server_is_waited_for_as_long_as_it_asks(server: Loopback, web: HttpClient) -> None:
    loop = asyncio.get_running_loop()
    server.on("/a", Answer(429, headers={"Retry-After": "1"}), OK)
    began = loop.time()
    await web.get("test", f"{server.url}/a")
    assert loop.time() - began >= 0.99


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "1800"},
        {"Retry-After": date(1800), "Date": date()},
        {"RateLimit": '"api";r=0;t=1800', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'},
    ],
)
async def test_a_server_that_asks_for_long_is_left_alone_until_then(server: Loopback, headers: dict[str, str]) -> None:
    hours = [0.0]
    server.on("/a", Answer(429, headers=headers), OK)
    async with HttpClient("test", clock=lambda: hours[-1], limits=QUICK) as web:
        reason = "HTTP 429 from 127.0.0.1, which asks to be left alone for 30 min"
        assert await fails(web, f"{server.url}/a") == reason
        hours.append(601.0)
        assert await fails(web, f"{server.url}/a") == "127.0.0.1 asked to be left alone for another 20 min"
        assert len(server.requests) == 1
        hours.append(1800.0)
        assert (await web.get("test", f"{server.url}/a")).body == b"fine"


async def test_no_server_keeps_us_away_for_ever(server: Loopback, web: HttpClient) -> None:
    server.on("/a", Answer(503, headers={"Retry-After": "999999999"}))
    assert "left alone for 360 min" in await fails(web, f"{server.url}/a")


@pytest.mark.parametrize("chunked", [True, False])
async def test_twenty_megabytes_are_refused_before_they_are_read(server: Loopback, *, chunked: bool) -> None:
    server.on("/a", Answer(200, b"x" * 20 * 2**20, chunked=chunked))
    async with HttpClient("test") as web:
        assert await fails(web, f"{server.url}/a") == "an answer of more than 16 MB from 127.0.0.1"
    assert len(server.requests) == 1


async def test_a_gzip_bomb_is_measured_unpacked(server: Loopback, web: HttpClient) -> None:
    bomb = gzip.compress(b"0" * 2**20)
    assert len(bomb) < QUICK.body_max
    server.on("/a", Answer(200, bomb, {"Content-Encoding": "gzip"}))
    assert "more than" in await fails(web, f"{server.url}/a")


async def test_a_body_that_is_not_gzip_as_announced_is_one_line(server: Loopback, web: HttpClient) -> None:
    server.on("/a", Answer(200, b"plain", {"Content-Encoding": "gzip"}))
    assert await fails(web, f"{server.url}/a") == "unreadable answer from 127.0.0.1 (DecodingError)"


@pytest.mark.parametrize(("mark", "question"), [("ETag", "if-none-match"), ("Last-Modified", "if-modified-since")])
async def test_what_has_not_changed_is_not_sent_again(
    server: Loopback, web: HttpClient, mark: str, question: str
) -> None:
    value = '"v1"' if mark == "ETag" else "Tue, 16 Jun 2026 04:00:00 GMT"

    def route(seen: Seen) -> Answer:
        known = seen.headers.get(question) == value
        return Answer(304) if known else Answer(200, b"body", {mark: value, "Link": '<x>; rel="next"'})

    server.on("/a", route)
    first, second = [await web.get("test", f"{server.url}/a") for _ in range(2)]
    assert first == second
    assert second.links == {"next"}
    assert question in server.requests[1].headers
    await web.get("test", f"{server.url}/a", conditional=False)
    assert question not in server.requests[2].headers


async def test_what_is_remembered_is_bounded(server: Loopback) -> None:
    server.on("/*", Answer(200, b"x" * 400, {"ETag": '"e"'}))
    async with HttpClient("test", limits=replace(QUICK, remembered_max=1000)) as web:
        for path in "abca":
            await web.get("test", f"{server.url}/{path}")
    assert ["if-none-match" in seen.headers for seen in server.requests] == [False] * 4


async def test_redirects_are_followed_but_not_in_circles(server: Loopback, web: HttpClient) -> None:
    server.on("/old", Answer(302, headers={"Location": "/new"}))
    server.on("/new", OK)
    server.on("/round", Answer(302, headers={"Location": "/round"}))
    server.on("/file", Answer(302, headers={"Location": "file:///etc/hostname"}))
    assert (await web.get("test", f"{server.url}/old")).body == b"fine"
    assert await fails(web, f"{server.url}/round") == "more than 5 redirects from 127.0.0.1"
    assert await fails(web, f"{server.url}/file") == "its address is not a web address; correct the setting"


async def test_a_password_in_an_address_is_sent_as_a_header_and_told_to_nobody(
    server: Loopback, web: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.on("/a", OK, Answer(500))
    url = server.url.replace("http://", "http://me:hunter2@") + "/a"
    await web.get("test", url)
    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert "hunter2" not in await fails(web, url)
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("url", ["not a url", "http://a:port/", "ftp://example.org/a", "http://", ""])
async def test_an_address_that_is_none_is_told_as_a_setting(web: HttpClient, url: str) -> None:
    assert "correct the setting" in await fails(web, url)


async def test_every_attempt_takes_a_turn_of_its_own(server: Loopback, web: HttpClient) -> None:
    turns: list[str] = []

    @asynccontextmanager
    async def turn() -> AsyncIterator[None]:
        turns.append("in")
        try:
            yield
        finally:
            turns.append("out")

    server.on("/a", Answer(500), OK)
    await web.get("test", f"{server.url}/a", turn=turn)
    assert turns == ["in", "out", "in", "out"]


async def nobody() -> Collection[str]:
    return ()


@pytest.mark.parametrize("name", SOURCES)
async def test_every_source_of_the_registry_can_be_made_and_keeps_the_promise(name: str, web: HttpClient) -> None:
    made = {
        "arxiv": lambda cls: cls(web, limiter=Limiter(0), categories=nobody),
        "file": lambda cls: cls(Path("papers.jsonl")),
    }.get(name, lambda cls: cls(web))(source_class(name))
    assert isinstance(made, Source)
    assert made.name == name
    assert isinstance(made, Lookup) == (name in {"huggingface", "arxiv"})


def test_a_source_that_nobody_has_is_named_with_those_there_are() -> None:
    with pytest.raises(UserError, match="No source is called “reddit”; there are huggingface, arxiv"):
        source_class("reddit")
