"""Answers about a channel's digest: when it comes, what it is, what it was, and whether it can arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands import read_answers
from bot.errors import UserError
from bot.handlers.context import Asked, Room
from bot.model import (
    WEEKDAYS,
    Action,
    Caller,
    Channel,
    Form,
    Message,
    Outcome,
    Subscription,
    SubscriptionChanges,
    platform,
    workspace,
)
from bot.wording.channel import (
    PAGE_SIZE,
    not_subscribed,
    past_digests,
    pause_saved,
    resume_saved,
    settings_form,
    subscription_list,
    subscription_saved,
    unsubscribe_question,
    unsubscribed,
)
from bot.wording.digest import digest_preview
from bot.wording.notices import proof_failed, proof_succeeded

OPERATORS = frozenset({"console", "web"})
"""Platforms whose callers run this Paperboy: they see every channel."""
LABELS = {
    "topics": "the topics",
    "mutes": "the mutes",
    "size": "the size",
    "at": "the hour",
    "timezone": "the time zone",
    "days": "the days",
    "style": "the style",
    "quiet": "quiet days",
}


class ChannelAnswers:
    """What the channel's managers decide."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def subscribe(self, asked: Asked) -> Message:
        """Set up, or change what is named; posts nothing."""
        options: dict[str, Any] = dict(asked.options)
        if weekday := options.pop("weekly", None):
            if "days" in options:
                raise UserError("days and weekly exclude each other. Keep one: subscribe weekly:fri")
            options["days"] = frozenset({WEEKDAYS.index(weekday)})
        return await self.change(asked.caller, SubscriptionChanges(**options), asked.now, resume=not options)

    async def settings(self, asked: Asked) -> Message | Form:
        """The form, or what was filled in."""
        changes, faults = read_answers(asked.raw)
        if asked.raw and not faults:
            return await self.change(asked.caller, changes, asked.now)
        form = settings_form(await self._room.wish_or_default(asked.caller, asked.now))
        return form.filled(asked.raw).with_faults(faults)

    async def change(
        self, caller: Caller, changes: SubscriptionChanges, now: datetime, *, resume: bool = False
    ) -> Message:
        """Save changed settings; subscribes a channel without a digest. `resume` ends a pause."""
        async with self._room.changing:
            known = await self._room.wish(caller.channel)
            before = known or await self._room.wish_or_default(caller, now)
            wish = changes.apply(before)
            if before.paused_at is not None and resume:
                return await self._awake(wish, now)
            wish = replace(wish, next_due=await self._room.due(wish, now))
            changed = [label for name, label in LABELS.items() if getattr(wish, name) != getattr(before, name)]
            if known is None or changed:
                await self._room.put(wish)
        return subscription_saved(wish, new=known is None, changed=changed)

    async def pause(self, asked: Asked) -> Message:
        """No digests until a day, or until somebody resumes."""
        async with self._room.changing:
            wish = await self._room.wish(asked.channel)
            if wish is None:
                return not_subscribed()
            until = None
            if asked.has("until"):
                midnight = datetime.combine(asked.day("until"), time(0), ZoneInfo(wish.timezone))
                until = midnight.astimezone(UTC)
            paused = replace(wish, paused_at=asked.now, paused_until=until, pause_reason=None)
            await self._room.put(paused)
        return pause_saved(paused)

    async def resume(self, asked: Asked) -> Message:
        """Digests again."""
        async with self._room.changing:
            wish = await self._room.wish(asked.channel)
            if wish is None:
                return not_subscribed()
            return await self._awake(wish, asked.now)

    async def _awake(self, wish: Subscription, now: datetime) -> Message:
        awake = replace(wish, paused_at=None, paused_until=None, pause_reason=None)
        awake = replace(awake, next_due=await self._room.due(awake, now))
        await self._room.put(awake)
        return resume_saved(awake)

    async def unsubscribe(self, asked: Asked) -> Message:
        """No more digests; asks first where topics would be lost."""
        async with self._room.changing:
            wish = await self._room.wish(asked.channel)
            if wish is None:
                return not_subscribed()
            if (wish.topics or wish.mutes) and not asked.confirmed:
                return unsubscribe_question(wish)
            await self._room.store.subscriptions.remove(asked.channel)
            await self._room.wish(asked.channel)
        return unsubscribed()

    async def test(self, asked: Asked) -> Message:
        """Proof that a digest would arrive."""
        reason = await self._room.engine.prove(asked.channel)
        return proof_succeeded() if reason is None else proof_failed(reason)

    async def preview(self, asked: Asked) -> Message:
        """The next digest as it would be now."""
        known = await self._room.wish(asked.channel)
        wish = known or await self._room.wish_or_default(asked.caller, asked.now)
        shown = digest_preview(await self._room.engine.preview(wish), subscribed=known is not None)
        return _shareable(shown, asked)

    async def digest(self, asked: Asked) -> Message:
        """A past digest, or the list of the latest ones."""
        days = await self._room.store.ledger.last_days(asked.channel)
        if not asked.has("date"):
            return past_digests(days)
        day = asked.day("date")
        kept = await self._room.store.ledger.digest(asked.channel, day)
        if kept is None:
            latest = f" The latest was on {days[0][0].isoformat()}." if days else " There has been none here yet."
            raise UserError(f"There was no digest here on {day.isoformat()}.{latest}")
        return _shareable(digest_preview(kept, subscribed=True, past=True), asked)

    async def subscriptions(self, asked: Asked) -> Message:
        """Every channel of this server or workspace; for the operator, of all; for a person at home, their own."""
        everywhere = platform(asked.channel) in OPERATORS
        wishes = await self._room.store.subscriptions.all("" if everywhere else workspace(asked.channel))
        if asked.channel == asked.caller.user and not everywhere:
            wishes = [wish for wish in wishes if wish.channel == asked.channel]
        page = asked.number("page")
        shown = wishes[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        rows = [(wish, await self._last(wish.channel)) for wish in shown]
        return subscription_list(rows, page, len(wishes))

    async def _last(self, channel: Channel) -> tuple[date, Outcome, str] | None:
        return next(iter(await self._room.store.ledger.last_days(channel, 1)), None)


def _shareable(message: Message, asked: Asked) -> Message:
    share = Action("Share", asked.command.name, {**asked.again, "share": "yes"})
    return replace(message, actions=(*message.actions, share))
