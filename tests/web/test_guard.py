"""The middleware before every page: headers, limits, and the page for an internal error."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.web import WebFront, static
from adapters.web.guard import MAX_BODY
from tests.app.test_wiring import Endpoint
from tests.harness.desk import OMNI
from tests.web.harness import Reader, running_site


async def test_every_answer_forbids_scripts_frames_sniffing_and_referrers(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path in ("/", "/nothing", "/static/none.css"):
            headers = (await reader.get(path)).answer.headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "script-src" not in policy  # so default-src holds: no script at all
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert "server" not in headers
            assert "strict-transport-security" not in headers


async def test_over_https_behind_a_proxy_responses_have_hsts(tmp_path: Path):
    async with running_site(tmp_path, proxies=("127.0.0.1",)) as reader:
        response = await reader.get("/", X_Forwarded_Proto="https")
        assert response.answer.headers["strict-transport-security"].startswith("max-age=31536000")
    async with running_site(tmp_path) as reader:
        doubted = await reader.get("/", X_Forwarded_Proto="https")
        assert "strict-transport-security" not in doubted.answer.headers


async def test_one_client_is_slowed_down_and_no_other(tmp_path: Path):
    async with running_site(tmp_path, web=WebFront(rate=3), proxies=("127.0.0.1",)) as reader:
        statuses = [(await reader.get("/", X_Forwarded_For="203.0.113.7")).status for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        slowed = await reader.get("/", X_Forwarded_For="203.0.113.7")
        assert slowed.answer.headers["retry-after"] == "60"
        assert slowed.heading == "That was a lot at once. Please wait a minute."
        assert (await reader.get("/", X_Forwarded_For="203.0.113.8")).status == 200


async def test_a_whole_ipv6_network_is_one_client(tmp_path: Path):
    async with running_site(tmp_path, web=WebFront(rate=2), proxies=("127.0.0.1",)) as reader:
        statuses = [(await reader.get("/", X_Forwarded_For=f"2001:db8:1:2::{n}")).status for n in range(1, 4)]
        assert statuses == [200, 200, 429]
        assert (await reader.get("/", X_Forwarded_For="2001:db8:1:3::1")).status == 200


async def test_forwarded_addresses_are_believed_from_a_proxy_alone(tmp_path: Path):
    async with running_site(tmp_path, web=WebFront(rate=2)) as reader:
        statuses = [(await reader.get("/", X_Forwarded_For=f"203.0.113.{n}")).status for n in range(3)]
    assert statuses == [200, 200, 429]


async def test_too_long_a_path_and_too_large_a_body_are_not_read(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        assert (await reader.get(f"/search?q={'x' * 5_000}")).status == 414
        assert (await reader.client.post("/", content=b"x" * (MAX_BODY + 1))).status_code == 413
        assert (await reader.client.post("/", content=b"x")).status_code == 405


async def test_too_large_a_body_of_unknown_length_is_cut_off(tmp_path: Path):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * (MAX_BODY // 3)

    async with running_site(tmp_path) as reader:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = await reader.client.post("/subscribe", content=chunks(), headers=headers)
        assert response.status_code == 413
        assert "more than any form here sends" in response.text


async def test_missing_pages_and_wrong_methods_have_a_plain_page(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path in (
            "/nothing",
            "/static",
            "/static/../front.py",
            "/static/%2e%2e/front.py",
            "/templates/base.html",
            "/?page=0",
            "/?page=x",
        ):
            missing = await reader.get(path)
            assert (missing.status, missing.heading) == (404, "There is no such page."), path
        refused = await reader.client.delete("/")
        assert refused.status_code == 405
        assert "GET" in refused.headers["allow"]


async def test_an_internal_error_is_logged_and_its_page_shows_no_internals(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with running_site(tmp_path) as reader:

        class Broken:
            async def edition(self) -> object:
                return self

            async def today(self, **_: object) -> None:
                raise RuntimeError("secret detail")

        reader.backend.desk.library = Broken()
        broken = await reader.get("/")
    assert broken.status == 500
    assert broken.heading.startswith("Something went wrong on our side")
    assert "secret detail" not in broken.answer.text
    assert "Traceback" not in broken.answer.text
    assert "secret detail" in caplog.text


async def test_before_the_engine_runs_pages_answer_503_with_retry_after(tmp_path: Path):
    async with running_site(tmp_path, ready=False) as reader:
        early = await reader.get("/")
    assert (early.status, early.answer.headers["retry-after"]) == (503, "5")


async def test_a_page_that_did_not_change_is_not_sent_again(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        first = await reader.get("/")
        again = await reader.get("/", If_None_Match=first.answer.headers["etag"])
    assert (again.status, again.answer.content) == (304, b"")


async def _raw(reader: Reader, path: str, encodings: str) -> tuple[httpx.Headers, bytes]:
    """Headers and body as they came over the wire."""
    async with reader.client.stream("GET", path, headers={"Accept-Encoding": encodings}) as answer:
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("path", ["/", "/search?q=video", f"/paper/{OMNI}", "/feed.atom", "/api/v1/today", "css"])
async def test_what_all_readers_share_is_compressed_for_who_takes_it(tmp_path: Path, path: str):
    async with running_site(tmp_path) as reader:
        path = static.hashed_path("site.css") if path == "css" else path
        headers, plain = await _raw(reader, path, "identity")
        assert "content-encoding" not in headers
        for accepted in ("gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1", "GZIP", "*"):
            packed_headers, packed = await _raw(reader, path, accepted)
            assert packed_headers["content-encoding"] == "gzip", accepted
            assert gzip.decompress(packed) == plain
            assert len(packed) < len(plain) * 0.45
            assert packed_headers["vary"] == headers["vary"] == "Accept-Encoding"
            assert packed_headers.get("etag") == headers.get("etag")
        for refused in ("", "br", "gzip;q=0", "gzip;q=0.000, br", "*;q=0"):
            assert "content-encoding" not in (await _raw(reader, path, refused))[0], refused


async def test_the_style_sheet_is_kept_for_ever_under_a_name_of_its_content(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        [sheet] = re.findall(r'"(/static/site\.[0-9a-f]{12}\.css)"', (await reader.get("/")).answer.text)
        answer = (await reader.get(sheet)).answer
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert "prefers-color-scheme: dark" in answer.text


async def test_other_fronts_keep_their_paths_beside_the_site(tmp_path: Path):
    async with running_site(tmp_path, fronts=(Endpoint(),)) as reader:
        assert (await reader.client.get("/echo/x")).text.endswith("/x")
        assert (await reader.client.get("/healthz")).text == "ok\n"
        assert isinstance((await reader.get("/")).answer, httpx.Response)


async def test_sixty_four_answers_are_under_way_at_once_and_the_next_reader_is_asked_to_come_back(tmp_path: Path):
    async with running_site(tmp_path, web=WebFront(rate=10_000)) as reader:
        library = reader.backend.desk.library
        waiting, released, entered = asyncio.Event(), asyncio.Event(), 0

        class Slow:
            async def edition(self) -> object:
                return object()

            async def today(self, **how: Any) -> Any:
                nonlocal entered
                entered += 1
                if entered == 64:
                    waiting.set()
                await released.wait()
                return await library.today(**how)

        reader.backend.desk.library = Slow()
        for _ in range(2):  # as many again: each answer that ended has freed its place, and one alone
            waiting.clear()
            released.clear()
            entered = 0
            readers = [asyncio.create_task(reader.get(f"/?reader={n}")) for n in range(64)]
            await waiting.wait()
            refused = await reader.get("/")
            assert (refused.status, refused.answer.headers["retry-after"]) == (503, "2")
            assert refused.heading == "Too many are reading at once. Please try again in a moment."
            released.set()
            assert {(await each).status for each in readers} == {200}
            assert entered == 64


@pytest.mark.parametrize(("length", "status"), [(4_000, 404), (4_001, 414)])
async def test_an_address_of_four_thousand_bytes_is_read_and_a_longer_one_is_not(
    tmp_path: Path, length: int, status: int
):
    async with running_site(tmp_path) as reader:
        for path in (f"/{'x' * (length - 1)}", f"/{'x' * 100}?{'q' * (length - 101)}"):
            assert (await reader.get(path)).status == status


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("length", "refused"), [(16_384, False), (16_385, True)])
async def test_a_form_of_sixteen_kilobytes_is_read_and_a_longer_one_is_not(
    tmp_path: Path, length: int, refused: bool, chunked: bool
):
    """A form that is read to its end is answered; here with faults, for its one field is unknown."""
    body = b"x=" + b"y" * (length - 2)

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, length, 4_096):
            yield body[start : start + 4_096]

    async with running_site(tmp_path) as reader:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await reader.client.post("/subscribe", content=chunks() if chunked else body, headers=headers)
        assert (answer.status_code == 413) is refused
