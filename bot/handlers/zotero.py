"""Handlers of `zotero …`: a person's connection, and today's papers by closeness to their library."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import time

from bot.digest.selection import SHORTEST_WINDOW
from bot.digest.shortlist import Shortlist
from bot.errors import UserError
from bot.handlers.context import Context, Invocation, handles
from bot.handlers.papers import listing_page, worded_listing
from bot.model import Form, Message, Trend
from bot.model.zotero import ZoteroAccount, ZoteroPlace
from bot.search import Search
from bot.store import Store
from bot.wording import zotero as wording
from bot.wording.cards import Entry
from bot.wording.parts import say
from bot.zotero import ZoteroSync
from bot.zotero.profile import closest

DAILY_AT = time(9)
"""Hour of the daily message where none is named."""


@handles("zotero connect")
async def connect(context: Context, invocation: Invocation) -> Message | Form:
    """The form for a key, or the connection by one that the form brought; a key in a typed line is refused."""
    zotero = _set_up(context)
    if not invocation.has("key"):
        return wording.connect_form()
    if invocation.options.get("form") != "yes":
        return wording.in_a_form()
    key = invocation.text("key").strip()
    return wording.connected(await zotero.connect(invocation.caller.user, key, invocation.now))


@handles("zotero status")
async def show_status(context: Context, invocation: Invocation) -> Message:
    """The person's connection."""
    _, account = await _connection(context, invocation)
    waiting = await context.store.zotero.waiting(account.user)
    return wording.status(account, waiting, invocation.now)


@handles("zotero collection")
async def choose_place(context: Context, invocation: Invocation) -> Message:
    """Choose where papers go, from a list or by name."""
    zotero, account = await _connection(context, invocation)
    places = await zotero.places(account.user)
    if invocation.has("to"):
        library, _, collection = invocation.text("to").partition(" ")
        candidates = [each for each in places if (each.library, each.collection) == (library, collection)]
        if not candidates:
            raise UserError("This one is not there any more. Choose another one.")
    elif invocation.has("name"):
        candidates = _named(places, invocation.text("name"))
        if len(candidates) != 1:
            return wording.places_page(candidates or places, invocation.text("name") if candidates else "")
    else:
        return wording.places_page(places)
    await context.store.zotero.choose(account.user, candidates[0])
    zotero.wake()
    return wording.chosen(candidates[0])


def _named(places: Sequence[ZoteroPlace], name: str) -> list[ZoteroPlace]:
    """The places with this name, else those whose path has it as a part."""
    part = name.strip().casefold()
    last = [each for each in places if each.name.rpartition(" / ")[2].casefold() == part]
    return last or [each for each in places if part in each.name.casefold()]


@handles("zotero today")
async def list_closest(context: Context, invocation: Invocation) -> Message:
    """The papers of three days by closeness to the person's library, without those that they saved."""
    _, account = await _connection(context, invocation)
    if not account.profile:
        why = "has no works yet" if account.read_at else "is still to be read; that takes some minutes"
        return say(f"Your Zotero library {why}.")
    shortlist = await context.engine.shortlist()
    trends = await close_trends(context.store, context.search, account, shortlist)
    start, end = invocation.page(invocation.number("count"))
    entries = tuple(Entry(trend.paper, trend.evidence, listed=trend.listed) for trend in trends[start:end])
    if not entries:
        return say("No paper of the last three days is left to show.")
    now = await context.local_now(invocation)
    notes = (wording.by_library(account, invocation.now),)
    page = listing_page(invocation, "Close to your library", entries, more=len(trends) > end, now=now, notes=notes)
    return await worded_listing(context, invocation, replace(page, sharable=False))


async def close_trends(store: Store, search: Search, account: ZoteroAccount, shortlist: Shortlist) -> list[Trend]:
    """The papers of three days by closeness to a library, without those that its owner has saved."""
    saved = {entry.paper.id for entry in await store.reading_lists.entries(account.user)}
    recent = shortlist.window(shortlist.now - SHORTEST_WINDOW)
    trends = [trend for at, trend in enumerate(shortlist.trends) if at in recent and trend.paper.id not in saved]
    vectors = await search.vectors([trend.paper.id for trend in trends])
    return [trends[at] for at in await asyncio.to_thread(closest, account.profile, vectors)]


@handles("zotero daily")
async def switch_daily(context: Context, invocation: Invocation) -> Message:
    """Say whether the daily message comes, or switch it on and off."""
    _, account = await _connection(context, invocation)
    if not any(map(invocation.has, ("state", "at", "timezone"))):
        return wording.daily_state(account, changed=False)
    is_on = not (invocation.has("state") and invocation.text("state") == "off")
    hour = invocation.value("at", time) if invocation.has("at") else account.daily_at or DAILY_AT
    usual = account.timezone if account.daily_at else await context.timezone(invocation.caller)
    timezone = invocation.text("timezone") if invocation.has("timezone") else invocation.caller.timezone or usual
    at = hour if is_on else None
    await context.store.zotero.set_daily(account.user, at, timezone, invocation.now)
    return wording.daily_state(replace(account, daily_at=at, timezone=timezone), changed=True)


@handles("zotero disconnect")
async def disconnect(context: Context, invocation: Invocation) -> Message:
    """Erase the person's connection."""
    if await context.store.zotero.disconnect(invocation.caller.user):
        return wording.disconnected()
    raise _not_connected()


def _set_up(context: Context) -> ZoteroSync:
    """The part that speaks to Zotero. Raises UserError."""
    if context.zotero is None:
        raise UserError(wording.NOT_SET_UP)
    return context.zotero


async def _connection(context: Context, invocation: Invocation) -> tuple[ZoteroSync, ZoteroAccount]:
    """The part that speaks to Zotero, and the person's connection. Raises UserError with the way to make one."""
    zotero = _set_up(context)
    account = await context.store.zotero.account(invocation.caller.user)
    if account is None:
        raise _not_connected()
    return zotero, account


def _not_connected() -> UserError:
    return UserError(wording.NOT_CONNECTED, lines=((wording.CONNECT.label, wording.CONNECT.command),))
