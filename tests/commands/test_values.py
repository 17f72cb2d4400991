"""Options as text and their values."""

from __future__ import annotations

from datetime import date, time

import pytest

from bot.commands import COMMANDS, parse_line, read_options
from bot.errors import UserError

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("command", "raw", "remedy"),
    [
        ("search", {}, "A query is missing. Try `/papers search video diffusion count:5`."),
        ("catchup", {}, "The number of days is missing. Try `/papers catchup 5`."),
        ("search", {"query": "x", "count": "50"}, "At most 20 papers."),
        ("subscribe", {"size": "99"}, "At most 20 papers."),
        ("search", {"query": "x", "count": "0"}, "At least 1 paper."),
        ("search", {"query": "x", "count": "many"}, "“many” is not a number from 1 to 20."),
        ("search", {"query": "x", "order": "newset"}, "Did you mean `newest`?"),
        ("search", {"query": "x", "order": "?"}, "`order:` takes `best`, `newest` or `trending`."),
        ("forget", {"what": "everything"}, "`/papers forget` takes `me` or `channel`."),
        ("subscribe", {"at": "25"}, "Try `/papers subscribe 09:00`."),
        ("paper", {"paper": "that one"}, "2405.14105"),
        ("why", {"paper": "1706.03762 and 1810.04805"}, "These are 2 papers: 1706.03762 and 1810.04805"),
        ("subscribe", {"att": "9"}, "Did you mean at?"),
        ("status", {"count": "3"}, "There is no option “count”."),
        ("topics add", {"topic": "-medical"}, "leaves nothing to look for"),
        ("topics add", {"topic": "x" * 501}, "at most 500"),
        ("settings", {"topics": "\n".join(f"topic{i}" for i in range(51))}, "At most 50"),
        ("settings", {"topics": "fine\ncat:!!"}, "Write cat: with an arXiv category"),
        ("catchup", {"days": "50"}, "At most"),
        ("tuning forget", {"item": "x" * 2_001}, "at most 2,000"),
    ],
)
def test_an_option_that_cannot_be_read_gets_one_line_with_the_remedy(command, raw, remedy):
    with pytest.raises(UserError) as caught:
        read_options(COMMANDS[command], raw, today=TODAY)
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("command", ["why", "paper", "save", "similar"])
@pytest.mark.parametrize(
    "pasted",
    [
        "arXiv:1706.03762v5 [cs.CL] 2 Aug 2023",
        "<https://arxiv.org/abs/1706.03762|Attention…>",
        "[1706.03762] Attention",
    ],
)
def test_a_pasted_paper_is_read_by_every_command_that_takes_one(command: str, pasted: str):
    name, raw = parse_line(f"/papers {command} {pasted}")
    assert read_options(COMMANDS[name], raw, today=TODAY)["paper"] == "1706.03762"


def test_options_come_out_as_values_with_defaults():
    read = read_options(COMMANDS["search"], {"query": " video ", "count": "7"}, today=TODAY)
    assert read == {"query": "video", "count": 7, "order": "best", "page": 1, "share": "no"}
    assert read_options(COMMANDS["subscribe"], {"at": "9pm", "style": " "}, today=TODAY) == {"at": time(21)}
    assert read_options(COMMANDS["settings"], {"topics": "Video  AI\n\nvideo\nVideo AI"}, today=TODAY) == {
        "topics": ("Video AI", "video")
    }
    assert read_options(COMMANDS["settings"], {"topics": "", "size": ""}, today=TODAY) == {"topics": ()}
    assert read_options(COMMANDS["paper"], {"paper": "https://arxiv.org/pdf/2405.14105v2"}, today=TODAY)["paper"] == (
        "2405.14105"
    )
