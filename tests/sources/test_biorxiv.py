"""bioRxiv and medRxiv: pages of preprints, and what is not as documented."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.sources.biorxiv import BioRxiv, MedRxiv
from bot.sources.biorxiv_parse import parse_details
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter
from tests.fakes.http_server import Answer, Loopback, Seen, json_answer
from tests.harness.recordings import recorded

NOW = datetime(2026, 6, 16, 9, 30, tzinfo=UTC)
DOCUMENT = json.loads(recorded("biorxiv_details.json"))
BREAD, CROP, FEATHERS = "10.1101/2026.06.12.700001", "10.64898/2026.06.13.700002", "10.1101/2025.11.03.600003"


def page(*items: Any, total: Any = None, status: str = "ok", cursor: int = 0) -> dict[str, Any]:
    message = {"status": status, "cursor": cursor, "count": len(items), "total": len(items) if total is None else total}
    return {"messages": [message], "collection": list(items)}


def test_a_preprint_is_a_paper_whose_id_is_its_doi() -> None:
    bread, crop, *_ = parse_details(recorded("biorxiv_details.json"), "biorxiv").papers
    assert (bread.id, bread.version, bread.published_at) == (BREAD, 1, datetime(2026, 6, 15, tzinfo=UTC))
    assert bread.authors == ("Ada Q. Dove", "Piet van der Loft", "The Homing Consortium")
    assert bread.categories == ("biorxiv.animal-behavior-and-cognition",)
    assert bread.organization == "Institute of Loft Studies"
    assert bread.url == f"https://doi.org/{BREAD}"
    assert crop.abstract == "We sequenced 3,000 cells of the crop & its milk. Seven types were not known before."


def test_a_later_version_has_no_date_of_submission_and_may_be_published() -> None:
    papers = {paper.id: paper for paper in parse_details(recorded("biorxiv_details.json"), "biorxiv").papers}
    assert (papers[FEATHERS].published_at, papers[FEATHERS].version) == (None, 3)
    assert papers[FEATHERS].doi == "10.5555/feathers.2026.17"
    assert papers[BREAD].doi is None  # “NA”
    assert papers["10.1101/2026.06.14.700005"].withdrawn


def test_of_two_versions_in_one_answer_the_later_one_counts() -> None:
    first = DOCUMENT["collection"][0]
    answer = page(first | {"version": "2", "title": "Pigeons remember the bread"}, first)
    assert [paper.title for paper in parse_details(json.dumps(answer).encode(), "biorxiv").papers] == [
        "Pigeons remember the bread"
    ]


@pytest.mark.parametrize(
    ("category", "stored"),
    [
        ("Endocrinology (including Diabetes Mellitus and Metabolic Disease)", ("medrxiv.endocrinology",)),
        ("hiv/aids", ("medrxiv.hiv-aids",)),
        ("", ()),
        (7, ()),
        ("2026", ()),
    ],
)
def test_categories_have_one_form(category: Any, stored: tuple[str, ...]) -> None:
    answer = page(DOCUMENT["collection"][0] | {"category": category})
    assert parse_details(json.dumps(answer).encode(), "medrxiv").papers[0].categories == stored


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer"),
        (b"<html>", "HTML or XML"),
        (recorded("biorxiv_details.json")[:900], "broken JSON"),
        (b"[]", "an answer without a collection"),
        (json.dumps(page(status="server busy")).encode(), "it answers “server busy”"),
        (json.dumps(page(None, {})).encode(), "none of 2 papers can be read: a paper is null instead of an object"),
    ],
)
def test_a_malformed_answer_is_one_reason(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_details(body, "biorxiv")
    assert caught.value.reason.startswith(reason)


def test_days_without_posts_are_no_fault() -> None:
    answer = json.dumps(page(status="no posts found")).encode()
    assert parse_details(answer, "biorxiv").papers == ()


def test_one_bad_preprint_is_left_out_and_named() -> None:
    answer = page(*DOCUMENT["collection"], {"doi": "10.1101/x", "title": ""}, {"title": "No id", "doi": "n/a"})
    parsed = parse_details(json.dumps(answer).encode(), "biorxiv")
    assert len(parsed.papers) == 5
    assert parsed.skipped == ("paper 10.1101/x has no title", "a paper has no DOI: “No id”")


async def only_feathers(ids: Sequence[str]) -> Collection[str]:
    return {FEATHERS} & set(ids)


async def nothing(ids: Sequence[str]) -> Collection[str]:
    return ()


def preprints(request: Seen) -> Answer:
    """Two preprints a page, whatever the client expects."""
    cursor = int(request.path.split("/")[-2])
    return json_answer(page(*DOCUMENT["collection"][cursor : cursor + 2], total="5", cursor=cursor))


async def test_all_pages_of_the_last_days_are_read(server: Loopback, http: HttpClient) -> None:
    server.on("/details/biorxiv/*", preprints)
    source = BioRxiv(http, server.url, stored=only_feathers, limiter=Limiter(0))
    findings = await source.fetch(NOW - timedelta(days=3), NOW)
    days = "/details/biorxiv/2026-06-14/2026-06-16"
    assert [request.path for request in server.requests] == [f"{days}/{n}/json" for n in (0, 2, 4)]
    assert len(findings.papers) == 5


async def test_a_new_version_of_a_paper_that_is_not_stored_is_passed_over(server: Loopback, http: HttpClient) -> None:
    server.on("/details/medrxiv/*", Answer(200, recorded("biorxiv_details.json")))
    findings = await MedRxiv(http, server.url, stored=nothing, limiter=Limiter(0)).fetch(NOW, NOW)
    assert FEATHERS not in {paper.id for paper in findings.papers}
    assert len(findings.papers) == 4


async def test_nothing_new_costs_one_request(server: Loopback, http: HttpClient) -> None:
    server.on("/details/biorxiv/*", preprints)
    source = BioRxiv(http, server.url, stored=nothing, limiter=Limiter(0))
    await source.fetch(NOW, NOW)
    server.requests.clear()
    assert (await source.fetch(NOW, NOW + timedelta(hours=1))).papers == ()
    assert len(server.requests) == 1
    tomorrow = NOW + timedelta(days=1)
    assert len((await source.fetch(tomorrow, tomorrow)).papers) == 4


async def test_a_preprint_is_looked_up_by_its_doi_with_the_date_of_its_first_version(
    server: Loopback, http: HttpClient
) -> None:
    first = DOCUMENT["collection"][0]
    second = first | {"version": "2", "date": "2026-06-20", "title": "Pigeons remember the bread"}
    server.on(f"/details/biorxiv/{BREAD}/na/json", json_answer(page(first, second, DOCUMENT["collection"][1])))
    server.on(f"/details/biorxiv/{CROP}/na/json", json_answer(page(status="no posts found")))
    source = BioRxiv(http, server.url, stored=nothing, limiter=Limiter(0))
    findings = await source.lookup(
        [f"https://www.biorxiv.org/content/{BREAD}v2", CROP, "2606.00031", "10.1145/1234567"]
    )
    [paper] = findings.papers
    assert (paper.title, paper.version, paper.published_at) == (
        "Pigeons remember the bread",
        2,
        datetime(2026, 6, 15, tzinfo=UTC),
    )
    assert len(server.requests) == 2


async def test_a_page_that_fails_fails_the_fetch_and_is_read_with_the_next_one(
    server: Loopback, http: HttpClient
) -> None:
    server.on("/details/biorxiv/*", preprints)
    server.on("/details/biorxiv/2026-06-14/2026-06-16/2/json", Answer(500), Answer(500), preprints)
    source = BioRxiv(http, server.url, stored=nothing, limiter=Limiter(0))
    with pytest.raises(SourceError, match="HTTP 500"):
        await source.fetch(NOW, NOW)
    assert len((await source.fetch(NOW, NOW)).papers) == 4


async def test_a_total_that_is_never_reached_ends_the_paging(server: Loopback, http: HttpClient) -> None:
    one = json_answer(page(DOCUMENT["collection"][0], total=999))
    server.on("/details/biorxiv/*", one, one, json_answer(page(total=999)))
    findings = await BioRxiv(http, server.url, stored=nothing, limiter=Limiter(0)).fetch(NOW, NOW)
    assert [paper.id for paper in findings.papers] == [BREAD]
