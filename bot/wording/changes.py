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
ENDED = "ended this channel's digest."
FEEDBACK_ERASED = "erased this channel's feedback and what it had taught."


def change_line(name: str, change: str) -> str:
    """`Ada paused this channel's digest.`"""
    return f"{' '.join(name.split())[:NAME_MAX] or SOMEBODY} {change}"


def change_message(line: str) -> Message:
    """The line as a message for the channel; names and topics in it are foreign text."""
    return Message((Block("note", (Span(line),)),), title=line, private=False)


def settings_changed(subscription: Subscription, changed: Sequence[str], *, new: bool) -> str:
    """The new schedule, and the settings that were changed."""
    schedule = f"{schedule_text(subscription)}."
    return (
        f"subscribed this channel: {schedule}"
        if new
        else f"changed {joined(changed)} of this channel's digest: {schedule}"
    )


def paused(subscription: Subscription, now: datetime) -> str:
    """The pause, with its end."""
    return f"paused this channel's digest{pause_end(subscription, now)}."


def resumed(subscription: Subscription, now: datetime) -> str:
    """The end of a pause, with the next digest."""
    return f"resumed this channel's digest: {next_text(subscription, now)}."


def strictness_changed(topic: str, level: str) -> str:
    """A topic that is stricter or wider from now on."""
    how = "usual again" if level == USUAL else strictness_text(level)
    return f"made the topic “{topic}” of this channel's digest {how}."


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
    return f"{verb} “{topic}” {where} this channel's digest{schedule}."
