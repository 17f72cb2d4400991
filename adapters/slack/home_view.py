"""App Home as Block Kit: introduction, own digest, reading list, channels; and modals over it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adapters.slack import buttons, forms
from adapters.slack.blocks import payload
from adapters.slack.markup import Json, one_line
from adapters.text import truncate
from bot.model import Action, Message, Span
from bot.wording.channel import NOT_SUBSCRIBED
from bot.wording.parts import block

SECTIONS = ("saved list", "subscriptions")
"""The commands whose answers are turned in the tab itself."""
VIEW_BLOCKS = 100
"""Blocks of a view: https://docs.slack.dev/reference/views"""
CHANNEL = "channel"
"""Option of a button in the tab that is about another channel than the person's direct messages."""
ACCESSIBLE = 75
"""Characters of a button's label for screen readers."""

INTRODUCTION = Message(
    (
        block("Paperboy", "heading"),
        block("I bring the day's trending research papers, each with a short summary and the numbers behind its rank."),
        block("Type `/papers` in any channel, or write to me under Messages."),
        block("For a digest in a channel, type `/invite @Paperboy` there."),
    ),
    (Action("Today's papers", "today"), Action("Help", "help")),
)
OWN_DIGEST = block("Your own digest", "heading")
OFFER = Message(
    (OWN_DIGEST, block("You have none yet. It would come under Messages, where nobody else sees it.")),
    (Action("Get it daily at 09:00", "subscribe", {"at": "09:00"}, style="primary"),),
)
EVERYTHING = block("It follows everything that trends. Settings narrows it down.")
"""In place of a command, which would be about the channel that it is typed in."""
MANAGE_OWN = (Action("Settings", "settings"), Action("Topics", "topics list"), Action("Preview", "preview"))


@dataclass(frozen=True, slots=True)
class ViewState:
    """State of a view, kept in its `private_metadata`."""

    channel: str = ""
    """The person's direct messages with Paperboy: commands on the tab run there."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """The page shown of each section."""

    def as_text(self) -> str:
        """The state as `private_metadata`."""
        return json.dumps({"channel": self.channel, "pages": dict(self.pages)})


def view_state(view: Json) -> ViewState:
    """The state of a view; the empty state where it is not ours."""
    metadata = forms.private_metadata(view)
    pages = metadata.get("pages")
    items = pages.items() if isinstance(pages, dict) else ()
    return ViewState(str(metadata.get("channel") or ""), {name: str(page) for name, page in items if name in SECTIONS})


def home_view(sections: Sequence[Sequence[Json]], state: ViewState) -> Json:
    """The sections one below the other, within a view's 100 blocks."""
    room = VIEW_BLOCKS // len(sections) - 1
    blocks: list[Json] = []
    for section in sections:
        blocks += [*_shortened(section, room), {"type": "divider"}]
    return {"type": "home", "private_metadata": state.as_text(), "blocks": blocks[:-1]}


def answer_modal(answer: Message, state: ViewState) -> Json:
    """An answer as a modal."""
    title = truncate(one_line(answer.title), forms.TITLE) or "Paperboy"
    return {
        "type": "modal",
        "private_metadata": state.as_text(),
        "title": {"type": "plain_text", "text": title},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": _shortened(message_blocks(answer), VIEW_BLOCKS),
    }


def message_blocks(message: Message) -> list[Json]:
    """The blocks of a message, without Share, as a tab has one reader."""
    actions = tuple(action for action in message.actions if action.options.get("share") != "yes")
    blocks: list[Json] = payload(replace(message, actions=actions))["blocks"]
    return blocks


def own_digest(topics: Message) -> Message:
    """A person's own digest by the answer to `topics list` in their direct messages, or the offer of one."""
    if topics == NOT_SUBSCRIBED:
        return OFFER
    rest = tuple(EVERYTHING if each.role == "text" else each for each in topics.blocks if each.role != "heading")
    return replace(topics, blocks=(OWN_DIGEST, *rest), actions=MANAGE_OWN)


def channel_rows(overview: Message, channels: Iterable[str]) -> list[Json]:
    """The answer to `subscriptions` with a button beside each channel that opens its settings; ids of the channels."""
    blocks: list[Json] = []
    ids = iter(channels)
    for number, each in enumerate(overview.blocks):
        channel = next(ids, None) if each.role == "item" else None
        row = payload(Message((each,), first=number))["blocks"]
        name = next((span.text for span in each.spans[1:3] if span.bold), "")  # of one of several digests
        options = {CHANNEL: channel, "name": name} if name and channel else {CHANNEL: channel or ""}
        blocks += row if channel is None else _with_settings(row, options, each.spans[0])
    return [*blocks, *buttons.rows(overview.actions)]


def _with_settings(row: list[Json], options: Mapping[str, str], name: Span) -> list[Json]:
    """A channel's row with its button: beside the text, or below it where that is rich text."""
    [actions] = buttons.rows((Action("Settings", "settings", options),))
    button = {
        **actions["elements"][0],
        "accessibility_label": truncate(f"Settings of {one_line(name.text)}", ACCESSIBLE),
    }
    *above, last = row
    if last["type"] == "section":
        return [*above, {**last, "accessory": button}]
    return [*row, {**actions, "elements": [button]}]


def _shortened(blocks: Sequence[Json], room: int) -> list[Json]:
    """The first blocks; text is left out before rows of buttons are."""
    rows = [block for block in blocks if block["type"] == "actions"]
    spare = room - len(rows)
    if len(blocks) <= room or spare <= 0:
        return [*(blocks if len(blocks) <= room else rows[:room])]
    text = [at for at, block in enumerate(blocks) if block["type"] != "actions"][:spare]
    return [block for at, block in enumerate(blocks) if at in text or block["type"] == "actions"]
