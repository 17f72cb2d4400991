"""Handlers for one person: reactions, and erasure on request."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.digest.selection import channel_request
from bot.handlers.context import Context, Invocation, announced, handles
from bot.handlers.permission import refusal
from bot.model import Action, Block, Message, Paper, Span, Subscription, TopicVotes
from bot.ranking.topic_votes import followed_votes
from bot.wording.cards import DISCUSS
from bot.wording.changes import FEEDBACK_ERASED
from bot.wording.parts import title_of
from bot.wording.status import erase_question, erased
from bot.wording.topics import topics_moved

_REACTIONS = {
    "like": (1, "👍", Action("Follow this…", "follow")),
    "dislike": (-1, "👎", Action("Less of this…", "less")),
}


@handles("like", "dislike")
async def react(context: Context, invocation: Invocation) -> Message:
    """Count a 👍 or a 👎."""
    paper = await context.paper(invocation.text("paper"))
    value, mark, more = _REACTIONS[invocation.command.name]
    subscription = await context.subscription(invocation.channel)
    topics = await _matching_topics(context, subscription, paper) if subscription else ()
    before = await _votes(context, subscription)
    facts = invocation.channel, invocation.caller.user, paper.id, value, invocation.now
    await context.store.people.react(*facts, topics)
    after = await _votes(context, subscription)
    moved = {topic: votes for topic, votes in after.items() if votes != before.get(topic)}
    actions = (replace(more, options={"paper": paper.id}), Action("Tuning", "tuning list"))
    answer = _confirmation(paper.id, f"{mark} Noted for this channel: ", title_of(paper), actions)
    return replace(answer, blocks=(*answer.blocks, *topics_moved(moved)))


@handles("discuss")
async def want_to_discuss(context: Context, invocation: Invocation) -> Message:
    """Count a wish to discuss a paper in the channel; a second press takes it back."""
    paper = await context.paper(invocation.text("paper"))
    facts = invocation.channel, invocation.caller.user, paper.id
    wished = await context.store.feedback.toggle(*facts, "discuss", invocation.now)
    text = "💬 Noted: you want to discuss " if wished else "Taken back: you wanted to discuss "
    label = "Take it back" if wished else DISCUSS
    return _confirmation(paper.id, text, title_of(paper), (Action(label, "discuss", {"paper": paper.id}),))


async def _votes(context: Context, subscription: Subscription | None) -> dict[str, TopicVotes]:
    if subscription is None:
        return {}
    lessons = await context.store.feedback.lessons((subscription.channel,))
    return followed_votes(subscription, lessons.get(subscription.channel))


async def _matching_topics(context: Context, subscription: Subscription, paper: Paper) -> tuple[str, ...]:
    """The topics of a channel that a candidate is of, by probability; none for an older paper."""
    shortlist = await context.engine.shortlist()
    position = shortlist.documents.position(paper.id)
    if position is None:
        return ()
    moved = await context.engine.with_votes(subscription)
    await context.engine.understand(shortlist, moved.topics)
    request = await asyncio.to_thread(channel_request, moved, shortlist)
    return tuple(topic for topic, papers in request.by_topic if position in papers)


@handles("forget")
async def forget(context: Context, invocation: Invocation) -> Message:
    """Erase what is stored about a person or a channel, after a question."""
    subject = invocation.text("what")
    if subject == "channel" and (answer := refusal("forget channel", invocation.caller)) is not None:
        return answer
    if not invocation.confirmed:
        return erase_question(subject)
    address = invocation.channel if subject == "channel" else invocation.caller.user
    answer = erased(await context.store.people.forget(address))
    return announced(answer, invocation.caller, FEEDBACK_ERASED) if subject == "channel" else answer


def _confirmation(paper_id: str, text: str, title: str, actions: tuple[Action, ...]) -> Message:
    return Message((Block("text", (Span(text), Span(title))),), actions, f"{text}{title}", paper_id)
