"""Answers about tokens by which a program acts for a person. Pure."""

from __future__ import annotations

from datetime import date

from bot.model import Action, Block, Message, Span
from bot.wording.parts import block, day_text, say

_NEW = Action("New token", "mcp", {"action": "token"})
_END = Action("Revoke", "mcp", {"action": "revoke"}, style="danger")

NO_TOKEN = say(
    "Your AI assistant has no token for this channel. `/papers mcp token` makes one: with it the assistant can read"
    " what this channel follows and your reading list, and save papers for you, and nothing else of yours.",
    actions=(_NEW,),
)
REVOKED = say("The token opens nothing any more.", actions=(_NEW,))


def has_token(until: date) -> Message:
    """That there is a token, which is not shown again."""
    return say(
        f"Your AI assistant has a token for this channel, good until {day_text(until, None)}. It is not shown again.",
        actions=(_NEW, _END),
    )


def new_token(token: str, until: date, url: str | None, *, replaced: bool) -> Message:
    """The one answer that shows a token; `url` is where it is used, None where nothing listens for it."""
    lead = "Your AI assistant's token for this channel" + ("; the one before ends now" if replaced else "")
    where = (
        (block("Your MCP client sends it as a bearer token to:"), Block("text", (Span(url, code=True),)))
        if url
        else (
            block(
                "Nothing listens for it here: whoever runs Paperboy would have to set `PAPERBOY_MCP=on`. On the same"
                " machine `paperboy mcp` takes it as `PAPERBOY_MCP_CHANNEL_TOKEN`."
            ),
        )
    )
    note = (
        f"Copy it now: it is shown this once, and good until {day_text(until, None)}. Whoever has it can read this"
        " channel's topics and your reading list with its notes, and save papers in your name."
    )
    blocks = (block(f"{lead}:"), Block("text", (Span(token, code=True),)), *where, block(note, "note"))
    return Message(blocks, (_END,), f"{lead}.")
