"""Mail subscriptions from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack

from bot.app import databases, wiring
from bot.delivery.mail.addresses import address_key, read_address
from bot.errors import UserError
from bot.model import Channel, Form
from bot.model.mailbox import subscriber_id
from bot.settings import Settings


async def subscribe(settings: Settings, address: str, fields: Mapping[str, str]) -> str:
    """Send the letter with the confirmation link to an address. Returns a sentence about it. Raises UserError."""
    with databases.open_store(settings.db, write=True) as store:
        if (mail := wiring.mail(settings, store)) is None:
            raise UserError("mail is not set up: set PAPERBOY_SMTP_URL and PAPERBOY_MAIL_FROM first")
        async with AsyncExitStack() as stack:
            stack.push_async_callback(mail.close)
            built = await stack.enter_async_context(wiring.build(settings, store, mail=mail))
            assert built.desk.mailing is not None  # noqa: S101 - set where mail is
            answer = await built.desk.mailing.request({"address": address, **fields}, None)
            if isinstance(answer, Form):
                raise UserError("; ".join(answer.faults))
            subscriber = await store.subscribers.by_name(address_key(read_address(address)))
            await mail.letters.send()
            waiting_ids = {waiting.id for waiting in await store.subscribers.waiting_letters()}
    if subscriber is None or subscriber.id in waiting_ids:
        raise UserError("The letter could not be sent yet, see the log; `paperboy run` goes on trying.")
    return f"{subscriber.channel}: a letter with a link was sent; digests start when it is confirmed"


async def unsubscribe(settings: Settings, address: str) -> str:
    """End the subscription of an address or of its channel (mail:17) and erase the address. Raises UserError."""
    with databases.open_store(settings.db, write=True) as store:
        if address.startswith("mail:"):
            subscriber = await store.subscribers.get(subscriber_id(Channel(address)))
        else:
            subscriber = await store.subscribers.by_name(address_key(read_address(address)))
        if subscriber is None:
            raise UserError("Nobody gets mail under this address.")
        await store.subscribers.remove(subscriber.id)
        await store.people.forget(subscriber.channel)
    return f"{subscriber.channel}: unsubscribed, and the address is erased"
