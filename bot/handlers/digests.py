"""Handlers of what a channel's digests bring: the delivery test, previews, past digests, the list of channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import groupby

from bot.commands import typed
from bot.errors import DeliveryError, UserError
from bot.handlers.context import Context, Invocation, handles
from bot.handlers.named_digest import by_name, read_digest
from bot.model import MAIN, Channel, Digest, Message, platform, workspace
from bot.model.subscription import labelled
from bot.wording.channel import PAGE_SIZE, with_others
from bot.wording.digest import digest_preview
from bot.wording.history import Total, past_digests, subscription_list
from bot.wording.parts import day_text, share_button
from bot.wording.posting import test_answer

OPERATORS = frozenset({"console", "web"})
"""Platforms whose callers run this Paperboy and see every channel."""
DAYS_SEARCHED = 400
"""Digests of a channel among which a day is looked for, of whatever name."""


@handles("test")
async def prove_delivery(context: Context, invocation: Invocation) -> Message:
    """Prove that the digest can be posted here, and say whether one comes."""
    failure = None
    try:
        await context.engine.prove(invocation.channel)
    except DeliveryError as error:
        failure = error
    return test_answer(await context.digests(invocation.channel), failure, invocation.now)


@handles("preview")
async def preview_digest(context: Context, invocation: Invocation) -> Message:
    """The next digest as it would be now."""
    stored = await read_digest(context, invocation)
    digest = await context.engine.preview(stored or context.default_subscription(invocation.caller, invocation.now))
    digest = replace(digest, label=stored.label if stored else "")
    answer = digest_preview(digest, subscribed=stored is not None)
    answer = with_others(answer, "preview", stored, await context.digests(invocation.channel))
    return _shareable(answer, invocation)


@handles("digest")
async def show_past_digest(context: Context, invocation: Invocation) -> Message:
    """A past digest, or the list of the latest ones."""
    name = invocation.text("name") if invocation.has("name") else None  # also of one that was ended
    days = await context.store.ledger.last_days(invocation.channel, name=name)
    now = await context.local_now(invocation)
    if not invocation.has("date"):
        if name and not days:
            by_name(await context.digests(invocation.channel), name)
        return past_digests(days, now)
    day = invocation.value("date", date)
    digest = await _past_digest(context, invocation.channel, day, name)
    if digest is None:
        remedy = f"There has been none here yet; {typed('preview')} shows the next one."
        if days:
            remedy = f"The latest: {typed(f'digest {days[0].day.isoformat()}')}. {typed('digest')} lists more."
        raise UserError(f"There was no digest here on {day_text(day, now.date())}. {remedy}")
    return _shareable(digest_preview(digest, subscribed=True, past=True, today=now.date()), invocation)


async def _past_digest(context: Context, channel: Channel, day: date, name: str | None) -> Digest | None:
    """The digest of a day: of a name, or the first that there is with `main` before the others."""
    names = [name] if name else [each.name for each in await context.digests(channel)]
    latest = await context.store.ledger.last_days(channel, DAYS_SEARCHED, name=None) if name is None else []
    names += [each.name for each in latest if each.day == day]
    digests = [await context.store.ledger.digest(channel, day, each) for each in dict.fromkeys([*names, MAIN])]
    return next((each for each in digests if each is not None), None)


@handles("subscriptions")
async def list_subscriptions(context: Context, invocation: Invocation) -> Message:
    """The channels of this server or workspace; all for the operator; one's own in direct messages and on pages."""
    operator = platform(invocation.channel) in OPERATORS
    subscriptions = await context.store.subscriptions.all("" if operator else workspace(invocation.channel))
    if invocation.channel == invocation.caller.user and not operator:
        subscriptions = [each for each in subscriptions if each.channel == invocation.channel]
    by_channel = (labelled([*digests]) for _, digests in groupby(subscriptions, key=lambda each: each.channel))
    subscriptions = [digest for digests in by_channel for digest in digests]
    start, end = invocation.page(PAGE_SIZE)
    rows, untold = [], set()
    for subscription in subscriptions[start:end]:
        latest = await context.store.ledger.last_days(subscription.channel, 1, subscription.name)
        rows.append((subscription, latest[0] if latest else None))
        if await context.store.people.untold_notices(subscription.channel):
            untold.add(subscription.channel)
    total = Total(len({each.channel for each in subscriptions}), len(subscriptions))
    return subscription_list(rows, invocation.number("page"), total, invocation.now, untold)


def _shareable(message: Message, invocation: Invocation) -> Message:
    return replace(message, actions=(*message.actions, share_button(invocation.command.name, invocation.again)))
