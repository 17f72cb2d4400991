"""Mail from the command line: ask for an address, end its subscription."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.app import wiring
from bot.delivery.mail.signup import address_key, read_address
from bot.errors import UserError
from bot.model import Channel, Form
from bot.model.mailbox import subscriber_id

if TYPE_CHECKING:
    from bot.app.wiring import App
    from bot.settings import Settings


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[App]:
    with wiring.open_store(settings.db, write=True) as store:
        mail = wiring.mail(settings, store)
        if mail is None:
            raise UserError("mail is not set up: set PAPERBOY_SMTP_URL and PAPERBOY_MAIL_FROM first")
        async with wiring.build(settings, store, mail=mail) as built:
            try:
                yield built
            finally:
                await mail.close()


async def subscribe(settings: Settings, address: str, wish: Mapping[str, str]) -> str:
    """Send an address the letter with the link. Returns what came of it. Raises UserError."""
    async with _open(settings) as built:
        assert built.mail is not None  # noqa: S101 - _open saw to it
        assert built.desk.mailing is not None  # noqa: S101 - the same
        answer = await built.desk.mailing.request({"address": address, **wish}, None)
        if isinstance(answer, Form):
            raise UserError("; ".join(answer.faults))
        known = await built.store.subscribers.by_name(address_key(read_address(address)))
        await built.mail.letters.send()
        waits = {each.id for each in await built.store.subscribers.waiting_letters()}
    if known is None or known.id in waits:
        raise UserError("The letter could not be sent yet, see the log; `paperboy run` goes on trying.")
    return f"{known.channel}: a letter with a link was sent; digests start when it is confirmed"


async def unsubscribe(settings: Settings, address: str) -> str:
    """End an address's subscription, by the address or by its channel (mail:17)."""
    with wiring.open_store(settings.db, write=True) as store:
        if address.startswith("mail:"):
            known = await store.subscribers.get(subscriber_id(Channel(address)))
        else:
            known = await store.subscribers.by_name(address_key(read_address(address)))
        if known is None:
            raise UserError("Nobody gets mail under this address.")
        await store.subscribers.remove(known.id)
    return f"{known.channel}: unsubscribed, and the address is erased"
