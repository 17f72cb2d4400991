"""Checks of the topics and mutes of a form: lines that can be read, but cannot work as meant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.handlers.context import Context
from bot.handlers.corrections import respelled
from bot.handlers.named_digest import find_digest
from bot.model import Channel, Subscription, SubscriptionChanges
from bot.model.category import is_known, similar_categories
from bot.query.ast import Query, Word, content_text
from bot.query.hints import MOST_CATEGORIES, search_hints
from bot.query.parser import field_values, parse
from bot.wording import topic_check as wording
from bot.wording.results import hint_notes, in_another_script


async def topic_faults(
    context: Context, channel: Channel, changes: SubscriptionChanges, now: datetime
) -> dict[str, str]:
    """Sentences about lines that are new and cannot work as meant, by the name of their field."""
    if changes.topics is None and changes.mutes is None:
        return {}
    before = find_digest(await context.digests(channel), changes.name) or Subscription(channel)
    after = changes.apply(before)
    faults = {
        "topics": await _line_faults(context, _new(before.topics, after.topics), now),
        "mutes": await _line_faults(context, _new(before.mutes, after.mutes), now),
    }
    faults["mutes"] += _muted_topics(before, after)
    return {name: " ".join(sentences) for name, sentences in faults.items() if sentences}


def _new(before: Iterable[str], after: Iterable[str]) -> list[str]:
    return [line for line in after if line not in set(before)]


async def _line_faults(context: Context, lines: Iterable[str], now: datetime) -> list[str]:
    faults = [await _line_fault(context, line, now) for line in lines]
    return [fault for fault in faults if fault]


async def _line_fault(context: Context, line: str, now: datetime) -> str:
    """The sentence about one line; empty if it can work."""
    query = parse(line)
    if in_another_script(" ".join(map(content_text, query.alternatives))):
        return wording.other_script(line)
    if _is_common(query):
        return wording.common_words(line)
    unknown = [category for category in field_values(query, "cat") if not is_known(category)]
    if unknown:
        return wording.no_category(unknown[0], similar_categories(unknown[0], MOST_CATEGORIES))
    if near := search_hints(query, await context.engine.shortlist(), is_empty=True):
        return " ".join(hint_notes(near))
    _, corrections = await respelled(context.search, line, now)
    return wording.misspelt([(each.typed, each.corrected) for each in corrections]) if corrections else ""


def _is_common(query: Query) -> bool:
    """Whether a side of `|` has nothing but words that nearly every paper has."""
    return any(
        all(isinstance(term.leaf, Word) and term.leaf.is_stop_word for term in terms if not term.negated)
        for terms in query.alternatives
    )


def _muted_topics(before: Subscription, after: Subscription) -> list[str]:
    """Sentences about topics of which a mute leaves nothing, where the topic or the mute is new."""
    old = {(topic, mute) for topic in before.topics for mute in before.mutes}
    pairs = [(topic, mute) for topic in after.topics for mute in after.mutes if (topic, mute) not in old]
    return [wording.muted_topic(topic, mute) for topic, mute in pairs if _leaves_nothing(parse(topic), parse(mute))]


def _leaves_nothing(topic: Query, mute: Query) -> bool:
    """Whether every paper of the topic is muted, as the terms tell."""
    wanted, muted = ([{str(term).casefold() for term in terms} for terms in q.alternatives] for q in (topic, mute))
    return all(any(each <= terms for each in muted) for terms in wanted)
