"""Handlers of a channel's subscription and digests: schedule, settings, previews, past digests, the delivery test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands import read_answers, typed
from bot.errors import DeliveryError, UserError
from bot.handlers.context import Context, Invocation, announced, handles
from bot.handlers.topic_check import topic_faults
from bot.model import WEEKDAYS, Caller, Form, Message, Subscription, SubscriptionChanges, platform, schedule, workspace
from bot.wording import changes as line
from bot.wording import channel as wording
from bot.wording.channel_form import settings_form
from bot.wording.digest import digest_preview
from bot.wording.history import past_digests, subscription_list
from bot.wording.parts import day_text, share_button
from bot.wording.posting import test_answer

OPERATORS = frozenset({"console", "web"})
"""Platforms whose callers run this Paperboy and see every channel."""
SETTING_LABELS = {
    "topics": "the topics",
    "mutes": "the mutes",
    "size": "the size",
    "at": "the hour",
    "timezone": "the time zone",
    "days": "the days",
    "style": "the style",
    "quiet": "quiet days",
    "early": "the early picks",
    "summaries": "the summaries",
}
"""By attribute of a subscription."""


@handles("subscribe")
async def subscribe(context: Context, invocation: Invocation) -> Message:
    """Set up a digest or change settings; without options, end a pause. Posts nothing."""
    options: dict[str, Any] = dict(invocation.options)
    if weekday := options.pop("weekly", None):
        if "days" in options:
            raise UserError(f"days and weekly exclude each other. Keep one, as in {typed('subscribe weekly:fri')}.")
        options["days"] = frozenset({WEEKDAYS.index(weekday)})
    changes = SubscriptionChanges(**options)
    return await change_subscription(context, invocation.caller, changes, invocation.now, resume=not options)


@handles("settings")
async def edit_settings(context: Context, invocation: Invocation) -> Message | Form:
    """The form, with errors if answers are invalid; or the confirmation once its answers are saved."""
    changes, faults = read_answers(invocation.raw)
    faults = await topic_faults(context, invocation.channel, changes, invocation.now) | faults
    if invocation.raw and not faults:
        return await change_subscription(context, invocation.caller, changes, invocation.now)
    subscription = await context.subscription_or_default(invocation.caller, invocation.now)
    form = settings_form(subscription, invocation.caller.timezone)
    return form.filled(invocation.raw).with_faults(faults)


async def change_subscription(
    context: Context, caller: Caller, changes: SubscriptionChanges, now: datetime, *, resume: bool = False
) -> Message:
    """Save changed settings; subscribes a channel without a digest. `resume` ends a pause."""
    stored = await context.subscription(caller.channel)
    before, new = stored or context.default_subscription(caller, now), stored is None
    if before.paused_at is not None and resume:
        return await _resume(context, before, caller, now)
    after = changes.apply(before)
    due = schedule.pending_due(before, after, now) or await context.next_due(after, now)
    after = replace(after, next_due=due)
    changed = [label for name, label in SETTING_LABELS.items() if getattr(after, name) != getattr(before, name)]
    if new or changed:
        await context.save(stored, after)
    answer = wording.subscription_saved(after, now, new=new, changed=changed, obstacle=caller.obstacle)
    if not (new or changed):
        return answer
    return announced(answer, caller, line.settings_changed(after, changed, new=new))


@handles("pause")
async def pause(context: Context, invocation: Invocation) -> Message:
    """Pause the digests until a day, or until somebody resumes."""
    subscription = await context.subscription(invocation.channel)
    if subscription is None:
        return wording.NOT_SUBSCRIBED
    until = None
    if invocation.has("until"):
        midnight = datetime.combine(invocation.value("until", date), time(0), ZoneInfo(subscription.timezone))
        until = midnight.astimezone(UTC)
    paused = replace(subscription, paused_at=invocation.now, paused_until=until, pause_reason=None)
    await context.save(subscription, paused)
    await context.store.ledger.abandon_all(invocation.channel, "paused")  # one that waits would still come
    answer = wording.pause_saved(paused, invocation.now)
    return announced(answer, invocation.caller, line.paused(paused, invocation.now))


@handles("resume")
async def resume(context: Context, invocation: Invocation) -> Message:
    """End a pause."""
    subscription = await context.subscription(invocation.channel)
    if subscription is None:
        return wording.NOT_SUBSCRIBED
    return await _resume(context, subscription, invocation.caller, invocation.now)


async def _resume(context: Context, subscription: Subscription, caller: Caller, now: datetime) -> Message:
    resumed = replace(subscription, paused_at=None, paused_until=None, pause_reason=None)
    resumed = replace(resumed, next_due=await context.next_due(resumed, now))
    await context.save(subscription, resumed)
    answer = wording.resume_saved(subscription, resumed, now, caller.obstacle)
    return announced(answer, caller, line.resumed(resumed, now)) if subscription.paused_at is not None else answer


@handles("unsubscribe")
async def unsubscribe(context: Context, invocation: Invocation) -> Message:
    """End the digests, after a question if topics would be lost."""
    subscription = await context.subscription(invocation.channel)
    if subscription is None:
        return wording.NOT_SUBSCRIBED
    if (subscription.topics or subscription.mutes) and not invocation.confirmed:
        return wording.unsubscribe_question(subscription)
    await context.store.subscriptions.remove(invocation.channel)
    await context.store.ledger.abandon_all(invocation.channel, "unsubscribed")  # one that waits would still come
    context.subscriptions.pop(invocation.channel, None)
    return announced(wording.UNSUBSCRIBED, invocation.caller, line.ENDED)


@handles("test")
async def prove_delivery(context: Context, invocation: Invocation) -> Message:
    """Prove that the digest can be posted here, and say whether one comes."""
    failure = None
    try:
        await context.engine.prove(invocation.channel)
    except DeliveryError as error:
        failure = error
    return test_answer(await context.subscription(invocation.channel), failure, invocation.now)


@handles("preview")
async def preview_digest(context: Context, invocation: Invocation) -> Message:
    """The next digest as it would be now."""
    subscribed = await context.subscription(invocation.channel) is not None
    subscription = await context.subscription_or_default(invocation.caller, invocation.now)
    return _shareable(digest_preview(await context.engine.preview(subscription), subscribed=subscribed), invocation)


@handles("digest")
async def show_past_digest(context: Context, invocation: Invocation) -> Message:
    """A past digest, or the list of the latest ones."""
    days = await context.store.ledger.last_days(invocation.channel)
    now = await context.local_now(invocation)
    if not invocation.has("date"):
        return past_digests(days, now)
    day = invocation.value("date", date)
    digest = await context.store.ledger.digest(invocation.channel, day)
    if digest is None:
        remedy = f"There has been none here yet; {typed('preview')} shows the next one."
        if days:
            remedy = f"The latest: {typed(f'digest {days[0].day.isoformat()}')}. {typed('digest')} lists more."
        raise UserError(f"There was no digest here on {day_text(day, now.date())}. {remedy}")
    return _shareable(digest_preview(digest, subscribed=True, past=True, today=now.date()), invocation)


@handles("subscriptions")
async def list_subscriptions(context: Context, invocation: Invocation) -> Message:
    """The channels of this server or workspace; all for the operator; one's own in direct messages and on pages."""
    operator = platform(invocation.channel) in OPERATORS
    subscriptions = await context.store.subscriptions.all("" if operator else workspace(invocation.channel))
    if invocation.channel == invocation.caller.user and not operator:
        subscriptions = [each for each in subscriptions if each.channel == invocation.channel]
    start, end = invocation.page(wording.PAGE_SIZE)
    rows, untold = [], set()
    for subscription in subscriptions[start:end]:
        latest = await context.store.ledger.last_days(subscription.channel, 1, subscription.name)
        rows.append((subscription, latest[0] if latest else None))
        if await context.store.people.untold_notices(subscription.channel):
            untold.add(subscription.channel)
    return subscription_list(rows, invocation.number("page"), len(subscriptions), invocation.now, untold)


def _shareable(message: Message, invocation: Invocation) -> Message:
    return replace(message, actions=(*message.actions, share_button(invocation.command.name, invocation.again)))
