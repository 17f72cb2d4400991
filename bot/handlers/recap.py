"""Handler of `recap`, and what a recap is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.digest import recap as schedule
from bot.handlers.context import ChangedMeanwhile, Context, Invocation, announced, handles
from bot.handlers.permission import refusal
from bot.model import WEEKDAYS, Channel, Message, Paper, Ref, ShownPaper
from bot.model.post import RECAP
from bot.model.recap import Recap, RecapPaper, RecapPlace, WeekOfChannel
from bot.store import Store
from bot.wording import recap as wording
from bot.wording.club import when
from bot.wording.parts import say

PAPERS_SHOWN = 3
"""In each part."""

Link = Callable[[Channel, Ref | None, Ref | None], Awaitable[str | None]]
"""The address of a message in a channel, by its handle and that of its thread's opener."""


@handles("recap")
async def switch_recap(context: Context, invocation: Invocation) -> Message:
    """Say whether a recap comes and when, show what it would be, or switch it on and off."""
    place = await context.store.recaps.place(invocation.channel)
    if place is None:
        return wording.NO_DIGEST
    if invocation.text("preview") == "yes":
        return await _preview(context, invocation, place)
    if not any(map(invocation.has, ("state", "day", "at"))):
        return await _state(context, place, invocation.now)
    if (refused := await refusal(context, "recap", invocation.caller)) is not None:
        return refused
    return await _change(context, invocation, place)


async def _change(context: Context, invocation: Invocation, place: RecapPlace) -> Message:
    before = place.settings
    if invocation.has("state") and invocation.text("state") == "off":
        after = replace(before, recap_day=None, recap_from=None)
    else:
        default = wording.DAY if before.recap_day is None else before.recap_day
        day = WEEKDAYS.index(invocation.text("day")) if invocation.has("day") else default
        at = invocation.value("at", time) if invocation.has("at") else before.recap_at
        after = replace(before, recap_day=day, recap_at=at)
    if after == before:
        return await _state(context, place, invocation.now)
    if after.recap_day is not None:
        after = replace(after, recap_from=invocation.now)
    if not await context.store.channels.change(invocation.channel, before, after):
        raise ChangedMeanwhile
    changed = place._replace(settings=after)
    is_on = after.recap_day is not None
    lead = "From now on a recap comes here" if is_on else "No weekly recap any more."
    answer = await _state(context, changed, invocation.now, lead)
    change = f"set a weekly recap: {wording.schedule_text(changed)}." if is_on else f"{wording.OFF_CHANGE}."
    return announced(answer, invocation.caller, change)


async def _state(context: Context, place: RecapPlace, now: datetime, lead: str = "") -> Message:
    others = await recap_days(context.store, (place.channel,), now)
    return wording.recap_state(place, schedule.next_hour(place, others.get(place.channel, ()), now), now, lead=lead)


async def _preview(context: Context, invocation: Invocation, place: RecapPlace) -> Message:
    until = invocation.now + timedelta(seconds=1)  # what was liked this moment too
    weeks = await context.store.recaps.weeks((place.channel,), until - schedule.WEEK, until)
    if place.channel not in weeks:
        return say(wording.NOTHING)
    recap = await load_recap(context.store, context.engine.memory.link, place, weeks[place.channel], invocation.now)
    return wording.recap_message(recap, place.timezone, invocation.now, preview=True)


async def recap_days(store: Store, channels: Collection[Channel], now: datetime) -> dict[Channel, list[date]]:
    """The days of the latest recaps of channels, wrong clocks' included."""
    by_channel: dict[Channel, list[date]] = {}
    since = (now - 2 * schedule.WEEK).date()
    for record in await store.ledger.post_records(RECAP, channels, since):
        by_channel.setdefault(record.key.channel, []).extend(schedule.days_of([record]))
    return by_channel


async def load_recap(store: Store, link: Link, place: RecapPlace, week: WeekOfChannel, hour: datetime) -> Recap:
    """A channel's recap of the week before an hour, its papers linked to the messages that showed them."""
    parts = (week.likes[:PAPERS_SHOWN], week.wishes[:PAPERS_SHOWN], [(each, 0) for each in week.code[:PAPERS_SHOWN]])
    ids = list(dict.fromkeys(paper_id for part in parts for paper_id, _ in part))
    papers, places = await store.papers.get(ids), await store.shown.last(place.channel, ids)
    urls = await _urls(link, place.channel, places)
    likes, wishes, code = (
        tuple(_listed(papers[paper_id], number, urls) for paper_id, number in part if paper_id in papers)
        for part in parts
    )
    club = await store.clubs.current(place.channel)
    is_ahead = club is not None and club.meeting.starts_at > hour
    coming = (f"Journal club: {when(club.meeting, hour)}.",) if club is not None and is_ahead else ()
    return Recap(schedule.day_of(place, hour), likes, wishes, code, place.next_digest, coming)


async def _urls(link: Link, channel: Channel, shown: Mapping[str, ShownPaper]) -> dict[str, str | None]:
    urls = await asyncio.gather(*(link(channel, each.ref, each.opener) for each in shown.values()))
    return dict(zip(shown, urls, strict=True))


def _listed(paper: Paper, number: int, urls: Mapping[str, str | None]) -> RecapPaper:
    return RecapPaper(paper, number, urls.get(paper.id) or paper.url)
