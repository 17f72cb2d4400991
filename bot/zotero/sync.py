"""Connections to Zotero, kept in the background: saved papers go there, and each library is read once a day.

    save ─► zotero_saves, in the same transaction ─► here: search, create or add ─► settled, postponed or stopped
    library ─► its latest 500 works ─► one vector ─► zotero_accounts

A fault never reaches the save. It is kept with the connection, and its owner is told of it once.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.embeddings import Embedder, embedding_text
from bot.errors import StoreError, UserError, ZoteroError
from bot.model import Channel, SavedPaper
from bot.model.zotero import ZoteroAccount, ZoteroPlace, ZoteroSave
from bot.ports import Clock
from bot.store import Store
from bot.wording.zotero import NO_LIBRARY, NOT_A_KEY, not_answering, refused_notice, waiting_notice
from bot.zotero.client import LibraryItems, ZoteroClient
from bot.zotero.parse import OWN_LIBRARY
from bot.zotero.profile import profile_of

log = logging.getLogger("paperboy.zotero")

LOOK_SECONDS = 60.0
"""Between two looks at what is due, unless somebody saves a paper."""
SAVES_AT_ONCE = 50
READINGS_AT_ONCE = 20
READ_EVERY = timedelta(days=1)
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(hours=6)
"""Waits after the first failure and after many; each is twice the one before."""
TOLD_AFTER = timedelta(hours=1)
"""Time for which a paper waits before its owner is told that Zotero does not take it."""
GIVEN_UP_AFTER = timedelta(days=7)
KEY = re.compile(r"[A-Za-z0-9]{24}")

Turn = Callable[[], AbstractAsyncContextManager[bool]]
"""A block in which this process, and no other, works if it is told True."""


def secret_name(user: Channel) -> str:
    """Name of the secret with a person's key."""
    return f"zotero {user}"


class ZoteroSync:
    """Connections as handlers ask for them, and the work in the background."""

    def __init__(self, store: Store, client: ZoteroClient, embedder: Embedder, clock: Clock, turn: Turn) -> None:
        self._store, self._client, self._embedder = store, client, embedder
        self._clock, self._turn = clock, turn
        self._wake = asyncio.Event()

    # asked by a person

    async def connect(self, user: Channel, key: str, now: datetime) -> ZoteroAccount:
        """Store a key that may write to a library. Raises UserError with the remedy."""
        if not KEY.fullmatch(key):
            raise UserError(NOT_A_KEY)
        try:
            access = await self._client.access(key)
            places = [ZoteroPlace(access.user, OWN_LIBRARY)]
            if not access.may_write(access.user):
                places = await self._client.places(key)
        except ZoteroError as error:
            raise UserError(NOT_A_KEY if error.refused else not_answering(str(error))) from None
        if not places:
            raise UserError(NO_LIBRARY)
        account = ZoteroAccount(user, access.name, places[0], now)
        try:
            await self._store.secrets.put(secret_name(user), key)
        except StoreError:
            raise UserError("Paperboy's operator has to set PAPERBOY_SECRET_KEY first.") from None
        await self._store.zotero.connect(account)
        self.wake()
        return account

    async def places(self, user: Channel) -> list[ZoteroPlace]:
        """The libraries and collections that papers can go to. Raises UserError with the remedy."""
        try:
            return await self._client.places(await self._key(user))
        except ZoteroError as error:
            raise UserError(not_answering(str(error))) from None

    def wake(self) -> None:
        """Look at once at what is due."""
        self._wake.set()

    # in the background

    async def run(self) -> None:
        """Look at what is due after each `wake` and every minute, until cancelled."""
        await self._store.zotero.forget_other_models(self._embedder.name)
        while True:
            self._wake.clear()
            async with self._turn() as is_ours:
                if is_ours:
                    await self.round()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()

    async def round(self) -> None:
        """Put the papers that are due into Zotero, and read the libraries whose day is over."""
        accounts: dict[Channel, ZoteroAccount | None] = {}
        for save in await self._store.zotero.due_saves(self._clock(), SAVES_AT_ONCE):
            if save.user not in accounts:
                accounts[save.user] = await self._store.zotero.account(save.user)
            account = accounts[save.user]
            if account is not None and not account.stopped:
                accounts[save.user] = await self._put(save, account)
        for account in await self._store.zotero.due_readings(self._clock(), READINGS_AT_ONCE):
            await self._read(account)

    async def _key(self, user: Channel) -> str:
        if (key := await self._store.secrets.get(secret_name(user))) is None:
            raise ZoteroError("Paperboy cannot read the key any more", refused=True)
        return key

    async def _put(self, save: ZoteroSave, account: ZoteroAccount) -> ZoteroAccount:
        """Put one paper into Zotero; the connection as it is then."""
        saved = await self._store.reading_lists.entry(save.user, save.paper_id)
        if saved is None:
            await self._store.zotero.settle_save(save.user, save.paper_id)
            return account
        try:
            await self._client.put(await self._key(save.user), account.place, saved)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one person's library holds up no other
            return await self._postpone(save, account, saved, _fault(error))
        await self._store.zotero.settle_save(save.user, save.paper_id)
        if account.fault:
            await self._store.zotero.record_fault(save.user, "")
        return replace(account, fault="")

    async def _postpone(
        self, save: ZoteroSave, account: ZoteroAccount, saved: SavedPaper, error: ZoteroError
    ) -> ZoteroAccount:
        now = self._clock()
        log.warning("a paper is not in Zotero yet user=%s paper=%s reason=%r", save.user, save.paper_id, str(error))
        if error.refused:
            await self._tell(account, str(error), refused_notice(str(error)), now, stopped=True)
            return replace(account, fault=str(error), stopped=True)
        if now - save.saved_at >= GIVEN_UP_AFTER:
            await self._store.zotero.settle_save(save.user, save.paper_id)
            return account
        until = now + min(FIRST_RETRY * 2 ** min(save.attempts, 10), LAST_RETRY)
        if error.wait is not None:
            until = max(until, now + timedelta(seconds=error.wait))
        await self._store.zotero.postpone_save(save.user, save.paper_id, until)
        if now - save.saved_at >= TOLD_AFTER and not account.fault:
            await self._tell(account, str(error), waiting_notice(saved.paper, str(error)), now)
            return replace(account, fault=str(error))
        return account

    async def _tell(
        self, account: ZoteroAccount, fault: str, text: str, now: datetime, *, stopped: bool = False
    ) -> None:
        if await self._store.zotero.record_fault(account.user, fault, stopped=stopped):
            await self._store.people.queue_notice(account.user, account.user, "zotero", now.date(), text, now)

    async def _read(self, account: ZoteroAccount) -> None:
        now, user = self._clock(), account.user
        try:
            await self._read_library(account, now)
        except StoreError:
            raise
        except Exception as raised:  # noqa: BLE001 - one person's library holds up no other
            error = _fault(raised)
            log.warning("a library is not read yet user=%s reason=%r", user, str(error))
            if error.refused:
                await self._tell(account, str(error), refused_notice(str(error)), now, stopped=True)
                return
            later = max(timedelta(hours=1), timedelta(seconds=error.wait or 0))
            await self._store.zotero.postpone_reading(user, now + later)

    async def _read_library(self, account: ZoteroAccount, now: datetime) -> None:
        items = await self._client.items(await self._key(account.user), account.place.library, account.version)
        read = replace(account, read_at=now)
        if items is not None:
            profile = await asyncio.to_thread(self._profile, items)
            read = replace(
                read, version=items.version, items=len(items.texts), model=self._embedder.name, profile=profile
            )
        await self._store.zotero.record_reading(read, now + READ_EVERY)
        log.info("a library is read user=%s items=%d", account.user, read.items)

    def _profile(self, items: LibraryItems) -> bytes:
        return profile_of(self._embedder.embed([embedding_text(*each) for each in items.texts]))


def _fault(error: Exception) -> ZoteroError:
    """The error as a ZoteroError; one that is none is a fault of ours, and logged."""
    if isinstance(error, ZoteroError):
        return error
    log.error("an answer of Zotero could not be used", exc_info=error)
    return ZoteroError("its answer cannot be used")
