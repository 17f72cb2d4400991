"""Recorded answers with one value changed at a time: no change fails a fetch, and all other items stay as they were."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.model import Findings
from bot.sources.arxiv import ArXiv
from bot.sources.biorxiv import BioRxiv
from bot.sources.feeds_parse import parse_feed
from bot.sources.github import GitHub
from bot.sources.hackernews import HackerNews
from bot.sources.http_client import HttpResponse
from bot.sources.huggingface import HuggingFace
from bot.sources.limiter import Limiter
from bot.sources.semantic_scholar import SemanticScholar
from tests.harness.json_mutations import REMOVED, JsonPath, mutated, paths
from tests.harness.recordings import recorded

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)

VALUES: tuple[Any, ...] = (None, "x", 7, -1.5, 10**30, True, [None], {"a": []}, "\u0000\ud800", REMOVED)
"""What takes the place of each value."""


class Recorded:
    """Stands in for the HTTP client: each answer by the end of its path, without a socket."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self._answers = answers

    async def get(self, source: str, url: str, params: Any = None, **how: Any) -> HttpResponse:
        return HttpResponse(200, next(body for path, body in self._answers.items() if path in url))

    async def post(self, source: str, url: str, document: object, **how: Any) -> HttpResponse:
        return await self.get(source, url)


def changed(document: Any, path: JsonPath, value: Any) -> bytes:
    return json.dumps(mutated(document, path, value)).encode()


def about(findings: Findings, ids: Collection[str]) -> tuple[Any, ...]:
    """What findings say about papers; places in a list without the numbers, for an item may have gone."""
    papers = {paper.id: paper for paper in findings.papers if paper.id in ids}
    return papers, {s for s in findings.signals if s.paper_id in ids and s.kind != "position"}


async def daily(body: bytes) -> Findings:
    http: Any = Recorded({"/api/daily_papers": body})
    return await HuggingFace(http, "").fetch(NOW, NOW)


@pytest.mark.parametrize("name", ["hf_2024.json", "hf_2025.json", "hf_2026.json"])
async def test_any_change_in_a_daily_list_leaves_the_other_papers(name: str) -> None:
    document = json.loads(recorded(name))
    ids = [item["paper"]["id"] for item in document]
    whole = await daily(recorded(name))
    for path in paths(document):
        others = set(ids) - {ids[path[0]]}
        for value in VALUES:
            findings = await daily(changed(document, path, value))
            assert about(findings, others) == about(whole, others), (path, value)
            if ids[path[0]] not in {paper.id for paper in findings.papers} and value is not REMOVED:
                assert findings.skipped or path[-1] == "id", (path, value)


async def stories(body: bytes) -> Findings:
    http: Any = Recorded({"/search_by_date": body})
    return await HackerNews(http, "").fetch(NOW, NOW)


async def test_any_change_in_a_story_leaves_the_other_stories() -> None:
    document = json.loads(recorded("hackernews.json"))
    whole = await stories(recorded("hackernews.json"))
    papers = [re.findall(r"\d{4}\.\d{5}", str(hit.get("url"))) for hit in document["hits"]]
    for path in paths(document["hits"]):
        linked = set(papers[path[0]])
        others = {each for listed in papers for each in listed} - linked
        for value in VALUES:
            findings = await stories(changed(document, ("hits", *path), value))
            assert about(findings, others) == about(whole, others), (path, value)


async def preprints(body: bytes) -> Findings:
    async def all_stored(ids: Sequence[str]) -> Collection[str]:
        return ids

    http: Any = Recorded({"/details/": body})
    return await BioRxiv(http, "", stored=all_stored, limiter=Limiter(0)).fetch(NOW, NOW)


async def test_any_change_in_a_preprint_leaves_the_other_preprints() -> None:
    document = json.loads(recorded("biorxiv_details.json"))
    ids = [item["doi"] for item in document["collection"]]
    whole = await preprints(recorded("biorxiv_details.json"))
    for path in paths(document["collection"]):
        for value in VALUES:
            findings = await preprints(changed(document, ("collection", *path), value))
            others = set(ids) - {ids[path[0]]}
            assert about(findings, others) == about(whole, others), (path, value)
            if value is not REMOVED and not {ids[path[0]]} & {paper.id for paper in findings.papers}:
                assert findings.skipped or path[-1] == "doi", (path, value)


CITED = ("2606.00031", "2606.00099", "2605.00007", "10.1101/2026.06.12.700001")


async def citations(body: bytes) -> Findings:
    async def uncounted(since: datetime, before: datetime, limit: int) -> Sequence[str]:
        return CITED

    http: Any = Recorded({"/paper/batch": body})
    return await SemanticScholar(http, "", uncounted=uncounted, limiter=Limiter(0)).fetch(NOW, NOW)


async def test_any_change_in_the_citations_of_a_paper_leaves_the_other_papers() -> None:
    document = json.loads(recorded("semantic_scholar_batch.json"))
    whole = await citations(recorded("semantic_scholar_batch.json"))
    for path in paths(document):
        for value in (each for each in VALUES if each is not REMOVED or len(path) > 1):
            findings = await citations(changed(document, path, value))
            others = set(CITED) - {CITED[path[0]]}
            assert about(findings, others) == about(whole, others), (path, value)
            assert {pair for pair in findings.same if pair[0] in others} == {
                pair for pair in whole.same if pair[0] in others
            }


async def stars(body: bytes) -> Findings:
    async def repositories(since: datetime) -> Mapping[str, str]:
        return {f"https://github.com/example/{name}": f"2606.0000{i}" for i, name in enumerate("abc")}

    http: Any = Recorded({"/graphql": body})
    return await GitHub(http, "", token="t", repositories=repositories, limiter=Limiter(0)).fetch(NOW, NOW)


async def test_any_change_in_the_stars_of_a_repository_leaves_the_other_repositories() -> None:
    document = json.loads(recorded("github_stars.json"))
    whole = await stars(recorded("github_stars.json"))
    for path in paths(document["data"]):
        for value in VALUES:
            findings = await stars(changed(document, ("data", *path), value))
            others = {f"2606.0000{i}" for i in range(3)} - {f"2606.0000{path[0][1]}"}
            assert about(findings, others) == about(whole, others), (path, value)


@pytest.mark.parametrize("name", ["feed_rss.xml", "feed_atom.xml"])
def test_any_change_in_an_item_of_a_feed_leaves_the_items_before(name: str) -> None:
    """Nothing is read after broken XML, and what comes before it stays."""
    body = recorded(name)
    whole = {(each.paper_id, each.seen_at) for each in parse_feed(body, "", NOW).signals}
    tag = b"<item>" if b"<item>" in body else b"<entry>"
    last = body.rindex(tag)
    for piece in re.finditer(rb"[^<>]+", body[last:]):
        for odd in ODD:
            changed_feed = body[: last + piece.start()] + odd + body[last + piece.end() :]
            assert {(each.paper_id, each.seen_at) for each in parse_feed(changed_feed, "", NOW).signals} >= whole, odd


async def announced(feed: bytes, details: bytes) -> Findings:
    async def categories() -> Collection[str]:
        return ("cs.CL",)

    async def stored(ids: Sequence[str]) -> Collection[str]:
        return set(ids) & {"2605.00007", "2605.00008"}

    http: Any = Recorded({"/atom/": feed, "/api/query": details})
    source = ArXiv(http, limiter=Limiter(0), categories=categories, stored=stored, feed_url="", api_url="")
    return await source.fetch(NOW, NOW)


ODD = (
    b"",
    b" ",
    b"x",
    b"&#12;",
    b"\x00",
    b"\xff",
    b"&",
    b"<",
    b"<a>",
    b"</entry>",
    b"<entry>",
    b"&nbsp;",
    b"<a/>" * 99,
)
"""What takes the place of a text or a tag."""


def odd_feeds(feed: bytes) -> Iterator[tuple[int, bytes]]:
    """The feed with each piece between two angle brackets of an entry changed; with the number of the entry."""
    head, *entries = feed.split(b"<entry>")
    for number, entry in enumerate(entries):
        content = entry.partition(b"</entry>")[0]
        for piece in re.finditer(rb"[^<>]+", content):
            for odd in ODD:
                other = content[: piece.start()] + odd + content[piece.end() :] + entry[len(content) :]
                yield number, b"<entry>".join([head, *entries[:number], other, *entries[number + 1 :]])


@pytest.mark.parametrize("part", ["feed", "details"])
async def test_any_change_in_an_entry_leaves_the_other_entries(part: str) -> None:
    answers = {"feed": recorded("arxiv_feed.xml"), "details": recorded("arxiv_query.xml")}
    whole = await announced(**answers)
    listed = re.findall(rb"<entry>\s*<id>[^<]*?(\d{4}\.\d{5})", answers["feed"])
    ids = [each.decode() for each in (listed if part == "feed" else re.findall(rb"abs/(\d{4}\.\d{5})", answers[part]))]
    for number, odd in odd_feeds(answers[part]):
        findings = await announced(**(answers | {part: odd}))
        others = {paper.id for paper in whole.papers} - {ids[number] if number < len(ids) else ""}
        assert about(findings, others) == about(whole, others), odd
