"""The form with a channel's settings that hold whatever its digests are. Pure."""

from __future__ import annotations

from bot.commands.channel_table import ARCHIVE_MINUTES, MOST_OPENERS, OFF, ON, ON_OFF
from bot.model import Caller, ChannelSettings, Form, FormField, platform, rule_text
from bot.wording.rules import GROUP_WORDS

_NAMES = {"archive": "archive_minutes"}
"""Attributes of the settings whose option has another name."""


def attribute(option: str) -> str:
    """The attribute of the settings that an option changes."""
    return _NAMES.get(option, option)


def channel_form(settings: ChannelSettings, caller: Caller) -> Form:
    """The form with the settings as they are, without what the platform has nothing for."""
    name = platform(caller.channel)
    word = GROUP_WORDS.get(name)
    help_text = f"members, managers, or a {word} such as @ops" if word else "members or managers"
    people = tuple(
        FormField(option, label, rule_text(getattr(settings, option)), help=help_text)
        for option, label in (
            ("managers", "Who may change settings"),
            ("sharers", "Who may share answers"),
            ("feedback", "Whose 👍 and 👎 count"),
        )
    )
    fields = (
        *people,
        _switch(settings, "updates", "Replies when a shown paper changes"),
        _switch(settings, "memory", "Name close papers that people liked"),
        _switch(settings, "counts", "Counts of 👍 and discussion on cards"),
        _switch(settings, "pictures", "Pictures of papers on cards"),
        FormField("openers", "Messages a day besides digests", str(settings.openers), help=f"0 to {MOST_OPENERS}"),
        *(_of_discord(settings, caller) if name == "discord" else ()),
    )
    return Form("Channel settings", "channel", fields)


def _of_discord(settings: ChannelSettings, caller: Caller) -> tuple[FormField, ...]:
    minutes = settings.archive_minutes or max(ARCHIVE_MINUTES.values())
    archive = next(text for text, each in ARCHIVE_MINUTES.items() if each == minutes)
    labels = ("An hour", "A day", "Three days", "A week")
    fields = [_switch(settings, "silent", "Silent posts")]
    if caller.place == "announcement" or settings.crosspost:
        fields.append(_switch(settings, "crosspost", "Publish digests to followers"))
    if caller.place == "forum" or settings.tags:
        fields.append(_switch(settings, "tags", "Tags named like a digest's topics"))
    choices = tuple(ARCHIVE_MINUTES)
    return (*fields, FormField("archive", "Archive quiet threads after", archive, "choice", choices, labels=labels))


def _switch(settings: ChannelSettings, name: str, label: str) -> FormField:
    value = ON if getattr(settings, name) else OFF
    return FormField(name, label, value, "choice", ON_OFF, labels=("Yes", "No"))
