"""Pages of an author and of an organisation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.app import collect
from bot.model import Findings
from tests.fakes import paper
from tests.harness.desk import NOW, OMNI
from tests.web.harness import running_site


async def test_an_author_has_a_page_with_their_papers_and_a_feed_that_search_engines_leave_out(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        page = await reader.get("/author/Tao%20Zhang")
        assert page.heading == "Tao Zhang"
        assert len(page.titles) == 3
        for link in [link for link in page.links() if link.startswith("/paper/")]:
            details = await reader.backend.desk.library.paper(link.removeprefix("/paper/"), similar=0)
            assert "Tao Zhang" in details.trend.paper.authors
        assert page.answer.headers["x-robots-tag"] == "noindex"
        assert "Disallow: /author/" in (await reader.get("/robots.txt")).answer.text
        feed = next(link for link in page.links() if link.startswith("/feed.atom?q="))
        assert (await reader.get(feed)).answer.text.count("<entry>") == 3
        beside = [link for link in page.links() if link.startswith("/author/")]
        assert len(beside) > 1
        for link in beside[:3]:
            assert (await reader.get(link)).status == 200
        trending = await reader.get("/author/Tao%20Zhang?order=trending")
        assert sorted(trending.titles) == sorted(page.titles)


async def test_an_organisation_has_a_page_that_leads_to_its_own(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        paper_page = await reader.get(f"/paper/{OMNI}")
        assert "/organization/NVIDIA" in paper_page.links()
        page = await reader.get("/organization/NVIDIA")
        assert page.heading == "NVIDIA"
        assert len(page.titles) == 3
        assert "https://huggingface.co/nvidia" in page.links()
        assert "x-robots-tag" not in page.answer.headers


@pytest.mark.parametrize(
    "path",
    ["/author/Nobody%20Here", "/author", "/author/%22", "/author/-", "/author/x%22%20%7C%20y", "/organization/none",
     f"/author/{'x' * 500}", "/author/Tao%20Zhang?page=2"],
)  # fmt: skip
async def test_a_name_that_no_paper_has_is_not_there(tmp_path: Path, path: str):
    async with running_site(tmp_path) as reader:
        page = await reader.get(path)
        assert page.status == 404
        assert page.heading


async def test_names_of_any_kind_lead_from_a_paper_to_their_page_and_many_make_no_heavy_page(tmp_path: Path):
    names = ("José García", "O'Neil, Ann", "李 明", "A/B Testing", 'Quo"ted Name', "<b>Bold</b> Name")
    crowd = tuple(f"Person Number{n}" for n in range(900))
    async with running_site(tmp_path) as reader:
        unusual = replace(paper(1, at=NOW), authors=names, organization="Lab & Sons/Co")
        crowded = replace(paper(2, at=NOW - timedelta(hours=1)), authors=crowd)
        await reader.backend.store.papers.add(Findings((unusual, crowded)), "huggingface", NOW)
        await collect.describe(reader.backend.store)
        await reader.backend.engine.collect()
        page = await reader.get(f"/paper/{unusual.id}")
        links = [link for link in page.links() if link.startswith(("/author/", "/organization/"))]
        assert len(links) == len(names) + 1
        for link in links:
            assert unusual.title in (await reader.get(link)).titles, link
        page = await reader.get(f"/paper/{crowded.id}")
        assert len(page.answer.content) < 50_000
        assert "more" in page.all(".//div[@class='people']/details/p")[0]
        assert f"/author/{quote(crowd[7])}" in page.links()
