"""Topics that are a paper's id or link: papers like it are offered, with that very id."""

from __future__ import annotations

import pytest

from tests.harness.desk import OMNI, Desk


@pytest.mark.parametrize(
    "line",
    [
        f"topics add https://arxiv.org/abs/{OMNI}",
        f"topics add {OMNI}v2",
        f"topics add OmniVinci arxiv.org/pdf/{OMNI}",
        f"topics mute {OMNI}",
        f"today {OMNI}",
    ],
)
async def test_a_paper_as_a_topic_is_offered_as_papers_like_it(desk: Desk, line: str):
    answer = await desk.ask(line)
    assert f"write like:{OMNI}" in answer.text
    assert f"like:{OMNI}" in (await desk.press(answer, f"like:{OMNI}")).text


async def test_several_papers_are_offered_as_either(desk: Desk):
    answer = await desk.ask(f"topics add {OMNI} 2405.14105")
    assert [action.label for action in answer.actions] == [f"like:{OMNI} | like:2405.14105"]


async def test_the_readers_own_query_is_a_button_and_a_mere_example_is_none(desk: Desk):
    answer = await desk.ask("search video since:7")
    assert "Papers for video since:7d" in (await desk.press(answer, "video since:7d")).text
    assert not (await desk.ask("search https://x.com/somebody/status/1")).actions
