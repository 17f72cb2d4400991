"""Hacker News: stories that link a paper, and malformed answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.model import Signal
from bot.sources.hackernews import HackerNews, parse_stories
from bot.sources.http_client import HttpClient
from tests.fakes.http_server import Answer, Loopback, Seen
from tests.harness.recordings import recorded

NOW = datetime(2026, 6, 16, 9, 30, tzinfo=UTC)


def test_of_several_stories_the_one_with_most_points_counts() -> None:
    findings = parse_stories(recorded("hackernews.json"), now=NOW)
    assert findings.papers == ()
    assert set(findings.signals) == {
        Signal("2606.00031", "hackernews", "points", 210, NOW),
        Signal("2606.00031", "hackernews", "comments", 87, NOW),
        Signal("2606.00031", "hackernews", "story", 40000001, NOW),
        Signal("2606.00021", "hackernews", "points", 12, NOW),
        Signal("2606.00021", "hackernews", "comments", 4, NOW),
        Signal("2606.00021", "hackernews", "story", 40000003, NOW),
    }


def hits(*stories: Any) -> bytes:
    return json.dumps({"hits": stories, "nbHits": len(stories)}).encode()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer"),
        (b"<html>", "HTML or XML"),
        (recorded("hackernews.json")[:900], "broken JSON"),
        (b"[]", "an answer without a list of hits"),
        (b'{"hits": {"a": 1}}', "an answer without a list of hits"),
        (b'{"message": "Invalid filter", "status": 400}', "an answer without a list of hits"),
        (hits("story"), "none of its stories can be read: a story is text instead of an object"),
    ],
)
def test_a_malformed_answer_is_one_reason(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_stories(body, now=NOW)
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("hit", "reason"),
    [
        (None, "a story is null instead of an object"),
        (
            {"url": "https://arxiv.org/abs/2606.00009", "points": 1},
            "a story has no objectID: “https://arxiv.org/abs/2606.00009”",
        ),
        ({"objectID": None, "title": "T"}, "a story has no objectID: “T”"),
    ],
)
def test_one_bad_story_is_left_out_and_named(hit: Any, reason: str) -> None:
    good = [{"objectID": str(n), "url": f"https://arxiv.org/abs/2606.0000{n}", "points": n} for n in (1, 2)]
    findings = parse_stories(hits(good[0], hit, good[1]), hits(hit), now=NOW)
    points = [(signal.paper_id, signal.value) for signal in findings.signals if signal.kind == "points"]
    assert points == [("2606.00001", 1), ("2606.00002", 2)]
    assert findings.skipped == (reason,)


@pytest.mark.parametrize(
    "url", [None, 7, "", "arxiv", "https://arxiv.org.example.net/abs/2606.00001", "https://[", "x" * 9999]
)
def test_a_story_without_a_paper_is_skipped(url: Any) -> None:
    assert parse_stories(hits({"objectID": "1", "url": url, "points": 5}), now=NOW).signals == ()


def test_points_of_a_wrong_type_are_unknown() -> None:
    story = {"objectID": "1", "url": "https://arxiv.org/abs/2606.00001", "points": "abc", "num_comments": 3}
    signals = parse_stories(hits(story), now=NOW).signals
    assert [(signal.kind, signal.value) for signal in signals] == [("comments", 3), ("story", 1)]


@pytest.mark.parametrize("number", ["x1", "-1", "1.5", "٣", "1" * 10, {"a": 1}])
def test_a_story_whose_number_is_none_counts_without_its_page(number: Any) -> None:
    story = {"objectID": number, "url": "https://arxiv.org/abs/2606.00001", "points": 3}
    assert [signal.kind for signal in parse_stories(hits(story), now=NOW).signals] == ["points"]


@pytest.fixture
def source(server: Loopback, http: HttpClient) -> HackerNews:
    return HackerNews(http, server.url)


async def test_seven_days_are_requested_and_the_url_stays_the_same_all_day(
    server: Loopback, source: HackerNews
) -> None:
    server.on("/api/v1/search_by_date", Answer(200, recorded("hackernews.json")))
    first = await source.fetch(NOW, NOW)
    later = await source.fetch(NOW, NOW + timedelta(hours=5))
    assert len(first.signals) == len(later.signals) == 6
    start = int(datetime(2026, 6, 9, tzinfo=UTC).timestamp())
    query = server.requests[0].query
    assert query == {
        "query": "arxiv.org",
        "restrictSearchableAttributes": "url",
        "tags": "story",
        "numericFilters": f"created_at_i>{start}",
        "hitsPerPage": "1000",
    }
    assert [request.query for request in server.requests[:2]] == [request.query for request in server.requests[2:]]


async def test_one_failed_request_fails_the_whole_fetch(server: Loopback, source: HackerNews) -> None:
    server.on("/api/v1/search_by_date", Answer(200, recorded("hackernews.json")), Answer(429))
    with pytest.raises(SourceError, match=r"hackernews: HTTP 429 from 127\.0\.0\.1 \(2 attempts\)"):
        await source.fetch(NOW, NOW)


async def test_a_story_about_a_recent_papers_code_counts_for_the_paper(server: Loopback, http: HttpClient) -> None:
    def stories(request: Seen) -> Answer:
        linked = [
            {"objectID": "1", "url": "https://GitHub.com/Example/Bundles/tree/main", "points": 40, "num_comments": 2},
            {"objectID": "2", "url": "https://github.com/example/bundles-of-others", "points": 90, "num_comments": 2},
        ]
        return Answer(200, hits(*linked) if request.query["query"] == "github.com" else hits())

    async def repositories(since: datetime) -> dict[str, str]:
        assert since == datetime(2026, 6, 9, tzinfo=UTC)
        return {"https://github.com/example/bundles.git": "2606.00041", "https://gitlab.com/a/b": "2606.00042"}

    server.on("/api/v1/search_by_date", stories)
    findings = await HackerNews(http, server.url, repositories=repositories).fetch(NOW, NOW)
    assert [(signal.paper_id, signal.kind, signal.value) for signal in findings.signals] == [
        ("2606.00041", "points", 40),
        ("2606.00041", "comments", 2),
        ("2606.00041", "story", 1),
    ]
