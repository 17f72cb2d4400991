"""Pages for readers: each is valid, small, and shows what the engine returns."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import collect
from bot.model import Channel, Findings, Paper, Signal, SourceReport, Subscription
from bot.store.sqlite import SqliteStore
from tests.fakes import paper
from tests.harness.desk import NOW, OMNI
from tests.web.harness import Reader, running_site

PATHS = (
    "/",
    "/?page=2",
    "/search",
    "/search?q=video",
    "/search?q=video&order=newest",
    "/search?q=video&order=trending",
    "/search?q=%22open",
    "/topics",
    "/topics/video",
    f"/paper/{OMNI}",
    "/day/2025-10-23",
    "/day/2030-01-01",
    "/about",
    "/nothing",
)
DATE = r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}( \d{4})?"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x00\x1b[31m\u202e{{ 7 * 7 }}"


@pytest.mark.parametrize("path", PATHS)
async def test_every_page_is_valid_small_and_needs_nothing_from_elsewhere(tmp_path: Path, path: str):
    async with running_site(tmp_path) as reader:
        page = await reader.get(path)
        assert page.heading  # parsed strictly, and with one h1
        assert len(page.answer.content) < 50_000
        tree = page.tree
        assert not list(tree.iter("script"))
        assert not list(tree.iter("style"))
        assert not [
            element for element in tree.iter() if any(name == "style" or name[:2] == "on" for name in element.attrib)
        ]
        for name in ("src", "action"):
            assert all(element.attrib[name].startswith("/") for element in tree.iter() if name in element.attrib)
        assert all(element.attrib["href"].startswith("/") for element in tree.iter("link"))


async def test_every_link_of_ours_leads_somewhere(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        visited, waiting = set(), ["/", "/search?q=video", "/about", f"/paper/{OMNI}"]
        while waiting and len(visited) < 60:
            path = waiting.pop()
            if path in visited or path.startswith("#"):
                continue
            visited.add(path)
            answer = await reader.get(path)
            assert answer.status in ({200, 404} if path.startswith("/day/") else {200}), path
            if "html" in answer.answer.headers["content-type"] and len(visited) < 30:
                waiting += [link for link in answer.links() if link.startswith("/")]
        assert len(visited) > 30


async def test_the_first_page_is_the_list_that_today_answers(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        page = await reader.get("/")
        listing = await reader.backend.desk.library.today(limit=40)
        assert page.heading == "Trending papers · Fri 24 Oct"
        assert page.titles == [" ".join(listed.paper.title.split()) for listed in listing.papers[:20]]
        assert "upvotes" in page.text
        following = await reader.get("/?page=2")
        assert following.titles == [" ".join(listed.paper.title.split()) for listed in listing.papers[20:40]]
        assert following.tree.find(".//ol").attrib["start"] == "21"


async def test_empty_parts_of_a_page_are_explained(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        await reader.backend.store.papers.report(SourceReport("huggingface", NOW, None, fault="it is down"))
        assert "Hugging Face has not answered yet." in (await reader.get("/")).text


async def test_search_marks_the_words_and_turns_pages_in_the_same_order(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        first = await reader.get("/search?q=model&order=newest")
        assert len(first.titles) == 20
        assert any(mark.lower().startswith("model") for mark in first.all(".//mark"))
        [more] = [link for link in first.links() if "page=2" in link]
        second = await reader.get(more)
        assert second.titles
        assert not set(first.titles) & set(second.titles)
        ages = [await _age(reader, link) for link in first.links() if link.startswith("/paper/")]
        assert ages == sorted(ages, reverse=True)


async def _age(reader: Reader, link: str) -> datetime:
    stored = (await reader.backend.store.papers.get([link.removeprefix("/paper/")])).popitem()[1]
    assert stored.age_at is not None
    return stored.age_at


async def test_a_corrected_word_is_named_on_the_page_and_in_the_api(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        note = "Looked for “diffusion” instead of “difusion”, which no stored paper has."
        assert note in (await reader.get("/search?q=difusion")).all(".//p[@class='note']")
        assert (await reader.client.get("/api/v1/search?q=difusion")).json()["notes"] == [note]
        assert "Looked for" not in (await reader.get("/search?q=diffusion")).text


async def test_an_empty_search_says_what_to_type(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        assert (await reader.get("/search?q=")).all('.//p[@role="alert"]') == ["Type at least one word."]
        assert not (await reader.get("/search")).all('.//p[@role="alert"]')


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


async def test_papers_like_one_are_others(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        results = await reader.get(f"/search?q=like:{OMNI}")
        assert results.titles
        assert f"/paper/{OMNI}" not in results.links()


async def test_a_malformed_query_is_one_line_with_the_place_and_an_example(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path in ("/search?q=%22video", "/topics/%22video"):
            page = await reader.get(path)
            assert page.status == 400
            [alert] = page.all('.//p[@role="alert"]')
            assert alert == 'A quote is never closed. Try: "video"'
            assert not page.titles
            assert page.tree.find('.//input[@id="q"]').attrib["value"] == '"video'


async def test_an_id_or_a_link_leads_to_its_paper(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for query in (OMNI, f"https://arxiv.org/abs/{OMNI}v2"):
            answer = await reader.get(f"/search?q={quote(query, safe='')}")
            assert (answer.status, answer.answer.headers["location"]) == (303, f"/paper/{OMNI}")
        unknown = await reader.get("/search?q=2401.00001")
        assert unknown.all('.//p[@role="alert"]') == ["Paperboy has not stored that paper."]
        version = await reader.get(f"/paper/{OMNI}v3")
        assert (version.status, version.answer.headers["location"]) == (308, f"/paper/{OMNI}")
        assert (await reader.get("/paper/2401.00001")).heading == "Paperboy has not stored that paper."


async def test_a_slash_too_many_leads_on_for_get_and_head_alike(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path in ("/about/", "/feed.atom/", "/search/"):
            answers = [await reader.client.request(method, path) for method in ("GET", "HEAD")]
            assert [(each.status_code, each.headers["location"]) for each in answers] == [(308, path.rstrip("/"))] * 2


async def test_a_paper_shows_its_evidence_over_time_as_a_chart_and_in_words(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        page = await reader.get(f"/paper/{OMNI}")
        signals = (await reader.backend.store.papers.signals([OMNI], NOW - timedelta(days=30)))[OMNI]
        votes = [signal.value for signal in signals if signal.kind == "upvotes" and signal.seen_at <= NOW]
        drawing = page.tree.find(".//{http://www.w3.org/2000/svg}svg")
        if drawing is None:
            drawing = page.tree.find(".//svg")
        assert drawing.attrib["role"] == "img"
        assert drawing.attrib["aria-label"].startswith(f"From {votes[0]:,g} to {votes[-1]:,g} upvotes on Hugging Face")
        rows = [row for row in page.all(".//td") if row == f"{votes[-1]:,g}"]
        assert rows
        assert "Abstract" in page.all(".//h2")
        assert "https://arxiv.org/abs/" + OMNI in page.links()
        assert any(text.startswith("Papers like this one") for text in page.all(".//h2"))
        assert page.all(".//h3")


async def test_foreign_text_is_shown_and_does_nothing(tmp_path: Path):
    evil = Paper(
        "2510.99999",
        f"A Title {HOSTILE}",
        f"We show {HOSTILE}. It reaches 99 % on {HOSTILE}.",
        (HOSTILE,),
        listed_at=NOW - timedelta(hours=2),
        organization=HOSTILE,
        categories=(HOSTILE,),
        comment=HOSTILE,
        code_url="javascript:alert(1)",
        project_url='https://example.org/"onmouseover="alert(1)',
    )
    async with running_site(tmp_path) as reader:
        signals = (
            Signal(evil.id, "<b>source</b>", "<i>kind</i>", 900, NOW),
            Signal(evil.id, "huggingface", "upvotes", 900, NOW),
        )
        await reader.backend.store.papers.add(Findings((evil,), signals), "huggingface", NOW)
        await collect.describe(reader.backend.store)
        await reader.backend.engine.collect()
        matches = 0
        for path in ("/", f"/paper/{evil.id}", "/search?q=title", f"/search?q={quote(HOSTILE[:60])}", "/topics/title"):
            page = await reader.get(path)
            tree = page.tree
            assert not list(tree.iter("script")), path
            assert all(element.attrib["src"].startswith("/static/") for element in tree.iter("img")), path
            assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")], path
            assert not [link for link in page.links() if link.startswith("javascript")]
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page.answer.text)
            matches += "A Title <script>alert(1)</script>" in page.text
        assert matches >= 3
        assert "{{ 7 * 7 }}" in (await reader.get(f"/paper/{evil.id}")).text


async def test_a_withdrawn_paper_is_marked_on_its_page_and_in_lists(tmp_path: Path):
    withdrawn = replace(paper(1, at=NOW, title="An Unsound Proof"), withdrawn=True)
    async with running_site(tmp_path) as reader:
        await reader.backend.store.papers.add(Findings((withdrawn,), ()), "huggingface", NOW)
        await reader.backend.engine.collect()
        for path in (f"/paper/{withdrawn.id}", "/search?q=unsound"):
            assert "Withdrawn by its authors." in (await reader.get(path)).all(".//p[@class='warning']"), path


async def test_right_to_left_text_runs_from_right_to_left_within_our_own(tmp_path: Path):
    title, author, abstract = "نموذج لغوي صغير", "ليلى حداد", "نقدم نموذجا صغيرا."
    listed_at = NOW - timedelta(hours=2)
    org = {"organization": "جامعة", "organization_handle": "an-org"}
    arabic = Paper("2510.88888", title, abstract, (author,), listed_at=listed_at, **org)
    async with running_site(tmp_path) as reader:
        upvotes = Signal(arabic.id, "huggingface", "upvotes", 900, NOW)
        await reader.backend.store.papers.add(Findings((arabic,), (upvotes,)), "huggingface", NOW)
        await reader.backend.engine.collect()
        for path, texts in (("/", (title, f"{author} · جامعة")), (f"/paper/{arabic.id}", (title, author, abstract))):
            page = await reader.get(path)
            parts = [element for element in page.tree.iter() if element.attrib.get("dir") == "auto"]
            shown = ["".join(element.itertext()).strip() for element in parts]
            assert {*texts} <= {*shown}, path
        assert "https://huggingface.co/an-org" in page.links(), "the organisation leads to its page"


async def test_a_past_day_shows_what_was_known_at_its_end_and_stays_as_it_was(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        before = await reader.get("/day/2025-10-22")
        assert before.heading == "Trending papers · Wed 22 Oct 2025"
        assert before.titles
        leader = next(link for link in before.links() if link.startswith("/paper/")).removeprefix("/paper/")
        late = Signal(leader, "huggingface", "upvotes", 5_000, NOW)
        await reader.backend.store.papers.add(Findings((), (late,)), "huggingface", NOW)
        await reader.backend.engine.collect()
        after = await reader.get("/day/2025-10-22")
        assert after.titles == before.titles
        assert "5k" not in after.text
        assert "5k" in (await reader.get(f"/paper/{leader}")).text
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


async def test_no_page_shows_anything_of_a_channel(tmp_path: Path):
    """A private channel's digest has papers of no other list, and topics that no other reader may see."""
    channel = Channel("slack:TPRIVATE/CPRIVATE")
    async with running_site(tmp_path) as reader:
        store, old = reader.backend.store, paper(7, at=NOW - timedelta(days=200), title="Zebrafish Confidential")
        await store.papers.add(Findings((old,), ()), "huggingface", NOW)
        subscription = Subscription(
            channel, topics=('"confidential merger"',), set_by=Channel("slack:TPRIVATE/UPRIVATE")
        )
        await store.subscriptions.put(subscription)
        chosen = await reader.backend.engine.preview(subscription)
        await store.ledger.keep([chosen], {channel: NOW + timedelta(days=1)})
        others = ("/feed.atom", "/feed.json", "/api/v1/today", f"/api/v1/papers/{OMNI}", "/metrics", "/readyz")
        for path in (*PATHS, *others, f"/day/{NOW.date()}"):
            html = (await reader.get(path)).answer.text.lower()
            assert not [name for name in ("tprivate", "cprivate", "uprivate") if name in html], path
            assert "merger" not in html, path
            assert "zebrafish" not in html, path


queries = st.one_of(
    st.text(max_size=80),
    st.text(alphabet='abc:"|-<>&;%/\\ .0123456789\x00\u202e', max_size=60),
    st.sampled_from(
        ["cat:cs.CL", "like:2510.15870", "since:7d", "min:20", "has:code", 'author:"A"', "-video", "a | b"]
    ),
)


async def test_no_query_or_path_causes_an_internal_error(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        loop = asyncio.get_running_loop()

        @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(
            queries,
            st.sampled_from(
                [
                    "/search?q={}",
                    "/topics/{}",
                    "/paper/{}",
                    "/day/{}",
                    "/{}",
                    "/feed.atom?q={}",
                    "/feed.json?q={}",
                    "/api/v1/search?q={}",
                    "/api/v1/today?topic={}",
                    "/api/v1/papers/{}",
                    "/api/v1/days/{}",
                    "/search?q=video&page={}",
                    "/search?q=video&order={}",
                    "/static/{}",
                ]
            ),
        )
        def ask(text: str, path: str) -> None:
            target = path.format(quote(text.encode("utf-8", "surrogatepass"), safe=""))
            page = asyncio.run_coroutine_threadsafe(reader.get(target), loop).result(30)
            assert page.status < 500, (target, page.answer.text)
            if "html" in page.answer.headers.get("content-type", "") and page.answer.content:
                assert page.heading is not None
                assert not list(page.tree.iter("script"))

        await asyncio.to_thread(ask)


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
        assert "7k" in after.text
        assert "7k" in (await reader.get("/feed.json")).answer.text


async def test_a_topic_may_be_like_a_paper_of_long_ago(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        store = reader.backend.store
        [omni] = (await store.papers.get([OMNI])).values()
        old = Paper("2401.00001", f"{omni.title} again", omni.abstract, listed_at=NOW - timedelta(days=300))
        await store.papers.add(Findings((old,), ()), "huggingface", NOW)
        await collect.describe(store)
        page = await reader.get("/topics/like:2401.00001")
    assert page.titles[0] == omni.title


async def test_an_empty_store_is_explained(tmp_path: Path):
    SqliteStore(tmp_path / "week.db", write=True).close()
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


async def test_why_on_a_papers_page_leads_with_its_place_in_the_list(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        papers = [path for path in (await reader.get("/")).links() if path.startswith("/paper/")]
        first, third = (await reader.get(papers[0])).text, (await reader.get(papers[2])).text
        assert re.search(r"Why this rank First of the last three days: \d+ upvotes", first)
        assert re.search(r"Why this rank Third of the last three days: \d+ upvotes", third)


async def test_dates_of_another_year_carry_it_and_votes_are_forecast_for_a_week_only(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        young = await reader.get(f"/paper/{OMNI}")
        assert set(re.findall(DATE, " ".join(young.all(".//td")))) == {""}
        assert set(re.findall(DATE, " ".join(young.all(".//dd")))) == {" 2025"}
        assert "more upvotes expected" in young.text
        assert (await reader.client.get(f"/api/v1/papers/{OMNI}")).json()["expected"] > 0
        reader.backend.clock.set(datetime(2026, 1, 5, 8, tzinfo=UTC))
        old = await reader.get(f"/paper/{OMNI}")
        assert re.findall(r"read \w{3} \d+ Oct (\d{4})", old.text), old.text
        assert set(re.findall(DATE, old.text)) == {" 2025"}, old.text
        assert "more expected" not in old.text
        assert "upvotes expected" not in old.text
        assert (await reader.client.get(f"/api/v1/papers/{OMNI}")).json()["expected"] == 0


async def test_a_page_a_feed_and_the_api_say_how_many_authors_are_not_named(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        crowd = replace(paper(7), authors=tuple(f"Person Number{n}" for n in range(200)), more_authors=1_432)
        listed = replace(crowd, id="2511.00007", listed_at=reader.backend.clock())
        await reader.backend.store.papers.add(Findings((listed,)), "file", reader.backend.clock())
        people = (await reader.get("/paper/2511.00007")).all(".//p[@class='people']")[0]
        named = people.count("Person")
        assert people.endswith(f"Person Number{named - 1} + {1_632 - named:,} more")
        assert 900 < len(people) < 1_100
        assert (await reader.client.get("/api/v1/papers/2511.00007")).json()["more_authors"] == 1_432
        await collect.describe(reader.backend.store)
        entries = (await reader.client.get("/feed.json?q=author:number3")).json()["items"]
        assert [author["name"] for author in entries[0]["authors"]][-2:] == ["Person Number19", "and 1,612 more"]
