"""Papers that were shown are asked about again: what arXiv's feed and look-ups say of them becomes a reply."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import rechecks
from bot.app.collect import collect
from bot.app.rechecks import BATCH
from bot.model import Findings
from bot.sources.arxiv import ArXiv
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter
from tests.app.test_second_look import Looks
from tests.fakes import MONDAY, FakeOutlet, paper
from tests.fakes.http_server import Answer, Loopback
from tests.harness.delivery import HERE

SHOWN = paper(1)
"""As `tests.app.test_second_look` shows it, but of another title."""
FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us"><id>http://rss.arxiv.org/atom/cs.CL</id>{entry}</feed>"""
REPLACED = """<entry><id>oai:arXiv.org:2511.00001v2</id><title>A Title</title>
<summary>arXiv:2511.00001v2 Announce Type: replace
Abstract: We queue messages on pigeons. Throughput is 0.6 letters/s.</summary>
<category term="cs.CL"/><published>2025-11-25T00:00:00-05:00</published>
<arxiv:announce_type>replace</arxiv:announce_type><dc:creator>Ida Loft</dc:creator></entry>"""
QUERY = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/"
 xmlns:arxiv="http://arxiv.org/schemas/atom"><o:totalResults>1</o:totalResults><entry>
<id>http://arxiv.org/abs/2511.00001{version}</id><title>A Title</title><published>2025-11-23T09:00:00Z</published>
<summary>We queue messages on pigeons. Throughput is {rate} letters/s.</summary>
<category term="cs.CL"/><arxiv:comment>{comment}</arxiv:comment></entry></feed>"""


@pytest.fixture
async def looks(tmp_path: Path) -> AsyncIterator[Looks]:
    made = Looks(tmp_path / "p.db", FakeOutlet())
    with made.store:
        yield made


def answer(version: str = "v1", rate: str = "0.4", comment: str = "12 pages") -> Answer:
    return Answer(200, QUERY.format(version=version, rate=rate, comment=comment).encode())


async def test_new_versions_come_from_the_feed_and_their_comments_from_one_look_up(looks: Looks) -> None:
    async with Loopback() as server, HttpClient("test") as http:
        source = arxiv(looks, server, http)
        server.on("/atom/cs.CL", Answer(200, FEED.format(entry="").encode()))
        server.on("/api/query", answer())
        await looks.show(papers=[replace(SHOWN, title="A Title", abstract="")])
        await collect(looks.store, [source], looks.clock())
        await looks.look()
        for hours in (1, 1):
            looks.clock.advance(hours=hours)
            await collect(looks.store, [source], looks.clock())
        before = len(server.seen("/api/query"))
        server.on("/atom/cs.CL", Answer(200, FEED.format(entry=REPLACED).encode()))
        server.on("/api/query", answer("v2", "0.6", "Accepted at ACL 2026"))
        for _ in range(3):
            looks.clock.advance(minutes=30)
            await collect(looks.store, [source], looks.clock())
            await looks.look()
        assert len(server.seen("/api/query")) - before <= 2
    [update] = looks.updates(HERE)
    assert update.splitlines()[1:] == [
        "Venue: “Accepted at ACL 2026”, in the authors' comment on arXiv since Mon 24 Nov, not on Mon 24 Nov",
        "New version: its abstract changed (v1 → v2, seen Mon 24 Nov; shown here Mon 24 Nov)",
        "… on pigeons. Throughput is “0.4” → “0.6” letters/s. …",
    ]


def arxiv(looks: Looks, server: Loopback, http: HttpClient) -> ArXiv:
    async def categories() -> Collection[str]:
        return ("cs.CL",)

    async def stored(ids: Sequence[str]) -> Collection[str]:
        return await looks.store.papers.get(ids)

    return ArXiv(
        http, limiter=Limiter(0), categories=categories, stored=stored, feed_url=server.url, api_url=server.url
    )


async def test_every_paper_of_the_last_thirty_days_has_its_turn_within_a_day(looks: Looks) -> None:
    papers = [paper(number) for number in range(1, 251)]
    await looks.store.papers.add(Findings(tuple(papers)), "arxiv", MONDAY)
    await looks.show(papers=papers[:240])
    batches = []
    for _ in range(48):
        looks.clock.advance(minutes=30)
        batches.append(await rechecks.due(looks.store, looks.clock()))
    asked = [one for batch in batches for one in batch]
    assert [len(batch) for batch in batches if batch] == [BATCH, BATCH, 40]
    assert sorted(asked) == [each.id for each in papers[:240]]


async def test_older_ones_have_theirs_within_a_week_and_a_clock_set_back_asks_nothing_twice(looks: Looks) -> None:
    await looks.show()
    looks.clock.advance(days=60)
    assert await rechecks.due(looks.store, looks.clock()) == [SHOWN.id]
    looks.clock.advance(days=-1)
    assert await rechecks.due(looks.store, looks.clock()) == []
    looks.clock.advance(days=8)
    assert await rechecks.due(looks.store, looks.clock()) == [SHOWN.id]
    looks.clock.advance(days=400)
    assert await rechecks.due(looks.store, looks.clock()) == []


async def test_papers_that_nobody_was_shown_are_never_asked_about(looks: Looks) -> None:
    await looks.store.papers.add(Findings((SHOWN,)), "arxiv", MONDAY)
    await looks.store.papers.add(
        Findings((replace(SHOWN, version=2, title="x"),)), "arxiv", MONDAY + timedelta(hours=1)
    )
    assert await rechecks.due(looks.store, MONDAY + timedelta(days=1)) == []
