"""Pages for readers: each is valid, small, and shows what the engine returns."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import collect
from bot.model import Channel, Findings, Paper, Signal, Subscription
from bot.wording.results import RETOLD
from tests.fakes import paper
from tests.harness.desk import NOW, OMNI
from tests.harness.examples import examples
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
    "/day/2025-10-22",
    "/day/2030-01-01",
    "/week/2025-W43",
    "/month/2025-10",
    "/about",
    "/calendar/2025-10",
    "/calendar/2025-09",
    "/?cat=cs.CV",
    "/month/2025-10?cat=cs.CL",
    "/author/Yann%20LeCun",
    "/organization/NVIDIA",
    "/nothing",
)
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
        visited, waiting = set(), ["/", "/search?q=video", "/about", "/week/2025-W43", "/topics", f"/paper/{OMNI}"]
        while waiting and len(visited) < 60:
            path = waiting.pop()
            if path in visited or path.startswith("#"):
                continue
            visited.add(path)
            answer = await reader.get(path)
            past = path.startswith(("/day/", "/week", "/month", "/calendar"))
            assert answer.status in ({200, 307, 404} if past else {200}), path
            if "html" in answer.answer.headers.get("content-type", "") and len(visited) < 30:
                waiting += [link for link in answer.links() if link.startswith("/")]
        assert len(visited) > 30


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
        assert (await reader.client.get("/api/v1/search?q=difusion")).json()["notes"] == [note, RETOLD]
        assert "Looked for" not in (await reader.get("/search?q=diffusion")).text


@pytest.mark.parametrize("query", ['"видео"', '"拡散モデル"', '"분산 а모델이다"'])
async def test_a_search_in_another_script_is_told_the_language_of_the_index(tmp_path: Path, query: str):
    async with running_site(tmp_path) as reader:
        page = await reader.get(f"/search?q={quote(query)}")
        assert "papers are indexed in English" in page.text
        assert "indexed in English" not in (await reader.get("/search?q=%22zzzqq%22")).text


async def test_an_empty_search_says_what_to_type(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        assert (await reader.get("/search?q=")).all('.//p[@role="alert"]') == ["Type at least one word."]
        assert not (await reader.get("/search")).all('.//p[@role="alert"]')


async def test_papers_like_one_are_others(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        store = reader.backend.store
        alone = await reader.get(f"/search?q=like:{OMNI}")
        assert "No other stored paper is close enough to that one." in alone.text
        assert not [link for link in alone.links() if "arxiv.org/search" in link]
        [omni] = (await store.papers.get([OMNI])).values()
        twin = Paper("2401.00001", f"{omni.title} again", omni.abstract, listed_at=NOW - timedelta(days=300))
        await store.papers.add(Findings((twin,), ()), "huggingface", NOW)
        await collect.describe(store)
        await reader.backend.engine.collect()
        assert (await reader.get(f"/search?q=like:{OMNI}")).titles == [twin.title]


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
        assert "https://arxiv.org/abs/2401.00001" in unknown.links()
        assert unknown.all('.//p[@role="alert"]') == ["Paperboy has not stored that paper."]
        version = await reader.get(f"/paper/{OMNI}v3")
        assert (version.status, version.answer.headers["location"]) == (308, f"/paper/{OMNI}")
        missing = await reader.get("/paper/2401.00001")
        assert (missing.status, missing.heading) == (404, "Paperboy has not stored that paper.")
        assert "https://arxiv.org/abs/2401.00001" in missing.links()
        assert "https://doi.org/10.1000/xyz" in (await reader.get("/paper/10.1000/xyz")).links()


async def test_a_slash_too_many_leads_on_for_get_and_head_alike(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path in ("/about/", "/feed.atom/", "/search/"):
            answers = [await reader.client.request(method, path) for method in ("GET", "HEAD")]
            assert [(each.status_code, each.headers["location"]) for each in answers] == [(308, path.rstrip("/"))] * 2


async def test_a_title_that_is_not_stored_leads_to_arxiv(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        elsewhere = "https://arxiv.org/search/?query=A+Zebra+Walks%3A+Qqq&searchtype=all"
        assert elsewhere in (await reader.get("/search?q=A+Zebra+Walks:+Qqq")).links()
        assert not [link for link in (await reader.get("/search?q=video")).links() if "arxiv.org/search" in link]


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
            assert all(element.attrib["src"].startswith(("/static/", "/pictures/")) for element in tree.iter("img")), (
                path
            )
            assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")], path
            assert not [link for link in page.links() if link.startswith("javascript")]
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page.answer.text)
            matches += "A Title <script>alert(1)</script>" in page.text
        assert matches >= 3
        assert "{{ 7 * 7 }}" in (await reader.get(f"/paper/{evil.id}")).text


async def test_right_to_left_text_runs_from_right_to_left_within_our_own(tmp_path: Path):
    title, author, abstract = "نموذج لغوي صغير", "ليلى حداد", "نقدم نموذجا صغيرا."
    listed_at = NOW - timedelta(hours=2)
    org = {"organization": "جامعة", "organization_handle": "an-org"}
    arabic = Paper("2510.88888", title, abstract, (author,), listed_at=listed_at, **org)
    async with running_site(tmp_path) as reader:
        upvotes = Signal(arabic.id, "huggingface", "upvotes", 900, NOW)
        await reader.backend.store.papers.add(Findings((arabic,), (upvotes,)), "huggingface", NOW)
        await reader.backend.engine.collect()
        for path, texts in (
            ("/", (title, f"{author}\u00a0· جامعة")),
            (f"/paper/{arabic.id}", (title, author, abstract)),
        ):
            page = await reader.get(path)
            parts = [element for element in page.tree.iter() if element.attrib.get("dir") == "auto"]
            shown = ["".join(element.itertext()).strip() for element in parts]
            assert {*texts} <= {*shown}, path
        assert f"/organization/{quote('جامعة')}" in page.links(), "the organisation leads to its page"


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
        await store.ledger.keep([chosen], {subscription.key: NOW + timedelta(days=1)})
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

        @examples(75)
        @given(
            queries,
            st.sampled_from(
                [
                    "/search?q={}",
                    "/topics/{}",
                    "/paper/{}",
                    "/day/{}",
                    "/week/{}",
                    "/month/{}",
                    "/{}",
                    "/feed.atom?q={}",
                    "/feed.json?q={}",
                    "/api/v1/search?q={}",
                    "/api/v1/today?topic={}",
                    "/api/v1/papers/{}",
                    "/api/v1/days/{}",
                    "/api/v1/weeks/{}",
                    "/api/v1/months/{}",
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
