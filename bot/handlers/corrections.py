"""Misspelt words and unknown categories in topics and searches: what is looked for instead, and what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.commands import typed
from bot.errors import QueryError
from bot.handlers.context import Context, Invocation
from bot.model import Action, Block, Message, Span
from bot.query.ast import Phrase, Word, with_leaves
from bot.query.hints import search_hints, unknown_categories
from bot.query.parser import parse
from bot.search import Correction, Search
from bot.wording.results import correction_note, hint_notes, unknown_category

MOST_HINTS = 2
"""Buttons of one answer for what its query may have meant."""


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


def _query_option(invocation: Invocation) -> str:
    """The name of the option that is a query."""
    return next(option.name for option in invocation.command.options if option.rest)


def category_question(invocation: Invocation) -> Message | None:
    """The question which category is meant where a query names one that arXiv does not have; None if it names none."""
    option = _query_option(invocation)
    for hint in unknown_categories(parse(invocation.text(option))):
        actions = tuple(
            Action(likely.removeprefix("cat:"), invocation.command.name, {**invocation.again, option: query})
            for likely, query in zip(hint.likely, hint.queries, strict=True)
        )
        example = typed(f"{invocation.command.name} {hint.queries[0]}")
        return unknown_category(hint.typed.removeprefix("cat:"), example, actions)
    return None


async def with_hints(
    context: Context, invocation: Invocation, answer: Message, *, is_empty: bool, titles: Iterable[str] = ()
) -> Message:
    """The answer with what the query may have meant, as notes and buttons; unknown categories have their question."""
    shortlist, option = await context.engine.shortlist(), _query_option(invocation)
    hints = search_hints(parse(invocation.text(option)), shortlist, is_empty=is_empty, titles=titles)
    hints = tuple(hint for hint in hints if not hint.typed.startswith("cat:"))
    notes = tuple(Block("note", (Span(note),)) for note in hint_notes(hints))
    buttons = tuple(
        Action(hint.likely[0], invocation.command.name, {**invocation.again, option: hint.queries[0]})
        for hint in hints[:MOST_HINTS]
    )
    blocks = (answer.blocks[0], *notes, *answer.blocks[1:])
    return replace(answer, blocks=blocks, actions=(*answer.actions, *buttons))
