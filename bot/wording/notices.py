"""Notices to people, and short answers that many commands share. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.model import Action, Block, Channel, Message, Span, Subscription, platform
from bot.wording.parts import block, day_text, say, without_backticks

PROOF = "Paperboy test: this message deletes itself. If you can read it, the digest will arrive here."
MOST_TO_CHOOSE_FROM = 10
"""Buttons under a question."""


def problem(text: str) -> Message:
    """A fault of the user in one line with its remedy; it may quote typed text."""
    line = " ".join(text.split())
    return Message((Block("text", (Span(line),)),), title=line)


def outdated_button() -> Message:
    """A button that no command of today's stands behind."""
    return problem("This button is from another version of Paperboy. Type the command again, such as /papers today.")


def linked_papers(papers: Sequence[str], command: str) -> Message:
    """Which of the papers that somebody's message links to is meant, for a command about one; or that none is."""
    if not papers:
        return problem(
            "No paper is linked in this message, as far as I can see. I look for arXiv ids and links, and for DOIs."
        )
    choice = [Action(each, command, {"paper": each}) for each in papers[:MOST_TO_CHOOSE_FROM]]
    return say("Which of them?", actions=choice)


def not_permitted(command: str, needs: str) -> Message:
    """A command that is not for this caller, in the platform's words."""
    return problem(f"“{command}” changes things for the whole channel: you need {needs}.")


def notice_message(text: str) -> Message:
    """A stored notice, on its way to a person."""
    return Message((Block("text", (Span(text),)),), title=text)


def delivery_proof() -> Message:
    """The marked message that `test` posts and deletes."""
    return Message((Block("text", (Span(PROOF),)),), title=PROOF, private=False)


def greeting(channel: Channel, user: Channel | None) -> Message:  # noqa: ARG001 - who added it, and where, may be named one day
    """The greeting of a new channel; the button's hour is in the time zone of the person who presses it."""
    blocks = (
        block("Hello! I bring the day's trending research papers: one message a day, a summary of each in its thread."),
        block(
            "Nothing is posted before you subscribe. To look around: `/papers today`, `/papers search video diffusion`."
        ),
    )
    actions = (
        Action("Subscribe, daily at 09:00", "subscribe", {"at": "09:00"}, style="primary"),
        Action("Settings", "settings"),
        Action("Today's papers", "today"),
        Action("Help", "help"),
    )
    return Message(blocks, actions, without_backticks(blocks[0].text), private=False)


def paused_notice(wish: Subscription, reason: str) -> str:
    """Notice to the person who set a channel up: it cannot be reached."""
    remedy = "put that right, then type /papers resume there."
    if platform(wish.channel) == "mail":
        remedy = "its owner can go on from the preferences page, which every digest names."
    return f"The paper digest for {wish.channel} is paused, because {_because(reason)}. Nothing is lost: {remedy}"


def skipped_notice(wish: Subscription, day: date, reason: str) -> str:
    """Notice to the person who set a channel up: a day's digest did not come, or not whole."""
    return (
        f"The paper digest of {day_text(day)} for {wish.channel} did not come as it should: {reason}. "
        "Papers that were not shown may come with the next one."
    )


def proof_succeeded() -> Message:
    """After a test that went well."""
    return say("It works: a message was posted here and deleted again. The digest will arrive.")


def proof_failed(reason: str) -> Message:
    """After a test that did not."""
    return problem(f"The digest would not arrive: {reason}. Give Paperboy access to this channel, then test again.")


def _because(reason: str) -> str:
    return reason.rstrip(".") or "it can't be reached"
