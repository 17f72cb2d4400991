"""A slow mail server that knows whose mail it has in hand, for the soak."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from tests.email.server import MailServer

SECONDS_PER_MAIL = 1.0
"""Between a message and the server's answer to it."""


class SlowMailServer(MailServer):
    """Takes every message before it thinks about it, or after: then a message whose sender dies is not taken."""

    def __init__(self, dice: Random) -> None:
        super().__init__()
        self._dice = dice
        self.in_hand: dict[Any, str] = {}
        """Recipient of the mail on each connection, from RCPT to the answer to its message."""
        self.thinking = 0
        self.began = asyncio.Event()
        """Set when the server begins to think."""

    async def handle_RCPT(self, server: Any, *arguments: Any) -> Any:  # noqa: N802 - aiosmtpd's name
        """Note the recipient."""
        self.in_hand[server] = arguments[2]
        return await super().handle_RCPT(server, *arguments)

    async def handle_DATA(self, server: Any, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take the message, and answer after a while."""
        self.thinking += 1
        self.began.set()
        takes_first = self._dice.random() < 0.5
        try:
            answer = await super().handle_DATA(server, *arguments) if takes_first else ""
            await asyncio.sleep(SECONDS_PER_MAIL)
            return answer or await super().handle_DATA(server, *arguments)
        finally:
            self.thinking -= 1
            self.in_hand.pop(server, None)

    async def settled(self) -> None:
        """Wait until what the server has begun to take is taken, or not, after its sender died."""
        while self.thinking:
            await asyncio.sleep(0.01)
        self.in_hand.clear()
