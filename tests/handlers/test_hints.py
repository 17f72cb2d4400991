"""What a topic or a search may have meant: a note, and a button that runs it, in every command that takes a query."""

from __future__ import annotations

import pytest

from tests.harness.desk import OMNI, Desk


@pytest.mark.parametrize("command", ["search", "today", "topics add", "topics mute"])
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("author:Song Han", 'author:"Song Han"'),
        ("author:Yann LeCun video", 'author:"Yann LeCun" video'),
        ("org:Allen Institute", 'org:"Allen Institute"'),
        ("cs.CL", "cat:cs.CL"),
        ("org:nvida", "org:nvidia"),
        ("min:100000", "min:50"),
        ("papers about agents from last week", "agents since:7d"),
    ],
)
async def test_what_may_have_been_meant_is_a_button(desk: Desk, command: str, typed: str, meant: str):
    answer = await desk.ask(f"{command} {typed}")
    assert "Did you mean" in answer.text
    action = next(each for each in answer.actions if meant in each.options.values())
    assert action.command == command
    assert "Did you mean" not in (await desk.run(action.command, **dict(action.options))).text


@pytest.mark.parametrize(
    "line", ["search author:lecun", "search org:nvidia video", "search Omni-Modal Understanding LLM", "today video"]
)
async def test_a_query_that_is_what_it_says_is_not_asked_about(desk: Desk, line: str):
    assert "Did you mean" not in (await desk.ask(line)).text


async def test_words_of_a_title_are_no_sentence(desk: Desk):
    paper = (await desk.store.papers.get([OMNI]))[OMNI]
    answer = await desk.ask(f"search papers about {paper.title.partition(': ')[2]}")
    assert "Did you mean" in answer.text
    assert "Did you mean" not in (await desk.ask(f"search {paper.title}")).text


@pytest.mark.parametrize(
    ("line", "remedy"),
    [("search not medical", "diffusion -medical"), ("search except image generation", 'diffusion -"image generation"')],
)
async def test_a_search_that_only_leaves_out_is_refused_with_how_to(desk: Desk, line: str, remedy: str):
    answer = await desk.ask(line)
    assert "leaves nothing out" in answer.text
    assert remedy in answer.text


async def test_words_of_another_language_are_told_that_papers_are_in_english(desk: Desk):
    assert "indexed in English" in (await desk.ask("search génération de vidéo")).text
    assert "indexed in English" not in (await desk.ask("search video zebras")).text
