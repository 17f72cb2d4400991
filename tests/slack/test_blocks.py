"""Any message becomes a payload Slack takes; a button comes back as what it stood for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.blocks import payload
from adapters.slack.buttons import decode_action, pressed_action
from bot.app.cli import preview
from bot.model import Action, Block, Message, Paper, Span
from bot.settings import Settings
from bot.wording.digest import digest_thread
from bot.wording.parts import title_of
from tests.contracts.outlet import HOSTILE, samples
from tests.harness.examples import examples
from tests.harness.paging import PAPERS, every_paper_once, turned
from tests.harness.samples import SUNDAY, digest, pick, upvotes
from tests.harness.strategies import ACTIONS, MESSAGES, TEXT
from tests.slack.payload_checks import check, elements


def kinds(body: dict[str, object]) -> list[str]:
    return [block["type"] for block in body["blocks"]]  # type: ignore[attr-defined, index]


def texts(*words: str, role: str = "text") -> tuple[Block, ...]:
    return tuple(Block(role, (Span(each),)) for each in words)  # type: ignore[arg-type]


@given(MESSAGES, st.sampled_from([1, 1, 30]))
@examples(30)
def test_any_message_becomes_a_payload_that_slack_takes_and_that_pings_nobody(message: Message, times: int):
    message = replace(message, blocks=message.blocks * times, actions=message.actions * times)
    check(payload(message))


def test_more_goes_on_where_a_page_ended_and_numbers_go_on_too():
    def render(message: Message) -> tuple[str, dict[str, dict[str, str]]]:
        body = payload(message)
        check(body)
        text = json.dumps(body["blocks"], ensure_ascii=False)
        found = [each for each in elements(body) if each["type"] == "button"]
        return text, {b["text"]["text"]: decode_action(b["action_id"], b["value"])[1] for b in found}

    pages = turned(render)
    every_paper_once(pages)
    assert not any("did not fit" in page for page in pages)
    for number in range(1, len(PAPERS) + 1):
        assert f"{number}. " in "".join(pages)


@given(st.lists(ACTIONS, max_size=6))
@examples(100)
def test_a_button_comes_back_as_the_command_it_stood_for(actions: list[Action]):
    commands = [(a.command, dict(a.options)) for a in actions if a.url is None]
    controls = elements(payload(Message((), tuple(actions))))
    chosen = [{**menu, "selected_option": entry} for menu in controls for entry in menu.get("options", ())]
    pressed = [pressed_action(e) for e in (*controls, *chosen) if "value" in e or "selected_option" in e]
    assert [each for each in pressed if each not in commands] == []
    if sum(len(json.dumps(each)) for each in commands) < 300:  # they fit, even if every character is escaped
        assert sorted(pressed, key=repr) == sorted(commands, key=repr)


@examples(50)
@given(TEXT, TEXT | st.none() | st.integers() | st.builds(json.dumps, st.recursive(st.none() | TEXT, st.lists)))
def test_junk_in_a_button_is_no_command(action_id: str, value: object):
    command, options = decode_action(action_id, value)
    assert isinstance(command, str)
    assert all(isinstance(each, str) for each in (*options, *options.values()))


def test_deeply_nested_junk_is_no_command():
    assert decode_action("x", "[" * 2_000) == ("", {})
    assert decode_action("link:3", None) == ("", {})
    assert decode_action("x", '["why", {"paper": 1, "page": "2"}]') == ("why", {"page": "2"})


def test_a_button_without_a_readable_value_still_names_its_command():
    assert decode_action("topics list:4", "broken") == ("topics list", {})


@pytest.mark.parametrize("kind", samples())
def test_every_kind_of_message_is_taken_and_says_what_it_says(kind: str):
    message = samples()[kind]
    text = check(payload(message)).shown
    for block in message.blocks:
        assert " ".join(block.text.split()) in " ".join(text.split())


async def test_twenty_papers_in_compact_style_fit_whole():
    chosen, _ = await preview.choose(Settings(), preview.console_subscription((), 20), sample=True)
    assert len(chosen.picks) == 20
    message = digest_thread(replace(chosen, style="compact")).opener
    body = payload(message)
    text = check(body).shown
    assert "more: it did not fit" not in text
    assert [f"{n}. {title_of(p.paper)}" in text for n, p in enumerate(chosen.picks, 1)] == [True] * 20
    assert [each["text"]["text"] for each in elements(body)] == [f"#{n}" for n in range(1, 21)]


def test_twenty_long_winded_papers_in_compact_style_are_shortened_and_all_there():
    papers = [Paper(f"2511.{n:05d}", f"Paper {n}: " + "a long title " * 8, tldr="It says. " * 35) for n in range(1, 21)]
    chosen = digest(*(pick(each, upvotes(132, 91)) for each in papers), at=SUNDAY, style="compact")
    body = payload(digest_thread(chosen).opener)
    text = check(body).shown
    assert [f"Paper {n}: " in text for n in range(1, 21)] == [True] * 20
    assert text.count("132 upvotes (+41 since Sat)") == 20
    assert len(elements(body)) == 20


def test_what_does_not_fit_at_all_is_left_out_from_the_end_and_said():
    body = payload(Message(texts(*(f"{n} " + "word " * 700 for n in range(90))), title="T"))
    text = check(body).shown
    assert "0 word" in text
    assert "89 word" not in text
    assert text.endswith("… more: it did not fit into one message.")


def test_an_opener_is_a_header_each_title_with_its_grey_line_and_a_note():
    message = digest_thread(
        digest(*(pick(Paper(f"2511.0000{n}", f"Title {n}"), upvotes(9)) for n in range(1, 6)))
    ).opener
    body = payload(message)
    assert kinds(body) == ["header", *("section", "context") * 5, "context"]
    assert body["blocks"][3]["text"]["text"] == "2. <https://arxiv.org/abs/2511.00002|Title 2>"
    assert body["blocks"][4]["elements"] == [{"type": "mrkdwn", "text": "9 upvotes"}]


def test_details_stand_inside_their_paragraphs_where_slack_takes_no_more_blocks():
    items = tuple(Block("item", (Span(f"Title {n}"),), (Span(f"{n} upvotes"),)) for n in range(1, 27))
    assert kinds(payload(Message(items[:25]))) == ["section", "context"] * 25
    body = payload(Message(items))
    assert kinds(body) == ["section"]
    assert check(body).shown.startswith("1. Title 1\n1 upvotes\n\n2. Title 2\n2 upvotes")


def test_a_header_keeps_its_note_apart_however_little_room_there_is():
    heading = Block("heading", (Span("Papers of today " * 5),), (Span("a note " * 10),))
    body = payload(Message((heading,) * 26, title="T"))
    check(body)
    assert "Papers of today" in body["blocks"][0]["text"]["text"]


def test_one_paper_that_needs_rich_text_keeps_its_number_and_its_place():
    items = [Block("item", (Span(title, url="https://h/"),)) for title in ("One", "*Two*", "Three")]
    body = payload(Message(tuple(items)))
    assert kinds(body) == ["section", "rich_text", "section"]
    assert check(body).shown == "1. One\n2. *Two*\n3. Three"


def test_a_heading_is_a_header_unless_it_is_long_or_links():
    assert kinds(payload(Message(texts("*A* & b", role="heading")))) == ["header"]
    linked = payload(Message((Block("heading", (Span("A", url="https://h/"),)),)))
    assert linked["blocks"][0]["text"]["text"] == "*<https://h/|A>*"
    assert kinds(payload(Message(texts("a" * 151, role="heading")))) == ["section"]
    assert kinds(payload(Message(texts("&" * 31, role="heading")))) == ["section"], "counted after escaping"


def test_a_note_is_small_even_where_it_could_be_misread():
    body = payload(Message((*texts("*a* & b", role="note"),)))
    assert body["blocks"] == [
        {"type": "context", "elements": [{"type": "plain_text", "text": "*a* &amp; b", "emoji": False}]}
    ]


def test_bare_names_are_left_alone_by_slack():
    body = payload(Message(texts("ask @here in #general or at evil.example")))
    assert body["blocks"][0]["text"]["verbatim"] is True
    assert "verbatim" not in payload(Message(texts("nothing of the kind")))["blocks"][0]["text"]


def test_the_text_for_screen_readers_says_it_all_under_the_title():
    body = payload(Message((*texts("First & second"), *texts("A", "B", role="item")), title="News"))
    assert body["text"] == "News\nFirst &amp; second\n1. A\n2. B"
    assert payload(Message(texts("News of today"), title="News"))["text"] == "News of today"


def test_an_empty_message_still_says_something():
    assert check(payload(Message(()))).shown == "…"
    assert check(payload(Message(texts("\u200b"), title="Title"))).shown == "Title"


def test_buttons_stand_in_rows_as_wide_as_a_phone():
    labels = ["Settings", "Test", "👍", "👎", "Subscribe", "Unsubscribe", "Tuning"]
    body = payload(Message(texts("a"), tuple(Action(each, "why") for each in labels)))
    rows = [[e["text"]["text"] for e in b["elements"]] for b in body["blocks"] if b["type"] == "actions"]
    assert rows == [labels[:4], labels[4:]]
    numbers = payload(Message(texts("a"), tuple(Action(f"#{n}", "paper") for n in range(1, 12))))
    assert [len(b["elements"]) for b in numbers["blocks"][1:]] == [5, 5, 1]


def test_what_a_menu_cannot_hold_is_a_button():
    long = Action("Long", "search", {"query": "x" * 60}, in_menu=True)
    link = Action("Open", url="https://h/", in_menu=True)
    entries = tuple(Action(f"Entry {n}", "paper", {"paper": f"2511.0000{n}"}, in_menu=True) for n in range(6))
    *buttons, menu = elements(payload(Message(texts("a"), (long, link, *entries, entries[0], Action("Save", "save")))))
    assert [each["text"]["text"] for each in menu["options"]] == [f"Entry {n}" for n in range(5)]
    assert [each["text"]["text"] for each in buttons] == ["Long", "Open", "Entry 5", "Entry 0", "Save"]
    assert pressed_action({"action_id": "menu", "selected_option": menu["options"][1]}) == (
        "paper",
        {"paper": "2511.00001"},
    )
    assert pressed_action({"action_id": "menu", "selected_option": {"value": "junk"}}) == ("", {})


def test_a_button_has_its_style_its_link_and_a_value_without_slacks_own_marks():
    actions = (
        Action("Do", "topics add", {"topic": "<!channel> & é"}, style="primary"),
        Action("Open", url="https://h/|x"),
        Action("Bad", url="javascript:alert(1)"),
        Action("Vast", "search", {"query": "x" * 2_000}),
    )
    do, opens = elements(payload(Message(texts("a"), actions)))
    assert do["style"] == "primary"
    assert do["action_id"] == "topics add:0"
    assert do["value"] == '["topics add",{"topic":"\\u003c!channel\\u003e \\u0026 \\u00e9"}]'
    assert opens == {
        "type": "button",
        "text": {"type": "plain_text", "text": "Open", "emoji": True},
        "action_id": "link:1",
        "url": "https://h/%7Cx",
    }


def test_hostile_text_is_read_as_it_was_written():
    for role in ("heading", "text", "item", "note"):
        block = Block(role, (Span(HOSTILE, url="javascript:alert(1)"), Span(HOSTILE, code=True)))  # type: ignore[arg-type]
        body = payload(Message((block,), title=HOSTILE))
        text = check(body).shown
        assert "<!channel> <@U123> @everyone" in text
        assert "&lt;script&gt; <script>alert(1)</script>" in text
        assert not any(mark in json.dumps(body) for mark in ("<!channel>", "<@U123>", "\\u202e"))
