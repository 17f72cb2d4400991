"""The sources that are off at first, from their answers to what a reader sees."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.app import doctor
from bot.app.candidates import rank_candidates, trends_of
from bot.app.collect import collect
from bot.errors import SourceError
from bot.settings import load
from bot.sources.connect import connect
from bot.sources.feeds import MentionFeeds
from bot.sources.http_client import HttpClient
from bot.store.encryption import new_key
from bot.wording.cards import labelled_urls, rank_explanation
from bot.wording.evidence import short_evidence
from tests.fakes.http_server import Answer, Loopback, Seen, json_answer
from tests.harness.recordings import recorded
from tests.harness.store import new_store

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)
PREPRINT, BREAD = "10.1101/2026.06.14.700004", "10.1101/2026.06.12.700001"
ON_ARXIV = {
    "id": "2606.00021",
    "title": "Bundles of Messages on Long Flights",
    "summary": "We compare carriers with one and with two bundles. Two bundles arrive 12% later.",
    "authors": [{"name": "Bo Coop"}],
    "upvotes": 17,
    "githubRepo": "https://github.com/example/bundles",
    "githubStars": 1100,
    "submittedOnDailyAt": "2026-06-16T01:00:00.000Z",
}


def daily(request: Seen) -> Answer:
    return json_answer([{"paper": ON_ARXIV, "title": ON_ARXIV["title"]}] if "p" in request.query else [])


def citations(request: Seen) -> Answer:
    counted = {"citationCount": 12, "influentialCitationCount": 3, "venue": "", "externalIds": {}}
    return json_answer([counted if each.startswith("ARXIV:") else None for each in request.json()["ids"]])


async def test_a_preprint_on_two_servers_is_one_paper_with_the_evidence_of_all(tmp_path: Path) -> None:
    async with Loopback() as server, HttpClient("test") as http:
        server.on("/api/daily_papers", daily)
        server.on("/details/biorxiv/*", Answer(200, recorded("biorxiv_details.json")))
        server.on("/graph/v1/paper/batch", citations)
        server.on("/graphql", json_answer({"data": {"r0": {"stargazerCount": 1204}}}))
        server.on("/atom", Answer(200, recorded("feed_atom.xml")))
        settings = load(
            sources=("huggingface", "biorxiv", "semanticscholar"),
            github_token="token-of-ours",
            huggingface_url=server.url,
            biorxiv_url=server.url,
            semantic_scholar_url=server.url,
            github_url=server.url,
        )
        with new_store(tmp_path / "p.db") as store:
            async with connect(settings, store, "Paperboy/test") as connected:
                sources = (*connected, MentionFeeds(http, [f"{server.url}/atom"]))
                assert [source.name for source in sources] == [*settings.sources, "github", "feeds"]
                for hours in (0, 0.5):  # citations and stars are of papers that were stored before
                    reports = await collect(store, sources, NOW + timedelta(hours=hours))
            now = NOW + timedelta(hours=1)
            shortlist = await rank_candidates(store, (), now)
            papers = await store.papers.get([ON_ARXIV["id"], PREPRINT, BREAD])
            trends = await trends_of(store, shortlist, papers.values(), now)
    assert {report.source: report.fault for report in reports} == dict.fromkeys(s.name for s in sources)
    assert set(papers) == {ON_ARXIV["id"], BREAD}
    bundles, bread = trends[str(ON_ARXIV["id"])], trends[BREAD]
    assert bundles.paper.categories == ("biorxiv.bioinformatics",)
    assert short_evidence(bundles.evidence, bundles.paper, now) == (
        "17 upvotes · GitHub 1.2k stars · in Notes from the coop"
    )
    why = rank_explanation(bundles, now).text
    for line in ("12 citations on Semantic Scholar", "mentioned in Notes from the coop", "by GitHub itself"):
        assert line in why
    assert (bread.is_noticed, short_evidence(bread.evidence, bread.paper, now)) == (False, "new, no signals yet")
    assert shortlist.with_signals == 1
    assert labelled_urls(bread.paper) == [("bioRxiv", f"https://doi.org/{BREAD}")]


async def test_doctor_asks_each_of_them_and_names_its_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Loopback() as server:
        server.on("/details/biorxiv/1/0/json", json_answer(json.loads(recorded("biorxiv_details.json"))))
        server.on("/details/medrxiv/1/0/json", Answer(500))
        server.on("/graph/v1/paper/*", Answer(429))
        server.on("/graphql", Answer(401))
        server.on("/itemTypes", Answer(200, b"[]"))
        monkeypatch.setenv("PAPERBOY_SOURCES", "biorxiv,medrxiv,semanticscholar")
        monkeypatch.setenv("PAPERBOY_BIORXIV_URL", server.url)
        monkeypatch.setenv("PAPERBOY_SEMANTIC_SCHOLAR_URL", server.url)
        monkeypatch.setenv("PAPERBOY_FEEDS", "https://localhost/feed?reader=a-secret")
        monkeypatch.setenv("PAPERBOY_GITHUB_TOKEN", "token-of-ours")
        monkeypatch.setenv("PAPERBOY_GITHUB_URL", server.url)
        monkeypatch.setenv("PAPERBOY_SECRET_KEY", new_key())
        monkeypatch.setenv("PAPERBOY_ZOTERO_URL", server.url)
        with new_store(tmp_path / "p.db") as store:
            async with connect(load(), store, "Paperboy/test") as connected:
                await collect(store, [source for source in connected if source.name == "feeds"], NOW)
        checks = {check.subject: check for check in await doctor.examine(tmp_path / "p.db", {})}
    assert checks["source biorxiv"].result == "answers"
    assert "PAPERBOY_BIORXIV_URL" in checks["source medrxiv"].remedy
    assert checks["source semanticscholar"].result.startswith("asks for patience (HTTP 429")
    assert not checks["source semanticscholar"].fault
    assert checks["last look at feeds"].result == "localhost/feed: localhost is not at a public address"
    assert checks["last look at feeds"].remedy == "correct PAPERBOY_FEEDS, or unset it"
    assert checks["source github"].remedy == "correct PAPERBOY_GITHUB_TOKEN, or unset it"
    assert checks["feed"].result == "localhost/feed: localhost is not at a public address"
    assert checks["feed"].remedy == (
        "see whether it answers in a browser; correct its address in PAPERBOY_FEEDS, or leave it out"
    )
    assert checks["zotero"] == doctor.Check("zotero", "answers")
    assert not any("token-of-ours" in each or "a-secret" in each for each in map(str, checks.values()))


async def test_doctor_says_where_zotero_does_not_answer_and_counts_the_feeds_that_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        status = 404 if request.url.host == "b.example" else 200
        return httpx.Response(status, stream=httpx.ByteStream(recorded("feed_rss.xml")))

    monkeypatch.setattr(doctor, "public_transport", lambda _: httpx.MockTransport(answer))
    monkeypatch.setenv("PAPERBOY_SOURCES", "none")
    monkeypatch.setenv("PAPERBOY_FEEDS", "https://a.example/feed,https://b.example/feed,https://c.example/feed")
    monkeypatch.setenv("PAPERBOY_SECRET_KEY", new_key())
    monkeypatch.setenv("PAPERBOY_ZOTERO_URL", "http://127.0.0.1:9")
    checks = {check.subject: check for check in await doctor.examine(tmp_path / "p.db", {})}
    assert checks["feeds"].result == "2 can be read"
    assert (checks["feed"].fault, checks["feed"].result) == (True, "b.example/feed: HTTP 404 from b.example")
    assert not checks["zotero"].fault, "nobody may have connected it"
    assert "PAPERBOY_ZOTERO_URL" in checks["zotero"].remedy


async def test_feeds_of_settings_are_read_from_public_addresses_alone(tmp_path: Path) -> None:
    async with Loopback() as server:
        settings = load(sources=("none",), feeds=("https://127.0.0.1/feed", "https://169.254.169.254/latest"))
        with new_store(tmp_path / "p.db") as store:
            async with connect(settings, store, "Paperboy/test") as (feeds,):
                with pytest.raises(SourceError, match=r"127\.0\.0\.1 is not at a public address"):
                    await feeds.fetch(NOW, NOW)
        assert server.requests == []
