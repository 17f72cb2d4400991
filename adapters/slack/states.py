"""The state of an installation under way: signed, good for ten minutes, good once.

Signing keeps the safe out of it until somebody comes back from Slack: the install page is open to everybody, and
opening it must not write anything.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from logging import Logger

from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from adapters.slack.installs import Safe

log = logging.getLogger("paperboy.slack")

SECONDS = 600
USED = "slack/state/"
LONGEST = 200


class States(AsyncOAuthStateStore):
    """Issues states and takes each back once."""

    def __init__(self, safe: Safe, secret: str, *, clock: Callable[[], float] = time.time) -> None:
        self._safe, self._clock = safe, clock
        self._key = hashlib.sha256(f"paperboy oauth state {secret}".encode()).digest()
        self._taking = asyncio.Lock()

    @property
    def logger(self) -> Logger:
        """As the SDK asks."""
        return log

    async def async_issue(self, *args: object, **kwargs: object) -> str:  # noqa: ARG002 - the SDK's signature
        """A new one."""
        body = f"{secrets.token_urlsafe(24)}.{int(self._clock()) + SECONDS}"
        return f"{body}.{self._signature(body)}"

    async def async_consume(self, state: str) -> bool:
        """Whether it is ours, in time, and was not used before."""
        body, _, signature = (state or "")[:LONGEST].rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(body).encode()):
            return False
        nonce, _, until = body.rpartition(".")
        if int(until) < self._clock():
            return False
        async with self._taking:
            await self._clear()
            if await self._safe.get(f"{USED}{nonce}") is not None:
                return False
            await self._safe.put(f"{USED}{nonce}", until)
        return True

    async def _clear(self) -> None:
        """Used ones that would no longer be taken anyway."""
        for name in await self._safe.names(USED):
            until = await self._safe.get(name)
            if until is None or int(until) < self._clock():
                await self._safe.delete(name)

    def _signature(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()
