"""Blocks that Slack brought out in 2025 and 2026, and today's where a workspace refuses them.

table            items under `Message.columns`, such as the signals of `why`
context_actions  👍 and 👎 as one pair of feedback buttons; an answer's bin (agent.py)

https://docs.slack.dev/reference/block-kit/blocks/table-block, .../context-actions-block. Neither is for views. The card
block cuts a text at 200 characters, and a markdown block has no escape for foreign text: neither is used.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import limits
from adapters.slack.blocks import payload
from adapters.slack.buttons import button
from adapters.slack.client import WebClient
from adapters.slack.failures import error_code
from adapters.slack.markup import Json, characters, one_line, rich_text_elements
from adapters.slack.pictures import is_of_picture
from adapters.text import truncate
from bot.model import Action, Block, Message, Span

log = logging.getLogger("paperboy.slack")

REFUSALS = frozenset({"invalid_blocks", "invalid_blocks_format"})
FEEDBACK = {"like": ("positive_button", "More like this"), "dislike": ("negative_button", "Less like this")}
"""Commands that feedback buttons stand for: the button, and what a screen reader reads out."""
BIN: Json = {
    "type": "icon_button",
    "icon": "trash",
    "text": {"type": "plain_text", "text": "Delete"},
    "action_id": "delete",
    "accessibility_label": "Delete this answer",
}
"""The one icon that Slack has for such buttons."""
NO_VALUE = "–"
"""Text of an empty cell: Slack wants one character at least."""

_Answer = TypeVar("_Answer")


async def post_message(
    client: AsyncWebClient, message: Message, post: Callable[[Json], Awaitable[_Answer]], *, removable: bool = False
) -> _Answer:
    """Post a message by `post`, which takes `payload`'s arguments: in new blocks, or in today's if they are refused.

    `removable`: with a bin, by which whoever reads it deletes it.

    A workspace that refused them gets today's from then on. Raises what `post` raises of today's.
    """
    refused = (client.token or "", "blocks")
    refusals = client.refusals if isinstance(client, WebClient) else {refused: True}
    new = None if refused in refusals else new_payload(message, removable=removable)
    if new is None:
        return await post(payload(message))
    try:
        return await post(new)
    except SlackApiError as error:
        if error_code(error) not in REFUSALS or is_of_picture(error):
            raise
    refusals[refused] = True
    log.warning("Slack refuses new blocks in a workspace: the others are posted there from now on")
    return await post(payload(message))


def new_payload(message: Message, *, removable: bool = False) -> Json | None:
    """The payload of a message in new blocks; None for one that has nothing for them, or is too long in them. Pure."""
    votes = {each.command: each for each in message.actions if each.command in FEEDBACK}
    icons = [BIN] if removable else []
    if len(votes) == len(FEEDBACK):
        message = replace(message, actions=tuple(each for each in message.actions if each.command not in FEEDBACK))
        icons.insert(0, _feedback(votes))
    table = _with_table(message)
    if table is None and not icons:
        return None
    body = payload(message)
    below = [{"type": "context_actions", "elements": icons}] if icons else []
    blocks = [*(table or body["blocks"]), *below]
    fits = len(blocks) <= limits.BLOCKS and characters(blocks) <= limits.MESSAGE
    return {**body, "blocks": blocks} if fits else None


def _feedback(votes: Mapping[str, Action]) -> Json:
    both = {name: {**button(votes[command]), "accessibility_label": read} for command, (name, read) in FEEDBACK.items()}
    return {"type": "feedback_buttons", "action_id": "feedback", **both}


# --- tables ------------------------------------------------------------------------------------------------------


def _with_table(message: Message) -> list[Json] | None:
    """The message's blocks with its rows as a table; None for one without, or with other items among them."""
    rows = [at for at, each in enumerate(message.blocks) if each.cells]
    if not message.columns or not 1 <= len(rows) < limits.TABLE_ROWS or rows[-1] - rows[0] != len(rows) - 1:
        return None
    before, after = message.blocks[: rows[0]], message.blocks[rows[-1] + 1 :]
    if any(each.role == "item" for each in (*before, *after)):
        return None
    table = _table(message.columns, [message.blocks[at].cells for at in rows])
    above = payload(replace(message, blocks=before, actions=()))["blocks"] if before else []
    return [*above, table, *_below(message, after)]


def _below(message: Message, blocks: Sequence[Block]) -> list[Json]:
    """The blocks and buttons under a table."""
    rest = payload(replace(message, blocks=tuple(blocks), mention=""))["blocks"]
    return rest if blocks else [each for each in rest if each["type"] == "actions"]


def _table(columns: Sequence[str], rows: Sequence[Sequence[Span]]) -> Json:
    """A table without the columns that are empty in every row."""
    used = [at for at in range(len(columns)) if any(row[at].text.strip() for row in rows)]
    lines = [[Span(columns[at], bold=True) for at in used], *([row[at] for at in used] for row in rows)]
    return {
        "type": "table",
        "rows": [[_cell(span) for span in line] for line in lines],
        "column_settings": [{"is_wrapped": True}] * len(used),
    }


def _cell(span: Span) -> Json:
    text = truncate(one_line(span.text), limits.CELL) or NO_VALUE
    if not span.bold:
        return {"type": "raw_text", "text": text}
    section = {"type": "rich_text_section", "elements": rich_text_elements(((Span(text, bold=True),),))}
    return {"type": "rich_text", "elements": [section]}
