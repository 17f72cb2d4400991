"""Channel mentions in notices."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.blocks import payload
from adapters.discord.mentions import with_mentions
from bot.wording.notices import problem

ADDRESSES = st.sampled_from(["discord:1/2", "discord:@/7", "discord:1/22 discord:1/3", "<@1>", "**", " ", "discord:"])


def texts(body: dict[str, Any]) -> list[str]:
    """Every text of a payload."""
    inner = [text for each in body.get("components", ()) for text in texts(each)]
    return [body["content"], *inner] if "content" in body else inner


def test_an_address_becomes_a_mention_and_that_of_direct_messages_a_phrase():
    body = with_mentions(payload(problem("Paused: discord:1/22; discord:@/7; slack:T1/C2.")))
    assert texts(body) == ["Paused\\: <#22>; these DMs; slack\\:T1/C2\\."]


@given(st.lists(st.one_of(ADDRESSES, st.text(max_size=20)), max_size=400).map("".join))
def test_mentions_never_make_a_notice_longer(text: str):
    before = payload(problem(text))
    after = with_mentions(before)
    assert all(len(a) <= len(b) for a, b in zip(texts(after), texts(before), strict=True))
