"""Channel mentions in notices, and mentions of commands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.blocks import payload
from adapters.discord.mentions import with_commands, with_mentions
from bot.model import Block, Message, Span
from bot.wording.help import help_all, help_anywhere
from bot.wording.notices import problem
from bot.wording.parts import say
from tests.discord.fake.world import rendered

MENU_IDS = f"{'1' * 19} {'2' * 19}"
ADDRESSES = st.sampled_from(["discord:1/2", "discord:@/7", "discord:1/22 discord:1/3", "<@1>", "**", " ", "discord:"])


def texts(body: dict[str, Any]) -> list[str]:
    """Every text of a payload."""
    inner = [text for each in body.get("components", ()) for text in texts(each)]
    return [body["content"], *inner] if "content" in body else inner


def test_an_address_becomes_a_mention_and_that_of_direct_messages_a_phrase():
    body = with_mentions(payload(problem("Paused: discord:1/22; discord:@/7; slack:T1/C2.")))
    assert texts(body) == ["Paused\\: <#22>; these DMs; slack\\:T1/C2\\."]


@pytest.mark.parametrize("message", [help_all(), help_anywhere("https://example.org")], ids=["all", "anywhere"])
def test_help_fits_into_one_message_with_its_commands_as_mentions(message: Message):
    written = "\n".join(texts(payload(with_commands(message, MENU_IDS))))
    assert written.count("</papers") > 15
    assert "did not fit" not in written


@given(st.lists(st.one_of(ADDRESSES, st.text(max_size=20)), max_size=400).map("".join))
def test_mentions_never_make_a_notice_longer(text: str):
    before = payload(problem(text))
    after = with_mentions(before)
    assert all(len(a) <= len(b) for a, b in zip(texts(after), texts(before), strict=True))


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("Type /papers resume there.", "Type </papers resume:7> there."),
        (
            "Look: `/papers today`, `/papers topics add a b`.",
            "Look\\: </papers today:7>, </papers topics add:7> `a b`.",
        ),
        ("`/papers subscribe at:9`", "</papers subscribe:7> `at:9`"),
        ("Write `/papers` before it.", "Write `/papers` before it."),
        ("`/papers topics` or `/papers todayish` or `/papers like x`", None),
        ("https://h/papers today", "https\\://h/papers today"),
    ],
)
def test_a_command_becomes_its_mention_and_what_follows_it_stays_text(sentence: str, written: str | None):
    message = say(sentence)
    [text] = texts(payload(with_commands(message, "7")))
    [plain] = texts(payload(message))
    assert text == (plain if written is None else written)
    assert rendered(text) == rendered(plain)
    assert with_commands(message, "") == message


@pytest.mark.parametrize(
    ("sentence", "with_both", "with_one", "read"),
    [
        (
            "Type `/papers club start day:thu`.",
            "Type </papers-team club start:8> `day:thu`\\.",
            "Type `/papers-team club start day:thu`.",
            "Type /papers-team club start day:thu.",
        ),
        (
            "Choose anew: /papers channel, or /papers today.",
            "Choose anew\\: </papers-team channel:8>, or </papers today:7>.",
            "Choose anew\\: /papers\\-team channel, or </papers today:7>.",
            "Choose anew: /papers-team channel, or /papers today.",
        ),
        ("`/papers club`", "`/papers-team club`", "`/papers-team club`", "/papers-team club"),
        ("`/papers clubs`", "`/papers clubs`", "`/papers clubs`", "/papers clubs"),
    ],
)
def test_a_command_of_the_second_menu_is_called_as_it_is_there(sentence: str, with_both: str, with_one: str, read: str):
    message = say(sentence)
    for ids, written in (("7 8", with_both), ("7", with_one)):
        [text] = texts(payload(with_commands(message, ids)))
        assert text.replace("\\.", ".") == written.replace("\\.", ".")
        assert rendered(text) == read
    [plain] = texts(payload(with_commands(message, "")))
    assert rendered(plain) == read


def test_a_mention_of_a_command_that_does_not_fit_is_its_text_and_a_link_is_left_alone():
    spans = (Span("word " * 796), Span("/papers today", code=True))
    [text] = texts(payload(with_commands(Message((Block("text", spans),)), "123456789012345678")))
    assert text.endswith("word `/papers today`")
    link = Message((Block("text", (Span("/papers today", url="https://h/"),)),))
    assert texts(payload(with_commands(link, "7"))) == ["[/papers today](<https://h/>)"]
