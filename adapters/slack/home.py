"""App Home: a person's reading list and the workspace's subscriptions; its buttons are answered by modals."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from adapters.slack import forms, replies
from adapters.slack.blocks import payload
from adapters.slack.client import error_summary
from adapters.slack.failures import TRANSPORT
from adapters.slack.files import without_file
from adapters.slack.markup import Json, one_line
from adapters.slack.origin import Origin
from adapters.slack.repeats import repeated
from adapters.slack.visibility import Visibility
from adapters.text import truncate
from bot.commands import COMMANDS
from bot.model import Action, Caller, Form, Message
from bot.ports import Desk
from bot.wording.parts import say

log = logging.getLogger("paperboy.slack")

SECTIONS = ("saved list", "subscriptions")
"""The commands whose answers make up the tab."""
VIEW_BLOCKS = 100
"""Blocks of a view: https://docs.slack.dev/reference/views"""
WELCOME = say(
    "Write to me under Messages, or type `/papers` in any channel.",
    actions=(Action("Today's papers", "today"), Action("Help", "help")),
)


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


async def publish(desk: Desk, origin: Origin, caller: Caller, visibility: Visibility, state: ViewState) -> None:
    """Draw the tab for one person."""
    messages = [WELCOME]
    for command in SECTIONS:
        if COMMANDS[command].permission == "managers" and not caller.may_manage:
            continue
        page = state.pages.get(command)
        answer = await desk.run(command, caller, {"page": page} if page else {})
        if isinstance(answer, Message):
            messages.append(await visibility.visible_part(answer, origin))
    try:
        view = home_view(messages, state)
        await repeated(lambda: origin.client.views_publish(user_id=origin.user, view=view), harmless=True)
    except TRANSPORT as error:
        log.warning("could not draw App Home user=%s reason=%r", origin.person, error_summary(error))


def home_view(messages: list[Message], state: ViewState) -> Json:
    """These messages one below the other, within a view's 100 blocks. Pure."""
    room = VIEW_BLOCKS // len(messages) - 1
    blocks: list[Json] = []
    for message in messages:
        blocks += [*_blocks(message, room), {"type": "divider"}]
    return {"type": "home", "private_metadata": state.as_text(), "blocks": blocks[:-1]}


async def show_answer(origin: Origin, answer: Message | Form, state: ViewState, modal_id: str | None = None) -> None:
    """Show an answer in a modal over the tab, or in place of the modal whose button was pressed; a form opens over it.

    If a trigger has expired by then, the answer is a direct message.
    """
    client, trigger = origin.client, origin.trigger
    if isinstance(answer, Message):
        answer = await without_file(origin, answer)
    if trigger is None or (modal_id is None and isinstance(answer, Form)):
        await replies.send_answer(origin, answer)
        return
    try:
        if isinstance(answer, Form):
            await client.views_push(trigger_id=trigger, view=forms.modal(answer, origin))
        elif modal_id is None:
            await client.views_open(trigger_id=trigger, view=answer_modal(answer, state))
        else:
            view = answer_modal(answer, state)
            await repeated(lambda: client.views_update(view_id=modal_id, view=view), harmless=True)
    except TRANSPORT as error:
        log.info("answered in the direct messages instead user=%s reason=%r", origin.person, error_summary(error))
        await replies.send_answer(origin, answer)


def answer_modal(answer: Message, state: ViewState) -> Json:
    """An answer as a modal. Pure."""
    title = truncate(one_line(answer.title), forms.TITLE) or "Paperboy"
    return {
        "type": "modal",
        "private_metadata": state.as_text(),
        "title": {"type": "plain_text", "text": title},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": _blocks(answer, VIEW_BLOCKS),
    }


def _blocks(message: Message, room: int) -> list[Json]:
    """The first blocks, without Share, as a tab has one reader; text is left out before rows of buttons are."""
    actions = tuple(action for action in message.actions if action.options.get("share") != "yes")
    blocks: list[Json] = payload(replace(message, actions=actions))["blocks"]
    rows = [block for block in blocks if block["type"] == "actions"]
    text = [block for block in blocks if block["type"] != "actions"]
    return [*text[: max(room - len(rows), 0)], *rows[:room]]
