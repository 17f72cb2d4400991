"""A channel's subscription in words: settings, topics, previews, pauses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Action, Block, Message, Paper, Span, Subscription
from bot.model.schedule import local_day
from bot.text import joined
from bot.wording.parts import (
    block,
    count,
    day_text,
    moment_text,
    page_buttons,
    say,
    title_span,
    weekdays_text,
    with_moment,
)

PAGE_SIZE = 10
STYLES = {"thread": "as a thread", "compact": "in one message"}
RESUME = Action("Resume", "resume", style="primary")
MANAGE = (Action("Settings", "settings"), Action("Topics", "topics list"))
SUBSCRIBE = Action("Subscribe at 09:00", "subscribe", {"at": "09:00"}, style="primary")
_PLACES = (
    "no place kept for those",
    "one place kept for one",
    "two places kept for those",
    "three places kept for those",
)
"""By the number of early picks."""
_FEW = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}

NOT_SUBSCRIBED = say("This channel gets no digest yet.", actions=(SUBSCRIBE,))
UNSUBSCRIBED = say(
    "Unsubscribed: no more digests here. Past ones stay readable with `/papers digest`.", actions=(SUBSCRIBE,)
)


def schedule_text(subscription: Subscription, *, style: bool = True) -> str:
    """`5 papers at 09:00 (Europe/Berlin), Mon–Fri, as a thread`; mail has no style.

    With the places for early picks where somebody chose their number.
    """
    hour = f"{subscription.at:%H:%M} ({subscription.timezone})"
    how = f", {STYLES[subscription.style]}" if style else ""
    early = "" if subscription.early is None else f" ({_PLACES[subscription.early]} nobody has noticed yet)"
    return f"{count(subscription.size, 'paper')}{early} at {hour}, {weekdays_text(subscription.days)}{how}"


def next_text(subscription: Subscription, now: datetime) -> str:
    """`next digest Sun 22 Nov, 09:00`, or the pause with its end and reason."""
    if subscription.paused_at is not None:
        why = f": {subscription.pause_reason.rstrip('.')}" if subscription.pause_reason else ""
        return f"paused{pause_end(subscription, now)}{why}"
    if subscription.next_due is None:
        return "no digest due yet"
    return f"next digest {next_moment(subscription, now)}"


def next_moment(subscription: Subscription, now: datetime) -> str:
    """`Sun 22 Nov, 09:00`: when the next digest is due, by the channel's clock; `in a moment` if it is."""
    assert subscription.next_due is not None  # noqa: S101 - asked only of a subscription that is due some time
    if subscription.next_due <= now:
        return "in a moment"
    return moment_text(subscription.next_due, subscription.timezone, now)


def with_next_moment(paragraph: Block, subscription: Subscription, now: datetime) -> Block:
    """The paragraph with the time of the next digest, and a time zone after it, as a moment."""
    if subscription.next_due is None or subscription.next_due <= now:
        return paragraph
    moment = next_moment(subscription, now)
    zoned = f"{moment} ({subscription.timezone})"
    return with_moment(paragraph, zoned if zoned in paragraph.text else moment, subscription.next_due)


def pause_text(subscription: Subscription, now: datetime) -> str:
    """That no digest comes before a pause ends, with the reason where it cannot be delivered."""
    why = f", because {subscription.pause_reason.rstrip('.')}" if subscription.pause_reason else ""
    end = "then" if subscription.paused_until else "it is resumed"
    return f"The digest is paused{pause_end(subscription, now)}{why}. No digest comes before {end}."


def pause_end(subscription: Subscription, now: datetime) -> str:
    """` until Sun 22 Nov`, the channel's day on which a pause ends; empty without an end."""
    end = subscription.paused_until
    return f" until {_day(subscription, end, now)}" if end else ""


def _day(subscription: Subscription, at: datetime, now: datetime) -> str:
    """The channel's day of an instant: `Sun 22 Nov`."""
    return day_text(local_day(subscription, at), local_day(subscription, now))


def subscription_saved(
    subscription: Subscription, now: datetime, *, new: bool, changed: Sequence[str], obstacle: str | None = None
) -> Message:
    """Answer to `subscribe` or the form: the schedule, and the time of the next digest or the pause."""
    first = "Subscribed" if new else f"Changed {joined(changed)}" if changed else "Nothing changed"
    blocks = [block(f"{first}: {schedule_text(subscription)}.")]
    blocks.append(_next_block(subscription, now, new=new, obstacle=obstacle))
    blocks += obstacle_blocks(obstacle)
    if new and not subscription.topics:
        blocks.append(
            block("It brings everything that trends; narrow it down with `/papers topics add video diffusion`.")
        )
    if new and subscription.timezone == "UTC":
        blocks.append(block("The hour is UTC: set your own with `/papers subscribe timezone:Europe/Berlin`.", "note"))
    resume = (RESUME,) if subscription.paused_at is not None else ()
    actions = (*resume, *MANAGE, Action("Preview", "preview"), Action("Test", "test"))
    return Message(tuple(blocks), actions, blocks[0].text)


def _next_block(subscription: Subscription, now: datetime, *, new: bool, obstacle: str | None) -> Block:
    """When a digest comes next: a promise only where nothing is known to be in its way."""
    if subscription.paused_at is not None:
        return Block("text", (Span(pause_text(subscription, now)),))
    comes = "comes" if obstacle is None else "is due"
    when = f"{comes} {next_moment(subscription, now)}."
    text = f"The first digest {when} No papers come here before that." if new else f"The next digest {when}"
    return with_next_moment(block(text), subscription, now)


def obstacle_blocks(obstacle: str | None) -> tuple[Block, ...]:
    """Paragraph with the reason why nothing can be posted in the channel, for the answer to a saved change."""
    if obstacle is None:
        return ()
    text = f"This is saved, but nothing can be posted here yet: {obstacle.rstrip('.')}."
    return (Block("text", (Span(text, bold=True),)),)


def pause_saved(subscription: Subscription, now: datetime) -> Message:
    """Answer to `pause`."""
    until = pause_end(subscription, now) or " until somebody resumes"
    return say(f"Paused{until}. Topics and settings stay.", actions=(Action("Resume", "resume"),))


def resume_saved(before: Subscription, after: Subscription, now: datetime, obstacle: str | None) -> Message:
    """Answer to `resume`, by the subscription before and after it."""
    state = "Digests come again" if obstacle is None else "No longer paused"
    if before.paused_at is None:
        state = "The digest was not paused"
    first = f"{state}: {next_text(after, now)} ({after.timezone})."
    blocks = [with_next_moment(block(first), after, now), *obstacle_blocks(obstacle)]
    if before.pause_reason and obstacle is None:
        reason = before.pause_reason.rstrip(".")
        blocks.append(Block("text", (Span(f"It was paused because {reason}: test whether that is put right."),)))
    return Message(tuple(blocks), (Action("Test", "test"), *MANAGE), first)


def unsubscribe_question(subscription: Subscription) -> Message:
    """Question before topics and mutes are deleted."""
    topics = [count(len(subscription.topics), "topic")] if subscription.topics else []
    mutes = [count(len(subscription.mutes), "mute")] if subscription.mutes else []
    return say(
        f"No more digests here, and the channel's {joined(topics + mutes)} would be deleted. A pause keeps them.",
        actions=(
            Action("Unsubscribe", "unsubscribe", {"confirm": "yes"}, style="danger"),
            Action("Pause instead", "pause"),
        ),
    )


# --- topics ------------------------------------------------------------------------------------------------------


def topic_list(subscription: Subscription | None, page: int, now: datetime) -> Message:
    """A channel's topics and mutes, ten a page, with a button to remove each."""
    if subscription is None:
        return NOT_SUBSCRIBED
    lines = [("topics remove", "follows ", topic) for topic in subscription.topics]
    lines += [("topics unmute", "mutes ", mute) for mute in subscription.mutes]
    start = (page - 1) * PAGE_SIZE
    page_lines = lines[start : start + PAGE_SIZE]
    blocks = [block("Topics of this channel", "heading")]
    if not subscription.topics:
        blocks.append(block("It follows everything that trends. Narrow it down: `/papers topics add video diffusion`."))
    blocks += [Block("item", (Span(verb), Span(line, code=True))) for _, verb, line in page_lines]
    if len(lines) > PAGE_SIZE:
        blocks.append(block(f"Page {page} of {-(-len(lines) // PAGE_SIZE)}.", "note"))
    schedule = Block("note", (Span(f"{schedule_text(subscription)}; {next_text(subscription, now)}."),))
    blocks.append(with_next_moment(schedule, subscription, now))
    numbered = enumerate(page_lines, start=start + 1)
    remove = [Action(f"Remove #{i}", name, {"topic": line}) for i, (name, _, line) in numbered]
    pages = page_buttons("topics list", page, more=page * PAGE_SIZE < len(lines))
    actions = (*remove, *pages, Action("Settings", "settings"))
    return Message(tuple(blocks), actions, "Topics of this channel", first=start + 1)


def clearing_question(number: int, *, mute: bool) -> Message:
    """Question before all topics, or all mutes, are removed; its button saves the empty list."""
    lines = count(number, "mute" if mute else "topic")
    after = "Nothing is left out then." if mute else "The channel then follows everything that trends."
    clear = Action(f"Remove {lines}", "settings", {"mutes" if mute else "topics": ""}, style="danger")
    return say(f"Remove {lines}? {after} `/papers topics` has a button for each.", actions=(clear,))


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


def topic_preview(preview: TopicPreview) -> Message:
    """`… (3.1 a day), 12 by words and 31 close to it; five of them: …`, and a button that saves."""
    verb = "Mute" if preview.mute else "Follow"
    quoted = Span(preview.topic, code=True)
    blocks = [Block("text", (Span(f"{verb} ", bold=True), quoted, Span("?")))]
    blocks.append(Block("text", (Span(_how_many(preview)),)))
    blocks += [Block("item", (title_span(paper),)) for paper in preview.examples]
    if not preview.subscribed:
        blocks.append(block("This channel gets no digest yet: this also subscribes it, at 09:00.", "note"))
    command = "topics mute" if preview.mute else "topics add"
    save = Action(verb, command, {"topic": preview.topic, "confirm": "yes"}, style="primary")
    return Message(tuple(blocks), (save,), f"{verb} {preview.topic}?")


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


def topic_saved(  # noqa: PLR0913 - the answer names exactly these
    subscription: Subscription, topic: str, what: str, now: datetime, *, new: bool = False, obstacle: str | None = None
) -> Message:
    """Answer to a change of topics; `what` is `Following`, `Muted`, …; `new`: the channel was subscribed by it."""
    follows = count(len(subscription.topics), "topic") if subscription.topics else "everything that trends"
    mutes = f", mutes {len(subscription.mutes)}" if subscription.mutes else ""
    schedule = f"{'Subscribed: ' if new else ''}{schedule_text(subscription)}; {next_text(subscription, now)}."
    blocks = (
        Block("text", (Span(f"{what} "), Span(topic, code=True), Span(f". The channel follows {follows}{mutes}."))),
        *obstacle_blocks(obstacle),
        with_next_moment(Block("note", (Span(schedule),)), subscription, now),
    )
    return Message(blocks, (Action("Topics", "topics list"), Action("Preview", "preview")), f"{what} {topic}")
