"""Texts of mail: the confirmation letter, the pages it links to, and the footer of a digest. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import Action, Block, Form, FormField, Message, Span, Subscription
from bot.wording.channel import next_text, schedule_text
from bot.wording.channel_form import settings_form
from bot.wording.help import THANKS_TO_ARXIV
from bot.wording.parts import block, quoted, say, span_text

ADDRESS = FormField("address", "Mail address", help="A letter with a link comes first; nothing else before you open it")
UNICODE_REFUSED = (
    "Our mail server cannot write to an address with letters such as ö before the @. Please use another one."
)
MAIL_REQUESTED = say(
    "Look into your inbox: a letter with a link comes, if the address can get mail and got none a short while ago.",
    "The digests start when you open that link and confirm. Mostly it comes within ten minutes, perhaps into the spam"
    " folder. While very many people ask, or your mail server puts it off, it waits for hours, a day at most: if"
    " nothing has come by then, ask again.",
)
"""Answer to a request; it does not tell whether the address is stored."""
MAIL_UNSUBSCRIBE_QUESTION = say(
    "End the digests by mail? The address is erased.", actions=(Action("Unsubscribe", "unsubscribe"),)
)
MAIL_UNSUBSCRIBED = say("Unsubscribed: no more mail comes, and the address is erased.")


def mail_form(subscription: Subscription) -> Form:
    """The form of the page to subscribe on."""
    form = mail_preferences(subscription)
    return replace(form, title="Get it by mail", fields=(ADDRESS, *form.fields), submit="Subscribe")


def mail_preferences(subscription: Subscription) -> Form:
    """The form of a subscriber's settings, without the style: a digest by mail is one message anyway."""
    form = settings_form(subscription)
    fields = tuple(field for field in form.fields if field.name != "style")
    return replace(form, title="What you get by mail", fields=fields)


def mail_confirmation(url: str, good_for: timedelta) -> Message:
    """The confirmation letter. It quotes no typed text: the person who typed may be a stranger to its reader."""
    title, validity = "Confirm your digest of research papers", f"The link is good for {span_text(good_for)}."
    otherwise = "If it was not you, do nothing: no digest comes, and the address is forgotten."
    blocks = (
        block(title, "heading"),
        block("Somebody, probably you, asked to get the day's trending research papers at this address."),
        block("If it was you, confirm it. The page shows what will come, and when, before anything is sent."),
        block(f"{validity} {otherwise}", "note"),
    )
    return Message(blocks, (Action("Confirm", url=url, style="primary"),), title)


def mail_already_subscribed(preferences: str) -> Message:
    """The letter to an address that is subscribed already."""
    blocks = (
        block("You are subscribed already", "heading"),
        block("Somebody, probably you, asked for the day's trending research papers at this address."),
        block("It gets them already, so nothing was changed. Change what comes, and when, on your own page."),
    )
    change = Action("Change it", url=preferences, style="primary")
    return Message(blocks, (change,), "You are subscribed to Paperboy already")


def mail_proposal(subscription: Subscription) -> Message:
    """The subscription that confirming starts."""
    blocks = (
        block(f"Get {schedule_text(subscription, style=False)} by mail?"),
        Block("text", (Span(_what(subscription)),)),
        block("Every mail has a link to change that, and one to end it.", "note"),
    )
    return Message(blocks, (Action("Confirm", "confirm"),), "Confirm your digest")


def mail_saved(done: str, subscription: Subscription, now: datetime, preferences: str) -> Message:
    """The subscription after `done`: `Confirmed` or `Saved`, with a link to its settings."""
    sentence = next_text(subscription, now)
    blocks = (
        block(f"{done}: {schedule_text(subscription, style=False)} by mail."),
        Block("text", (Span(_what(subscription)),)),
        block(f"{sentence[:1].upper()}{sentence[1:]}."),
    )
    return Message(blocks, (Action("Change what comes", url=preferences),), done)


def mail_footer(preferences: str, unsubscribe: str) -> tuple[Block, ...]:
    """The footer of every digest by mail."""
    links = (Span("Change what comes", url=preferences), Span(" · "), Span("Unsubscribe", url=unsubscribe))
    why = "You get this because you subscribed and confirmed it."
    return (Block("note", (Span(f"{why} "), *links)), block(THANKS_TO_ARXIV, "note"))


def _what(subscription: Subscription) -> str:
    """Topics and mutes in words; foreign text, for a span of its own."""
    follows = f"On {quoted(subscription.topics)}." if subscription.topics else "Everything that trends."
    mutes = f" Without {quoted(subscription.mutes)}." if subscription.mutes else ""
    return f"{follows}{mutes}"
