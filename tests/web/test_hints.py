"""A query that may have meant another: the page and the API ask, and the page leads to the search that is meant."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.web.harness import running_site


@pytest.mark.parametrize(
    ("query", "question", "meant"),
    [
        ("cs.CL", "Did you mean cat:cs.CL instead of cs.CL?", ["cat:cs.CL"]),
        ("video org:nvida", "Did you mean org:nvidia instead of org:nvida?", ["video org:nvidia"]),
        (
            "cat:cs.XX",
            "Did you mean cat:cs.CL, cat:cs.CV or cat:cs.LG instead of cat:cs.XX?",
            ["cat:cs.CL", "cat:cs.CV", "cat:cs.LG"],
        ),
        ("min:100000", "Did you mean min:50 instead of min:100000?", ["min:50"]),
        ("video or audio", "Did you mean video | audio instead of video or audio?", ["video | audio"]),
    ],
)
async def test_what_a_query_may_have_meant_is_a_link(tmp_path: Path, query: str, question: str, meant: list[str]):
    async with running_site(tmp_path) as reader:
        page = await reader.get(f"/search?q={quote(query)}")
        assert question in page.all(".//p[@class='note']")
        answer = (await reader.client.get(f"/api/v1/search?q={quote(query)}")).json()
        assert question in answer["notes"]
        assert answer["suggestions"] == meant
        links = {"".join(link.itertext()): link.attrib["href"] for link in page.tree.findall(".//p[@class='note']/a")}
        for suggested, label in zip(meant, [each.split()[-1] if ":" in each else each for each in meant], strict=True):
            followed = await reader.get(links[label])
            assert followed.heading == f"Papers for {suggested}"
            assert followed.status == 200
        topic = await reader.get(f"/topics/{quote(query)}")
        if ":" in query:
            assert question in topic.text
            assert f"/topics/{quote(meant[0], safe='')}" in topic.links()


@pytest.mark.parametrize(
    ("query", "meant"),
    [("mamba OR transformer", "mamba | transformer"), ("has:data", "has:code"), ("since:7", "since:7d")],
)
async def test_the_remedy_of_a_malformed_query_is_a_link(tmp_path: Path, query: str, meant: str):
    async with running_site(tmp_path) as reader:
        for path, remedy in (
            (f"/search?q={quote(query)}", f"/search?q={quote(meant, safe='').replace('%20', '+')}"),
            (f"/topics/{quote(query)}", f"/topics/{quote(meant, safe='')}"),
        ):
            page = await reader.get(path)
            assert page.status == 400
            [problem] = page.all(".//p[@class='problem']")
            assert problem.endswith(f". Try: {meant}")
            assert remedy in page.links()


async def test_a_note_about_a_search_names_no_query_of_somebody_else(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for query, note in (("注意力", "Try English words."), ("the of", "Add one that tells more.")):
            assert note in (await reader.get(f"/search?q={quote(query)}")).text, query
