"""The SMTP server of our tests in a process of its own: prints its port, counts, and ends with its input."""

from __future__ import annotations

import asyncio
import json
import sys

from tests.email.server import MailServer, certificate


async def serve() -> None:
    """TLS from the first byte and a password; each line of input is answered with how many mails came."""
    async with MailServer(tls="smtps") as server:
        facts = {"port": server.port, "certificate": str(certificate()[0])}
        print(json.dumps(facts), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(len(server.mails)), flush=True)
            server.mails.clear()


if __name__ == "__main__":
    asyncio.run(serve())
