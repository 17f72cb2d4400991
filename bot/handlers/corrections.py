"""Misspelt words and unknown categories in topics and searches: what is looked for instead, and what was typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.commands import typed
from bot.errors import QueryError
from bot.handlers.context import Invocation
from bot.model import Action, Block, Message, Span
from bot.model.category import is_known, similar_categories
from bot.query.ast import Phrase, Word, with_leaves
from bot.query.hints import MOST_CATEGORIES
from bot.query.parser import field_values, parse
from bot.search import Correction, Search
from bot.wording.results import correction_note, unknown_category


async def respelled(search: Search, topic: str, now: datetime) -> tuple[str, tuple[Correction, ...]]:
    """A topic in which words that no stored paper has are corrected, and the corrections."""
    try:
        corrections = await search.corrections(topic, now)
    except QueryError:
        return topic, ()
    query = with_leaves(parse(topic), {each.typed: Word(each.corrected) for each in corrections})
    return str(query), corrections


def exactly(query: str, corrections: Sequence[Correction]) -> str:
    """The query as typed, with its corrected words in quotes, which keep them as they are."""
    return str(with_leaves(parse(query), {each.typed: Phrase(each.typed) for each in corrections}))


def with_corrections(message: Message, corrections: Sequence[Correction], as_typed: Action) -> Message:
    """An answer with a note about what was corrected, and the button for what was typed."""
    if not corrections:
        return message
    note = Block("note", (Span(correction_note([(each.typed, each.corrected) for each in corrections])),))
    return replace(message, blocks=(message.blocks[0], note, *message.blocks[1:]), actions=(*message.actions, as_typed))


def category_question(invocation: Invocation, option: str) -> Message | None:
    """The question which category is meant where a query names one that arXiv does not have; None if it names none."""
    query = invocation.text(option)
    for category in field_values(parse(query), "cat"):
        if is_known(category):
            continue
        near = similar_categories(category, MOST_CATEGORIES)
        others = {name: text for name, text in invocation.again.items() if name != option}
        as_typed = re.compile(rf'\bcat:("?){re.escape(category)}\1(?![\w.-])', re.IGNORECASE)
        fixed = [as_typed.sub(f"cat:{each}", query) for each in near]
        actions = tuple(
            Action(each, invocation.command.name, {**others, option: line})
            for each, line in zip(near, fixed, strict=True)
        )
        return unknown_category(category, typed(f"{invocation.command.name} {fixed[0]}"), actions)
    return None
