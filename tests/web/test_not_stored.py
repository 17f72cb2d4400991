"""A title or an id that is not stored: the search says so and leads to where it may be found."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.harness.desk import OMNI
from tests.web.harness import running_site

NO_TITLE = "None of these papers has that title."


async def test_a_title_that_no_result_has_is_looked_for_on_arxiv(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        [omni] = (await reader.backend.store.papers.get([OMNI])).values()
        title = [word for word in omni.title.split() if word.isalpha()]
        other = await reader.get(f"/search?q={quote(' '.join(reversed(title)))}")
        assert other.titles
        assert NO_TITLE in other.all(".//p[@class='note']")
        assert other.all(".//p[@class='out']") == ["Look for it on arXiv"]
        middle = title[1:] if len(title) > 4 else [*title[1:], title[0]]
        inside = await reader.get(f"/search?q={quote(' '.join(middle))}")
        assert NO_TITLE in inside.text, "words from the middle of another title"
        same = await reader.get(f"/search?q={quote(omni.title, safe='')}")
        assert same.titles[0] == " ".join(omni.title.split())
        assert NO_TITLE not in same.text
        for ordinary in ("video diffusion model", "video | diffusion model for images", "-audio video diffusion model"):
            assert NO_TITLE not in (await reader.get(f"/search?q={quote(ordinary)}")).text, ordinary


@pytest.mark.parametrize(
    ("identifier", "label", "url"),
    [
        ("2512.99999", "Look for it on arXiv", "https://arxiv.org/abs/2512.99999"),
        ("10.1000/xyz", "Look for it at its publisher", "https://doi.org/10.1000/xyz"),
    ],
)
async def test_an_id_that_is_not_stored_offers_a_look_elsewhere_alone(
    tmp_path: Path, identifier: str, label: str, url: str
):
    async with running_site(tmp_path) as reader:
        for path in (f"/search?q={quote(identifier, safe='')}", f"/paper/{identifier}"):
            page = await reader.get(path)
            assert label in page.text, path
            assert url in page.links(), path
            assert "What trends of this" not in page.text, path
