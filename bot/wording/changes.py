"""A change to a channel's digest in one line for everybody there: who changed what. Pure.

Each function returns what follows the person's name: `paused this channel's digest.`
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.model import Block, Message, Span, Subscription
from bot.query.strictness import USUAL
from bot.text import joined
from bot.wording.channel import next_text, pause_end, schedule_text
from bot.wording.parts import NAME_MAX
from bot.wording.topics import strictness_text

SOMEBODY = "Somebody"
ALL = "all digests of this channel"
FEEDBACK_ERASED = "erased this channel's feedback and what it had taught."


def change_line(name: str, change: str) -> str:
    """`Ada paused this channel's digest.`"""
    return f"{' '.join(name.split())[:NAME_MAX] or SOMEBODY} {change}"


def change_message(line: str) -> Message:
    """The line as a message for the channel; names and topics in it are foreign text."""
    return Message((Block("note", (Span(line),)),), title=line, private=False)


def digest_of(label: str) -> str:
    """`this channel's digest`, or with its name where there are several: `this channel's digest “rl”`."""
    return f"this channel's digest “{label}”" if label else "this channel's digest"


def ended(digests: Sequence[Subscription]) -> str:
    """The end of one digest, or of all."""
    return f"ended {digest_of(digests[0].label) if len(digests) == 1 else ALL}."


def settings_changed(subscription: Subscription, changed: Sequence[str], *, new: bool) -> str:
    """The new schedule, and the settings that were changed."""
    schedule, label = f"{schedule_text(subscription)}.", subscription.label
    if new:
        return f"subscribed this channel{f' to another digest, “{label}”' if label else ''}: {schedule}"
    return f"changed {joined(changed)} of {digest_of(label)}: {schedule}"


def paused(digests: Sequence[Subscription], now: datetime) -> str:
    """The pause of one digest or of all, with its end."""
    what = digest_of(digests[0].label) if len(digests) == 1 else ALL
    return f"paused {what}{pause_end(digests[0], now)}."


def resumed(subscription: Subscription, now: datetime) -> str:
    """The end of a pause, with the next digest."""
    return f"resumed {digest_of(subscription.label)}: {next_text(subscription, now)}."


def strictness_changed(topic: str, level: str, label: str = "") -> str:
    """A topic that is stricter or wider from now on."""
    how = "usual again" if level == USUAL else strictness_text(level)
    return f"made the topic “{topic}” of {digest_of(label)} {how}."


def topic_changed(subscription: Subscription, topic: str, command: str, *, new: bool) -> str:
    """A topic or a mute that was added or removed by `command`; `new`: the channel was subscribed by it."""
    verb = {
        "topics add": "added the topic",
        "topics remove": "removed the topic",
        "topics mute": "muted",
        "topics unmute": "no longer mutes",
    }[command]
    schedule = f"; {schedule_text(subscription)}" if new else ""
    where = "of" if command in {"topics add", "topics remove"} else "in"
    return f"{verb} “{topic}” {where} {digest_of(subscription.label)}{schedule}."
