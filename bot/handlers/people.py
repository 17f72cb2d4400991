"""Handlers for one person: reactions, erasure on request, and tokens for an assistant."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.digest.selection import channel_request
from bot.handlers.context import Context, Invocation, announced, handles
from bot.handlers.permission import feedback_refusal, refusal
from bot.model import Action, Message, Paper, Subscription, TopicVotes
from bot.ranking.topic_votes import followed_votes
from bot.wording import personal_access
from bot.wording.cards import DISCUSS
from bot.wording.changes import FEEDBACK_ERASED
from bot.wording.notices import needs_presence
from bot.wording.reading_list import confirmation
from bot.wording.status import erase_question, erased
from bot.wording.topics import topics_moved

_REACTIONS = {
    "like": (1, "👍", Action("Follow this…", "follow")),
    "dislike": (-1, "👎", Action("Less of this…", "less")),
}


@handles("like", "dislike")
async def react(context: Context, invocation: Invocation) -> Message:
    """Count a 👍 or a 👎."""
    if (refused := await feedback_refusal(context, invocation.caller)) is not None:
        return refused
    paper = await context.paper(invocation.text("paper"))
    value, mark, more = _REACTIONS[invocation.command.name]
    digests = await context.digests(invocation.channel)
    topics = await _matching_topics(context, digests, paper)
    before = await _votes(context, digests)
    facts = invocation.channel, invocation.caller.user, paper.id, value, invocation.now
    await context.store.people.react(*facts, topics)
    after = await _votes(context, digests)
    moved = {topic: votes for topic, votes in after.items() if votes != before.get(topic)}
    actions = (replace(more, options={"paper": paper.id}), Action("Tuning", "tuning list"))
    answer = confirmation(paper, f"{mark} Noted for this channel: ", *actions)
    return replace(answer, blocks=(*answer.blocks, *topics_moved(moved)))


@handles("discuss")
async def want_to_discuss(context: Context, invocation: Invocation) -> Message:
    """Count a wish to discuss a paper in the channel; a second press takes it back."""
    if (refused := await feedback_refusal(context, invocation.caller)) is not None:
        return refused
    paper = await context.paper(invocation.text("paper"))
    facts = invocation.channel, invocation.caller.user, paper.id
    wished = await context.store.feedback.toggle(*facts, "discuss", invocation.now)
    text = "💬 Noted: you want to discuss " if wished else "Taken back: you wanted to discuss "
    label = "Take it back" if wished else DISCUSS
    return confirmation(paper, text, Action(label, "discuss", {"paper": paper.id}))


async def _votes(context: Context, digests: Sequence[Subscription]) -> dict[str, TopicVotes]:
    if not digests:
        return {}
    lessons = await context.lessons(digests[0].channel)
    return {topic: votes for each in digests for topic, votes in followed_votes(each, lessons).items()}


async def _matching_topics(context: Context, digests: Sequence[Subscription], paper: Paper) -> tuple[str, ...]:
    """The topics of a channel that a candidate is of, by probability; none for an older paper."""
    shortlist = await context.engine.shortlist() if digests else None
    position = shortlist.documents.position(paper.id) if shortlist else None
    if shortlist is None or position is None:
        return ()
    topics: list[str] = []
    for each in digests:
        moved = await context.engine.with_votes(each)
        await context.engine.understand(shortlist, moved.topics)
        request = await asyncio.to_thread(channel_request, moved, shortlist)
        topics += [topic for topic, papers in request.by_topic if position in papers]
    return tuple(dict.fromkeys(topics))


@handles("forget")
async def forget(context: Context, invocation: Invocation) -> Message:
    """Erase what is stored about a person or a channel, after a question."""
    subject = invocation.text("what")
    if subject == "channel" and invocation.caller.invite:
        return needs_presence("forget channel", invocation.caller.invite)
    if subject == "channel":
        refused = await refusal(context, "forget channel", invocation.caller)
        if refused is not None:
            return refused
    if not invocation.confirmed:
        return erase_question(subject)
    address = invocation.channel if subject == "channel" else invocation.caller.user
    answer = erased(await context.store.people.forget(address))
    return announced(answer, invocation.caller, FEEDBACK_ERASED) if subject == "channel" else answer


@handles("mcp")
async def give_access(context: Context, invocation: Invocation) -> Message:
    """Whether the caller has a token here; a new one, which this answer alone shows; or the end of it."""
    access, caller = context.personal, invocation.caller
    until = await access.good_until(caller)
    action = invocation.text("action")
    if action == "token":
        token, last = await access.new_token(caller)
        return personal_access.new_token(token, last, context.mcp_url, replaced=until is not None)
    if action == "revoke":
        await access.revoke(caller)
        return personal_access.REVOKED if until else personal_access.NO_TOKEN
    return personal_access.has_token(until) if until else personal_access.NO_TOKEN
