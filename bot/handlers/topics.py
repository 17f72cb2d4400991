"""Handlers of a channel's topics: topics list, add, remove, mute, unmute, and the buttons “Follow this…”, “Less…”."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from math import ceil

from bot.commands import TOPICS_MAX, typed
from bot.commands.times import excerpt
from bot.digest.selection import LONGEST_WINDOW, best_trends
from bot.errors import QueryError, UserError
from bot.handlers.context import Context, Invocation, announced, handles
from bot.handlers.corrections import category_question, respelled, with_corrections, with_hints
from bot.model import Action, Block, Message, Paper, Span, Subscription
from bot.query.parser import canonical
from bot.text.cleaning import clean_text
from bot.wording.changes import topic_changed
from bot.wording.channel import NOT_SUBSCRIBED, TopicPreview, clearing_question, topic_list, topic_preview, topic_saved
from bot.wording.notices import problem
from bot.wording.parts import block, title_of

EXAMPLES = 5
PROPOSED_AUTHORS = 3
_NUMBER = re.compile(r"#?\s?([1-9][0-9]?[0-9]?)")
_ALL = frozenset({"all", "everything", "*"})


@handles("topics list")
async def list_topics(context: Context, invocation: Invocation) -> Message:
    """The channel's topics and mutes."""
    return topic_list(await context.subscription(invocation.channel), invocation.number("page"), invocation.now)


@handles("topics add", "topics mute")
async def add_line(context: Context, invocation: Invocation) -> Message:
    """Preview a topic or a mute, then save it."""
    topic, mute = invocation.text("topic"), invocation.command.name == "topics mute"
    stored = await context.subscription(invocation.channel)
    subscription = stored or context.default_subscription(invocation.caller, invocation.now)
    lines = subscription.mutes if mute else subscription.topics
    if _comparable(topic) in map(_comparable, lines):
        done = "Already muted:" if mute else "Already following"
        return topic_saved(subscription, topic, done, invocation.now)
    if len(lines) >= TOPICS_MAX:
        raise UserError(f"A channel can have {TOPICS_MAX}. Remove one first: {typed('topics')} lists them.")
    if not invocation.confirmed:
        return await _proposal(context, invocation, topic, mute=mute)
    new = stored is None
    changed = _with_lines(subscription, (*lines, topic), mute=mute)
    if changed.next_due is None and changed.paused_at is None:
        changed = replace(changed, next_due=await context.next_due(changed, invocation.now))
    await context.save(stored, changed)
    obstacle = invocation.caller.obstacle if new else None
    answer = topic_saved(changed, topic, "Muted" if mute else "Following", invocation.now, new=new, obstacle=obstacle)
    return announced(answer, invocation.caller, topic_changed(changed, topic, invocation.command.name, new=new))


async def _proposal(context: Context, invocation: Invocation, topic: str, *, mute: bool) -> Message:
    """The preview of a topic or a mute, its misspelt words corrected; a category that arXiv lacks is asked about."""
    as_typed = Action("Save as typed", invocation.command.name, {"topic": topic, "confirm": "yes"})
    corrected, corrections = await respelled(context.search, topic, invocation.now)
    preview = await _preview(context, invocation, corrected, mute=mute)
    if not preview.matched and (question := category_question(invocation)):
        return replace(question, actions=(*question.actions, as_typed))
    answer = with_corrections(topic_preview(preview), corrections, as_typed)
    return await with_hints(context, invocation, answer, is_empty=not preview.matched)


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


@handles("topics remove", "topics unmute")
async def remove_line(context: Context, invocation: Invocation) -> Message:
    """Remove a topic or a mute."""
    text, mute = invocation.text("topic"), invocation.command.name == "topics unmute"
    subscription = await context.subscription(invocation.channel)
    if subscription is None:
        return NOT_SUBSCRIBED
    lines = subscription.mutes if mute else subscription.topics
    removed = next((line for line in lines if _comparable(line) == _comparable(text)), None)
    removed = removed or _numbered(text, subscription, mute=mute)
    if removed is None and lines and text.casefold() in _ALL:
        return clearing_question(len(lines), mute=mute)
    if removed is None:
        raise _no_such_line(text, lines, mute=mute)
    changed = _with_lines(subscription, tuple(line for line in lines if line != removed), mute=mute)
    await context.save(subscription, changed)
    answer = topic_saved(changed, removed, "No longer muted:" if mute else "No longer following", invocation.now)
    return announced(answer, invocation.caller, topic_changed(changed, removed, invocation.command.name, new=False))


def _numbered(text: str, subscription: Subscription, *, mute: bool) -> str | None:
    """The topic or mute with a number of the list, which counts the mutes after the topics; None without one."""
    match = _NUMBER.fullmatch(text.strip())
    position = int(match[1]) - 1 if match else -1
    listed = [*((line, False) for line in subscription.topics), *((line, True) for line in subscription.mutes)]
    line, is_mute = listed[position] if 0 <= position < len(listed) else ("", None)
    return line if is_mute is mute else None


def _with_lines(subscription: Subscription, lines: tuple[str, ...], *, mute: bool) -> Subscription:
    return replace(subscription, mutes=lines) if mute else replace(subscription, topics=lines)


def _comparable(line: str) -> str:
    """The canonical form of a line, or its text if it is unreadable, in lower case."""
    try:
        return canonical(line).casefold()
    except QueryError:
        return " ".join(line.split()).casefold()


def _no_such_line(text: str, lines: tuple[str, ...], *, mute: bool) -> UserError:
    state = "muted" if mute else "followed"
    if not lines:
        example = typed(f"topics {'mute' if mute else 'add'} video diffusion")
        return UserError(f"Nothing is {state} here. Begin with {example}.")
    command = "topics unmute" if mute else "topics remove"
    by_text = {line.casefold(): line for line in reversed(lines)}
    nearest = difflib.get_close_matches(text.casefold(), [line.casefold() for line in lines], n=1, cutoff=0.5)
    fixes = tuple((by_text[line], f"{command} {by_text[line]}") for line in nearest)
    hint = f"Did you mean {typed(fixes[0][1])}?" if fixes else f"{typed('topics')} lists what is."
    return UserError(f"“{excerpt(text)}” is not {state} here. {hint}", lines=fixes)


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
