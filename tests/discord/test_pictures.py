"""Pictures on Discord: a media gallery under the text; a post is never lost for its picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.discord.blocks import payload
from bot.errors import DeliveryError, Failure
from bot.model import Action, Block, Image, Message, Ref, Span
from tests.discord.fake import FORUM, checks
from tests.discord.test_outlet import HERE, OnDiscord
from tests.discord.test_posting_options import on  # noqa: F401 - a fixture

PICTURE = Image("https://cdn.example/1.png", "Hugging Face's picture of “@here”", 1_200, 648)
SAVE = Action("Save", "save", {"paper": "1"})
CARD = Message((Block("text", (Span("A title"),)),), (SAVE,), "A title", image=PICTURE)
TEXT, GALLERY, ROW = 10, 12, 1
REFUSED = 400, {"code": 50_035, "message": "Invalid Form Body"}


def kinds(components: list) -> list[int]:
    return [part["type"] for part in components]


def test_it_stands_between_the_text_and_the_buttons_with_its_description():
    body = payload(CARD)
    assert checks.message(body) is None
    assert kinds(body["components"]) == [TEXT, GALLERY, ROW]
    assert body["components"][1]["items"] == [{"media": {"url": PICTURE.url}, "description": PICTURE.alt}]


def test_a_long_message_keeps_its_picture_and_stays_within_the_limits():
    blocks = tuple(Block("text" if n % 2 else "note", (Span("word " * 50),)) for n in range(90))
    buttons = tuple(Action(f"#{n}", "paper", {"paper": str(n)}) for n in range(25))
    body = payload(replace(CARD, blocks=blocks, actions=buttons, image=replace(PICTURE, alt="é\n" * 5_000)))
    assert checks.message(body) is None
    assert GALLERY in kinds(body["components"])


async def test_a_post_whose_picture_discord_refuses_comes_without_it(on: OnDiscord):  # noqa: F811
    on.discord.fails("POST", "/messages", *REFUSED)
    claims: list[int] = []

    async def claim() -> None:
        claims.append(1)

    await on.outlet.post(HERE, CARD, under=None, key="k", claim=claim)
    [post] = on.fake_channel.messages
    assert kinds(post.raw["components"]) == [TEXT, ROW]
    assert claims == [1], "one message, claimed once"


async def test_a_forums_post_and_an_edit_come_without_it_too(on: OnDiscord):  # noqa: F811
    on.fake_channel.kind = FORUM
    on.discord.fails("POST", "/threads", *REFUSED)
    ref = await on.outlet.post(HERE, CARD, under=None, key="k")
    [first] = on.thread(Ref(ref))
    assert kinds(first.raw["components"]) == [TEXT, ROW]
    await on.outlet.edit(HERE, ref, CARD, under=None, key="k")
    assert kinds(first.raw["components"]) == [TEXT, GALLERY, ROW]
    on.discord.fails("PATCH", f"/channels/{ref}/messages", *REFUSED)
    await on.outlet.edit(HERE, ref, CARD, under=None, key="k")
    assert kinds(first.raw["components"]) == [TEXT, ROW]


async def test_a_message_that_is_refused_without_a_picture_is_refused(on: OnDiscord):  # noqa: F811
    on.discord.fails("POST", "/messages", *REFUSED)
    on.discord.fails("POST", "/messages", *REFUSED)
    with pytest.raises(DeliveryError) as caught:
        await on.outlet.post(HERE, CARD, under=None, key="k")
    assert caught.value.kind is Failure.MESSAGE_REFUSED
