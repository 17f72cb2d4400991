"""Payloads of any message are valid and mention no one; buttons decode to the command they were made from."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.blocks import decode_action, key_of, payload
from adapters.discord.overflow import Overflow
from bot.model import Action, Block, Channel, Continuation, Message, Span, delivery_key
from tests.contracts.outlet import TODAY, samples
from tests.discord.fake import checks
from tests.discord.fake.world import mentions, pings, rendered
from tests.harness.examples import examples
from tests.harness.paging import COUNT, PAPERS, every_paper_once, page, turned
from tests.harness.strategies import ACTIONS, MESSAGES, TEXT

KEY = delivery_key("discord:1/2", TODAY, 0)


def text_of(message: Message) -> str:
    """Text as a person reads it."""
    return rendered("\n".join(part["content"] for part in payload(message)["components"] if part["type"] == 10))


def buttons(body: dict[str, object]) -> list[dict[str, str]]:
    return [each for row in body["components"] if row["type"] == 1 for each in row["components"]]  # type: ignore[attr-defined, index]


@given(MESSAGES, st.sampled_from([1, 1, 30]), st.sampled_from(["", KEY]))
@examples(60)
def test_any_message_becomes_a_payload_that_discord_takes(message: Message, times: int, key: str):
    message = replace(message, blocks=message.blocks * times, actions=message.actions * times)
    body = payload(message, key=key)
    assert checks.message(json.loads(json.dumps(body))) is None
    assert pings(body) == mentions(body) == []
    assert key_of(body["components"]) == (key or None)


def test_more_goes_on_where_a_page_ended_and_numbers_go_on_too():
    def render(message: Message) -> tuple[str, dict[str, dict[str, str]]]:
        body = payload(message)
        assert checks.message(json.loads(json.dumps(body))) is None
        return text_of(message), {each["label"]: decode_action(each["custom_id"])[1] for each in buttons(body)}

    pages = turned(render)
    every_paper_once(pages)
    assert pages[0].count("Paper number") < COUNT
    assert not any("did not fit" in page for page in pages)
    for number in range(1, len(PAPERS) + 1):
        assert re.search(rf"^{number}\\?\. \W*Paper number {number} ", "\n".join(pages), re.MULTILINE)


HOME = Channel("discord:1/2")


async def test_options_kept_elsewhere_are_those_of_the_button_that_is_shown():
    kept: dict[str, str] = {}

    class Notes:
        async def put_note(self, name: str, text: str) -> None:
            kept[name] = text

        async def get_note(self, name: str) -> str | None:
            return kept.get(name)

    message = page(1)
    query = "a query of many words, so that the options do not fit into the id of a button " * 2
    actions = tuple(replace(each, options={**each.options, "query": query}) for each in message.actions[-2:])
    continuation = Continuation(replace(actions[0], options={"query": query}), COUNT)
    message = replace(message, actions=actions, continuation=continuation)
    overflow = Overflow(Notes())  # type: ignore[arg-type]  # all that it needs
    more = buttons(await overflow.payload(message, HOME))[0]
    _, options = await overflow.decode(more["custom_id"], HOME)
    assert options["query"] == query
    assert 1 < int(options["start"]) < COUNT + 1


@pytest.mark.parametrize("kind", samples())
def test_every_kind_of_message_keeps_all_its_words(kind: str):
    message = samples()[kind]
    words = {word for block in message.blocks for word in block.text.split() if word.isalnum()}
    assert words <= set(text_of(message).split()) | {""}


@given(st.lists(ACTIONS, max_size=6))
@examples(60)
def test_a_button_is_shown_only_if_it_decodes_to_its_command(actions: list[Action]):
    encoded = [(action.command, dict(action.options)) for action in actions]
    decoded = buttons(payload(Message((), tuple(actions))))
    assert all(decode_action(button["custom_id"]) in encoded for button in decoded if "custom_id" in button)


def test_options_survive_a_round_trip():
    action = Action("More", "search", {"query": 'vidéo "a|b" 扩散', "page": "2"})
    [button] = buttons(payload(Message((), (action,))))
    assert decode_action(button["custom_id"]) == ("search", {"query": 'vidéo "a|b" 扩散', "page": "2"})


@given(TEXT | st.none() | st.integers())
@examples(60)
def test_junk_in_a_button_is_no_command(custom_id: object):
    command, options = decode_action(custom_id)
    assert isinstance(command, str)
    assert all(isinstance(each, str) for each in (*options, *options.values()))


@pytest.mark.parametrize(
    "junk", ["||", "|today|", "|today|[", "|today|" + "[" * 90, "a|b|c", "|search|1,2", "|today|{}"]
)
def test_a_damaged_custom_id_decodes_to_a_command_without_options_or_to_none(junk: str):
    command, options = decode_action(junk)
    assert command in {"", "today", "search"}
    assert options == {}


MARKS = ["*b*", "_i_", "~~x~~", "`c`", "||s||", "> q", "# h", "-# n", "- l", "1. l", "<@1>", "<#1>", "<t:1>", "[x](y)"]


@pytest.mark.parametrize("text", [*MARKS, "https://evil.example", "@everyone", "a\\*b", ":smile:", "<:x:1>", "</x:1>"])
@pytest.mark.parametrize("style", ["plain", "bold", "italic", "linked"])
def test_foreign_markup_is_shown_as_it_is(text: str, style: str):
    span = Span(text, bold=style == "bold", italic=style == "italic", url="https://h/" if style == "linked" else None)
    message = Message((Block("text", (span,)),))
    [part] = payload(message)["components"]
    assert mentions({"components": [part]}) == []
    if text != "a\\*b":
        assert text_of(message) == text
    assert "https:" not in part["content"].replace("(<https://h/>)", "")


def test_a_link_keeps_its_address_and_styles_stand_outside_of_it():
    spans = (Span("1. "), Span(" Title ", url="https://h/?a=(1)&b=2", bold=True), Span("so", italic=True))
    [part] = payload(Message((Block("text", spans),)))["components"]
    assert part["content"] == "1\\.  **[Title](<https://h/?a=%281%29&b=2>)** *so*"


def test_text_that_does_not_fit_is_cut_or_its_omission_stated():
    long = Message(tuple(Block("text", (Span(f"Paper {n} " + "word " * 900),)) for n in range(5)))
    assert "Paper 4" in text_of(long), "long paragraphs give way before whole ones do"
    many = Message(tuple(Block("item", (Span(f"Paper {n} " + "x" * 230),)) for n in range(60)))
    assert "did not fit" in text_of(many)


def test_text_is_counted_as_the_strictest_part_of_discord_counts():
    emoji = Message(tuple(Block("text", (Span("👩\u200d👩\u200d👧 " * 700),)) for _ in range(3)))
    body = payload(emoji)
    assert sum(checks.units(part["content"]) for part in body["components"]) <= 4_000


def test_a_message_without_buttons_carries_its_key_on_a_fallback_button():
    [button] = buttons(payload(samples()["opener"], key=KEY))
    assert decode_action(button["custom_id"]) == ("today", {})
    assert buttons(payload(samples()["opener"])) == []


def test_a_note_is_small_under_its_paragraph_and_papers_stand_apart():
    items = tuple(Block("item", (Span(f"Title {n}", url="https://h/"),), (Span(f"{n}0 upvotes"),)) for n in (1, 2))
    [part] = payload(Message(items))["components"]
    first, second = (f"{n}\\. [Title {n}](<https://h/>)\n-# {n}0 upvotes" for n in (1, 2))
    assert part["content"] == f"{first}\n\n{second}"
