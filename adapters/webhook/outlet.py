"""Posting to incoming webhooks, each message once: what has arrived cannot be read, changed or taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import httpx

from adapters.channel_checks import channel_checks
from adapters.failures import connection_failure, retry_after
from adapters.fitting import fitted
from adapters.one_way import OneWay
from adapters.text import web_url
from adapters.webhook.payloads import LIMITS, payload
from bot.errors import DeliveryError, Failure, SettingsError
from bot.model import Channel, Check, Message, Ref
from bot.model.client_ip import keeps_secrets
from bot.ports import Claim, no_claim
from bot.settings import Settings, secret_value

SECONDS = 30.0
_ENTRY = re.compile(rf"([a-z0-9-]+)=({'|'.join(LIMITS)}):(\S+)")
_LOST = "the webhook was deleted or switched off, or its URL is wrong: make a new one and put it in PAPERBOY_WEBHOOKS"


class WebhookOutlet(OneWay):
    """Implements `ports.Outlet`."""

    name = "webhook"
    kind = "a webhook's message"
    threads = True
    pace = 1.0  # Google Chat takes one message a second in a space

    def __init__(self, webhooks: dict[str, tuple[str, str]]) -> None:
        """`webhooks`: kind and URL by name. The URLs are secrets, since anybody can post by one."""
        self._webhooks = webhooks

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post one message; its key is its handle. Raises DeliveryError."""
        kind, url = self._webhook(channel)
        if under is not None and kind not in {"googlechat", "json"}:
            raise DeliveryError(Failure.THREAD_FORBIDDEN, f"a webhook of {kind} opens no threads")
        options = {"messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"} if kind == "googlechat" else {}
        body = fitted(message, partial(payload, kind, key, under), LIMITS[kind])
        await claim()
        try:
            async with httpx.AsyncClient(timeout=SECONDS) as client:
                answer = await client.post(httpx.URL(url).copy_merge_params(options), json=body)
        except httpx.HTTPError as error:
            raise connection_failure(error, "the webhook") from None  # whose traces name the URL
        if not answer.is_success:
            raise _failure(answer)
        return Ref(key)

    async def prove(self, channel: Channel) -> None:
        """Raise CannotTell, or DeliveryError for a webhook that is not in the settings."""
        self._webhook(channel)
        await super().prove(channel)

    def _webhook(self, channel: Channel) -> tuple[str, str]:
        if (webhook := self._webhooks.get(channel.removeprefix("webhook:"))) is None:
            raise DeliveryError(Failure.WORKSPACE_CLOSED, f"PAPERBOY_WEBHOOKS has no {channel}")
        return webhook


def _failure(answer: httpx.Response) -> DeliveryError:
    """The failure that a refusal is. One of a URL pauses: a wrong setting of ours must have nothing erased."""
    status, kind, reason = answer.status_code, Failure.UNKNOWN, "the webhook's service failed to answer"
    if status == 429:
        kind, reason = Failure.LATER, "the webhook asks to go slower"
    elif status < 400 or status in {401, 403, 404, 410}:
        kind, reason = Failure.WORKSPACE_CLOSED, _LOST
    elif status < 500:
        kind, reason = Failure.MESSAGE_REFUSED, "the webhook refused it"
    return DeliveryError(kind, f"{reason} (HTTP {status})", retry_after=retry_after(answer.headers))


def connect(settings: Settings, secrets: object, leases: object = None) -> tuple[WebhookOutlet, None] | None:  # noqa: ARG001 - one signature for all platforms
    """The outlet; None without webhooks. Raises SettingsError, in which no URL stands."""
    entries = (secret_value(settings.webhooks) or "").split()
    webhooks = {
        match[1]: (match[2], match[3])
        for match in map(_ENTRY.fullmatch, entries)
        if match and web_url(match[3]) == match[3] and keeps_secrets(match[3])
    }
    if len(webhooks) < len(entries):
        remedy = f"write name=kind:https://…, each name once, with spaces between; the kinds are {', '.join(LIMITS)}"
        raise SettingsError((f"PAPERBOY_WEBHOOKS: {remedy}",))
    return (WebhookOutlet(webhooks), None) if webhooks else None


async def examine(settings: Settings, secrets: object, channels: Sequence[Channel]) -> list[Check]:
    """Whether the setting has the subscribed webhooks. Raises SettingsError as `connect` does."""
    outlet, _ = connect(settings, secrets) or (WebhookOutlet({}), None)
    remedy = "put it there again, or `paperboy papers --in {} unsubscribe`"
    return await channel_checks(outlet, channels, remedy, "in PAPERBOY_WEBHOOKS; only a digest proves its URL")
