"""OAuth states: signed by itsdangerous, valid for ten minutes, accepted once.

The install page is open to everybody, so issuing a state stores nothing; accepting one stores its nonce until it ends.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from adapters.slack.installs import SecretStore

VALID_SECONDS = 600
USED = "slack/state/"
"""Prefix of the names under which used nonces are stored, each with the Unix second in which it may be deleted."""
LONGEST_STATE = 200
"""Characters; ours have about eighty."""


class OAuthStates(AsyncOAuthStateStore):
    """Issues states and accepts each once. `clock` tells Unix seconds."""

    def __init__(self, secret_store: SecretStore, secret: str, *, clock: Callable[[], float] = time.time) -> None:
        self._secrets, self._clock = secret_store, clock
        self._lock = asyncio.Lock()

        class Signer(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(clock())

        options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeTimedSerializer(
            secret, salt="paperboy slack oauth state", signer=Signer, signer_kwargs=options
        )

    async def async_issue(self, *args: object, **kwargs: object) -> str:  # noqa: ARG002 - the SDK's signature
        """A new state."""
        return str(self._serializer.dumps(secrets.token_urlsafe(24)))

    async def async_consume(self, state: str) -> bool:
        """Whether the state is signed by us, in time, and was not used before."""
        try:
            nonce = self._serializer.loads((state or "")[:LONGEST_STATE], max_age=VALID_SECONDS)
        except BadData:
            return False
        async with self._lock:
            for name in await self._secrets.names(USED):
                until = await self._secrets.get(name)
                if until is None or int(until) < self._clock():
                    await self._secrets.delete(name)
            if await self._secrets.get(f"{USED}{nonce}") is not None:
                return False
            await self._secrets.put(f"{USED}{nonce}", str(int(self._clock()) + VALID_SECONDS))
        return True
