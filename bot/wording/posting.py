"""The answer to `test`: whether digests can be posted in a channel, and whether one comes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Action, Block, Message, Span, Subscription
from bot.wording.channel import SUBSCRIBE, next_moment, of_digest, pause_text, resume_button, with_next_moment

_NONE_YET = Block("text", (Span("This channel gets no digest yet: subscribe it."),))
_TEST_AGAIN = Action("Test again", "test")
_NOT_NOW = frozenset({Failure.LATER, Failure.UNKNOWN})


def test_answer(digests: Sequence[Subscription], failure: DeliveryError | None, now: datetime) -> Message:
    """Answer to `test`: whether a digest can be posted, whether one comes, and a button for what is missing.

    `failure` is what the outlet's proof raised; `digests`: those of the channel.
    """
    proved = failure is None or failure.kind is Failure.THREAD_FORBIDDEN
    due = any(each.paused_at is None and each.next_due is not None for each in digests)
    compact = bool(digests) and all(each.style == "compact" for each in digests)
    first = f"{'It works: ' if proved and due else ''}{_posting(failure, compact=compact)}"
    is_refused = not proved and not isinstance(failure, CannotTell)
    states = [_state(each, now, proved=not is_refused) for each in digests] or [(_NONE_YET, (SUBSCRIBE,))]
    blocks = (Block("text", (Span(first),)), *(state for state, _ in states))
    mends = (button for _, buttons in states for button in buttons)
    return Message(blocks, (*mends, *(() if failure is None else (_TEST_AGAIN,))), first)


def _posting(failure: DeliveryError | None, *, compact: bool) -> str:
    if failure is None:
        return "Paperboy can post here." if compact else "Paperboy can post here, and reply in threads."
    reason = failure.reason.rstrip(".")
    if isinstance(failure, CannotTell):
        return f"Whether a digest can be posted here was not tested: {reason}."
    if failure.kind is Failure.THREAD_FORBIDDEN:
        if compact:
            return "Paperboy can post here."
        return f"Paperboy can post here, but not reply: {reason}. So the digest comes as one message."
    if failure.kind in _NOT_NOW:
        return f"That cannot be tested now: {reason}. Try again in a few minutes."
    return f"No digest can be posted here: {reason}."


def _state(digest: Subscription, now: datetime, *, proved: bool) -> tuple[Block, tuple[Action, ...]]:
    """Whether a digest comes, with its name where there are several, and the button that mends it if it does not."""
    text, mends = _comes(digest, now, proved=proved)
    name = f"{digest.label}: " if digest.label else ""
    return with_next_moment(Block("text", (Span(f"{name}{text}"),)), digest, now), mends


def _comes(subscription: Subscription, now: datetime, *, proved: bool) -> tuple[str, tuple[Action, ...]]:
    label = subscription.label
    if subscription.paused_at is not None:
        return pause_text(subscription, now), (_for(resume_button(label), label),)
    if subscription.next_due is None:
        settings = Action("Settings", "settings", of_digest(label))
        return "No digest is due yet: choose the days in the settings.", (_for(settings, label),)
    quiet = " On a day without papers nothing is posted." if subscription.quiet == "skip" else ""
    until = "" if proved else ", if that is put right before"
    zone = f" ({subscription.timezone})" if subscription.next_due > now else ""
    return f"The next digest is due {next_moment(subscription, now)}{zone}{until}.{quiet}", ()


def _for(action: Action, label: str) -> Action:
    """The button with the digest that it is about, as there may be one for each."""
    return replace(action, label=f"{action.label} {label}") if label else action
