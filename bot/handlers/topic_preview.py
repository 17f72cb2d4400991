"""Preview of a topic or a mute: the papers of 14 days, the nearest of the others, how strictly, other readings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from math import ceil

from bot.digest.selection import LONGEST_WINDOW, best_trends
from bot.digest.shortlist import Shortlist
from bot.handlers.context import Context, Invocation, TopicMatches
from bot.handlers.corrections import category_question, respelled, with_corrections, with_hints
from bot.handlers.topic_alternatives import alternatives, counted_beside
from bot.model import Action, Message, OtherTopic, Paper, Subscription, TopicVotes
from bot.query.paper_set import PaperSet
from bot.query.strictness import USUAL, beside, has_threshold, steps_of, threshold_at, threshold_of
from bot.query.topic_model import MATCHES
from bot.ranking.topic_votes import topic_votes
from bot.wording.channel import of_digest
from bot.wording.topics import Strictness, TopicPreview, topic_preview

EXAMPLES = 5
NEAREST = 3
"""Papers that are named although they do not match."""
NEAREST_LEAST = 0.05
"""Their least probability."""


async def proposal(
    context: Context, invocation: Invocation, topic: str, digest: Subscription | None, *, mute: bool
) -> Message:
    """The preview of a topic or a mute, its misspelt words corrected; a category that arXiv lacks is asked about."""
    level = invocation.text("strictness") if invocation.has("strictness") else USUAL
    label = digest.label if digest else ""
    options = {"topic": topic, **of_digest(label)} | ({"strictness": level} if level != USUAL else {})
    as_typed = Action("Save as typed", invocation.command.name, {**options, "confirm": "yes"})
    corrected, corrections = await respelled(context.search, topic, invocation.now)
    preview = await preview_of(context, invocation, corrected, level=None if mute else level, with_others=True)
    others = [each.name for each in await context.digests(invocation.channel) if digest and each.name != digest.name]
    preview = replace(preview, label=label, elsewhere=tuple(others))
    if not preview.matched and (question := category_question(invocation)):
        return replace(question, actions=(*question.actions, as_typed))
    answer = with_corrections(topic_preview(preview), corrections, as_typed)
    return await with_hints(context, invocation, answer, is_empty=not preview.matched)


async def preview_of(
    context: Context, invocation: Invocation, topic: str, *, level: str | None, with_others: bool = False
) -> TopicPreview:
    """The papers that match in the last 14 days, or in the days since the oldest candidate.

    `level`: how strictly, None for a mute, which matches by words. `with_others`: and what else the words may mean.
    """
    shortlist = await context.engine.shortlist()
    matches = await context.matches(shortlist, topic)
    votes = topic_votes(await context.lessons(invocation.channel)).get(topic, TopicVotes())
    preview = await asyncio.to_thread(_preview, shortlist, matches, topic, level, votes)
    others = await alternatives(context.search, shortlist, topic) if with_others else ()
    counted = tuple([await _other(shortlist, each, matches, level) for each in others])
    subscribed = await context.subscription(invocation.channel) is not None
    return replace(preview, others=counted, subscribed=subscribed)


def _preview(
    shortlist: Shortlist, matches: TopicMatches, topic: str, level: str | None, votes: TopicVotes
) -> TopicPreview:
    window = shortlist.window(shortlist.now - LONGEST_WINDOW)
    threshold = _threshold(level, votes)
    papers = (matches.by_words if level is None else matches.at(threshold)) & window
    is_moved = level is not None and has_threshold(matches.query)
    missed = _nearest(shortlist, matches, matches.at(NEAREST_LEAST) & window - papers) if is_moved else ()
    return TopicPreview(
        topic=topic,
        mute=level is None,
        matched=len(papers),
        close=len(papers - matches.by_words),
        noticed=len(papers & shortlist.noticed),
        days=_days(shortlist),
        examples=tuple(trend.paper for trend in best_trends(shortlist, papers, EXAMPLES)),
        missed=missed,
        strictness=_strictness(matches, window, level, votes) if is_moved and level is not None else None,
    )


def _strictness(matches: TopicMatches, window: PaperSet, level: str, votes: TopicVotes) -> Strictness:
    further = [each for steps in (1, -1) if (each := beside(level, steps)) is not None]
    return Strictness(level, {each: len(matches.at(_threshold(each, votes)) & window) for each in further}, votes)


def _threshold(level: str | None, votes: TopicVotes) -> float:
    return MATCHES if level is None else threshold_at(steps_of(threshold_of(level)) + votes.steps)


def _nearest(shortlist: Shortlist, matches: TopicMatches, papers: PaperSet) -> tuple[Paper, ...]:
    scores = shortlist.scores(matches.query)
    nearest = sorted(papers, key=lambda position: -scores[position])[:NEAREST]
    return tuple(shortlist.trends[position].paper for position in nearest)


def _days(shortlist: Shortlist) -> int:
    ages: list[datetime] = [trend.paper.age_at for trend in shortlist.trends if trend.paper.age_at is not None]
    days = (shortlist.now - min(ages)).total_seconds() / 86_400 if ages else 0.0
    return min(max(ceil(days), 1), LONGEST_WINDOW.days)


async def _other(shortlist: Shortlist, other: str, matches: TopicMatches, level: str | None) -> OtherTopic:
    own = matches.by_words if level is None else matches.at(threshold_of(level))
    return await asyncio.to_thread(counted_beside, shortlist, other, own, LONGEST_WINDOW)
