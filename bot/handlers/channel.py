"""Handlers of a channel's digests: making, changing, pausing and ending them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands import TOPICS_MAX, read_answers, typed
from bot.errors import UserError
from bot.handlers.context import Context, Invocation, announced, handles
from bot.handlers.groups import read_mention
from bot.handlers.named_digest import changed_digest, check_room, find_digest, named_digests
from bot.handlers.topic_check import topic_faults
from bot.handlers.watches import with_watches
from bot.model import MAIN, WEEKDAYS, Caller, Form, Message, Subscription, SubscriptionChanges, schedule
from bot.wording import changes as line
from bot.wording import channel as wording
from bot.wording.channel_form import settings_form
from bot.wording.rules import with_note

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
    "mention": "the mention",
}
"""By attribute of a subscription."""


@handles("subscribe")
async def subscribe(context: Context, invocation: Invocation) -> Message:
    """Set up a digest or change settings; without options, end a pause. Posts nothing."""
    options: dict[str, Any] = dict(invocation.options)
    if not invocation.has("name") and (stored := await changed_digest(context, invocation)):
        options["name"] = stored.name
    if weekday := options.pop("weekly", None):
        if "days" in options:
            raise UserError(f"days and weekly exclude each other. Keep one, as in {typed('subscribe weekly:fri')}.")
        options["days"] = frozenset({WEEKDAYS.index(weekday)})
    note = ""
    if "mention" in options:
        options["mention"], note = await read_mention(context, invocation.channel, options["mention"])
    changes = SubscriptionChanges(**options)
    if changes.topics is not None:
        changes = await _with_topics(context, invocation, changes)
    answer = await change_subscription(context, invocation.caller, changes, invocation.now, resume=not changes)
    return with_note(answer, note)


async def _with_topics(context: Context, invocation: Invocation, changes: SubscriptionChanges) -> SubscriptionChanges:
    """The changes with the topics that the digest has already before the new ones, which are checked."""
    stored = find_digest(await context.digests(invocation.channel), changes.name)
    topics = tuple(dict.fromkeys([*(stored.topics if stored else ()), *(changes.topics or ())]))
    if len(topics) > TOPICS_MAX:
        raise UserError(f"A digest can have {TOPICS_MAX} topics. Remove one first: {typed('topics')} lists them.")
    changes = replace(changes, topics=topics)
    if faults := await topic_faults(context, invocation.channel, changes, invocation.now):
        as_it_stands = typed(f"topics add {topics[-1]}")
        raise UserError(f"{faults['topics']} To follow it as it stands, once there is the digest: {as_it_stands}.")
    return changes


@handles("settings")
async def edit_settings(context: Context, invocation: Invocation) -> Message | Form:
    """The form, with errors if answers are invalid; or the confirmation once its answers are saved."""
    if invocation.raw.get("new") == "yes":
        return await _form_for_another(context, invocation)
    changes, faults = read_answers(invocation.raw)
    invocation = replace(invocation, options={"name": changes.name} if changes.name else {})
    stored = await changed_digest(context, invocation)
    changes = replace(changes, name=stored.name if stored else None)
    faults = await topic_faults(context, invocation.channel, changes, invocation.now) | faults
    if changes and not faults:
        return await change_subscription(context, invocation.caller, changes, invocation.now)
    subscription = stored or context.default_subscription(invocation.caller, invocation.now)
    form = settings_form(subscription, invocation.caller.timezone, await context.digests(invocation.channel))
    return form.filled(invocation.raw).with_faults(faults)


async def _form_for_another(context: Context, invocation: Invocation) -> Form:
    """The form of a digest that the channel does not have yet, which asks for its name too."""
    digests = await context.digests(invocation.channel)
    check_room(digests, "")
    subscription = context.another(digests, invocation.caller, invocation.now, "")
    return settings_form(subscription, invocation.caller.timezone, digests)


async def change_subscription(
    context: Context, caller: Caller, changes: SubscriptionChanges, now: datetime, *, resume: bool = False
) -> Message:
    """Save changed settings; makes the digest if there is none of that name. `resume` ends a pause."""
    digests = await context.digests(caller.channel)
    stored, new = find_digest(digests, changes.name), False
    if stored is None:
        check_room(digests, changes.name or MAIN)
        before, new = context.another(digests, caller, now, changes.name or MAIN), True
    else:
        before = stored
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
    digests = await named_digests(context, invocation)
    if not digests:
        return wording.NOT_SUBSCRIBED
    paused = [await _pause(context, invocation, each) for each in digests]
    left = await context.digests(invocation.channel)
    answer = await with_watches(context, wording.pause_saved(paused, invocation.now), invocation.channel, left)
    return announced(answer, invocation.caller, line.paused(paused, invocation.now))


async def _pause(context: Context, invocation: Invocation, digest: Subscription) -> Subscription:
    until = None
    if invocation.has("until"):
        midnight = datetime.combine(invocation.value("until", date), time(0), ZoneInfo(digest.timezone))
        until = midnight.astimezone(UTC)
    paused = replace(digest, paused_at=invocation.now, paused_until=until, pause_reason=None)
    if paused != digest:
        await context.save(digest, paused)
    # one that waits would still come
    await context.store.ledger.abandon_all(invocation.channel, "paused", digest.name)
    return paused


@handles("resume")
async def resume(context: Context, invocation: Invocation) -> Message:
    """End a pause; without a name, of the one digest that is paused."""
    digests = await context.digests(invocation.channel)
    paused = [each for each in digests if each.paused_at is not None]
    if len(digests) > 1 and not invocation.has("name") and len(paused) < 2:
        digests = tuple(paused) or digests[:1]
    elif digests:
        digests = await named_digests(context, invocation)
    if not digests:
        return wording.NOT_SUBSCRIBED
    answers = [await _resume(context, each, invocation.caller, invocation.now) for each in digests]
    return wording.together(answers)


async def _resume(context: Context, subscription: Subscription, caller: Caller, now: datetime) -> Message:
    resumed = replace(subscription, paused_at=None, paused_until=None, pause_reason=None)
    resumed = replace(resumed, next_due=await context.next_due(resumed, now))
    await context.save(subscription, resumed)
    answer = wording.resume_saved(subscription, resumed, now, caller.obstacle)
    return announced(answer, caller, line.resumed(resumed, now)) if subscription.paused_at is not None else answer


@handles("unsubscribe")
async def unsubscribe(context: Context, invocation: Invocation) -> Message:
    """End the digests, after a question if topics would be lost."""
    digests = await named_digests(context, invocation)
    if not digests:
        return wording.NOT_SUBSCRIBED
    if any(each.topics or each.mutes for each in digests) and not invocation.confirmed:
        return wording.unsubscribe_question(digests)
    for each in digests:
        await context.store.subscriptions.remove(invocation.channel, each.name)
        # one that waits would still come
        await context.store.ledger.abandon_all(invocation.channel, "unsubscribed", each.name)
    left = await context.digests(invocation.channel)
    watches = [each for each in await context.store.watches.of((invocation.channel,)) if not each.stop_reason]
    answer = wording.unsubscribed(digests, left, len(watches))
    return announced(answer, invocation.caller, line.ended(digests))
