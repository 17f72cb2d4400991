"""Messages written to Paperboy as command lines."""

from __future__ import annotations

import pytest

from bot.commands import written_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("why #4", "why #4"),
        ("why #4?", "why #4"),
        ("Why: #4", "why #4"),
        ("why", "why"),
        ("today please", "today"),
        ("status?", "status"),
        ("find video diffusion", "search video diffusion"),
        ("trending", "today"),
        ("/papers today", "/papers today"),
        ("topics add video", "topics add video"),
        ("saved", "saved"),
        ("subscriptions page:2", "subscriptions page:2"),
        ("serach video", "serach video"),
        ("", ""),
        ("hello", ""),
        ("hi there!", ""),
        ("2405.14105", "search 2405.14105"),
        ("any papers on video diffusion?", "search video diffusion"),
        ("What about state space models", "search state space models"),
        ("can you find me something about beavers, please?", "search beavers"),
        ("about diffusion models", "search diffusion models"),
        ("attention is all you need", "search attention is all you need"),
        ("video diffusion count:3", "search video diffusion count:3"),
        ("thanks! why #4?", "why #4"),
        ("thanks, what about video diffusion?", "search video diffusion"),
    ],
)
def test_a_sentence_is_searched_and_a_command_is_a_command(text, line):
    assert written_line(text) == line


@pytest.mark.parametrize(
    "text",
    [
        "thanks", "Thanks!", "thank you", "thank you so much, this is great", "thx", "ty :)", "ok thanks",
        "great, thanks", "danke", "merci", "nice", "cool!", "ok", "👍", "🙏🙏", ":pray:", ":+1: :tada:", "!",
    ],
)  # fmt: skip
def test_thanks_are_not_answered(text):
    assert written_line(text) is None
