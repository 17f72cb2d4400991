"""Notices to people, and short answers that many commands share. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.commands import typed
from bot.model import Action, Block, Channel, Message, Notice, Paper, Span, Subscription, platform
from bot.wording.channel import SUBSCRIBE
from bot.wording.parts import block, day_text, say, span_text, title_span

UNTOLD_SHOWN = 3
"""Notices above one answer."""
MOST_TO_CHOOSE_FROM = 10
"""Buttons under a question."""


def problem(text: str) -> Message:
    """A fault in one line with its remedy; it may quote text of others, so that nothing in it is styled."""
    line = " ".join(text.split())
    return Message((Block("text", (Span(line),)),), title=line)


def linked_papers(papers: Sequence[str], command: str) -> Message:
    """A choice between the papers that a message links to, for a command about one; or that it links to none."""
    if not papers:
        return problem(
            "No paper is linked in this message, as far as I can see. I look for arXiv ids and links, and for DOIs."
        )
    choice = [Action(each, command, {"paper": each}) for each in papers[:MOST_TO_CHOOSE_FROM]]
    return say("Which of them?", actions=choice)


def which_paper(papers: Sequence[Paper], command: str, options: Mapping[str, str]) -> Message:
    """A choice between the papers of a digest, for a command that was typed in its thread without one."""
    blocks = [block(f"Which paper? Press its number, or write {typed(f'{command} #1')}.")]
    blocks += [Block("item", (title_span(paper),)) for paper in papers]
    choice = tuple(Action(f"#{n}", command, {**options, "paper": paper.id}) for n, paper in enumerate(papers, start=1))
    return Message(tuple(blocks), choice, blocks[0].text)


def not_permitted(command: str, needs: str, note: str = "") -> Message:
    """Refusal of a command; `needs` is the permission in the platform's words, `note` one more sentence of ours."""
    return say(f"“{command}” changes things for the whole channel: you need {needs}. {note}".rstrip())


def needs_presence(command: str, invite: str) -> Message:
    """Refusal of a command about a channel, where Paperboy is not; `invite` is the link that invites it."""
    text = f"“{command}” needs Paperboy itself in the channel, and it is not here. Invite it, or write to it directly."
    return say(text, actions=(Action("Invite Paperboy", url=invite, style="primary"),))


def notice_message(text: str) -> Message:
    """A stored notice as a message to a person."""
    return Message((Block("text", (Span(text),)),), title=text)


def with_untold(answer: Message, notices: Sequence[Notice], channel: Channel, today: date) -> Message:
    """An answer in a channel below the latest undelivered notices about it."""
    latest = notices[-UNTOLD_SHOWN:]
    texts = (each.text.replace(channel, "this channel") for each in latest)
    blocks = [
        Block("text", (Span(f"Not told before, of {day_text(each.day, today)}: ", bold=True), Span(text)))
        for each, text in zip(latest, texts, strict=True)
    ]
    return replace(answer, blocks=(*blocks, *answer.blocks))


OUTDATED_BUTTON = say(
    "This button is from another version of Paperboy. Type the command again, such as `/papers today`."
)
"""Answer to a button whose command no longer exists."""
MAY_NOT_SHARE = problem("You may not write here yourself, so this answer stays with you alone.")
"""Answer to Share where its presser may not write."""
NOT_SHARED_HERE = problem("Paperboy itself is not here, so its answers stay with you alone.")
"""Note below an answer that was to be shared, in a place without Paperboy."""


def for_asker_alone(action: Action) -> Message:
    """Answer to a mention where the answer to its command is private: a button that gives it to its presser alone."""
    return say("The answer to this is for you alone. Press to read it:", actions=(action,), private=False)


SHARED = problem("Shared: everybody here can read it.")
"""Answer to a command that shared its answer."""
ALREADY_SHARED = problem("This answer was shared here already.")
"""Answer to a second press of Share."""
SHARED_PERHAPS = problem("The connection broke while this was shared. Look whether it is here before you try again.")
"""Answer to Share whose outcome is not known."""
DELIVERY_PROOF = say("Paperboy test: this message deletes itself. Digests can be posted here.", private=False)
"""The marked message that `test` posts and deletes."""
DELIVERY_PROOF_REPLY = say("Paperboy test: this reply deletes itself too.", private=False)
"""The reply under it, where digests come as threads."""
GREETING = say(
    "Hello! I bring the day's trending research papers: one message a day, a summary of each in its thread.",
    "Nothing is posted before you subscribe. To look around: `/papers today`, `/papers search video diffusion`.",
    actions=(
        SUBSCRIBE,
        Action("Settings", "settings"),
        Action("Today's papers", "today"),
        Action("Help", "help"),
    ),
    private=False,
)
"""Posted in a new channel; the button's hour is in the time zone of the person who presses it."""


def paused_notice(subscription: Subscription, reason: str) -> str:
    """Notice to the person who set a channel up: it cannot be reached."""
    remedy = "put that right, then type /papers resume there."
    if platform(subscription.channel) == "mail":
        remedy = "its owner can go on from the preferences page, which every digest names."
    why = reason.rstrip(".") or "it can't be reached"
    return (
        f"The paper digest for {subscription.channel} is paused, because {why}. Its topics and settings stay: {remedy}"
    )


def skipped_notice(subscription: Subscription, day: date, reason: str, *, before: int = 0) -> str:
    """Notice to the person who set a channel up: a day's digest did not come, or not whole.

    `before`: the number of digests directly before it that did not come either.
    The day has its year: a notice may be read long after it was written.
    """
    others = f", nor {'the one' if before == 1 else f'the {before}'} before it" if before else ""
    return (
        f"The paper digest of {day_text(day, None)} for {subscription.channel} did not come as it should{others}: "
        f"{reason}. The next one lists the papers that were not shown."
    )


def skip_reason(step: timedelta) -> str:
    """Reason for skipped days, to be read after “did not come as it should: ”; `step`: by how much the clock jumped."""
    if step <= timedelta(0):
        return "Paperboy was not running at that time"
    return f"the clock went {span_text(step)} ahead at once, as if the machine had slept or its clock were wrong"


def clock_notice(subscription: Subscription, ahead: timedelta) -> str:
    """Notice to the person who set a channel up: days were skipped because the clock was wrong."""
    return (
        f"The clock of Paperboy's machine stood {span_text(ahead)} ahead for a while, so days of the paper digest for "
        f"{subscription.channel} seemed to be over. It was set back: they come as they should."
    )


def threads_forbidden_notice(subscription: Subscription, reason: str) -> str:
    """Notice to the person who set a channel up: its digest comes without replies from now on."""
    return (
        f"No replies can be posted in {subscription.channel}: {reason.rstrip('.')}. So its paper digest comes as one "
        "message from now on. To have threads again, put that right, then choose the style thread in /papers settings."
    )
