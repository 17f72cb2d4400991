"""Answers that are the same for all readers: made once, checked by their ETag, and never those of one reader."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from adapters.web import page_cache
from bot.errors import UnavailableStoreError
from bot.model import Findings, Signal
from tests.harness.desk import NOW, OMNI
from tests.web.harness import running_site

PUBLIC = ("/", "/search?q=video", f"/paper/{OMNI}", "/day/2025-10-23", "/calendar/2025-10", "/topics/video",
          "/author/Tao%20Zhang", "/feed.atom", "/feed.json?q=video", "/api/v1/today", "/sitemap.xml", "/opensearch.xml",
          f"/card/{OMNI}.png")  # fmt: skip


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the site itself answered, by path."""
    counts: Counter[str] = Counter()
    make = page_cache.PageCache._make

    async def counted(self, request, *rest):
        counts[request.url.path] += 1
        await make(self, request, *rest)

    monkeypatch.setattr(page_cache.PageCache, "_make", counted)
    return counts


@pytest.mark.parametrize("path", PUBLIC)
async def test_an_answer_for_all_is_made_once_and_sent_to_nobody_who_has_it(tmp_path: Path, path: str, made):
    async with running_site(tmp_path) as reader:
        first = (await reader.get(path)).answer
        assert first.status_code == 200
        assert first.headers["cache-control"].startswith("public, max-age=")
        assert first.headers["cache-control"].endswith(", stale-while-revalidate=600")
        assert first.headers["vary"] == "Accept-Encoding"
        second = (await reader.get(path)).answer
        assert (second.content, second.headers["etag"]) == (first.content, first.headers["etag"])
        for tag in (first.headers["etag"], f'"other", {first.headers["etag"]}', first.headers["etag"][2:]):
            unchanged = (await reader.get(path, If_None_Match=tag)).answer
            assert (unchanged.status_code, unchanged.content) == (304, b"")
            assert unchanged.headers["etag"] == first.headers["etag"]
            assert unchanged.headers["content-security-policy"] == first.headers["content-security-policy"]
        assert (await reader.get(path, If_None_Match='"other"')).status == 200
        head = await reader.client.head(path)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
        assert made.total() == 1


async def test_a_client_that_has_the_page_gets_304_also_from_the_process_that_never_made_it(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        tag = (await reader.get("/")).answer.headers["etag"]
    async with running_site(tmp_path) as reader:
        assert (await reader.get("/", If_None_Match=tag)).status == 304


async def test_each_encoding_each_host_and_each_query_has_its_own(tmp_path: Path, made):
    async with running_site(tmp_path) as reader:
        plain = (await reader.get("/feed.atom", Accept_Encoding="identity")).answer
        packed = (await reader.get("/feed.atom", Accept_Encoding="gzip")).answer
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert plain.text == packed.text
        assert "https" not in packed.headers.get("location", "")
        other = (await reader.get("/feed.atom", Host="papers.example")).answer
        assert "http://papers.example/paper/" in other.text
        assert "http://papers.example/paper/" not in (await reader.get("/feed.atom")).answer.text
        assert made["/feed.atom"] == 3
        assert (await reader.get("/?page=2")).titles != (await reader.get("/")).titles


async def test_a_new_ranking_and_a_minute_end_it(tmp_path: Path, made):
    now = 1_000.0
    async with running_site(tmp_path) as reader:
        reader.web.pages._clock = lambda: now
        path = "/search?q=omnivinci"
        assert "9k upvotes" not in (await reader.get(path)).text
        signal = Signal(OMNI, "huggingface", "upvotes", 9_000, NOW)
        await reader.backend.store.papers.add(Findings((), (signal,)), "huggingface", NOW)
        assert "9k upvotes" not in (await reader.get(path)).text
        await reader.backend.engine.collect()
        assert "9k upvotes" in (await reader.get(path)).text
        assert made.total() == 2
        now += 59
        await reader.get(path)
        assert made.total() == 2
        now += 2
        await reader.get(path)
        assert made.total() == 3


async def test_of_many_who_come_at_once_one_has_the_page_made(tmp_path: Path, made):
    async with running_site(tmp_path) as reader:
        answers = await asyncio.gather(*(reader.get("/search?q=video+generation") for _ in range(30)))
        assert {page.status for page in answers} == {200}
        assert made.total() == 1


async def test_errors_and_redirects_are_not_kept_and_their_readers_wait_for_none(tmp_path: Path, made):
    async with running_site(tmp_path) as reader:
        for path, status in (("/nothing", 404), ("/calendar", 307), ("/search?q=%22open", 400)):
            answers = await asyncio.gather(*(reader.get(path) for _ in range(5)), reader.get(path))
            assert {page.status for page in answers} == {status}
        assert made["/nothing"] == 6


async def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page_cache, "MAX_ANSWERS", 3)
    async with running_site(tmp_path) as reader:
        for n in range(6):
            await reader.get(f"/about?{n}")
        pages = reader.web.pages
        assert [key[1] for key in pages._answers] == ["3", "4", "5"]
        assert pages._bytes == sum(len(answer.body) for answer in pages._answers.values())
        monkeypatch.setattr(page_cache, "MAX_BYTES", 1)
        await reader.get("/about?6")
        assert not pages._answers
        assert pages._bytes == 0


async def test_while_the_database_is_lost_a_page_says_so(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        library = reader.backend.desk.library

        async def lost(*_: object, **__: object) -> None:
            raise UnavailableStoreError("it is away")

        library.edition = library.today = lost
        page = await reader.get("/")
        assert (page.status, "can’t reach its database" in page.heading) == (503, True)
        assert (await reader.get("/about")).status == 200
