"""Command lines in answers as people type them where they are. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot.commands import COMMAND_WORD
from bot.model import Message, Span


def as_typed(message: Message, word: str) -> Message:
    """The message with `word` in the place of `/papers` before each command; nothing before it if it is empty."""
    if word == COMMAND_WORD:
        return message
    typed = partial(_as_typed, word)
    return replace(message, blocks=tuple(each.with_spans(typed) for each in message.blocks))


def _as_typed(word: str, span: Span) -> Span:
    if not span.code or span.text.partition(" ")[0] != COMMAND_WORD:
        return span
    command = f"{word} {span.text.removeprefix(COMMAND_WORD).lstrip()}".strip()
    return replace(span, text=command or "help")
