"""Posting to incoming webhooks, each message once: what has arrived cannot be read, changed or taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from adapters.text import web_url
from adapters.webhook.payloads import LIMITS, payload
from bot.errors import CannotTell, DeliveryError, Failure, SettingsError
from bot.model import Channel, Message, Ref
from bot.ports import Claim, no_claim
from bot.settings import Settings, secret_value

SECONDS = 30.0
THREADED = frozenset({"googlechat", "json"})
_ENTRY = re.compile(rf"([a-z0-9-]+)=({'|'.join(LIMITS)}):(\S+)")
_LOST = "the webhook was deleted or switched off, or its URL is wrong: make a new one and put it in PAPERBOY_WEBHOOKS"


class WebhookOutlet:
    """Implements `ports.Outlet`."""

    name = "webhook"
    threads = True
    pace = 1.0
    """Google Chat takes one message a second in a space."""

    def __init__(self, webhooks: Mapping[str, tuple[str, str]]) -> None:
        """`webhooks`: kind and URL by name. The URLs are secrets, since anybody can post by one."""
        self._webhooks = webhooks

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post one message; its key is its handle. Raises DeliveryError."""
        kind, url = self._webhook(channel)
        if under is not None and kind not in THREADED:
            raise DeliveryError(Failure.THREAD_FORBIDDEN, f"a webhook of {kind} opens no threads")
        options = {"messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"} if kind == "googlechat" else {}
        body = payload(kind, message, key, under)
        await claim()
        try:
            async with httpx.AsyncClient(timeout=SECONDS) as client:
                answer = await client.post(httpx.URL(url).copy_merge_params(options), json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise DeliveryError(Failure.LATER, "the webhook cannot be reached") from None  # whose traces name the URL
        except httpx.HTTPError:
            raise DeliveryError(Failure.UNKNOWN, "the connection broke before the webhook answered") from None
        if not answer.is_success:
            raise _failure(answer)
        return Ref(key)

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:  # noqa: ARG002 - the port's
        """Always raises CannotTell."""
        raise CannotTell("a webhook only takes messages")

    async def retract(self, channel: Channel, ref: Ref) -> None:  # noqa: ARG002 - the port's
        """Always raises DeliveryError."""
        raise DeliveryError(Failure.MESSAGE_REFUSED, "a webhook's message cannot be taken back")

    async def prove(self, channel: Channel) -> None:
        """Raise CannotTell, or DeliveryError for a webhook that is not in the settings."""
        self._webhook(channel)
        raise CannotTell("a webhook's message cannot be taken back, so only the next digest can prove it")

    def _webhook(self, channel: Channel) -> tuple[str, str]:
        if (webhook := self._webhooks.get(channel.removeprefix("webhook:"))) is None:
            raise DeliveryError(Failure.WORKSPACE_CLOSED, f"PAPERBOY_WEBHOOKS has no {channel}")
        return webhook


def _failure(answer: httpx.Response) -> DeliveryError:
    """The failure that a refusal is. One of a URL pauses: a wrong setting of ours must have nothing erased."""
    wait = answer.headers.get("Retry-After", "")
    match answer.status_code:
        case 429:
            kind, reason = Failure.LATER, "the webhook asks to go slower"
        case status if status < 400 or status in {401, 403, 404, 410}:
            kind, reason = Failure.WORKSPACE_CLOSED, _LOST
        case status if status < 500:
            kind, reason = Failure.MESSAGE_REFUSED, "the webhook refused it"
        case _:
            kind, reason = Failure.UNKNOWN, "the webhook's service failed to answer"
    return DeliveryError(
        kind, f"{reason} (HTTP {answer.status_code})", retry_after=float(wait) if wait.isdecimal() else None
    )


def connect(settings: Settings, secrets: object, leases: object = None) -> tuple[WebhookOutlet, None] | None:  # noqa: ARG001 - one signature for all platforms
    """The outlet; None without webhooks. Raises SettingsError, in which no URL stands."""
    entries = (secret_value(settings.webhooks) or "").split()
    matches = [_ENTRY.fullmatch(entry) for entry in entries]
    webhooks = {match[1]: (match[2], match[3]) for match in matches if match and _keeps_secret(match[3])}
    if len(webhooks) < len(entries):
        remedy = f"write name=kind:https://…, each name once, with spaces between; the kinds are {', '.join(LIMITS)}"
        raise SettingsError((f"PAPERBOY_WEBHOOKS: {remedy}",))
    return (WebhookOutlet(webhooks), None) if webhooks else None


def _keeps_secret(url: str) -> bool:
    """Whether a URL is one of https, or of this machine."""
    return web_url(url) == url and (url.startswith("https:") or urlsplit(url).hostname in {"127.0.0.1", "localhost"})
