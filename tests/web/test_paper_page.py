"""A paper's page: who, what, evidence over time, why it ranks where it does, how to cite and share it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from adapters.web import WebFront
from bot.app import collect
from bot.app.adopted_summaries import adopt
from bot.model import Findings, Signal
from bot.model.paper import HUGGING_FACE
from bot.wording.results import RETOLD, RETOLD_ONE
from bot.wording.summaries import AI_SUMMARY, FROM_ABSTRACT
from tests.fakes import paper
from tests.harness.desk import NOW, OMNI, SINKS
from tests.web.harness import running_site

DATE = r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}( \d{4})?"


async def test_a_paper_can_be_cited_and_shared(tmp_path: Path):
    async with running_site(tmp_path, web=WebFront("https://papers.example.org", rate=10_000)) as reader:
        page = await reader.get(f"/paper/{OMNI}")
        [entry] = page.tree.iter("pre")
        assert "".join(entry.itertext()).startswith("@misc{")
        url = f"https://papers.example.org/paper/{OMNI}"
        [mailed] = [link for link in page.links() if link.startswith("mailto:?subject=")]
        assert quote(url, safe="") in mailed
        shown = {
            meta.attrib.get("property"): meta.attrib["content"]
            for meta in page.tree.iter("meta")
            if "property" in meta.attrib
        }
        assert (shown["og:url"], shown["og:title"]) == (url, page.heading)


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
        links = {"".join(link.itertext()): link.attrib["href"] for link in page.tree.iter("a")}
        assert links["arXiv"] == f"https://arxiv.org/abs/{OMNI}"
        assert "Abstract" not in links
        similar = await reader.get(f"/paper/{SINKS}")
        assert any(text.startswith("Papers like this one") for text in similar.all(".//h2"))
        assert similar.all(".//h3")


async def test_a_withdrawn_paper_is_marked_on_its_page_and_in_lists(tmp_path: Path):
    withdrawn = replace(paper(1, at=NOW, title="An Unsound Proof"), withdrawn=True)
    async with running_site(tmp_path) as reader:
        await reader.backend.store.papers.add(Findings((withdrawn,), ()), "huggingface", NOW)
        await reader.backend.engine.collect()
        for path in (f"/paper/{withdrawn.id}", "/search?q=unsound"):
            assert "Withdrawn by its authors." in (await reader.get(path)).all(".//p[@class='warning']"), path


async def test_why_on_a_papers_page_leads_with_its_place_in_the_list(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        papers = [path for path in (await reader.get("/")).links() if path.startswith("/paper/")]
        first, third = (await reader.get(papers[0])).text, (await reader.get(papers[2])).text
        assert re.search(r"Why this rank First of the last three days: \d+ upvotes", first)
        assert re.search(r"Why this rank Third of the last three days: \d+ upvotes", third)


async def test_the_numbers_behind_a_rank_are_folded_away(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        leader = next(link for link in (await reader.get("/")).links() if link.startswith("/paper/"))
        page = await reader.get(leader)
        article = page.tree.find(".//article[@class='paper']")
        [shown] = [" ".join("".join(each.itertext()).split()) for each in article.findall("p")][-1:]
        assert re.fullmatch(r"First of the last three days: \d+ upvotes.*\.", shown)
        folded = " ".join(article.findall("details")[-1].itertext())
        assert "Score " in folded
        assert "adds +" in folded
        assert "Score" not in shown


async def test_the_stars_of_a_repository_link_it(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        cards = [card for card in (await reader.get("/")).tree.findall(".//article") if card.findall("p[1]/span/a")]
        assert cards
        for card in cards:
            [stars] = card.findall("p[1]/span/a")
            assert stars.text.startswith(("GitHub ", "code"))
            links = {"".join(link.itertext()): link.attrib["href"] for link in card.iter("a")}
            assert stars.attrib["href"] == links["Code"]


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
        page = await reader.get("/paper/2511.00007")
        first, others = page.all(".//div[@class='people']//p")
        assert first == ", ".join(f"Person Number{n}" for n in range(8)), "more would fill a phone's screen"
        assert page.all(".//div[@class='people']/details/summary") == ["and 1,624 more"]
        named = 8 + others.count("Person")
        assert others.endswith(f"Person Number{named - 1} and {1_632 - named:,} more")
        assert 900 < len(others) < 1_100
        assert (await reader.client.get("/api/v1/papers/2511.00007")).json()["more_authors"] == 1_432
        await collect.describe(reader.backend.store)
        entries = (await reader.client.get("/feed.json?q=author:number3")).json()["items"]
        assert [author["name"] for author in entries[0]["authors"]][-2:] == ["Person Number19", "and 1,612 more"]


async def test_a_ninth_author_is_named_at_once(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        nine = replace(paper(8), authors=tuple(f"Person Number{n}" for n in range(9)))
        await reader.backend.store.papers.add(Findings((nine,)), "file", NOW)
        page = await reader.get(f"/paper/{nine.id}")
        assert page.all(".//div[@class='people']//p") == [", ".join(nine.authors)]
        assert not page.all(".//div[@class='people']/details")


async def test_no_line_starts_with_a_dot_and_the_last_point_of_a_chart_is_whole(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path in ("/", "/day/2025-10-23", "/topics/video", f"/paper/{OMNI}"):
            page = await reader.get(path)
            shown = [*page.tree.iter("h1"), *page.tree.iter("p")]
            assert not [text for each in shown if " ·" in (text := "".join(each.itertext()))], path
        [sheet] = re.findall(r'"(/static/site\.[0-9a-f]{12}\.css)"', page.answer.text)
        [rule] = re.findall(r"\.chart svg \{[^}]*\}", (await reader.get(sheet)).answer.text)
        assert "overflow: visible" in rule, "its dot is wider than the margin of a narrow drawing"


async def test_an_ai_summary_is_marked_on_pages_in_feeds_and_in_the_api_and_a_papers_page_has_both(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        theirs = "OmniVinci is an omni-modal language model that beats Qwen2.5-Omni by 19.05 points on DailyOmni."
        assert await adopt(reader.backend.store, [(OMNI, theirs)]) == 1
        mark = AI_SUMMARY.replace(" ·", "\u00a0·")
        page = await reader.get(f"/paper/{OMNI}")
        paragraphs = ["".join(each.itertext()) for each in page.tree.iter("p")]
        at = paragraphs.index(theirs)
        assert paragraphs[at + 1] == mark
        assert paragraphs[at + 2].startswith("OmniVinci is an open omni-modal")
        assert paragraphs[at + 3] == FROM_ABSTRACT
        [preview] = [e for e in page.tree.iter("meta") if e.attrib.get("property") == "og:description"]
        assert preview.attrib["content"] == paragraphs[at + 2], "a link in a chat has no room for the mark"
        found = await reader.get("/search?q=omnivinci")
        assert mark in ["".join(each.itertext()) for each in found.tree.iter("p")]
        feed = (await reader.client.get("/feed.json?q=omnivinci")).json()
        assert feed["items"][0]["content_text"].split("\n")[:2] == [theirs, AI_SUMMARY]
        assert f"{theirs}\n{AI_SUMMARY}\n" in (await reader.client.get("/feed.atom?q=omnivinci")).text
        fields = (await reader.client.get(f"/api/v1/papers/{OMNI}")).json()
        assert (fields["tldr"], fields["tldr_by"]) == (theirs, HUGGING_FACE)
        assert fields["tldr_of_authors"].startswith("OmniVinci is an open omni-modal")


async def test_pages_say_that_the_abstracts_of_the_sample_are_retold(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        assert RETOLD in (await reader.get("/")).text
        assert RETOLD_ONE in (await reader.get(f"/paper/{OMNI}")).text
        assert (await reader.client.get(f"/api/v1/papers/{OMNI}")).json()["abstract_note"] == RETOLD_ONE
        await reader.backend.store.papers.add(Findings((paper(8),)), "file", NOW)
        assert "retold" not in (await reader.get(f"/paper/{paper(8).id}")).text


async def test_the_page_of_a_preprint_leads_to_the_paper_that_it_is_part_of(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        preprint = "10.1101/2026.06.12.700001"
        assert (await reader.get(f"/paper/{preprint}")).status == 404
        await reader.backend.store.papers.add(
            Findings((replace(paper(7), id=OMNI),), same=((OMNI, preprint),)), "x", NOW
        )
        page = await reader.get(f"/paper/{preprint}")
        assert (page.status, page.answer.headers["location"]) == (308, f"/paper/{OMNI}")


async def test_a_story_on_hacker_news_is_linked_by_its_page_in_evidence_why_and_discussion(tmp_path: Path):
    counts = {(OMNI, "points"): 210, (OMNI, "comments"): 87, (OMNI, "story"): 40000001, (SINKS, "points"): 9}
    signals = tuple(Signal(paper_id, "hackernews", kind, value, NOW) for (paper_id, kind), value in counts.items())
    async with running_site(tmp_path) as reader:
        await reader.backend.store.papers.add(Findings((), signals), "hackernews", NOW)
        page = await reader.get(f"/paper/{OMNI}")
        links = [("".join(link.itertext()), link.attrib["href"]) for link in page.tree.iter("a")]
        assert [text for text, url in links if url == "https://news.ycombinator.com/item?id=40000001"] == [
            "Hacker News 210 points", "Hacker News 87 comments", "Hacker News (87 comments)",
            "210 points on Hacker News", "87 comments on Hacker News",
        ]  # fmt: skip
        assert "story" not in page.text
        evidence = (await reader.get(f"/api/v1/papers/{OMNI}")).answer.json()["evidence"]
        kinds = {each["kind"] for each in evidence}
        assert {"points", "comments"} <= kinds
        assert "story" not in kinds
        links = (await reader.get(f"/paper/{SINKS}")).links()
        assert any(url.startswith("https://hn.algolia.com/?query=") for url in links), "its story's number is not known"
