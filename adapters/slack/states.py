"""OAuth states: signed by itsdangerous, valid for ten minutes, accepted once.

The install page is open to everybody, so issuing a state stores nothing; accepting one stores its nonce until it ends.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from adapters.shares import UsedNames

VALID_SECONDS = 600
USED = "slack state "
"""Prefix of the names under which used nonces are stored."""
LONGEST_STATE = 200
"""Characters; ours have about eighty."""


class OAuthStates(AsyncOAuthStateStore):
    """Issues states and accepts each once. `clock` tells Unix seconds."""

    def __init__(self, uses: UsedNames, secret: str, *, clock: Callable[[], float] = time.time) -> None:
        self._uses, self._clock = uses, clock

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
        until = datetime.fromtimestamp(self._clock() + VALID_SECONDS, UTC)
        return await self._uses.use_once(f"{USED}{nonce}", until)
