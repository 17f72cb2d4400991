"""Texts of mail: the confirmation letter, the pages it links to, and the footer of a digest. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model import Action, Block, Form, FormField, Message, Span, Subscription
from bot.wording.channel import next_text, settings_form
from bot.wording.help import THANKS_TO_ARXIV
from bot.wording.parts import block, count, joined, say, span_text, weekdays_text

ONLY_IN_CHATS = frozenset({"style"})
"""A digest by mail is one message anyway."""
ADDRESS = FormField("address", "Mail address", help="A letter with a link comes first; nothing else before you open it")


def mail_form(wish: Subscription) -> Form:
    """The form of the page to subscribe on."""
    form = _form(wish)
    return replace(form, title="Get it by mail", fields=(ADDRESS, *form.fields), submit="Subscribe")


def mail_preferences(wish: Subscription) -> Form:
    """A subscriber's wish, to be changed."""
    return replace(_form(wish), title="What you get by mail")


def _form(wish: Subscription) -> Form:
    form = settings_form(wish)
    return replace(form, fields=tuple(each for each in form.fields if each.name not in ONLY_IN_CHATS))


def mail_requested() -> Message:
    """After a request; the same whatever is known of the address."""
    return say(
        "Look into your inbox: a letter with a link is on its way, if the address can get mail.",
        "The digests start when you open that link and confirm. If nothing comes within ten minutes, look into the"
        " spam folder, or ask again.",
    )


def mail_confirmation(url: str, good_for: timedelta) -> Message:
    """The confirmation letter. It quotes no typed text: the person who typed may be a stranger to its reader."""
    return Message(
        (
            block("Confirm your digest of research papers", "heading"),
            block("Somebody, probably you, asked to get the day's trending research papers at this address."),
            block("If it was you, confirm it. The page shows what will come, and when, before anything is sent."),
            block(
                f"The link is good for {span_text(good_for)}. If it was not you, do nothing:"
                " this is the only letter, and the address is forgotten.",
                "note",
            ),
        ),
        (Action("Confirm", url=url, style="primary"),),
        "Confirm your digest of research papers",
    )


def mail_already_subscribed(preferences: str) -> Message:
    """The letter to an address that gets digests already."""
    return Message(
        (
            block("You are subscribed already", "heading"),
            block("Somebody, probably you, asked for the day's trending research papers at this address."),
            block("It gets them already, so nothing was changed. Change what comes, and when, on your own page."),
        ),
        (Action("Change it", url=preferences, style="primary"),),
        "You are subscribed to Paperboy already",
    )


def mail_proposal(wish: Subscription) -> Message:
    """The subscription that confirming starts."""
    return Message(
        (
            block(f"Get {_when(wish)} by mail?"),
            Block("text", (Span(_what(wish)),)),
            block("Every mail has a link to change that, and one to end it.", "note"),
        ),
        title="Confirm your digest",
    )


def mail_confirmed(wish: Subscription) -> Message:
    """After confirming."""
    return _state("Confirmed", wish)


def mail_changed(wish: Subscription) -> Message:
    """After the preferences were saved."""
    return _state("Saved", wish)


def _state(done: str, wish: Subscription) -> Message:
    sentence = next_text(wish)
    blocks = (
        block(f"{done}: {_when(wish)} by mail."),
        Block("text", (Span(_what(wish)),)),
        block(f"{sentence[:1].upper()}{sentence[1:]}."),
    )
    return Message(blocks, title=done)


def mail_unsubscribe_question() -> Message:
    """Question before unsubscribing, for a reader who opened the link."""
    return say("End the digests by mail? The address is erased.")


def mail_unsubscribed() -> Message:
    """After it."""
    return say("Unsubscribed: no more mail comes, and the address is erased.")


def mail_footer(preferences: str, unsubscribe: str) -> tuple[Block, ...]:
    """The footer of every digest by mail."""
    links = (Span("Change what comes", url=preferences), Span(" · "), Span("Unsubscribe", url=unsubscribe))
    why = "You get this because you subscribed and confirmed it."
    return (Block("note", (Span(f"{why} "), *links)), block(THANKS_TO_ARXIV, "note"))


def _when(wish: Subscription) -> str:
    return f"{count(wish.size, 'paper')} at {wish.at:%H:%M} ({wish.timezone}), {weekdays_text(wish.days)}"


def _what(wish: Subscription) -> str:
    """Topics are foreign text: in a span of their own."""
    follows = f"On {joined(f'“{topic}”' for topic in wish.topics)}." if wish.topics else "Everything that trends."
    mutes = f" Without {joined(f'“{topic}”' for topic in wish.mutes)}." if wish.mutes else ""
    return f"{follows}{mutes}"
