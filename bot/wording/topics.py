"""A channel's topics in words: the list, previews, how strictly each matches. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.model import Action, Block, Message, OtherTopic, Paper, Span, Subscription, TopicVotes
from bot.query.strictness import USUAL, beside, is_movable, level_of
from bot.wording.channel import (
    NOT_SUBSCRIBED,
    PAGE_SIZE,
    next_text,
    obstacle_blocks,
    of_digest,
    schedule_text,
    with_next_moment,
)
from bot.wording.parts import block, count, page_buttons, say, title_span

_FEW = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
_STRICTNESS = {
    "widest": "as wide as it gets",
    "much-wider": "much wider than usual",
    "wider": "wider than usual",
    "usual": "as usual",
    "stricter": "stricter than usual",
    "much-stricter": "much stricter than usual",
    "strictest": "as strict as it gets",
}
MOVES = (("Stricter", "topics stricter", 1), ("Wider", "topics wider", -1))
"""Label, command and steps of the two buttons."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """How strictly a topic matches, and the papers that would match a step further on either side."""

    level: str = USUAL
    matched: Mapping[str, int] | None = None
    """By level, those beside it; None where they are not counted."""
    votes: TopicVotes = field(default_factory=TopicVotes)
    is_said: bool = False
    """Whether the message begins with the level."""


@dataclass(frozen=True, slots=True)
class TopicPreview:
    """Papers that a topic or a mute matches in the last days."""

    topic: str
    mute: bool
    matched: int
    noticed: int
    """Of those, papers with signals."""
    days: int
    examples: tuple[Paper, ...]
    subscribed: bool = True
    close: int = 0
    """Of those that match, papers that are close in meaning, without the words."""
    missed: tuple[Paper, ...] = ()
    """The nearest of those that do not match."""
    strictness: Strictness | None = None
    """None for a mute, and for a topic that matches exactly."""
    others: tuple[OtherTopic, ...] = ()
    label: str = ""
    """The name of the digest, where the channel has several."""
    elsewhere: tuple[str, ...] = ()
    """The names of the channel's other digests, each offered in its place."""


def topic_list(
    subscription: Subscription | None, page: int, now: datetime, votes: Mapping[str, TopicVotes] | None = None
) -> Message:
    """A channel's topics and mutes, ten a page, with a button to remove each."""
    if subscription is None:
        return NOT_SUBSCRIBED
    lines = [("topics remove", "follows ", topic) for topic in subscription.topics]
    lines += [("topics unmute", "mutes ", mute) for mute in subscription.mutes]
    start = (page - 1) * PAGE_SIZE
    page_lines = lines[start : start + PAGE_SIZE]
    label = subscription.label
    title = f"Topics of “{label}”" if label else "Topics of this channel"
    blocks = [block(title, "heading")]
    if not subscription.topics:
        named = f" name:{label}" if label else ""
        example = f"`/papers topics add video diffusion{named}`"
        blocks.append(block(f"It follows everything that trends. Narrow it down: {example}."))
    for name, verb, line in page_lines:
        note = topic_note(subscription, line, votes) if name == "topics remove" else ""
        blocks.append(Block("item", (Span(verb), Span(line, code=True)), (Span(note),) if note else ()))
    if len(lines) > PAGE_SIZE:
        blocks.append(block(f"Page {page} of {-(-len(lines) // PAGE_SIZE)}.", "note"))
    if any(map(is_movable, subscription.topics)):
        blocks.append(block("Too many papers of one, or too few? `/papers topics stricter #1`, or `wider`.", "note"))
    schedule = Block("note", (Span(f"{schedule_text(subscription)}; {next_text(subscription, now)}."),))
    blocks.append(with_next_moment(schedule, subscription, now))
    numbered = enumerate(page_lines, start=start + 1)
    remove = [Action(f"Remove #{i}", name, {"topic": line, **of_digest(label)}) for i, (name, _, line) in numbered]
    pages = page_buttons("topics list", page, more=page * PAGE_SIZE < len(lines), options=of_digest(label))
    actions = (*remove, *pages, Action("Settings", "settings", of_digest(label)))
    return Message(tuple(blocks), actions, title, first=start + 1)


def level_in(subscription: Subscription, topic: str) -> str:
    """The level that managers gave a topic."""
    own = subscription.threshold(topic)
    return level_of(own) if own is not None else USUAL


def topic_note(subscription: Subscription, topic: str, votes: Mapping[str, TopicVotes] | None) -> str:
    """`stricter than usual; 👍 and 👎 on its papers make it slightly wider`; empty for a topic that is as usual."""
    level = level_in(subscription, topic)
    parts = [strictness_text(level)] if level != USUAL else []
    moved = votes_text((votes or {}).get(topic, TopicVotes()))
    return "; ".join([*parts, *([moved] if moved else [])])


def strictness_text(level: str) -> str:
    """`stricter than usual`."""
    return _STRICTNESS[level]


def state_text(level: str) -> str:
    """`It is stricter than usual`."""
    return f"It {'matches' if level == USUAL else 'is'} {strictness_text(level)}"


def votes_text(votes: TopicVotes) -> str:
    """`👍 and 👎 on its papers make it slightly wider`; empty where they do not move it."""
    if not votes.steps:
        return ""
    marks = " and ".join(mark for mark, papers in (("👍", votes.liked), ("👎", votes.disliked)) if papers)
    makes = "make" if " and " in marks else "makes"
    return f"{marks} on its papers {makes} it {moved_text(votes)}"


def moved_text(votes: TopicVotes) -> str:
    """`slightly wider`, or with the bound: `a step stricter, the most that they can`."""
    way = "stricter" if votes.steps > 0 else "wider"
    return f"a step {way}, the most that votes can" if votes.is_most else f"slightly {way}"


def topics_moved(votes: Mapping[str, TopicVotes]) -> list[Block]:
    """`robotics is slightly wider now.`: the topics that a vote moved; one that is as usual again says so."""
    states = ((topic, moved_text(each) if each.steps else "no longer moved by votes") for topic, each in votes.items())
    return [Block("note", (Span(topic, code=True), Span(f" is {state}."))) for topic, state in states]


def movable_topics(subscription: Subscription, votes: Mapping[str, TopicVotes]) -> Message:
    """An item for each topic that can match more or less strictly, and two buttons each; their label is their value."""
    topics = [topic for topic in subscription.topics if is_movable(topic)]
    notes = (topic_note(subscription, topic, votes) or "as usual" for topic in topics)
    items = (
        Block("item", (Span(each, code=True), Span(f": {note}"))) for each, note in zip(topics, notes, strict=True)
    )
    actions = [button for topic in topics for button in strictness_buttons(topic, level_in(subscription, topic))]
    return Message(tuple(items), tuple(actions), "How strictly your topics match")


def clearing_question(number: int, *, mute: bool, label: str = "") -> Message:
    """Question before all topics, or all mutes, are removed; its button saves the empty list."""
    lines = count(number, "mute" if mute else "topic")
    subject, of = (f"“{label}”", f" of “{label}”") if label else ("The channel", "")
    after = "Nothing is left out then." if mute else f"{subject} then follows everything that trends."
    options = {"mutes" if mute else "topics": "", **of_digest(label)}
    clear = Action(f"Remove {lines}", "settings", options, style="danger")
    return say(f"Remove {lines}{of}? {after} `/papers topics` has a button for each.", actions=(clear,))


def topic_preview(preview: TopicPreview) -> Message:
    """`… (3.1 a day), 12 by words and 31 close to it; five of them: …`, and buttons that save or move it."""
    verb = "Mute" if preview.mute else "Follow"
    quoted, where = Span(preview.topic, code=True), f" in “{preview.label}”" if preview.label else ""
    blocks = [Block("text", (Span(f"{verb} ", bold=True), quoted, Span(f"{where}?"))), *preview_blocks(preview)]
    if not preview.subscribed:
        blocks.append(block("This channel gets no digest yet: this also subscribes it, at 09:00.", "note"))
    command = "topics mute" if preview.mute else "topics add"
    level = preview.strictness.level if preview.strictness else USUAL
    options = {"topic": preview.topic} | ({"strictness": level} if level != USUAL else {})
    named = of_digest(preview.label)
    save = Action(verb, command, {**options, **named, "confirm": "yes"}, style="primary")
    moves = strictness_buttons(preview.topic, level, "topics add", label=preview.label) if preview.strictness else ()
    elsewhere = (Action(f"In {name} instead", command, {**options, "name": name}) for name in preview.elsewhere)
    others = (Action(each.topic, command, {"topic": each.topic, **named}) for each in preview.others)
    return Message(tuple(blocks), (save, *moves, *elsewhere, *others), f"{verb} {preview.topic}?")


def strictness_buttons(topic: str, level: str, command: str = "", *, label: str = "") -> tuple[Action, ...]:
    """Stricter and Wider, each with the level that it leads to; none beyond an end. `command`: one for both."""
    buttons = ((text, command or moves, beside(level, steps)) for text, moves, steps in MOVES)
    return tuple(
        Action(text, name, {"topic": topic, "strictness": further, **of_digest(label)})
        for text, name, further in buttons
        if further
    )


def preview_blocks(preview: TopicPreview) -> list[Block]:
    """Preview of a topic: its papers, those that just missed it, how strictly it matches, and what else it may mean."""
    blocks = [Block("text", (Span(_how_many(preview)),))]
    blocks += [Block("item", (title_span(paper),)) for paper in preview.examples]
    if preview.missed:
        missed = (Block("note", (Span("· "), title_span(paper))) for paper in preview.missed)
        blocks += [block("Nearly matched:", "note"), *missed]
    if preview.strictness and (sentences := _how_strictly(preview.strictness, preview.matched)):
        blocks.append(Block("text", (Span(sentences),)))
    return [*blocks, *(Block("text", other_topic(each, mute=preview.mute)) for each in preview.others)]


def _how_many(preview: TopicPreview) -> str:
    span = f"the last {count(preview.days, 'day')}" if preview.days > 1 else "the last day"
    if not preview.matched:
        return f"Nothing of {span} matches. That is fine for a rare topic; else try fewer or other words."
    would = "It would have left out" if preview.mute else "It would have matched"
    rate = f"{preview.matched / max(preview.days, 1):.1f} a day"
    noticed = f", {preview.noticed:,} of them noticed by somebody" if preview.noticed < preview.matched else ""
    words = preview.matched - preview.close
    close = f", {words:,} by words and {preview.close:,} close to it" if preview.close else ""
    few = len(preview.examples)
    examples = "" if not few else ":" if few == preview.matched else f"; {_FEW.get(few, few)} of them:"
    return f"{would} {count(preview.matched, 'paper')} over {span} ({rate}){close}{noticed}{examples}"


def _how_strictly(strictness: Strictness, matched: int) -> str:
    """`It matches as usual. A step stricter: 24 papers; a step wider: 40 papers.`"""
    counted = strictness.matched or {}
    ways = [(label.lower(), beside(strictness.level, steps)) for label, _, steps in MOVES]
    further = {way: counted[level] for way, level in ways if level is not None and level in counted}
    brings = "; ".join(f"a step {way}: {count(papers, 'paper')}" for way, papers in further.items())
    if set(further.values()) == {matched}:
        brings = f"a step {'either way' if len(further) > 1 else next(iter(further))} brings the same"
    votes = votes_text(strictness.votes)
    parts = ("" if strictness.is_said else state_text(strictness.level), votes)
    sentences = ("; ".join(filter(None, parts)), brings)
    return " ".join(f"{each[0].upper()}{each[1:]}." for each in sentences if each)


def other_topic(other: OtherTopic, *, mute: bool = False) -> tuple[Span, ...]:
    """`cat:cs.RO, arXiv's category Robotics, would have matched 84 papers, 20 of them the same.`"""
    would = "would have left out" if mute else "would have matched"
    same = f", {other.both:,} of them the same" if other.both else ", none of them the same" if other.matched else ""
    name = f", arXiv's category {other.name}," if other.name else ""
    if name and not other.matched and not mute:
        return (
            Span(other.topic, code=True),
            Span(f"{name} matches nothing yet; once followed, its new papers are read."),
        )
    papers = count(other.matched, "paper") if other.matched else "nothing"
    return (Span(other.topic, code=True), Span(f"{name} {would} {papers}{same}."))


def topic_moved(preview: TopicPreview, done: str, *, undo: bool) -> Message:
    """Answer to a step of a followed topic; `done`: `is stricter than usual now; it was as usual.`"""
    assert preview.strictness is not None  # noqa: S101 - only a topic with a threshold is moved
    where = f" in “{preview.label}”" if preview.label else ""
    first = Block("text", (Span(preview.topic, code=True), Span(f"{where} {done}")))
    actions = (
        *strictness_buttons(preview.topic, preview.strictness.level, label=preview.label),
        *([Action("Undo", "tuning undo")] if undo else ()),
        Action("Topics", "topics list", of_digest(preview.label)),
    )
    rest = preview_blocks(replace(preview, strictness=replace(preview.strictness, is_said=True)))
    return Message((first, *rest), actions, f"{preview.topic} {done}")


def topic_saved(  # noqa: PLR0913 - the answer names exactly these
    subscription: Subscription, topic: str, what: str, now: datetime, *, new: bool = False, obstacle: str | None = None
) -> Message:
    """Answer to a change of topics; `what` is `Following`, `Muted`, …; `new`: the channel was subscribed by it."""
    follows = count(len(subscription.topics), "topic") if subscription.topics else "everything that trends"
    mutes = f", mutes {len(subscription.mutes)}" if subscription.mutes else ""
    schedule = f"{'Subscribed: ' if new else ''}{schedule_text(subscription)}; {next_text(subscription, now)}."
    own = topic_note(subscription, topic, None) if topic in subscription.topics else ""
    label = subscription.label
    where, subject = (f" in “{label}”", "It") if label else ("", "The channel")
    sentence = f"{where}{f', {own}' if own else ''}. {subject} follows {follows}{mutes}."
    blocks = (
        Block("text", (Span(f"{what} "), Span(topic, code=True), Span(sentence))),
        *obstacle_blocks(obstacle),
        with_next_moment(Block("note", (Span(schedule),)), subscription, now),
    )
    is_movable_here = what == "Already following" and is_movable(topic)
    moves = strictness_buttons(topic, level_in(subscription, topic), label=label) if is_movable_here else ()
    actions = (
        *moves,
        *(Action(*each, of_digest(label)) for each in (("Topics", "topics list"), ("Preview", "preview"))),
    )
    return Message(blocks, actions, f"{what} {topic}")
