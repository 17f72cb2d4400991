"""A process that sends the digests of a store by mail: `python -m tests.email.delivery_process DATABASE PORT`.

It ends as `paperboy run` does: SIGTERM cancels the deliverer, which waits for the mails in flight.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

from adapters.email import EmailOutlet, Server, SmtpClient
from bot.delivery.mail.links import Links
from bot.delivery.mail.signup import SubscriberMailboxes
from tests.email.harness import BASE_URL, KEY, SENDER, LateOutlet
from tests.fakes import FakeClock
from tests.harness.delivery import Delivery


def mail_delivery(database: Path, port: int, clock: FakeClock | None = None) -> tuple[Delivery, SmtpClient]:
    """A deliverer whose only outlet is mail, through a server on this machine."""
    clock, smtp, outlet = (
        clock or FakeClock(),
        SmtpClient(Server("127.0.0.1", port, tls=False, plain=True)),
        LateOutlet(),
    )
    delivery = Delivery(database, outlet, clock=clock)
    boxes = SubscriberMailboxes(delivery.store, Links((KEY,), BASE_URL, clock))
    outlet.real = EmailOutlet(smtp, SENDER, boxes, clock)
    return delivery, smtp


async def run(database: Path, port: int) -> None:
    """Deliver until SIGTERM."""
    delivery, smtp = mail_delivery(database, port)
    with delivery.store:
        task = asyncio.create_task(delivery.queue.run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        with suppress(asyncio.CancelledError):
            await task
        await smtp.close()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))
