"""A channel's subscription in words: schedule, settings, pauses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.model import Action, Block, Message, Span, Subscription
from bot.model.schedule import local_day
from bot.text import joined
from bot.wording.parts import (
    block,
    count,
    day_text,
    moment_text,
    say,
    weekdays_text,
    with_moment,
)

PAGE_SIZE = 10
STYLES = {"thread": "as a thread", "compact": "in one message"}
RESUME = Action("Resume", "resume", style="primary")
MANAGE = (Action("Settings", "settings"), Action("Topics", "topics list"))
SUBSCRIBE = Action("Subscribe at 09:00", "subscribe", {"at": "09:00"}, style="primary")
_PLACES = (
    "no place kept for papers",
    "one place kept for a paper",
    "two places kept for papers",
    "three places kept for papers",
)
"""By the number of early picks."""

NOT_SUBSCRIBED = say("This channel gets no digest yet.", actions=(SUBSCRIBE,))
UNSUBSCRIBED = say(
    "Unsubscribed: no more digests here. Past ones stay readable with `/papers digest`.", actions=(SUBSCRIBE,)
)


def schedule_text(subscription: Subscription, *, style: bool = True) -> str:
    """`5 papers at 09:00 (Europe/Berlin), Mon–Fri, as a thread, in the authors' words`; mail has no style.

    With the places for early picks where somebody chose their number.
    """
    hour = f"{subscription.at:%H:%M} ({subscription.timezone})"
    how = f", {STYLES[subscription.style]}" if style else ""
    early = "" if subscription.early is None else f" ({_PLACES[subscription.early]} nobody has noticed yet)"
    words = ", in the authors' words" if subscription.summaries == "authors" else ""
    return f"{count(subscription.size, 'paper')}{early} at {hour}, {weekdays_text(subscription.days)}{how}{words}"


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
