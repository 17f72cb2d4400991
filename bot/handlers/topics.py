"""Handlers of a channel's topics: topics list, add, remove, mute, unmute, and the buttons “Follow this…”, “Less…”."""

from __future__ import annotations

import difflib
from dataclasses import replace
from math import ceil

from bot.commands import TOPICS_MAX
from bot.digest.selection import LONGEST_WINDOW, best_trends
from bot.errors import QueryError, UserError
from bot.handlers.context import Context, Invocation, handles
from bot.model import Action, Block, Message, Paper, Span
from bot.query.parser import canonical
from bot.wording.channel import TopicPreview, not_subscribed, topic_list, topic_preview, topic_saved
from bot.wording.notices import problem
from bot.wording.parts import block, title_of

EXAMPLES = 5
PROPOSED_AUTHORS = 3


@handles("topics list")
async def list_topics(context: Context, invocation: Invocation) -> Message:
    """The channel's topics and mutes."""
    return topic_list(await context.subscription(invocation.channel), invocation.number("page"))


@handles("topics add")
async def add_topic(context: Context, invocation: Invocation) -> Message:
    """Preview, then follow."""
    return await _add_line(context, invocation, mute=False)


@handles("topics mute")
async def add_mute(context: Context, invocation: Invocation) -> Message:
    """Preview, then mute."""
    return await _add_line(context, invocation, mute=True)


@handles("topics remove")
async def remove_topic(context: Context, invocation: Invocation) -> Message:
    """Stop following."""
    return await _remove_line(context, invocation, mute=False)


@handles("topics unmute")
async def remove_mute(context: Context, invocation: Invocation) -> Message:
    """Stop muting."""
    return await _remove_line(context, invocation, mute=True)


@handles("follow")
async def propose_topics(context: Context, invocation: Invocation) -> Message:
    """A paper's authors, organisation and categories, each a preview away from being followed."""
    return _proposals(await context.paper(invocation.text("paper")), "topics add", "Follow what?")


@handles("less")
async def propose_mutes(context: Context, invocation: Invocation) -> Message:
    """A paper's authors, organisation and categories, each a preview away from being muted."""
    return _proposals(await context.paper(invocation.text("paper")), "topics mute", "Less of what?")


async def _add_line(context: Context, invocation: Invocation, *, mute: bool) -> Message:
    topic = invocation.text("topic")
    async with context.changing:
        subscription = await context.subscription_or_default(invocation.caller, invocation.now)
        lines = subscription.mutes if mute else subscription.topics
        if any(same_topic(topic, line) for line in lines):
            return topic_saved(subscription, topic, "Already muted:" if mute else "Already following")
        if len(lines) >= TOPICS_MAX:
            raise UserError(f"A channel can have {TOPICS_MAX} of them. Remove one first, or join two with |.")
        if not invocation.confirmed:
            return topic_preview(await _preview(context, invocation, topic, mute=mute))
        lines = (*lines, topic)
        changed = replace(subscription, mutes=lines) if mute else replace(subscription, topics=lines)
        if changed.next_due is None and changed.paused_at is None:
            changed = replace(changed, next_due=await context.next_due(changed, invocation.now))
        await context.save(changed)
    return topic_saved(changed, topic, "Muted" if mute else "Following")


async def _preview(context: Context, invocation: Invocation, topic: str, *, mute: bool) -> TopicPreview:
    """The papers that match in the last 14 days, or in the days since the oldest candidate. Mutes match by words."""
    shortlist = await context.engine.shortlist()
    matching, by_words = await context.matching(shortlist, topic)
    papers = (by_words if mute else matching) & shortlist.window(shortlist.now - LONGEST_WINDOW)
    ages = [trend.paper.age_at for trend in shortlist.trends if trend.paper.age_at is not None]
    days = (shortlist.now - min(ages)).total_seconds() / 86_400 if ages else 0.0
    return TopicPreview(
        topic=topic,
        mute=mute,
        matched=len(papers),
        close=len(papers - by_words),
        noticed=len(papers & shortlist.noticed),
        days=min(max(ceil(days), 1), LONGEST_WINDOW.days),
        examples=tuple(trend.paper for trend in best_trends(shortlist, papers, EXAMPLES)),
        subscribed=await context.subscription(invocation.channel) is not None,
    )


async def _remove_line(context: Context, invocation: Invocation, *, mute: bool) -> Message:
    text = invocation.text("topic")
    async with context.changing:
        subscription = await context.subscription(invocation.channel)
        if subscription is None:
            return not_subscribed()
        lines = subscription.mutes if mute else subscription.topics
        removed = next((line for line in lines if same_topic(text, line)), None)
        if removed is None:
            raise _no_such_line(text, lines, mute=mute)
        lines = tuple(line for line in lines if line != removed)
        changed = replace(subscription, mutes=lines) if mute else replace(subscription, topics=lines)
        await context.save(changed)
    return topic_saved(changed, removed, "No longer muted:" if mute else "No longer following")


def same_topic(a: str, b: str) -> bool:
    """Whether two lines have the same canonical form, in any case; unreadable lines are compared as text."""
    return _comparable(a) == _comparable(b)


def _comparable(line: str) -> str:
    try:
        return canonical(line).casefold()
    except QueryError:
        return " ".join(line.split()).casefold()


def _no_such_line(text: str, lines: tuple[str, ...], *, mute: bool) -> UserError:
    state = "muted" if mute else "followed"
    if not lines:
        return UserError(f"Nothing is {state} here.")
    by_text = {line.casefold(): line for line in reversed(lines)}
    nearest = difflib.get_close_matches(text.casefold(), [line.casefold() for line in lines], n=1, cutoff=0.5)
    hint = f"Did you mean “{by_text[nearest[0]]}”?" if nearest else "Type “topics” to see what is."
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return UserError(f"“{short}” is not {state} here. {hint}")


def _proposals(paper: Paper, command: str, question: str) -> Message:
    topics = _topics_of(paper)
    if not topics:
        return problem("Nothing is known about this paper to go by: no authors, organisation or category.")
    actions = tuple(Action(label, command, {"topic": topic}) for label, topic in topics)
    blocks = (
        Block("text", (Span(question, bold=True), Span(f" {title_of(paper)}"))),
        block("You will see what it would have meant before anything is saved.", "note"),
    )
    return Message(blocks, actions, question, paper.id)


def _topics_of(paper: Paper) -> list[tuple[str, str]]:
    """(button label, topic) of the organisation, categories, first and last authors, and similar papers."""
    authors = dict.fromkeys((*paper.authors[: PROPOSED_AUTHORS - 1], *paper.authors[-1:]))
    topics = [(paper.organization, f'org:"{_unquoted(paper.organization)}"')] if paper.organization else []
    topics += [(category, f"cat:{category}") for category in paper.categories[:3]]
    topics += [(author, f'author:"{_unquoted(author)}"') for author in authors]
    topics += [("Papers like this", f"like:{paper.id}")]
    return [(label[:70], topic) for label, topic in topics if _is_query(topic)]


def _unquoted(name: str) -> str:
    return " ".join(name.replace('"', " ").split())


def _is_query(topic: str) -> bool:
    try:
        canonical(topic)
    except QueryError:
        return False
    return True
