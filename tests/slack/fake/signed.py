"""Slack calling the app over HTTP: signed, form-encoded or JSON, acknowledged by 200 within three seconds.

https://docs.slack.dev/authentication/verifying-requests-from-slack and https://docs.slack.dev/apis/events-api.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.slack.fake.sockets import NotAcked


def encoded(kind: str, payload: dict[str, Any]) -> tuple[bytes, str]:
    """The body and its type: events are JSON, commands a form, everything pressed a form with one field."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def signature(secret: str, stamp: str, body: bytes) -> str:
    """The value of X-Slack-Signature."""
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return f"v0={digest}"


class SignedRequests:
    """Sends signed requests to the app."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.url: str | None = None
        self.session = aiohttp.ClientSession()

    async def request(
        self,
        kind: str,
        payload: dict[str, Any],
        now: float,
        *,
        secret: str | None = None,
        retry: tuple[int, str] = (0, ""),
    ) -> aiohttp.ClientResponse:
        """Send one signed request; the response, read."""
        assert self.url is not None
        body, content_type = encoded(kind, payload)
        stamp = str(int(now))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(secret or self.secret, stamp, body),
        }
        if retry[0]:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        async with self.session.post(self.url, data=body, headers=headers, allow_redirects=False) as answer:
            await answer.read()
            return answer

    async def deliver(
        self, kind: str, payload: dict[str, Any], now: float, attempt: int, reason: str, within: float
    ) -> dict[str, Any]:
        """Send it and wait for the ack; its payload. Raises NotAcked."""
        timeout = {"timeout": "http_timeout", "no_connection": "connection_failed"}
        try:
            async with asyncio.timeout(within):
                answer = await self.request(kind, payload, now, retry=(attempt, timeout.get(reason, reason)))
        except TimeoutError:
            raise NotAcked("timeout") from None
        except aiohttp.ClientError:
            raise NotAcked("connection_failed") from None
        if answer.status != 200:
            raise NotAcked(f"http_error {answer.status}")
        text = await answer.text()
        if not text.strip():
            return {}
        if answer.content_type == "application/json":
            payload_of_ack: dict[str, Any] = json.loads(text)
            return payload_of_ack
        return {"text": text}
