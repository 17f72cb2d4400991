"""Feeds: well-formed, with what their formats require, ids that never change; and the API."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from adapters.web import WebFront
from bot.app import collect
from bot.model import Findings, Paper, Signal
from tests.harness.desk import NOW, OMNI, SINKS
from tests.web.harness import Reader, running_site

ATOM = "{http://www.w3.org/2005/Atom}"
PUBLIC = "https://papers.example.org"


def checked_atom(text: bytes):
    """The feed, with all that RFC 4287 requires of it (4.1.1, 4.1.2)."""
    feed = fromstring(text)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            [results] = element.findall(f"{ATOM}{name}")
            assert results.text
        assert datetime.fromisoformat(element.find(f"{ATOM}updated").text).tzinfo
        assert "://" in element.find(f"{ATOM}id").text
        alternates = [link for link in element.findall(f"{ATOM}link") if link.attrib["rel"] == "alternate"]
        assert len(alternates) == 1
        assert len(element.findall(f"{ATOM}summary")) <= 1
        for author in element.findall(f"{ATOM}author"):
            assert author.find(f"{ATOM}name").text
    assert feed.find(f"{ATOM}author") is not None
    ids = [entry.find(f"{ATOM}id").text for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    return feed


def checked_json(text: str):
    """The feed, with all that https://www.jsonfeed.org/version/1.1 requires."""
    feed = json.loads(text)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    assert feed["feed_url"].startswith("http")
    for item in feed["items"]:
        assert "expected" not in item["content_text"].rpartition("\n")[2], "it is read for months"
        assert isinstance(item["id"], str)
        assert isinstance(item["content_text"], str)
        assert item["url"].startswith("http")
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert all(author["name"] for author in item["authors"])
        assert all(isinstance(tag, str) for tag in item["tags"])
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids))
    return feed


@pytest.mark.parametrize("query", ["", "video diffusion", "video | audio", "nothinghasthisword"])
async def test_both_feeds_are_valid_and_say_the_same(tmp_path: Path, query: str):
    async with running_site(tmp_path, web=WebFront(PUBLIC, rate=10_000)) as reader:
        answers = [
            await reader.client.get(f"/feed.{kind}", params={"q": query} if query else {}) for kind in ("atom", "json")
        ]
        assert answers[0].headers["content-type"] == "application/atom+xml; charset=utf-8"
        assert answers[1].headers["content-type"] == "application/feed+json; charset=utf-8"
        assert all(answer.headers["access-control-allow-origin"] == "*" for answer in answers)
        atom, feed = checked_atom(answers[0].content), checked_json(answers[1].text)
        assert [entry.find(f"{ATOM}id").text for entry in atom.findall(f"{ATOM}entry")] == [
            i["id"] for i in feed["items"]
        ]
        dates = [
            [entry.find(f"{ATOM}{name}").text for name in ("published", "updated")]
            for entry in atom.iter(f"{ATOM}entry")
        ]
        assert dates == [[item["date_published"]] * 2 for item in feed["items"]]
        assert bool(feed["items"]) == (query != "nothinghasthisword")
        assert feed["feed_url"].startswith(f"{PUBLIC}/feed.json")
        [this] = [link for link in atom.findall(f"{ATOM}link") if link.attrib["rel"] == "self"]
        assert this.attrib["href"].startswith(f"{PUBLIC}/feed.atom")


async def test_new_votes_change_no_id_and_no_date(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        before = {item["id"]: item for item in checked_json((await reader.get("/feed.json")).answer.text)["items"]}
        first = next(iter(before))
        voted = Signal(first.rpartition("/")[2], "huggingface", "upvotes", 4_000, NOW)
        await reader.backend.store.papers.add(Findings((), (voted,)), "file", NOW)
        await reader.backend.engine.collect()
        after = {item["id"]: item for item in checked_json((await reader.get("/feed.json")).answer.text)["items"]}
    assert before[first]["content_text"] != after[first]["content_text"]
    assert before[first]["date_published"] == after[first]["date_published"]


async def test_a_hostile_paper_leaves_the_feeds_well_formed(tmp_path: Path):
    evil = Paper(
        "2510.99999", "A \x0b]]><x>&\ufffe\x1b[2J Title", "We & \x00 <b>.", ("<i>&\x01", "\x02"), listed_at=NOW
    )
    async with running_site(tmp_path) as reader:
        await reader.backend.store.papers.add(
            Findings((evil,), (Signal(evil.id, "huggingface", "upvotes", 900, NOW),)), "huggingface", NOW
        )
        await collect.describe(reader.backend.store)
        await reader.backend.engine.collect()
        atom = checked_atom((await reader.get("/feed.atom")).answer.content)
        assert any("]]><x>&" in entry.find(f"{ATOM}title").text for entry in atom.findall(f"{ATOM}entry"))
        checked_json((await reader.get("/feed.json")).answer.text)


async def test_a_query_that_cannot_be_read_is_said_in_one_line(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path in ("/feed.atom?q=cat:", "/feed.json?q=cat:", "/api/v1/search?q=cat:", "/api/v1/today?topic=cat:"):
            answer = (await reader.get(path)).answer
            assert answer.status_code == 400
            assert answer.json()["error"].endswith("Try: cat:cs.CL")


# --- the API -----------------------------------------------------------------------------------------------------


async def _json(reader: Reader, path: str):
    answer = (await reader.get(path)).answer
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


async def test_the_api_says_what_the_pages_say(tmp_path: Path):
    async with running_site(tmp_path, web=WebFront(PUBLIC, rate=10_000)) as reader:
        today = await _json(reader, "/api/v1/today")
        assert len(today["papers"]) == 20
        assert today["more"] is True
        assert [" ".join(entry["title"].split()) for entry in today["papers"]] == (await reader.get("/")).titles
        first = today["papers"][0]
        assert first["page"] == f"{PUBLIC}/paper/{first['id']}"
        assert first["evidence"][0]["value"] > 0
        again = await _json(reader, "/api/v1/today?page=2")
        assert not {entry["id"] for entry in today["papers"]} & {entry["id"] for entry in again["papers"]}
        results = await _json(reader, "/api/v1/search?q=video&order=newest")
        assert [" ".join(entry["title"].split()) for entry in results["papers"]] == (
            await reader.get("/search?q=video&order=newest")
        ).titles
        sheet = await _json(reader, f"/api/v1/papers/{OMNI}")
        assert sheet["abstract"]
        assert sheet["signals"] == sorted(sheet["signals"], key=lambda signal: signal["seen_at"])
        assert (await _json(reader, f"/api/v1/papers/{SINKS}"))["similar"]
        day = await _json(reader, "/api/v1/days/2025-10-23")
        assert datetime.fromisoformat(day["as_of"]) - NOW < timedelta(0)
        assert day["papers"]
        for path, page in (("weeks/2025-W43", "/week/2025-W43"), ("months/2025-10", "/month/2025-10")):
            period = await _json(reader, f"/api/v1/{path}")
            assert [" ".join(entry["title"].split()) for entry in period["papers"]] == (await reader.get(page)).titles
        to_come = await _json(reader, "/api/v1/weeks/2025-W44")
        assert (to_come["papers"], to_come["notes"]) == ([], ["That time is still to come."])


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/api/v1/today?q=video", "There is no parameter “q” here: there are topic, strictness, order and page."),
        ("/api/v1/search?q=video&limit=5", "There is no parameter “limit” here: there are q, order and page."),
        ("/api/v1/search?q=video&q=audio", "The parameter “q” is there twice: write it once."),
        ("/api/v1/search?q=video&order=hot", "order is best, newest or trending."),
        ("/api/v1/today?page=0", "page is a number from 1 to 50."),
        (f"/api/v1/papers/{OMNI}?page=2", "There is no parameter “page” here: it takes none."),
        ("/api/v1/days/2025-10-23?x", "There is no parameter “x” here: it takes none."),
        ("/api/v1/weeks/2025-W43?page=2", "There is no parameter “page” here: it takes none."),
    ],
)
async def test_a_parameter_that_the_api_does_not_know_is_refused_with_those_it_does(tmp_path: Path, path, error):
    async with running_site(tmp_path) as reader:
        answer = (await reader.get(path)).answer
        assert (answer.status_code, answer.json()) == (400, {"error": error})


async def test_what_the_api_does_not_have_is_said_in_json(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path in ("nothing", "papers/x", "papers/2401.00001", "days/x", "weeks/2025-43", "months/2025-13"):
            answer = (await reader.get(f"/api/v1/{path}")).answer
            assert (answer.status_code, list(answer.json())) == (404, ["error"])
        assert (await reader.client.post("/api/v1/today")).status_code == 405


async def test_the_examples_on_the_page_about_the_api_work_and_arxiv_is_thanked_once(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        about = await reader.get("/about")
        examples = [text for text in about.all(".//dt/a/code") if text.startswith("/api/")]
        assert len(examples) == 2
        assert set(examples) <= set(about.links())
        for path in (*examples, "/api/v1/today?topic=&page=", "/api/v1/search?q=video&order=&page="):
            assert (await reader.client.get(path)).status_code == 200, path
        assert about.text.count("Thank you to arXiv") == 1
        assert "Thank you to arXiv" in (await reader.get("/")).text
