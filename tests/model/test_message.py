"""Messages that are shortened to the items that fit."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Action, Block, Continuation, Message, Span

MORE = Action("More", "search", {"query": "video"})


def listing(items: int, *labels: str, first: int = 1, counted: int | None = None) -> Message:
    """A list with some items, a number button for each, and further buttons."""
    blocks = [Block("heading", (Span("Papers"),)), *(Block("item", (Span(f"item {i}"),)) for i in range(items))]
    actions = [Action(f"#{first + i}", "paper") for i in range(items)] + [Action(label, "search") for label in labels]
    continuation = Continuation(MORE, items if counted is None else counted)
    return Message((*blocks, Block("note", (Span("a note"),))), tuple(actions), first=first, continuation=continuation)


def labels(message: Message) -> list[str]:
    return [action.label for action in message.actions]


def test_a_message_without_items_left_out_stays_as_it_is():
    message = listing(3, "More")
    assert message.shortened(3) is message
    whole = replace(message, continuation=None)
    assert whole.shortened(1) is whole


def test_items_leave_with_their_buttons_and_more_goes_on_after_those_that_stay():
    shortened = listing(5, "Back", "More", "Share", first=21).shortened(3)
    assert shortened.text == "Papers\nitem 0\nitem 1\nitem 2\na note"
    assert labels(shortened) == ["#21", "#22", "#23", "Back", "More", "Share"]
    assert shortened.actions[4].options == {"query": "video", "start": "24"}


def test_the_last_page_gets_a_button_for_what_did_not_fit():
    shortened = listing(5, "Share").shortened(4)
    assert labels(shortened) == ["#1", "#2", "#3", "#4", "More", "Share"]
    assert shortened.actions[4].options["start"] == "5"


def test_items_that_no_page_lists_are_counted_where_they_do_not_fit():
    """Papers found by a source follow those that are stored, on the first page alone."""
    shortened = listing(5, "Share", counted=3).shortened(4)
    assert labels(shortened) == ["#1", "#2", "#3", "#4", "Share"]
    assert shortened.text.endswith("1 more did not fit; fewer at a time leave room for them.")
    assert listing(5, "More", counted=3).shortened(4).actions[-1].options["start"] == "4"
    again = listing(5, "Share", counted=3).shortened(2)
    assert again.actions[-2].options["start"] == "3"
