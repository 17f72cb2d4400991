"""App Home: a person's reading list and what the workspace's channels follow; what its buttons answer, as a modal."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from slack_sdk.errors import SlackApiError

from adapters.slack import forms, replies
from adapters.slack.access import reason
from adapters.slack.blocks import payload
from adapters.slack.failures import TRANSPORT
from adapters.slack.markup import Json, line
from adapters.slack.origin import Spot
from adapters.slack.visibility import Sight
from adapters.text import cut
from bot import wording
from bot.commands import COMMANDS
from bot.model import Action, Caller, Form, Message
from bot.ports import Desk

log = logging.getLogger("paperboy.slack")

SECTIONS = ("saved list", "subscriptions")
"""The commands whose answers make up the tab."""
VIEW_BLOCKS = 100
"""https://docs.slack.dev/reference/views"""
DIVIDER: Json = {"type": "divider"}
WELCOME = wording.say(
    "Write to me under Messages, or type `/papers` in any channel.",
    actions=(Action("Today's papers", "today"), Action("Help", "help")),
)


@dataclass(frozen=True, slots=True)
class Memo:
    """What a view must remember, in its `private_metadata`."""

    channel: str = ""
    """The person's direct messages with Paperboy: what is asked on the tab is asked there."""
    pages: Mapping[str, str] = field(default_factory=dict)

    def turned(self, command: str, page: str) -> Memo:
        """With another page of a section."""
        return Memo(self.channel, {**self.pages, command: page})

    def text(self) -> str:
        """As kept."""
        return json.dumps({"channel": self.channel, "pages": dict(self.pages)})


def memo_of(view: Json) -> Memo:
    """What a view remembers; nothing where it is not ours."""
    try:
        said = json.loads(view.get("private_metadata") or "{}")
        pages = {name: str(page) for name, page in (said.get("pages") or {}).items() if name in SECTIONS}
        return Memo(str(said.get("channel") or ""), pages)
    except (ValueError, AttributeError):
        return Memo()


async def publish(desk: Desk, spot: Spot, caller: Caller, sight: Sight, memo: Memo) -> None:
    """Draw the tab for one person."""
    parts = [WELCOME]
    for command in SECTIONS:
        if COMMANDS[command].permission == "managers" and not caller.may_manage:
            continue
        page = memo.pages.get(command)
        answer = await desk.run(command, caller, {"page": page} if page else {})
        if isinstance(answer, Message):
            parts.append(await sight.seen(answer, spot))
    try:
        await spot.client.views_publish(user_id=spot.user, view=home(parts, memo))
    except TRANSPORT as error:
        log.warning("could not draw App Home user=%s reason=%r", spot.person, reason(error))


def home(parts: list[Message], memo: Memo) -> Json:
    """These messages one below the other, within a view's 100 blocks. Pure."""
    room = VIEW_BLOCKS // len(parts) - 1
    blocks: list[Json] = []
    for part in parts:
        blocks += [*_within(_unshared(part), room), DIVIDER]
    return {"type": "home", "private_metadata": memo.text(), "blocks": blocks[:-1]}


async def open_answer(spot: Spot, answer: Message | Form, memo: Memo) -> None:
    """Show an answer over the tab; in the direct messages if it took longer than a trigger lives."""
    if isinstance(answer, Form) or spot.trigger is None:
        await replies.show(spot, answer)
        return
    try:
        await spot.client.views_open(trigger_id=spot.trigger, view=card(answer, memo))
    except TRANSPORT as error:
        log.info("answered in the direct messages instead user=%s reason=%r", spot.person, reason(error))
        await replies.show(spot, answer)


async def turn_answer(spot: Spot, answer: Message | Form, view_id: str, memo: Memo) -> None:
    """Put an answer in the place of the one whose button was pressed."""
    try:
        if isinstance(answer, Message):
            await spot.client.views_update(view_id=view_id, view=card(answer, memo))
        elif spot.trigger:
            await spot.client.views_push(trigger_id=spot.trigger, view=forms.modal(answer, forms.Place.of(spot)))
    except (SlackApiError, *TRANSPORT) as error:
        log.info("answered in the direct messages instead user=%s reason=%r", spot.person, reason(error))
        await replies.show(spot, answer)


def card(answer: Message, memo: Memo) -> Json:
    """An answer as a modal. Pure."""
    title = cut(line(answer.title), forms.TITLE) or "Paperboy"
    return {
        "type": "modal",
        "private_metadata": memo.text(),
        "title": {"type": "plain_text", "text": title},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": _within(_unshared(answer), VIEW_BLOCKS),
    }


def _unshared(message: Message) -> list[Json]:
    """The blocks without Share: there is nobody else on a tab."""
    alone = tuple(action for action in message.actions if action.options.get("share") != "yes")
    blocks: list[Json] = payload(replace(message, actions=alone))["blocks"]
    return blocks


def _within(blocks: list[Json], room: int) -> list[Json]:
    """The first blocks; what is left out is text, as buttons are what one needs to go on."""
    rows = [block for block in blocks if block["type"] == "actions"]
    text = [block for block in blocks if block["type"] != "actions"]
    return [*text[: max(room - len(rows), 0)], *rows[:room]]
