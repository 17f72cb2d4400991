"""Semantic Scholar: citations of stored papers, in one request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter
from bot.sources.semantic_scholar import SemanticScholar
from bot.sources.semantic_scholar_parse import parse_batch
from tests.fakes.http_server import Answer, Loopback, json_answer
from tests.harness.recordings import recorded

NOW = datetime(2026, 6, 16, 9, 30, tzinfo=UTC)
BODY = recorded("semantic_scholar_batch.json")
IDS = ("2606.00031", "2606.00099", "2605.00007", "10.1101/2026.06.12.700001")
PATH = "/graph/v1/paper/batch"


def test_citations_are_signals_and_a_venue_completes_the_paper() -> None:
    batch = parse_batch(BODY, IDS, NOW)
    counts = {(each.paper_id, each.kind): each.value for each in batch.findings.signals}
    assert counts["2606.00031", "citations"] == 12
    assert counts["2606.00031", "influential_citations"] == 3
    assert counts["10.1101/2026.06.12.700001", "citations"] == 0
    assert [(paper.id, paper.journal_ref) for paper in batch.findings.papers] == [
        ("2605.00007", "Neural Information Processing Systems")
    ]
    assert batch.unknown == ("2606.00099",)


def test_another_id_of_the_same_work_is_told() -> None:
    """arXiv's own DOI of a paper is no other id."""
    assert parse_batch(BODY, IDS, NOW).findings.same == (("2605.00007", "10.1101/2026.06.14.700004"),)


def test_ids_of_another_work_than_the_one_asked_about_are_ignored() -> None:
    item = {"externalIds": {"ArXiv": "2601.00001", "DOI": "10.1101/1"}, "citationCount": 1}
    assert parse_batch(json.dumps([item]).encode(), ["2606.00031"], NOW).findings.same == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer"),
        (BODY[:300], "broken JSON"),
        (b"{}", "an answer that is no list"),
        (b'{"error": "No valid paper ids given"}', "it refuses the question: No valid paper ids given"),
        (b"[null]", "1 answers about 4 papers"),
        (b'["a", 1, {}, null]', "none of its answers can be read: paper 2606.00031 is text instead of an object"),
    ],
)
def test_a_malformed_answer_is_one_reason(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_batch(body, IDS, NOW)
    assert caught.value.reason.startswith(reason)


class Papers:
    """Ids of papers that are to be counted, the newest first."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids
        self.calls: list[tuple[datetime, datetime]] = []

    async def __call__(self, since: datetime, before: datetime, limit: int) -> Sequence[str]:
        self.calls.append((since, before))
        return self.ids[:limit]


def scholar(http: HttpClient, server: Loopback, papers: Papers, **options: Any) -> SemanticScholar:
    return SemanticScholar(http, server.url, uncounted=papers, limiter=Limiter(0), **options)


async def test_one_request_asks_about_papers_by_their_arxiv_id_or_doi(server: Loopback, http: HttpClient) -> None:
    server.on(PATH, Answer(200, BODY))
    papers = Papers(*IDS)
    findings = await scholar(http, server, papers, key="key-of-ours").fetch(NOW, NOW)
    [request] = server.requests
    assert request.method == "POST"
    assert request.query == {"fields": "externalIds,citationCount,influentialCitationCount,venue"}
    assert request.json()["ids"] == [
        "ARXIV:2606.00031",
        "ARXIV:2606.00099",
        "ARXIV:2605.00007",
        "DOI:10.1101/2026.06.12.700001",
    ]
    assert request.headers["x-api-key"] == "key-of-ours"
    assert papers.calls == [(NOW - timedelta(days=90), NOW - timedelta(days=3))]
    assert len(findings.signals) == 6


async def test_without_a_key_it_asks_for_less(server: Loopback, http: HttpClient) -> None:
    server.on(PATH, json_answer([None] * 100))
    await scholar(http, server, Papers(*(f"2606.{n:05}" for n in range(900)))).fetch(NOW, NOW)
    [request] = server.requests
    assert len(request.json()["ids"]) == 100
    assert "x-api-key" not in request.headers


async def test_what_it_does_not_know_is_not_asked_again_for_a_day(server: Loopback, http: HttpClient) -> None:
    server.on(PATH, Answer(200, BODY), json_answer([]), Answer(200, BODY))
    seconds = 0.0
    source = scholar(http, server, Papers(*IDS), clock=lambda: seconds)
    await source.fetch(NOW, NOW)
    source._uncounted = Papers("2606.00099")  # the others have been counted
    assert (await source.fetch(NOW, NOW)).signals == ()
    assert len(server.requests) == 1
    seconds = 86_401.0
    server.on(PATH, json_answer([None]))
    await source.fetch(NOW, NOW)
    assert server.requests[1].json()["ids"] == ["ARXIV:2606.00099"]


async def test_ids_of_a_corpus_are_not_sent(server: Loopback, http: HttpClient) -> None:
    server.on(PATH, json_answer([None]))
    await scholar(http, server, Papers("MED-7", "2606.00031")).fetch(NOW, NOW)
    assert server.requests[0].json()["ids"] == ["ARXIV:2606.00031"]


async def test_no_papers_no_request(server: Loopback, http: HttpClient) -> None:
    assert (await scholar(http, server, Papers()).fetch(NOW, NOW)).signals == ()
    assert server.requests == []


async def test_a_shared_limit_names_the_setting_that_helps(server: Loopback, http: HttpClient) -> None:
    server.on(PATH, Answer(429))
    with pytest.raises(SourceError, match="HTTP 429 .*without PAPERBOY_SEMANTIC_SCHOLAR_KEY it answers when it has"):
        await scholar(http, server, Papers(*IDS)).fetch(NOW, NOW)
    with pytest.raises(SourceError) as caught:
        await scholar(http, server, Papers(*IDS), key="key-of-ours").fetch(NOW, NOW)
    assert "PAPERBOY" not in caught.value.reason
    assert "key-of-ours" not in str(caught.value)


async def test_a_refusal_has_its_reason(server: Loopback, http: HttpClient) -> None:
    server.on(PATH, json_answer({"error": "No valid paper ids given"}, 400))
    with pytest.raises(SourceError, match="it refuses the question: No valid paper ids given"):
        await scholar(http, server, Papers(*IDS)).fetch(NOW, NOW)
