"""Handlers of a channel's topics: topics list, add, remove, mute, unmute, and the buttons “Follow this…”, “Less…”."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import TOPICS_MAX, typed
from bot.errors import QueryError, UserError
from bot.handlers.context import Context, Invocation, announced, handles
from bot.handlers.named_digest import EVERY_LINE, changed_digest, digest_with_line, read_digest
from bot.handlers.topic_lines import comparable, named_line, no_such_line
from bot.handlers.topic_preview import proposal
from bot.handlers.topic_strictness import with_level
from bot.model import Action, Block, Message, Paper, Span, Subscription
from bot.query.parser import canonical
from bot.query.strictness import is_movable
from bot.ranking.topic_votes import followed_votes
from bot.text.cleaning import clean_text
from bot.wording.changes import topic_changed
from bot.wording.channel import NOT_SUBSCRIBED, with_others
from bot.wording.notices import problem
from bot.wording.parts import block, title_of
from bot.wording.topics import clearing_question, topic_list, topic_saved

PROPOSED_AUTHORS = 3


@handles("topics list")
async def list_topics(context: Context, invocation: Invocation) -> Message:
    """The channel's topics and mutes."""
    subscription = await read_digest(context, invocation)
    votes = followed_votes(subscription, await context.lessons(invocation.channel))
    answer = topic_list(subscription, invocation.number("page"), invocation.now, votes)
    return with_others(answer, "topics list", subscription, await context.digests(invocation.channel))


@handles("topics add", "topics mute")
async def add_line(context: Context, invocation: Invocation) -> Message:
    """Preview a topic or a mute, then save it."""
    topic, mute = invocation.text("topic"), invocation.command.name == "topics mute"
    stored = await changed_digest(context, invocation)
    subscription = stored or context.default_subscription(invocation.caller, invocation.now)
    lines = subscription.mutes if mute else subscription.topics
    if line := next((each for each in lines if comparable(each) == comparable(topic)), None):
        done = "Already muted:" if mute else "Already following"
        return topic_saved(subscription, line, done, invocation.now)
    if len(lines) >= TOPICS_MAX:
        raise UserError(f"A digest can have {TOPICS_MAX}. Remove one first: {typed('topics')} lists them.")
    if not invocation.confirmed:
        return await proposal(context, invocation, topic, stored, mute=mute)
    new = stored is None
    changed = _with_lines(subscription, (*lines, topic), mute=mute)
    if invocation.has("strictness") and is_movable(topic):
        changed = with_level(changed, topic, invocation.text("strictness"))
    if changed.next_due is None and changed.paused_at is None:
        changed = replace(changed, next_due=await context.next_due(changed, invocation.now))
    await context.save(stored, changed)
    obstacle = invocation.caller.obstacle if new else None
    answer = topic_saved(changed, topic, "Muted" if mute else "Following", invocation.now, new=new, obstacle=obstacle)
    return announced(answer, invocation.caller, topic_changed(changed, topic, invocation.command.name, new=new))


@handles("topics remove", "topics unmute")
async def remove_line(context: Context, invocation: Invocation) -> Message:
    """Remove a topic or a mute."""
    text, mute = invocation.text("topic"), invocation.command.name == "topics unmute"
    subscription = await digest_with_line(context, invocation, mute=mute)
    if subscription is None:
        return NOT_SUBSCRIBED
    lines = subscription.mutes if mute else subscription.topics
    removed = named_line(text, subscription, mute=mute)
    if removed is None and lines and text.casefold() in EVERY_LINE:
        return clearing_question(len(lines), mute=mute, label=subscription.label)
    if removed is None:
        raise no_such_line(text, lines, invocation.command.name)
    changed = _with_lines(subscription, tuple(line for line in lines if line != removed), mute=mute)
    await context.save(subscription, changed)
    answer = topic_saved(changed, removed, "No longer muted:" if mute else "No longer following", invocation.now)
    return announced(answer, invocation.caller, topic_changed(changed, removed, invocation.command.name, new=False))


def _with_lines(subscription: Subscription, lines: tuple[str, ...], *, mute: bool) -> Subscription:
    return replace(subscription, mutes=lines) if mute else replace(subscription, topics=lines)


@handles("follow", "less")
async def propose_lines(context: Context, invocation: Invocation) -> Message:
    """A paper's authors, organisation and categories, with a button each that previews it as a topic or a mute."""
    paper = await context.paper(invocation.text("paper"))
    follow = invocation.command.name == "follow"
    command, question = ("topics add", "Follow what?") if follow else ("topics mute", "Less of what?")
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
    authors = dict.fromkeys(map(clean_text, (*paper.authors[: PROPOSED_AUTHORS - 1], *paper.authors[-1:])))
    organization = clean_text(paper.organization or "")
    topics = [(organization, f'org:"{_unquoted(organization)}"')] if organization else []
    topics += [(category, f"cat:{category}") for category in paper.categories[:3]]
    topics += [(author, f'author:"{_unquoted(author)}"') for author in authors]
    topics += [("Papers like this", f"like:{paper.id}")]
    return [(label[:70], topic) for label, topic in topics if _is_query(topic)]


def _is_query(topic: str) -> bool:
    try:
        canonical(topic)
    except QueryError:
        return False
    return True


def _unquoted(name: str) -> str:
    return " ".join(name.replace('"', " ").split())
