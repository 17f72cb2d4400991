"""Handlers of how strictly a topic matches: topics stricter, topics wider; and what `undo` takes back of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from bot.commands import typed
from bot.commands.times import excerpt
from bot.errors import UserError
from bot.handlers.context import Context, Invocation, announced, handles
from bot.handlers.named_digest import digest_with_line
from bot.handlers.topic_lines import followed_line
from bot.handlers.topic_preview import preview_of
from bot.model import Message, Subscription, TopicThreshold
from bot.query.strictness import LEVELS, beside, is_movable, threshold_of
from bot.query.topic_model import MATCHES
from bot.wording import topics as wording
from bot.wording.changes import strictness_changed
from bot.wording.channel import NOT_SUBSCRIBED
from bot.wording.topics import level_in

STEPS_KEPT = 10
"""Steps of one topic that can be taken back."""
_WAY = {"topics stricter": 1, "topics wider": -1}


@handles("topics stricter", "topics wider")
async def move_topic(context: Context, invocation: Invocation) -> Message:
    """Make a topic a step stricter or wider; a button names the level that it leads to."""
    subscription = await digest_with_line(context, invocation, mute=False)
    if subscription is None:
        return NOT_SUBSCRIBED
    topic = followed_line(invocation.text("topic"), subscription, invocation.command.name)
    if not is_movable(topic):
        raise UserError(
            f"“{excerpt(topic)}” matches exactly: only words without quotes can match more or less strictly."
            f" {typed('topics add video diffusion')} is such a topic."
        )
    before, way = level_in(subscription, topic), _WAY[invocation.command.name]
    level = invocation.text("strictness") if invocation.has("strictness") else beside(before, way)
    if level is None or (LEVELS.index(level) - LEVELS.index(before)) * way <= 0:
        preview = await _preview(context, invocation, topic, before, subscription)
        return wording.topic_moved(preview, f"is {wording.strictness_text(before)} already.", undo=False)
    changed = with_step(subscription, topic, level, invocation.now)
    await context.save(subscription, changed)
    preview = await _preview(context, invocation, topic, level, subscription)
    done = f"is {wording.strictness_text(level)} now; it was {wording.strictness_text(before)}."
    answer = wording.topic_moved(preview, done, undo=True)
    return announced(answer, invocation.caller, strictness_changed(topic, level, subscription.label))


async def _preview(
    context: Context, invocation: Invocation, topic: str, level: str, digest: Subscription
) -> wording.TopicPreview:
    return replace(await preview_of(context, invocation, topic, level=level), label=digest.label)


def with_level(subscription: Subscription, topic: str, level: str) -> Subscription:
    """The subscription with a new topic's threshold at a level."""
    return replace(subscription, thresholds={**subscription.thresholds, topic: TopicThreshold(threshold_of(level))})


def with_step(subscription: Subscription, topic: str, level: str, now: datetime) -> Subscription:
    """The subscription with a topic's threshold at another level, and where it was before."""
    own = subscription.thresholds.get(topic, TopicThreshold(MATCHES))
    moved = TopicThreshold(threshold_of(level), (*own.steps, (now, own.value))[-STEPS_KEPT:])
    return replace(subscription, thresholds={**subscription.thresholds, topic: moved})


class Step(NamedTuple):
    """The latest step of any topic of a channel."""

    at: datetime
    topic: str
    digest: str
    """The name of the digest that follows it."""


def latest_step(digests: Sequence[Subscription]) -> Step | None:
    """The latest step that can be taken back in any of a channel's digests; None if there is none."""
    thresholds = ((each.name, topic, each.thresholds.get(topic)) for each in digests for topic in each.topics)
    return max(
        (Step(own.steps[-1][0], topic, name) for name, topic, own in thresholds if own and own.steps), default=None
    )


def without_step(subscription: Subscription, topic: str) -> Subscription:
    """The subscription as it was before the latest step of a topic."""
    *steps, (_, value) = subscription.thresholds[topic].steps
    thresholds = {**subscription.thresholds, topic: TopicThreshold(value, tuple(steps))}
    if not steps and value == MATCHES:
        del thresholds[topic]
    return replace(subscription, thresholds=thresholds)
