"""Messages written to Paperboy as command lines."""

from __future__ import annotations

import pytest

from bot.commands import written_command, written_line
from bot.errors import UserError


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
        ("papers by Yann LeCun", "search by Yann LeCun"),
        ("papers on AI safety, please", "search AI safety"),
        ("papers today", "today"),
        ("show me 10 papers about agents", "search 10 papers about agents"),
        ("find me the paper OmniVinci", "search OmniVinci"),
        ("about diffusion models", "search diffusion models"),
        ("attention is all you need", "search attention is all you need"),
        ("video diffusion count:3", "search video diffusion count:3"),
        ("thanks! why #4?", "why #4"),
        ("thanks, what about video diffusion?", "search video diffusion"),
        ("unsubscribe me", "unsubscribe"),
        ("please unsubscribe", "unsubscribe"),
        ("stop", "unsubscribe"),
        ("unpause", "resume"),
        ("resume please", "resume"),
        ("unsubscribe now", "unsubscribe"),
        ("what is this", "help"),
        ("what can you do?", "help"),
        ("who are you?", "help"),
        ("hey, who made this?", "about"),
        ("when is the next digest?", "status"),
        ("what's trending?", "today"),
        ("my saved papers", "saved list"),
        ("show me my reading list, please", "saved list"),
        ("#2", "paper #2"),
        ("what is 2 about", "paper #2"),
        ("tldr 2", "paper #2"),
        ("summarize paper #12?", "paper #12"),
        ("early stopping", "search early stopping"),
        ("stop words in retrieval", "search stop words in retrieval"),
        ("turn off neurons", "search turn off neurons"),
        ("what is attention", "search attention"),
        ("what's new in diffusion?", "search new in diffusion"),
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


@pytest.mark.parametrize(
    "text",
    [
        "please stop posting here", "can you stop?", "turn off", "turn it off", "shut up!", "stop sending me this",
        "please stop", "no more papers please", "don't post here", "leave us",
    ],
)  # fmt: skip
def test_a_wish_to_stop_is_answered_with_the_two_commands_that_do(text):
    with pytest.raises(UserError) as caught:
        written_line(text)
    assert [line for _, line in caught.value.lines] == ["pause", "unsubscribe"]


@pytest.mark.parametrize(
    ("text", "command"),
    [("any papers on video diffusion?", "search"), ("saved list", "saved list"), ("thanks!", ""), ("please stop", ""),
     ('search "open', "")],
)  # fmt: skip
def test_the_command_of_a_message_is_none_where_it_is_thanks_or_a_mistake(text: str, command: str) -> None:
    assert written_command(text)[0] == command
