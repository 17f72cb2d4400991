"""The answer to `test`: whether digests can be posted in a channel, and whether one comes. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Action, Block, Message, Span, Subscription
from bot.wording.channel import RESUME, SUBSCRIBE, next_moment, pause_text, with_next_moment

_TEST_AGAIN = Action("Test again", "test")
_NOT_NOW = frozenset({Failure.LATER, Failure.UNKNOWN})


def test_answer(subscription: Subscription | None, failure: DeliveryError | None, now: datetime) -> Message:
    """Answer to `test`: whether a digest can be posted, whether one comes, and a button for what is missing.

    `failure` is what the outlet's proof raised.
    """
    proved = failure is None or failure.kind is Failure.THREAD_FORBIDDEN
    due = subscription is not None and subscription.paused_at is None and subscription.next_due is not None
    first = f"{'It works: ' if proved and due else ''}{_posting(subscription, failure)}"
    second, mends = _state(subscription, now, proved=proved)
    state = Block("text", (Span(second),))
    blocks = (Block("text", (Span(first),)), with_next_moment(state, subscription, now) if subscription else state)
    return Message(blocks, (*mends, *(() if failure is None else (_TEST_AGAIN,))), first)


def _posting(subscription: Subscription | None, failure: DeliveryError | None) -> str:
    compact = subscription is not None and subscription.style == "compact"
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


def _state(subscription: Subscription | None, now: datetime, *, proved: bool) -> tuple[str, tuple[Action, ...]]:
    """Whether a digest comes, and the buttons that mend it if none does."""
    if subscription is None:
        return "This channel gets no digest yet: subscribe it.", (SUBSCRIBE,)
    if subscription.paused_at is not None:
        return pause_text(subscription, now), (RESUME,)
    if subscription.next_due is None:
        return "No digest is due yet: choose the days in the settings.", (Action("Settings", "settings"),)
    quiet = " On a day without papers nothing is posted." if subscription.quiet == "skip" else ""
    until = "" if proved else ", if that is put right before"
    zone = f" ({subscription.timezone})" if subscription.next_due > now else ""
    return f"The next digest is due {next_moment(subscription, now)}{zone}{until}.{quiet}", ()
