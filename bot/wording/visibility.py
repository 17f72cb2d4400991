"""Overviews without the channels that a person may not see, and with names for addresses. Pure.

`address` is the pattern of a platform's addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from bot.model import Block, Message, Span
from bot.wording.parts import block

LEFT_OUT = "Channels that you cannot see are left out."


def channels_in(message: Message, address: re.Pattern[str]) -> list[tuple[str, Block]]:
    """The paragraphs of an overview that begin with an address, each with it: a channel may have several."""
    return [(each.spans[0].text, each) for each in message.blocks if _about(each, address)]


def addresses_in(message: Message, address: re.Pattern[str]) -> dict[str, re.Match[str]]:
    """All addresses in those paragraphs, of channels and of people, with their matches."""
    texts = [span.text for _, each in channels_in(message, address) for span in (*each.spans, *each.note)]
    return {match[0]: match for text in texts for match in address.finditer(text)}


def without_hidden(
    message: Message, address: re.Pattern[str], hidden: Collection[str], named: Callable[[str], str]
) -> Message:
    """The message with names for addresses, and a note instead of the paragraphs about hidden channels.

    A name "" leaves an address as it is.
    """
    about = [each for each in message.blocks if _about(each, address)]
    removed = [each for each in about if each.spans[0].text in hidden]
    remaining = [
        _readable(each, address, named) if each in about else each for each in message.blocks if each not in removed
    ]
    return replace(message, blocks=(*remaining, *([block(LEFT_OUT, "note")] if removed else [])))


def _about(each: Block, address: re.Pattern[str]) -> bool:
    return bool(each.spans and each.spans[0].code and address.fullmatch(each.spans[0].text))


def _readable(each: Block, address: re.Pattern[str], named: Callable[[str], str]) -> Block:
    def readable(span: Span) -> Span:
        text = address.sub(lambda match: named(match[0]) or match[0], span.text)
        return replace(span, text=text, code=span.code and text == span.text)

    return each.with_spans(readable)
