"""Answers about the settings of a channel that hold whatever its digests are. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.commands.channel_table import ARCHIVE_MINUTES
from bot.model import Caller, Channel, ChannelSettings, Message, group_of
from bot.text import joined
from bot.wording.parts import count, say
from bot.wording.rules import rule_phrase

LABELS = {
    "managers": "who may change settings",
    "sharers": "who may share",
    "feedback": "whose 👍 and 👎 count",
    "updates": "updates about papers",
    "memory": "the memory of what people here liked",
    "counts": "the counts on cards",
    "pictures": "the pictures on cards",
    "openers": "the messages between digests",
    "silent": "how loud posts are",
    "crosspost": "crossposting",
    "tags": "the tags of posts",
    "archive_minutes": "when threads are archived",
}
"""What is changed, by attribute of a channel's settings, to be read in “changed … of this channel”."""
_SWITCHES = {
    "updates": ("A reply comes where a paper was shown when something about it changed.", "No replies about changes."),
    "memory": ("Papers that are close to what people here liked say so.", "Papers no longer name what people liked."),
    "counts": ("Cards count who liked a paper or wants to discuss it.", "Cards count nobody."),
    "pictures": ("A paper's card has the picture from its page on Hugging Face.", "Cards have no pictures."),
    "silent": ("Posts here notify nobody.", "Posts here notify as any message."),
    "crosspost": ("Digests are published to the channels that follow this one.", "Digests stay in this channel."),
    "tags": ("A digest gets the tags that are named like its topics.", "A digest gets no tags of its topics."),
}
"""What is so from now on, switched on and off."""


def channel_saved(settings: ChannelSettings, changed: Iterable[str], caller: Caller, *, shut_out: bool) -> Message:
    """A line for each setting that changed; `shut_out`: the caller may not change it back."""
    lines = [sentence for name in changed for sentence in _sentences(name, settings, caller)]
    if shut_out:
        lines.append("You are not among them yourself: only they and the admins can change this back.")
    return say(*(lines or ["Nothing was changed: it is so already."]))


def changed_line(changed: Iterable[str]) -> str:
    """Line for the channel, after the person's name: `changed who may share of this channel.`"""
    return f"changed {joined([LABELS[name] for name in changed])} in this channel."


def _sentences(name: str, settings: ChannelSettings, caller: Caller) -> list[str]:
    value, channel = getattr(settings, name), caller.channel
    if name in _SWITCHES:
        return [_SWITCHES[name][0 if value else 1], *_without_effect(name, value, caller)]
    match name:
        case "managers":
            also = " and the admins" if group_of(value) else ""
            return [f"Settings are changed by {rule_phrase(value, channel)}{also}."]
        case "sharers":
            return [f"Answers are shared by {rule_phrase(value, channel)}."]
        case "feedback":
            return [f"The ranking learns from {rule_phrase(value, channel)}, from now on."]
        case "openers":
            return [f"At most {count(value, 'message')} a day besides the digests."]
    duration = next((text for text, minutes in ARCHIVE_MINUTES.items() if minutes == value), "1w")
    return [f"Threads are archived after {duration} without a message."]


def _without_effect(name: str, value: bool, caller: Caller) -> list[str]:  # noqa: FBT001 - a setting's value
    """A line about a setting that does nothing in this kind of channel."""
    if not value or (name, caller.place) in {("crosspost", "announcement"), ("tags", "forum")}:
        return []
    return {
        "crosspost": ["It has no effect before this is an announcement channel."],
        "tags": ["It has no effect outside of a forum."],
    }.get(name, [])


def needs_discord(name: str, channel: Channel) -> str:
    """The fault of an option that a platform has nothing for."""
    return f"{name}: is for Discord alone; {channel.partition(':')[0].capitalize()} has nothing of the kind."
