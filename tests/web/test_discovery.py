"""What programs read to find, search and show the site."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from PIL import Image

from adapters.web import WebFront, share_card
from adapters.web.category_color import COLORS, OTHER, color_of
from bot.model import Evidence, Findings, Trend
from tests.fakes import paper
from tests.harness.desk import NOW, OMNI
from tests.web.harness import UNLIMITED_RATE, running_site

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


async def test_the_sitemap_leads_to_the_pages_and_papers_of_each_month(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        old = replace(paper(1), listed_at=datetime(2025, 9, 30, 23, 59, tzinfo=UTC))
        older = replace(paper(2), listed_at=datetime(2025, 7, 1, tzinfo=UTC))
        ancient = replace(paper(3), listed_at=datetime(2023, 1, 1, tzinfo=UTC))
        await reader.backend.store.papers.add(Findings((old, older, ancient)), "huggingface", NOW)

        async def locations(path: str) -> list[str]:
            answer = (await reader.get(path)).answer
            assert answer.headers["content-type"] == "application/xml; charset=utf-8"
            return [each.text.removeprefix(reader.url) for each in fromstring(answer.text).iter(f"{MAP}loc")]

        assert f"Sitemap: {reader.url}/sitemap.xml" in (await reader.get("/robots.txt")).answer.text
        index = await locations("/sitemap.xml")
        assert index == ["/sitemap/pages.xml", *(f"/sitemap/2025-{month}.xml" for month in ("10", "09", "07"))]
        assert await locations("/sitemap/2025-09.xml") == ["/month/2025-09", "/day/2025-09-30", f"/paper/{old.id}"]
        paths = await locations("/sitemap/2025-10.xml")
        assert len(paths) == len(set(paths)) > 60
        for path in (*await locations("/sitemap/pages.xml"), *paths[:8], f"/paper/{OMNI}"):
            assert (await reader.get(path)).status in (200, 307), path
        assert f"/paper/{OMNI}" in paths
        for path in ("/sitemap/2025-08.xml", "/sitemap/x.xml", "/sitemap/2025-1.xml"):
            assert (await reader.get(path)).status == 404


async def test_a_browser_can_add_the_search(tmp_path: Path):
    async with running_site(tmp_path, web=WebFront("https://papers.example", rate=UNLIMITED_RATE)) as reader:
        [link] = [each for each in (await reader.get("/")).tree.iter("link") if each.attrib["rel"] == "search"]
        answer = (await reader.get(link.attrib["href"])).answer
        assert answer.headers["content-type"].startswith(link.attrib["type"])
        description = fromstring(answer.text)
        assert 0 < len(description.find(f"{SEARCH}ShortName").text) <= 16
        urls = {each.attrib["type"]: each.attrib["template"] for each in description.iter(f"{SEARCH}Url")}
        assert urls["text/html"] == "https://papers.example/search?q={searchTerms}"
        path = urls["application/atom+xml"].removeprefix("https://papers.example").replace("{searchTerms}", "video")
        assert "<entry>" in (await reader.get(path)).answer.text


async def test_a_link_to_a_paper_is_shown_with_its_title_its_sentence_and_a_picture(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        page = await reader.get(f"/paper/{OMNI}")
        facts = {
            each.attrib.get("property", each.attrib.get("name")): each.attrib["content"]
            for each in page.tree.iter("meta")
            if "content" in each.attrib
        }
        assert facts["og:title"] == page.heading
        assert facts["og:description"] == facts["description"]
        assert (facts["og:image:width"], facts["og:image:height"]) == ("1200", "630")
        assert facts["twitter:card"] == "summary_large_image"
        answer = (await reader.get(facts["og:image"].removeprefix(reader.url))).answer
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "content-encoding" not in answer.headers
        image = Image.open(BytesIO(answer.content))
        assert image.size == (1200, 630)
        assert len(answer.content) < 60_000
        assert "#{:02x}{:02x}{:02x}".format(*image.convert("RGB").getpixel((5, 300))) == COLORS["cs.CV"]
        for path in ("/card/2401.00001.png", "/card/x.png", f"/card/{OMNI}", f"/card/{'9' * 900}.png"):
            assert (await reader.get(path)).status == 404


@pytest.mark.parametrize(
    "title", ["", "A", "Word " * 300, "x" * 5_000, "数据 🚀 \u202e\x1b[31m evil", "\uffff", "a\nb"]
)
@pytest.mark.parametrize("has_typeface", [True, False])
def test_any_title_makes_a_picture(title: str, has_typeface: bool, monkeypatch: pytest.MonkeyPatch):
    if not has_typeface:
        monkeypatch.setattr(share_card, "TYPEFACE", "no such typeface")
    for cached in (share_card._font, share_card._has_glyph):
        cached.cache_clear()
    odd = replace(paper(1, title="x"), title=title, authors=("Ada " * 200,), categories=(), listed_at=None)
    trend = Trend(odd, 1.0, 1.0, (Evidence("huggingface", "upvotes", 10.0, NOW),))
    assert Image.open(BytesIO(share_card.share_card(trend))).size == (1200, 630)
    for cached in (share_card._font, share_card._has_glyph):
        cached.cache_clear()


def test_the_colours_of_categories_can_be_read_on_the_page_and_under_white():
    for color in (*COLORS.values(), OTHER):
        for ground in ("#fbfaf7", "#ffffff"):
            assert contrast(color, ground) >= 4.5, color
    assert (color_of("cs.CV"), color_of("cs.XX"), color_of("hep-th"), color_of("")) == (
        COLORS["cs.CV"], COLORS["cs"], OTHER, OTHER,
    )  # fmt: skip


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
