"""Pictures and tiles on the pages, and the pictures as files."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from adapters.web import WebFront
from adapters.web.category_color import COLORS, OTHER
from adapters.web.picture_html import tile
from tests.email.colours import contrast
from tests.harness.desk import OMNI
from tests.web.harness import Reader, running_site


@pytest.fixture
async def reader(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        yield reader


def images(page) -> list[dict[str, str]]:
    found = [each.attrib for each in page.tree.iter() if each.tag in {"img", "svg"}]
    return [each for each in found if each.get("class") == "picture"]


async def test_every_paper_of_a_list_has_a_picture_or_a_tile_of_one_size(reader: Reader):
    page = await reader.get("/")
    pictures = images(page)
    assert len(pictures) == len(page.titles) > 3
    assert {(each["width"], each["height"]) for each in pictures} == {("480", "259")}, "so that nothing moves"
    listed = [each for each in pictures if "src" in each]
    assert all(each["loading"] == "lazy" and each["alt"] for each in listed)
    assert re.fullmatch(r"/pictures/2510\.\d{5}\.webp", listed[0]["src"])
    assert len(page.answer.content) < 50_000


async def test_a_papers_page_has_its_picture(reader: Reader):
    assert images(await reader.get(f"/paper/{OMNI}"))[0]["src"] == f"/pictures/{OMNI}.webp"


async def test_without_pictures_pages_have_neither_and_there_are_no_files(reader: Reader):
    reader.backend.desk.pictures = None
    assert images(await reader.get("/topics/video")) == []
    assert (await reader.get(f"/pictures/{OMNI}.webp")).status == 404


async def test_a_picture_is_a_file_that_browsers_keep(reader: Reader):
    answer = (await reader.get(f"/pictures/{OMNI}.webp", accept_encoding="gzip")).answer
    assert (answer.content[8:12], answer.headers["content-type"]) == (b"WEBP", "image/webp")
    assert answer.headers["cache-control"].startswith("public, max-age=2592000, ")
    assert "content-encoding" not in answer.headers
    again = await reader.get(f"/pictures/{OMNI}.webp", if_none_match=answer.headers["etag"])
    assert (again.status, again.answer.content) == (304, b"")


async def test_where_there_is_none_a_tile_comes_for_a_minute(reader: Reader):
    reader.backend.desk.pictures.missing = {OMNI: "cs.CV"}
    answer = (await reader.get(f"/pictures/{OMNI}.webp")).answer
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"].startswith("public, max-age=60")
    svg = ET.fromstring(answer.text)
    assert "".join(svg.itertext()) == "cs.CV"
    assert (svg.attrib["width"], svg.attrib["height"]) == ("480", "259")
    assert COLORS["cs.CV"] in answer.text


async def test_pictures_do_not_use_up_the_pages_of_a_reader(tmp_path: Path):
    async with running_site(tmp_path, web=WebFront(rate=3)) as reader:
        answers = [(await reader.get(f"/pictures/2511.{number:05}.webp")).status for number in range(61)]
        assert answers == [200] * 60 + [429]
        assert (await reader.get("/about")).status == 200


@pytest.mark.parametrize("color", [*COLORS.values(), OTHER])
def test_the_name_on_a_tile_can_be_read_in_every_colour(color: str):
    assert contrast(color, "#ffffff") >= 4.5


@pytest.mark.parametrize("category", ["", "<script>", '"/><x onload="', "cs.CL\u202e", "x" * 500, "biorxiv.ecology"])
def test_a_tile_is_valid_whatever_a_category_is_called(category: str):
    svg = ET.fromstring(tile(category, alone=True))
    assert 0 < len("".join(svg.itertext())) <= 24
    assert {each.tag.rpartition("}")[2] for each in svg.iter()} == {"svg", "path", "text"}
