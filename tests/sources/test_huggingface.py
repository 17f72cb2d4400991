"""Daily Papers over HTTP: days, pages, outages, lookups."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.sources.http_client import HttpClient
from bot.sources.huggingface import HuggingFace
from tests.fakes.http_server import Answer, Loopback, Seen, json_answer

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)


def papers(first: int, many: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {"paper": {"id": f"2606.{first + n:05}", "title": f"Paper {n}", "upvotes": n} | fields} for n in range(many)
    ]


def days(lists: dict[str, list[dict[str, Any]]], *, link: bool = True) -> Callable[[Seen], Answer]:
    """A server of daily lists that pages as the real one does."""

    def route(request: Seen) -> Answer:
        listed = lists.get(request.query.get("date", request.query.get("sort", "")), [])
        page, limit = int(request.query.get("p", 0)), int(request.query["limit"])
        more = len(listed) > (page + 1) * limit
        headers = {"Link": f'<http://x/?p={page + 1}>; rel="next"'} if more and link else {}
        return json_answer(listed[page * limit : (page + 1) * limit], 200, **headers)

    return route


async def test_the_last_three_days_are_read_and_today_is_one_of_them(server: Loopback, http: HttpClient) -> None:
    server.on("/api/daily_papers", days({"2026-06-14": papers(1, 2), "2026-06-16": papers(5, 1)}))
    fetched = await HuggingFace(http, server.url, trending=False).fetch(NOW - timedelta(hours=1), NOW)
    assert [request.query["date"] for request in server.requests] == ["2026-06-14", "2026-06-15", "2026-06-16"]
    assert {request.query["limit"] for request in server.requests} == {"100"}
    assert [paper.id for paper in fetched.papers] == ["2606.00001", "2606.00002", "2606.00005"]


async def test_after_a_long_absence_two_weeks_are_read(server: Loopback, http: HttpClient) -> None:
    server.on("/api/daily_papers", days({}))
    await HuggingFace(http, server.url, trending=False).fetch(NOW - timedelta(days=90), NOW)
    assert [request.query["date"] for request in server.requests][::13] == ["2026-06-03", "2026-06-16"]


@pytest.mark.parametrize("link", [True, False])
async def test_a_long_day_is_read_page_by_page(server: Loopback, http: HttpClient, *, link: bool) -> None:
    server.on("/api/daily_papers", days({"2026-06-16": papers(1, 230)}, link=link))
    fetched = await HuggingFace(http, server.url, trending=False).fetch(NOW, NOW)
    pages = [request.query["p"] for request in server.requests if request.query["date"] == "2026-06-16"]
    assert pages == ["0", "1", "2"]
    assert len(fetched.papers) == 230


async def test_a_server_that_ignores_the_page_number_gets_two_requests_and_counts_once(
    server: Loopback, http: HttpClient
) -> None:
    server.on("/api/daily_papers", json_answer(papers(1, 100), Link='<http://x/?p=1>; rel="next"'))
    fetched = await HuggingFace(http, server.url, trending=False).fetch(NOW, NOW)
    assert len(server.requests) == 6
    assert (len(fetched.papers), len(fetched.signals)) == (100, 100)


async def test_a_day_that_is_not_open_yet_is_empty_but_all_closed_is_an_outage(
    server: Loopback, http: HttpClient
) -> None:
    refused = json_answer({"error": "Invalid date"}, 400)
    server.on("/api/daily_papers", json_answer(papers(1, 1)), json_answer([]), refused)
    source = HuggingFace(http, server.url, trending=False)
    assert len((await source.fetch(NOW, NOW)).papers) == 1
    server.on("/api/daily_papers", refused)
    with pytest.raises(SourceError, match="HTTP 400 for each of 3 days"):
        await source.fetch(NOW, NOW)


@pytest.mark.parametrize("bad", [Answer(500), Answer(200, b"<html>"), Answer(200, b'[{"paper":')])
async def test_one_bad_page_fails_the_whole_fetch_and_not_the_next_one(
    server: Loopback, http: HttpClient, bad: Answer
) -> None:
    source = HuggingFace(http, server.url, trending=False)
    server.on("/api/daily_papers", json_answer(papers(1, 1)), bad)
    with pytest.raises(SourceError):
        await source.fetch(NOW, NOW)
    server.on("/api/daily_papers", Answer(500), json_answer(papers(1, 1)))
    assert len((await source.fetch(NOW, NOW)).papers) == 1


async def test_an_unchanged_list_is_still_observed(server: Loopback, http: HttpClient) -> None:
    """Votes that stand still are an observation too."""

    def route(request: Seen) -> Answer:
        return Answer(304) if "if-none-match" in request.headers else json_answer(papers(1, 1), ETag='"1"')

    server.on("/api/daily_papers", route)
    source = HuggingFace(http, server.url, trending=False)
    first = await source.fetch(NOW, NOW)
    later = NOW + timedelta(minutes=30)
    second = await source.fetch(later, later)
    assert second.papers == first.papers
    assert {signal.seen_at for signal in second.signals} == {later}


async def test_the_trending_order_adds_positions_and_may_fail(server: Loopback, http: HttpClient) -> None:
    lists = {"2026-06-16": papers(1, 2), "trending": papers(2, 2)}
    server.on("/api/daily_papers", days(lists))
    source = HuggingFace(http, server.url)
    fetched = await source.fetch(NOW, NOW)
    assert [(s.paper_id, s.value) for s in fetched.signals if s.kind == "position"] == [
        ("2606.00002", 1),
        ("2606.00003", 2),
    ]
    assert [paper.id for paper in fetched.papers] == ["2606.00001", "2606.00002", "2606.00003"]
    assert len({(s.paper_id, s.kind) for s in fetched.signals}) == len(fetched.signals)
    server.on("/api/daily_papers", lambda request: Answer(500) if "sort" in request.query else days(lists)(request))
    assert len((await source.fetch(NOW, NOW)).papers) == 2


async def test_lookup_leaves_out_what_is_not_indexed(server: Loopback, http: HttpClient) -> None:
    server.on("/api/papers/2606.00001", json_answer({"id": "2606.00001", "title": "One"}))
    fetched = await HuggingFace(http, server.url).lookup(["2606.00001v2", "2606.00002", "10.1000/abc", "2606.00001"])
    assert [paper.title for paper in fetched.papers] == ["One"]
    assert [request.path for request in server.requests] == ["/api/papers/2606.00001", "/api/papers/2606.00002"]


async def test_one_answer_that_cannot_be_read_does_not_fail_a_lookup(server: Loopback, http: HttpClient) -> None:
    server.on("/api/papers/2606.00001", json_answer({"id": "2606.00001", "title": None}))
    server.on("/api/papers/2606.00002", json_answer({"id": "2606.00002", "title": "Two"}))
    server.on("/api/papers/2606.00003", Answer(400, b"no such id"))
    source = HuggingFace(http, server.url)
    fetched = await source.lookup(["2606.00001", "2606.00002", "2606.00003"])
    assert [paper.title for paper in fetched.papers] == ["Two"]
    assert fetched.skipped == (
        "paper 2606.00001: paper 2606.00001 has no title",
        "paper 2606.00003: HTTP 400 from 127.0.0.1",
    )
    with pytest.raises(SourceError, match="has no title"):
        await source.lookup(["2606.00001", "2606.00003"])


async def test_a_server_that_is_down_is_asked_about_five_papers_at_most(server: Loopback, http: HttpClient) -> None:
    server.on("/api/papers/*", Answer(403))
    with pytest.raises(SourceError, match="HTTP 403"):
        await HuggingFace(http, server.url).lookup([f"2606.{n:05}" for n in range(1, 51)])
    assert len(server.requests) == 5


async def test_items_that_cannot_be_read_do_not_end_a_day_early(server: Loopback, http: HttpClient) -> None:
    """Without a Link header a full page tells that there is another, also if not all of it can be read."""
    listed = [{"paper": None}, *papers(1, 98), {"paper": {"id": "2606.00777"}}, *papers(101, 30)]
    server.on("/api/daily_papers", days({"2026-06-16": listed}, link=False))
    fetched = await HuggingFace(http, server.url, trending=False).fetch(NOW, NOW)
    assert len(fetched.papers) == 128
    assert fetched.skipped == ("a paper is null instead of an object", "paper 2606.00777 has no title")


async def test_lists_without_a_readable_item_are_an_outage(server: Loopback, http: HttpClient) -> None:
    server.on("/api/daily_papers", json_answer([None, {}]))
    with pytest.raises(SourceError, match="none of 6 papers can be read: a paper is null instead of an object"):
        await HuggingFace(http, server.url).fetch(NOW, NOW)


async def test_search_uses_the_hubs_search(server: Loopback, http: HttpClient) -> None:
    server.on("/api/papers/search", json_answer(papers(1, 5)))
    fetched = await HuggingFace(http, server.url).search("video diffusion", 3)
    assert server.requests[0].query == {"q": "video diffusion", "limit": "3"}
    assert len(fetched) == 3
