"""Lists of papers: today's, a topic's, those of past days, weeks and months."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.app import collect
from bot.model import Findings, Paper, Signal, SourceReport
from bot.query.matcher import Documents
from bot.text.cleaning import clean_text
from bot.wording.forecast import EARLY_ORDER
from bot.wording.results import RETOLD
from tests.fakes import paper
from tests.harness.desk import NOW, OMNI
from tests.harness.store import new_store
from tests.web.harness import running_site


async def test_the_first_page_is_the_list_that_today_answers(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        page = await reader.get("/")
        listing = await reader.backend.desk.library.today(limit=40)
        assert page.heading == "Trending papers · Fri 24 Oct"
        assert page.titles == [" ".join(listed.paper.title.split()) for listed in listing.papers[:20]]
        assert re.search(r"\d+ upvotes \(\+\d+ from Thu to Fri\) · GitHub \d+ stars", page.text)
        assert not re.search("[▲★]", page.text)
        following = await reader.get("/?page=2")
        assert following.titles == [" ".join(listed.paper.title.split()) for listed in listing.papers[20:40]]
        assert following.tree.find(".//ol").attrib["start"] == "21"


async def test_the_early_list_has_what_nobody_has_noticed_yet_on_the_page_in_the_api_and_in_feeds(tmp_path: Path):
    text = "We introduce an open-source agent and release code and models on GitHub: https://github.com/example/agent"
    new = Paper("2510.90002", "OpenAgent: A Reasoning Agent", text, more_authors=12, categories=("cs.CL",))
    new = replace(new, comment="Project page: https://example.org")
    async with running_site(tmp_path) as reader:
        await reader.backend.store.papers.add(Findings((new,), ()), "arxiv", NOW)
        page = await reader.get("/?order=early")
        assert page.heading == "Not noticed yet · Fri 24 Oct"
        assert page.titles == [new.title]
        assert EARLY_ORDER in page.text
        assert EARLY_ORDER not in (await reader.get("/")).text
        assert re.search(r"new · about \d in \d+ such papers gets? noticed", page.text)
        assert {"/", "/?order=early", "/feed.atom?order=early"} <= set(page.links())
        assert new.title not in (await reader.get("/")).titles
        (answer,) = (await reader.get("/api/v1/today?order=early")).answer.json()["papers"]
        assert (answer["id"], 0 < answer["listed"] < 1, answer["evidence"]) == (new.id, True, [])
        assert (await reader.get("/api/v1/today?order=latest")).status == 400
        feed = (await reader.get("/feed.json?order=early")).answer.json()
        assert feed["feed_url"].endswith("/feed.json?order=early")
        assert [item["title"] for item in feed["items"]] == [new.title]
        assert "such papers get" in feed["items"][0]["content_text"]
        assert new.title not in (await reader.get("/feed.atom")).answer.text


async def test_empty_parts_of_a_page_are_explained(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        await reader.backend.store.papers.report(SourceReport("huggingface", NOW, None, fault="it is down"))
        assert "Hugging Face has not answered yet." in (await reader.get("/")).text


@pytest.mark.parametrize("path", ["/?page=50", "/search?q=video&page=50", "/topics/video?page=50", "/?page=51"])
async def test_a_page_after_the_last_is_not_there(tmp_path: Path, path: str):
    async with running_site(tmp_path) as reader:
        assert (await reader.get(path)).status == 404


async def test_topics_have_a_page_that_leads_to_each(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        page = await reader.get("/topics")
        assert page.heading == "Topics"
        assert "/topics/video%20generation" in page.links()
        asked = (await reader.get("/topics?q=video+%7C+audio")).answer
        assert (asked.status_code, asked.headers["location"]) == (303, "/topics/video%20%7C%20audio")


async def test_a_card_has_its_date_its_abstract_and_where_to_read_it(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        page = await reader.get("/")
        listing = await reader.backend.desk.library.today(limit=20)
        cards = page.tree.findall(".//article")
        for card, listed in zip(cards, listing.papers, strict=True):
            [day] = card.iter("time")
            assert day.attrib["datetime"] == listed.paper.age_at.date().isoformat()
            [abstract] = card.findall(".//details/p")
            assert clean_text(listed.paper.abstract) == " ".join("".join(abstract.itertext()).split())
            links = {"".join(link.itertext()): link.attrib["href"] for link in card.iter("a")}
            assert links["PDF"] == f"https://arxiv.org/pdf/{listed.paper.id}"
            assert ("Code" in links) == (listed.paper.code_url is not None)
            assert ("Project" in links) == (listed.paper.project_url is not None)


async def test_a_full_page_of_long_papers_stays_below_fifty_kilobytes(tmp_path: Path):
    (tmp_path / "week.db").unlink(missing_ok=True)
    new_store(tmp_path / "week.db").close()
    async with running_site(tmp_path) as reader:
        long = [
            replace(
                paper(n, at=NOW, title=f"A Study of {'Considerable Length ' * 4}on Subject {n}"),
                abstract="".join(f"We find that thing{n}x{i} is so. " for i in range(65)),
                authors=tuple(f"Firstname{n} Familyname{i}" for i in range(40)),
                organization="A University of Some Renown",
                code_url=f"https://github.com/an-organisation/a-repository-{n}",
                project_url=f"https://an-organisation.example.org/a-project-{n}/",
            )
            for n in range(25)
        ]
        votes = [
            Signal(each.id, "huggingface", "upvotes", 10 * hour + n, NOW - timedelta(hours=20 - hour))
            for n, each in enumerate(long)
            for hour in range(20)
        ]
        await reader.backend.store.papers.add(Findings(tuple(long), tuple(votes)), "huggingface", NOW)
        await collect.describe(reader.backend.store)
        page = await reader.get("/")
        assert len(page.titles) == 20
        assert len(page.tree.findall(".//details")) == 20
        assert page.answer.text.count("<polyline") == 20
        assert len(page.answer.content) < 50_000


async def test_what_the_day_before_lacked_is_marked_new(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path, before, mark in (
            ("/", "/day/2025-10-23", "new today"),
            ("/day/2025-10-23", "/day/2025-10-22", "new that day"),
        ):
            page, earlier = (
                await reader.get(path),
                await reader.backend.desk.library.day(date.fromisoformat(before[5:]), limit=100),
            )
            known = {listed.paper.id for listed in earlier.papers}
            marked = {
                card.find("h2/a").attrib["href"].removeprefix("/paper/")
                for card in page.tree.findall(".//article")
                if mark in "".join(card.find("p[@class='meta']").itertext())
            }
            listed = {link.removeprefix("/paper/") for link in page.links() if link.startswith("/paper/")}
            assert marked == listed - known
            assert marked
            assert marked != listed


async def test_a_list_of_a_week_and_a_month_has_the_papers_of_that_time(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path, now, heading in (
            ("/week", "/week/2025-W43", "Papers of the week · Mon 20 Oct to Sun 26 Oct 2025"),
            ("/month", "/month/2025-10", "Papers of the month · October 2025"),
        ):
            answer = (await reader.get(path)).answer
            assert (answer.status_code, answer.headers["location"]) == (307, now)
            page = await reader.get(now)
            assert page.heading == heading
            assert len(page.titles) == 20
            assert "So far, as of Fri 24 Oct, " in page.text
            assert "2025-10-24 " not in page.text
            assert not [link for link in page.links() if "2025-W44" in link or "2025-11" in link]
        days = [element.attrib["datetime"] for element in (await reader.get("/week/2025-W43")).tree.iter("time")]
        assert min(days) >= "2025-10-20"
        assert "/week/2025-W43" in (await reader.get("/week/2025-W42")).links()
        for missing in (
            "/week/2025-W44",
            "/week/2025-W54",
            "/week/2025-43",
            "/month/2025-11",
            "/month/2025-13",
            "/month/2025-1",
            "/week/9999-W52",
            "/month/9999-12",
            "/month/0001-01",
        ):
            assert (await reader.get(missing)).status == 404, missing


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/week/2025-W44", "That week is still to come."),
        ("/month/2025-11", "That month is still to come."),
        ("/month/2025-10?page=2", "This list has no such page: it ended before."),
        ("/search?q=video&page=9999", "This list has no such page: it ended before."),
        ("/topics/video?page=51", "This list has no such page: it ended before."),
    ],
)
async def test_a_list_that_is_not_there_is_called_by_its_name(tmp_path: Path, path: str, heading: str):
    async with running_site(tmp_path) as reader:
        page = await reader.get(path)
        assert (page.status, page.heading) == (404, heading)


async def test_the_path_of_a_day_without_one_leads_to_today(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        answer = (await reader.get("/day")).answer
        assert (answer.status_code, answer.headers["location"]) == (307, "/")


async def test_a_past_day_shows_what_was_known_at_its_end_and_stays_as_it_was(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        before = await reader.get("/day/2025-10-22")
        assert before.heading == "Trending papers · Wed 22 Oct 2025"
        assert before.titles
        assert "Final list, as of Wed 22 Oct, midnight UTC." in before.all(".//p[@class='note']")
        leader = next(link for link in before.links() if link.startswith("/paper/")).removeprefix("/paper/")
        late = Signal(leader, "huggingface", "upvotes", 5_000, NOW)
        await reader.backend.store.papers.add(Findings((), (late,)), "huggingface", NOW)
        await reader.backend.engine.collect()
        after = await reader.get("/day/2025-10-22")
        assert after.titles == before.titles
        assert "5k upvotes" not in after.text
        assert "5k upvotes" in (await reader.get(f"/paper/{leader}")).text
        assert "/day/2025-10-21" in before.links()
        assert "/day/2025-10-23" in before.links()
        assert "/day/2025-10-24" in (await reader.get("/day/2025-10-23")).links()
        for nothing in ("/day/1990-01-01", "/day/2025-01-01"):
            assert (await reader.get(nothing)).status == 404
            assert "Nothing is stored about that day" in (await reader.get(nothing)).text
        for future in ("/day/2025-10-25", "/day/2030-01-01"):
            page = await reader.get(future)
            assert (page.status, page.heading) == (404, "That day is still to come.")
            assert "as that day left it" not in page.text
        today = (await reader.get("/day/2025-10-24")).answer
        assert (today.status_code, today.headers["location"]) == (307, "/"), "today is not over"


async def test_a_topic_is_what_trends_of_it(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        page = await reader.get("/topics/video%20%7C%20audio")
        assert page.heading == "Trending papers · video | audio"
        listing = await reader.backend.desk.library.today("video | audio", limit=20)
        assert page.titles == [" ".join(listed.paper.title.split()) for listed in listing.papers]
        assert (await reader.get("/topics/%20")).status == 404
        liked = await reader.backend.desk.library.today(f"like:{OMNI}", limit=20)
        assert liked.papers


def test_a_day_in_a_path_is_an_iso_date():
    assert date(2025, 10, 24) == NOW.astimezone(UTC).date()


async def test_the_first_page_follows_the_list_although_it_is_rendered_once(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        before = await reader.get("/")
        assert (await reader.get("/")).answer.text == before.answer.text
        last = next(iter(reversed([link for link in before.links() if link.startswith("/paper/")])))
        voted = Signal(last.removeprefix("/paper/"), "huggingface", "upvotes", 7_000, NOW)
        await reader.backend.store.papers.add(Findings((), (voted,)), "huggingface", NOW)
        await reader.backend.engine.collect()
        after = await reader.get("/")
        assert next(link for link in after.links() if link.startswith("/paper/")) == last
        assert "7k upvotes" in after.text
        assert "7k upvotes" in (await reader.get("/feed.json")).answer.text


async def test_a_topic_may_be_like_a_paper_of_long_ago(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        store = reader.backend.store
        [omni] = (await store.papers.get([OMNI])).values()
        old = Paper("2401.00001", f"{omni.title} again", omni.abstract, listed_at=NOW - timedelta(days=300))
        await store.papers.add(Findings((old,), ()), "huggingface", NOW)
        await collect.describe(store)
        page = await reader.get("/topics/like:2401.00001")
    assert page.titles[0] == omni.title


async def test_a_misspelt_topic_is_corrected_with_a_note_as_a_search_is(tmp_path: Path):
    note = "Looked for “video” instead of “vidoe”, which no stored paper has."
    async with running_site(tmp_path) as reader:
        right, misspelt = await reader.get("/topics/video"), await reader.get("/topics/vidoe")
        assert note in misspelt.all(".//p[@class='note']")
        assert misspelt.titles == right.titles
        assert misspelt.titles
        answer = (await reader.client.get("/api/v1/today?topic=vidoe")).json()
        assert (answer["query"], answer["notes"]) == ("video", [note, RETOLD])
        assert note not in (await reader.get("/topics/%22vidoe%22")).text, "quotes keep a word"


@pytest.mark.parametrize("topic", ["zzqqx", "cat:foo"])
async def test_a_topic_without_a_match_is_told_so_and_not_that_nothing_is_stored(tmp_path: Path, topic: str):
    note = "Nothing matches at the moment. Try fewer words, or search all papers."
    async with running_site(tmp_path) as reader:
        assert note in (await reader.get(f"/topics/{topic}")).all(".//p[@class='note']")
        assert (await reader.client.get(f"/api/v1/today?topic={topic}")).json()["notes"][0] == note


async def test_an_empty_store_is_explained(tmp_path: Path):
    new_store(tmp_path / "week.db").close()
    async with running_site(tmp_path) as reader:
        page = await reader.get("/")
        assert "No papers are stored yet: the first look at the sources may still be under way." in page.text
        old = [paper(n, at=NOW - timedelta(days=90)) for n in range(3)]
        await reader.backend.store.papers.add(Findings(tuple(old), ()), "file", NOW)
        await reader.backend.engine.collect()
        later = (await reader.get("/")).text
        assert "No papers are stored yet" not in later
        assert "The 3 papers that are stored are all older than two weeks" in later
        assert not page.titles
        assert (await reader.get("/feed.json")).answer.json()["items"] == []


async def test_a_topics_page_leads_to_the_same_topic_a_step_stricter_or_wider(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        page = await reader.get("/topics/vision%20language%20models?strictness=stricter")
        assert "It is stricter than usual: stricter or wider" in page.text
        links = {each.text: each.attrib["href"] for each in page.tree.iter("a") if each.text in {"stricter", "wider"}}
        assert links == {
            "stricter": "/topics/vision%20language%20models?strictness=much-stricter",
            "wider": "/topics/vision%20language%20models",
        }
        assert "It matches as usual: stricter or wider" in (await reader.get(links["wider"])).text
        assert "It is as wide as it gets: stricter" in (await reader.get("/topics/video?strictness=widest")).text
        assert "as usual" not in (await reader.get("/topics/cat%3Acs.CL")).text, "it matches exactly"
        assert (await reader.get("/topics/video?strictness=hard")).status == 400


async def test_the_api_lists_a_topic_as_strictly_as_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def evenly(documents: Documents, *_: object) -> NDArray[np.float16]:
        return np.linspace(0.99, 0.01, len(documents)).astype(np.float16)

    monkeypatch.setattr(Documents, "probabilities", evenly)
    async with running_site(tmp_path) as reader:
        library = reader.backend.desk.library
        numbers = []
        for level in ("strictest", "usual", "widest"):
            numbers.append(len((await library.today("video", strictness=level, limit=200)).papers))
            path = f"/api/v1/today?topic=video&strictness={level}&page=2"
            listed = (await reader.client.get(path)).json()["papers"]
            assert len(listed) == min(max(numbers[-1] - 20, 0), 20), level
        assert numbers == sorted(set(numbers))
        assert (await reader.client.get("/api/v1/today?strictness=hard")).status_code == 400
