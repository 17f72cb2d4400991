"""The form of a subscription by mail, in the words of a page. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.commands import zones
from bot.model import WEEKDAYS, Form, FormField, Subscription
from bot.wording.channel_form import settings_form
from bot.wording.parts import DAYS

ADDRESS = FormField(
    "address", "E-mail address", help="We’ll e-mail you a link to confirm. Nothing else comes before that."
)
PICTURES = FormField(
    "pictures",
    "A picture above the first paper",
    "off",
    "choice",
    ("off", "on"),
    labels=("No", "Yes"),
    help="It comes from Hugging Face, which then can see when you open a mail, and from where.",
)
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "name": {"label": "Name of this digest", "help": "A short word, such as rl."},
    "topics": {"label": "What interests you?", "help": "One per line. Leave empty for everything."},
    "mutes": {"label": "Never show me", "help": "One per line. Leave empty to miss nothing."},
    "size": {"label": "Papers in an e-mail", "help": "At most 20. Fewer come on a day that has fewer."},
    "at": {"label": "Time", "help": "By the clock of the place below.", "kind": "time"},
    "timezone": {"label": "Place", "help": "A large city near you, such as Europe/Berlin.", "kind": "timezone"},
    "days": {"label": "Days", "help": "", "kind": "days", "choices": WEEKDAYS, "labels": DAYS},
    "quiet": {
        "label": "On a day without papers",
        "help": "",
        "choices": ("say", "skip"),
        "labels": ("Send a short note", "Send nothing"),
    },
    "early": {
        "label": "Places for papers that nobody has noticed yet",
        "help": "Kept for new papers that are likely to be noticed soon.",
        "labels": ("One if you name interests, else none", "None", "One", "Two", "Three"),
    },
    "summaries": {"label": "Summaries", "help": "AI summaries come only where this site shows them, and say so."},
}
"""The fields of a subscription in the words of a page."""


def mail_form(subscription: Subscription) -> Form:
    """The form of the page to subscribe on."""
    form = mail_preferences(subscription)
    return replace(form, title="Trending papers by e-mail", fields=(ADDRESS, *form.fields), submit="Subscribe")


def mail_preferences(
    subscription: Subscription, digests: Sequence[Subscription] = (), *, pictures: bool | None = None
) -> Form:
    """The form of a subscriber's settings, without the style: a digest by mail is one message anyway.

    `digests`: all that the subscriber has, the others of which are offered. `pictures`: whether they have pictures,
    asked only where it is not None.
    """
    form = settings_form(subscription, digests=digests)
    label = subscription.label if subscription.name else "another digest"
    fields = tuple(_field(field, subscription) for field in form.fields if field.name != "style")
    if pictures is not None:
        fields += (replace(PICTURES, value="on" if pictures else "off"),)
    return replace(form, title=f"What you get by e-mail{f': {label}' if label else ''}", fields=fields)


def _field(field: FormField, subscription: Subscription) -> FormField:
    words = dict(FIELDS.get(field.name, {}))
    if field.name == "timezone":
        words["choices"] = tuple(zone for zone in zones().values() if "/" in zone and not zone.startswith("Etc/"))
    if field.name == "days":
        words["value"] = ",".join(WEEKDAYS[day] for day in sorted(subscription.days))
    return replace(field, **words)
