"""The form with a channel's settings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from bot.model import AUTO, MOST_DIGESTS, Action, Early, Form, FormField, Quiet, Style, Subscription, Summaries
from bot.wording.parts import weekdays_typed

EXAMPLES_OF_DAYS = "daily, weekdays, mon-fri, mon,wed,fri or weekly fri"
STYLE_LABELS = ("A thread: one reply per paper", "One message")
QUIET_LABELS = ("Say so in a line", "Post nothing")
EARLY_LABELS = ("One where topics are followed, else none", "None", "One", "Two", "Three")
_NAME = FormField("name", "Name", help="A short word, such as rl")
OTHER_DIGESTS = "Another digest of this channel instead; what is not saved here is dropped:"
SUMMARIES_LABELS = ("AI summaries too, marked as such", "The authors' own words alone")


def settings_form(
    subscription: Subscription, own_timezone: str | None = None, digests: Sequence[Subscription] = ()
) -> Form:
    """The form with a subscription's settings as they are, and the time zone of the person who opens it on offer.

    One that has no name yet is asked for it. `digests`: those of the channel, the others of which are offered.
    """
    topics, mutes = "\n".join(subscription.topics), "\n".join(subscription.mutes)
    zone, own = subscription.timezone, (own_timezone,) if own_timezone else ()
    fields = (
        *(() if subscription.name else (_NAME,)),
        FormField("topics", "Topics, one a line", topics, "lines", help="Empty = everything that trends"),
        FormField("mutes", "Mutes, one a line", mutes, "lines", help="Papers that match are left out"),
        FormField("size", "Papers in a digest", str(subscription.size), help="1 to 20"),
        _early(subscription.early),
        _summaries(subscription.summaries),
        FormField("at", "Hour", f"{subscription.at:%H:%M}", "time", help="09:00, 9am or 21.30"),
        FormField("timezone", "Time zone", zone, "timezone", own, "By place, such as Europe/Berlin"),
        FormField("days", "Days", weekdays_typed(subscription.days), "days", help=EXAMPLES_OF_DAYS),
        _style(subscription.style),
        *((_quiet(subscription.quiet),) if subscription.name else ()),  # ten fields are two modals of Discord's
    )
    named = {"name": subscription.name} if digests else {}
    if not subscription.name:
        named = {"new": "yes"}
    label = subscription.label if subscription.name else "another digest"
    title = f"Settings: {label}" if label else "Digest settings"
    return Form(title, "settings", fields, options=named, others=_others(subscription, digests))


def _others(subscription: Subscription, digests: Sequence[Subscription]) -> tuple[Action, ...]:
    """Buttons for the settings of the channel's other digests, and for another one."""
    others = [Action(each.name, "settings", {"name": each.name}) for each in digests if each.name != subscription.name]
    is_room = subscription.name and 0 < len(digests) < MOST_DIGESTS
    return (*others, *([Action("Add a digest", "settings", {"new": "yes"})] if is_room else []))


def _style(value: Style) -> FormField:
    explained = "One reply per paper, or all in one message"
    return FormField("style", "Style", value, "choice", get_args(Style), explained, labels=STYLE_LABELS)


def _summaries(value: Summaries) -> FormField:
    explained = "Where whoever runs Paperboy has AI summaries switched on"
    choices = get_args(Summaries)
    return FormField("summaries", "Summaries", value, "choice", choices, explained, labels=SUMMARIES_LABELS)


def _quiet(value: Quiet) -> FormField:
    label, explained = "On a day without papers", "Say so in a line, or skip it"
    return FormField("quiet", label, value, "choice", get_args(Quiet), explained, labels=QUIET_LABELS)


def _early(value: int | None) -> FormField:
    label, explained = "Places for papers nobody has noticed yet", "For those likely to be noticed soon"
    current = AUTO if value is None else str(value)
    return FormField("early", label, current, "choice", get_args(Early), explained, labels=EARLY_LABELS)
