"""arXiv over HTTP: what is new, its details, the limiter, and answers that are empty by mistake."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.model import Findings
from bot.sources.arxiv import ArXiv
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter
from tests.fakes.http_server import Answer, Loopback, Seen
from tests.harness.recordings import recorded

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)


def xml(name: str) -> Answer:
    return Answer(200, recorded(name), {"Content-Type": "application/atom+xml"})


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>
<feed xmlns="http://www.w3.org/2005/Atom"><title>&lol2;</title></feed>"""


def arxiv(
    http: HttpClient,
    server: Loopback,
    categories: Collection[str] = ("cs.CL", "cs.DC"),
    stored: Collection[str] = (),
    **how: Any,
) -> ArXiv:
    async def stored_ids(ids: Sequence[str]) -> Collection[str]:
        return set(stored) & set(ids)

    async def followed() -> Collection[str]:
        return categories

    how = {"limiter": Limiter(0)} | how
    return ArXiv(http, categories=followed, stored=stored_ids, feed_url=server.url, api_url=server.url, **how)


def atom(ids: Sequence[str], total: int | None = None) -> bytes:
    entries = "".join(f"<entry><id>http://arxiv.org/abs/{i}v1</id><title>Paper {i}</title></entry>" for i in ids)
    counted = f"<o:totalResults>{len(ids) if total is None else total}</o:totalResults>"
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
        f"{counted}{entries}</feed>"
    ).encode()


def api(request: Seen) -> Answer:
    """The query API as it is: cut to max_results."""
    ids = request.query["id_list"].split(",")
    return Answer(200, atom(ids[: int(request.query.get("max_results", 10))]))


async def test_without_followed_categories_there_is_no_request(server: Loopback, http: HttpClient) -> None:
    assert (await arxiv(http, server, ()).fetch(NOW, NOW)).papers == ()
    assert (await arxiv(http, server, ("no such thing",)).fetch(NOW, NOW)).papers == ()
    assert server.requests == []


async def test_new_papers_come_with_details_and_new_versions_of_unknown_papers_do_not_come(
    server: Loopback, http: HttpClient
) -> None:
    server.on("/atom/cs.CL+cs.DC", xml("arxiv_feed.xml"))
    server.on("/api/query", xml("arxiv_query.xml"))
    fetched = await arxiv(http, server).fetch(NOW, NOW)
    details = server.seen("/api/query")[0].query
    assert details == {"id_list": "2606.00031,2606.00032", "max_results": "2"}
    first, second = fetched.papers
    assert first.comment == "12 pages, accepted at BIRDS 2026"
    assert (second.id, second.title) == ("2606.00032", "Reading Aloud at Scale")
    assert fetched.signals == ()


async def test_known_papers_need_no_details_and_get_their_new_version(server: Loopback, http: HttpClient) -> None:
    server.on("/atom/*", xml("arxiv_feed.xml"))
    stored = ("2606.00031", "2606.00032", "2605.00007")
    fetched = await arxiv(http, server, stored=stored).fetch(NOW, NOW)
    assert server.seen("/api/query") == []
    assert [(paper.id, paper.version) for paper in fetched.papers][-1] == ("2605.00007", 4)
    assert len(fetched.papers) == 3


async def test_details_are_requested_in_batches_of_a_hundred(server: Loopback, http: HttpClient) -> None:
    server.on("/api/query", api)
    ids = [f"2606.{n:05}" for n in range(1, 231)]
    fetched = await arxiv(http, server).lookup([*ids, "2606.00001v3", "10.1000/no-arxiv"])
    assert [request.query["max_results"] for request in server.requests] == ["100", "100", "30"]
    assert [paper.id for paper in fetched.papers] == ids


async def test_a_category_that_arxiv_does_not_know_costs_the_others_nothing(server: Loopback, http: HttpClient) -> None:
    server.on("/atom/*", Answer(400, b"bad category"))
    server.on("/atom/cs.DC", xml("arxiv_feed.xml"))
    server.on("/api/query", api)
    source = arxiv(http, server, ("cs.DC", "cs.ZZ"))
    assert len((await source.fetch(NOW, NOW)).papers) == 2
    await source.fetch(NOW, NOW)
    await source.fetch(NOW, NOW + timedelta(days=2))
    requested = [request.path for request in server.seen("/atom/*")]
    round_one = ["/atom/cs.DC+cs.ZZ", "/atom/cs.DC", "/atom/cs.ZZ"]
    assert requested == [*round_one, "/atom/cs.DC", *round_one]


async def test_a_feed_without_any_of_the_categories_is_an_outage_each_time(server: Loopback, http: HttpClient) -> None:
    source = arxiv(http, server)
    for _ in range(2):
        with pytest.raises(SourceError, match=re.escape("it has no feed of cs.CL, cs.DC")):
            await source.fetch(NOW, NOW)


@pytest.mark.parametrize("bad", [Answer(503), Answer(200, b"<html></html>"), Answer(200, BOMB), Answer(200, b"<feed>")])
async def test_details_that_fail_fail_the_whole(server: Loopback, http: HttpClient, bad: Answer) -> None:
    server.on("/atom/*", xml("arxiv_feed.xml"))
    server.on("/api/query", bad)
    with pytest.raises(SourceError):
        await arxiv(http, server).fetch(NOW, NOW)


def refusing(*bad: str) -> Callable[[Seen], Answer]:
    """The query API that refuses a whole question for one of these ids."""

    def route(request: Seen) -> Answer:
        ids = request.query["id_list"].split(",")
        if refused := set(ids) & set(bad):
            return Answer(400, recorded("arxiv_error.xml").replace(b"pigeon", min(refused).encode()))
        return Answer(200, atom(ids))

    return route


async def test_an_id_that_arxiv_refuses_is_left_out_named_and_not_sent_again_for_a_week(
    server: Loopback, http: HttpClient
) -> None:
    now = [0.0]
    ids = [f"2606.{n:05}" for n in range(1, 101)]
    bad = ("2606.00013", "2606.00080")
    server.on("/api/query", refusing(*bad))
    source = arxiv(http, server, clock=lambda: now[0])
    fetched = await source.lookup(ids, people=False)
    assert {paper.id for paper in fetched.papers} == set(ids) - set(bad)
    reasons = {f"paper {each}: it refuses the question: incorrect id format for {each}" for each in bad}
    assert set(fetched.skipped) == reasons
    assert len(server.requests) <= 28  # 1 + 2 * log2(100) for each of them

    before = len(server.requests)
    now[0] = 7 * 86_400 - 1
    again = await source.lookup(ids, people=False)
    assert (len(again.papers), set(again.skipped)) == (98, reasons)
    assert len(server.requests) == before + 1
    now[0] += 2
    server.on("/api/query", refusing())
    assert len((await source.lookup(ids)).papers) == 100
    assert (await source.lookup(ids)).skipped == ()


async def test_an_announced_paper_whose_id_is_refused_comes_without_details(server: Loopback, http: HttpClient) -> None:
    server.on("/atom/*", xml("arxiv_feed.xml"))
    server.on("/api/query", refusing("2606.00031"))
    fetched = await arxiv(http, server).fetch(NOW, NOW)
    assert [(paper.id, bool(paper.abstract)) for paper in fetched.papers] == [
        ("2606.00031", True),
        ("2606.00032", False),
    ]
    assert len(fetched.skipped) == 1


@pytest.mark.parametrize("status", [400, 404, 414, 422])
async def test_an_api_that_refuses_every_question_is_an_outage(server: Loopback, http: HttpClient, status: int) -> None:
    server.on("/api/query", Answer(status, atom([])))
    ids = [f"2606.{n:05}" for n in range(1, 101)]
    source = arxiv(http, server)
    for _ in range(2):  # nothing is remembered of it
        server.requests.clear()
        with pytest.raises(SourceError, match=f"HTTP {status} from its API"):
            await source.lookup(ids)
        assert len(server.requests) <= 16
    server.on("/api/query", Answer(400, recorded("arxiv_error.xml")))
    with pytest.raises(SourceError, match="incorrect id format for pigeon"):
        await source.lookup(ids)


async def test_an_outage_among_refusals_is_an_outage(server: Loopback, http: HttpClient) -> None:
    server.on("/api/query", Answer(400, b""), Answer(503))
    with pytest.raises(SourceError, match="HTTP 503"):
        await arxiv(http, server).lookup(["2606.00001", "2606.00002"])


async def test_a_control_character_in_the_feed_costs_nothing(server: Loopback, http: HttpClient) -> None:
    server.on("/atom/*", Answer(200, recorded("arxiv_feed.xml").replace(b"Carrier ", b"Carrier\x0c ")))
    server.on("/api/query", api)
    fetched = await arxiv(http, server).fetch(NOW, NOW)
    assert [paper.id for paper in fetched.papers] == ["2606.00031", "2606.00032"]


async def test_an_empty_answer_that_counts_results_is_repeated(server: Loopback, http: HttpClient) -> None:
    empty, full = Answer(200, atom([], total=1)), Answer(200, atom(["2606.00001"]))
    server.on("/api/query", empty, empty, full)
    assert len((await arxiv(http, server).lookup(["2606.00001"])).papers) == 1
    server.on("/api/query", empty)
    with pytest.raises(SourceError, match="4 empty answers where it counts 1 results"):
        await arxiv(http, server).lookup(["2606.00001"])


async def test_an_unknown_id_is_accepted_the_second_time(server: Loopback, http: HttpClient) -> None:
    server.on("/api/query", xml("arxiv_empty.xml"))
    assert await arxiv(http, server).lookup(["2606.00099"]) == Findings()
    assert len(server.requests) == 2


async def test_search_requires_all_words_and_sends_no_operators(server: Loopback, http: HttpClient) -> None:
    server.on("/api/query", Answer(200, atom(["2606.00001", "2606.00002"])))
    fetched = await arxiv(http, server).search('video "diffusion" ANDNOT cat:cs.CV', 1)
    assert (
        server.requests[0].query["search_query"]
        == "all:video AND all:diffusion AND all:andnot AND all:cat AND all:cs AND all:cv"
    )
    assert len(fetched) == 1
    assert await arxiv(http, server).search(" -- ", 5) == ()
    server.on("/api/query", xml("arxiv_empty.xml"))
    assert await arxiv(http, server).search("nothing", 5) == ()
    assert len(server.requests) == 2


async def test_feed_and_api_share_one_limiter_and_people_go_first(server: Loopback, http: HttpClient) -> None:
    """A person asks while the details of 3 batches wait: the answer comes after the request under way."""
    requested: list[str] = []
    person: list[asyncio.Task[Findings]] = []

    async def route(request: Seen) -> Answer:
        requested.append("person" if request.query["id_list"] == "2405.00001" else "machine")
        if not person:
            person.append(asyncio.create_task(source.lookup(["2405.00001"])))
            for _ in range(10):
                await asyncio.sleep(0)  # the person is in line before this answer goes out
        return api(request)

    server.on("/atom/*", Answer(200, atom([f"2606.{n:05}" for n in range(1, 251)])))
    server.on("/api/query", route)
    source = arxiv(http, server)
    await source.fetch(NOW, NOW)
    await person[0]
    assert requested == ["machine", "person", "machine", "machine"]
