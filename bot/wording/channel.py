"""A channel's subscription in words: schedule, settings, pauses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.commands.options import ALL_DIGESTS
from bot.model import Action, Block, Message, Span, Subscription, group_of
from bot.model.schedule import local_day
from bot.text import joined
from bot.wording.parts import (
    block,
    count,
    day_text,
    moment_text,
    quoted,
    say,
    weekdays_text,
    with_moment,
)
from bot.wording.rules import group_name

PAGE_SIZE = 10
TOPICS_SHOWN = 6
STYLES = {"thread": "as a thread", "compact": "in one message"}
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


def of_digest(label: str) -> dict[str, str]:
    """The option of a button that names a digest; none where the channel has one."""
    return {"name": label} if label else {}


def manage(label: str) -> tuple[Action, ...]:
    """Buttons for the settings and the topics of a digest."""
    return Action("Settings", "settings", of_digest(label)), Action("Topics", "topics list", of_digest(label))


def resume_button(label: str) -> Action:
    """Button that ends the pause of a digest."""
    return Action("Resume", "resume", of_digest(label), style="primary")


def with_others(answer: Message, command: str, digest: Subscription | None, digests: Sequence[Subscription]) -> Message:
    """The answer about one of a channel's digests, with a button for the same about each of the others."""
    others = (each.label for each in digests if digest is not None and each.name != digest.name)
    actions = (Action(f"Of {label}", command, of_digest(label)) for label in others)
    return replace(answer, actions=(*answer.actions, *actions))


def together(answers: Sequence[Message]) -> Message:
    """Answers about several digests as one; of the buttons, those that are about none of them alone."""
    if len(answers) == 1:
        return answers[0]
    blocks = tuple(block for each in answers for block in each.blocks)
    announcement = " ".join(each.announcement for each in answers if each.announcement)
    return Message(blocks, title=answers[0].title, announcement=announcement)


def schedule_text(subscription: Subscription, *, style: bool = True) -> str:
    """`5 papers at 09:00 (Europe/Berlin), Mon–Fri, as a thread, in the authors' words`; mail has no style.

    With the places for early picks where somebody chose their number.
    """
    hour = f"{subscription.at:%H:%M} ({subscription.timezone})"
    how = f", {STYLES[subscription.style]}" if style else ""
    early = "" if subscription.early is None else f" ({_PLACES[subscription.early]} nobody has noticed yet)"
    words = ", in the authors' words" if subscription.summaries == "authors" else ""
    group = group_of(subscription.mention)
    people = f", for {group_name(group)}" if group else ""
    return (
        f"{count(subscription.size, 'paper')}{early} at {hour}, {weekdays_text(subscription.days)}{how}{words}{people}"
    )


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
    label = subscription.label
    first = "Subscribed" if new else f"Changed {joined(changed)}" if changed else "Nothing changed"
    digest = f" {'to ' if new else 'of ' if changed else 'in '}“{label}”" if label else ""
    blocks = [block(f"{first}{digest}: {schedule_text(subscription)}.")]
    if subscription.topics and (new or "the topics" in changed):
        blocks.append(Block("text", (Span(f"It follows {quoted(subscription.topics, TOPICS_SHOWN)}."),)))
    blocks.append(_next_block(subscription, now, new=new, obstacle=obstacle))
    blocks += obstacle_blocks(obstacle)
    if new and not subscription.topics:
        named = f" name:{label}" if label else ""
        example = f"`/papers topics add video diffusion{named}`"
        blocks.append(block(f"It brings everything that trends; narrow it down with {example}."))
    if new and subscription.timezone == "UTC":
        blocks.append(block("The hour is UTC: set your own with `/papers subscribe timezone:Europe/Berlin`.", "note"))
    resume = (resume_button(label),) if subscription.paused_at is not None else ()
    actions = (*resume, *manage(label), Action("Preview", "preview", of_digest(label)), Action("Test", "test"))
    return Message(tuple(blocks), actions, blocks[0].text)


def _next_block(subscription: Subscription, now: datetime, *, new: bool, obstacle: str | None) -> Block:
    """When a digest comes next: a promise only where nothing is known to be in its way."""
    if subscription.paused_at is not None:
        return Block("text", (Span(pause_text(subscription, now)),))
    comes = "comes" if obstacle is None else "is due"
    when = f"{comes} {next_moment(subscription, now)}."
    only = "No papers come here before that." if not subscription.label else ""
    text = f"The first digest {when} {only}".rstrip() if new else f"The next digest {when}"
    return with_next_moment(block(text), subscription, now)


def obstacle_blocks(obstacle: str | None) -> tuple[Block, ...]:
    """Paragraph with the reason why nothing can be posted in the channel, for the answer to a saved change."""
    if obstacle is None:
        return ()
    text = f"This is saved, but nothing can be posted here yet: {obstacle.rstrip('.')}."
    return (Block("text", (Span(text, bold=True),)),)


def pause_saved(paused: Sequence[Subscription], now: datetime) -> Message:
    """Answer to `pause`, of one digest or of all."""
    until = pause_end(paused[0], now) or " until somebody resumes"
    labels = [f"“{each.label}”" for each in paused if each.label]
    name = ALL_DIGESTS if len(paused) > 1 else paused[0].label
    what = f" {joined(labels)}" if labels else ""
    return say(
        f"Paused{what}{until}. Topics and settings stay.", actions=(Action("Resume", "resume", of_digest(name)),)
    )


def resume_saved(before: Subscription, after: Subscription, now: datetime, obstacle: str | None) -> Message:
    """Answer to `resume`, by the subscription before and after it."""
    which = f" “{after.label}”" if after.label else ""
    state = f"Digests{f' of{which}' if which else ''} come again" if obstacle is None else f"No longer paused{which}"
    if before.paused_at is None:
        state = f"The digest{which} was not paused"
    first = f"{state}: {next_text(after, now)} ({after.timezone})."
    blocks = [with_next_moment(block(first), after, now), *obstacle_blocks(obstacle)]
    if before.pause_reason and obstacle is None:
        reason = before.pause_reason.rstrip(".")
        blocks.append(Block("text", (Span(f"It was paused because {reason}: test whether that is put right."),)))
    return Message(tuple(blocks), (Action("Test", "test"), *manage(after.label)), first)


def unsubscribe_question(digests: Sequence[Subscription]) -> Message:
    """Question before the topics and mutes of one digest, or of all, are deleted."""
    topics, mutes = (sum(map(len, lines)) for lines in zip(*((d.topics, d.mutes) for d in digests), strict=True))
    lines = joined([count(number, what) for number, what in ((topics, "topic"), (mutes, "mute")) if number])
    label = digests[0].label if len(digests) == 1 else ""
    named = of_digest(ALL_DIGESTS if len(digests) > 1 else label)
    ends = f"No more digests of “{label}”, and its" if label else "No more digests here, and the channel's"
    return say(
        f"{ends} {lines} would be deleted. A pause keeps them.",
        actions=(
            Action("Unsubscribe", "unsubscribe", {**named, "confirm": "yes"}, style="danger"),
            Action("Pause instead", "pause", named),
        ),
    )


def unsubscribed(ended: Sequence[Subscription], left: Sequence[Subscription], watches: int = 0) -> Message:
    """Answer to `unsubscribe`, with the digests and the number of watches that the channel has still."""
    if not left and watches:
        posts = "posts" if watches == 1 else "post"
        still = f"{count(watches, 'watch', 'watches')} here still {posts} papers: `/papers watch list`."
        return replace(UNSUBSCRIBED, blocks=(*UNSUBSCRIBED.blocks, block(still)))
    if not left:
        return UNSUBSCRIBED
    gone, stay = (joined([f"“{each.name}”" for each in digests]) for digests in (ended, left))
    text = f"Unsubscribed from {gone}. {stay} {'goes' if len(left) == 1 else 'go'} on."
    return say(f"{text} Past ones stay readable with `/papers digest`.", actions=manage(left[0].label))
