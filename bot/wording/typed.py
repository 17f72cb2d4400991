"""Command lines in answers as people type them where they are. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import COMMAND_WORD
from bot.model import Block, Message, Span


def as_typed(message: Message, word: str) -> Message:
    """The message with `word` in the place of `/papers` before each command; nothing before it if it is empty."""
    if word == COMMAND_WORD:
        return message

    def typed_there(block: Block) -> Block:
        spans, note = (tuple(_as_typed(span, word) for span in spans) for spans in (block.spans, block.note))
        return replace(block, spans=spans, note=note)

    return replace(message, blocks=tuple(map(typed_there, message.blocks)))


def _as_typed(span: Span, word: str) -> Span:
    if not span.code or span.text.partition(" ")[0] != COMMAND_WORD:
        return span
    command = f"{word} {span.text.removeprefix(COMMAND_WORD).lstrip()}".strip()
    return replace(span, text=command or "help")
