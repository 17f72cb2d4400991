"""Posting to incoming webhooks, each message once, as the JSON that each takes; foreign text never pings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import httpx

from adapters.channel_checks import channel_checks
from adapters.failures import connection_failure, retry_after
from adapters.fitting import fitted
from adapters.one_way import OneWay
from adapters.plain_text import text_rows
from adapters.text import printable, web_url
from bot.errors import DeliveryError, Failure, SettingsError
from bot.model import Channel, Check, Message, Ref, Span
from bot.model.client_ip import keeps_secrets
from bot.ports import Claim, no_claim
from bot.settings import Settings, secret_value

SECONDS = 30.0
LIMITS = {"mattermost": 16_000, "teams": 24_000, "googlechat": 30_000, "json": 60_000}
"""Bytes of a payload, below what each service takes: 16,383 characters, 28 KB, 32,000 bytes."""
_TEXT_BLOCK: dict[str, dict[str, Any]] = {
    "heading": {"weight": "Bolder"},
    "note": {"isSubtle": True, "size": "Small", "spacing": "None"},
}
_MARKUP = re.compile(r"[\\*_~`|<>\[\]]|&(?=#?\w+;)|^[-#+]|(?<=\d)\.(?=\s|$)")
_FOR_CHAT = str.maketrans("<>|", "‹›¦")
_WORDS = re.compile(r"\S(?:.*\S)?")
_PING = re.compile(r"@(?=\w)|<(?=users/)")
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


def payload(kind: str, key: str, under: Ref | None, message: Message) -> dict[str, Any]:
    """The body of the request that posts a message."""
    rows = [(row.role, row.lead + "".join(_span(kind, row.role, s) for s in row.spans)) for row in text_rows(message)]
    text = "\n".join(text for _, text in rows) or printable(message.title)
    if kind == "mattermost":
        return {"text": text}
    if kind == "googlechat":
        return {"text": text, "thread": {"threadKey": under or key}}
    if kind == "teams":
        body = [{"type": "TextBlock", "wrap": True, "text": row, **_TEXT_BLOCK.get(role, {})} for role, row in rows]
        card = {"type": "AdaptiveCard", "version": "1.4", "msteams": {"width": "Full"}, "body": body}
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        return {"type": "message", "attachments": [attachment]}
    about = {"key": key, "under": under, "title": printable(message.title), "paper": message.paper_id}
    return {**about, "text": printable(message.text, lines=True), "markdown": text}


def _span(kind: str, role: str, span: Span) -> str:
    """A run of text; marks stand around the words of each of its lines, and not around the space beside them."""
    mark = ("*" if kind == "googlechat" else "**") * (span.bold or role == "heading")
    return _WORDS.sub(lambda words: f"{mark}{_marked(kind, span, words[0])}{mark}", span.text)


def _marked(kind: str, span: Span, words: str) -> str:
    quiet = _PING.sub(lambda sign: f"{sign[0]}\u2060", words)  # a word joiner: nobody is called so
    in_chat = kind == "googlechat"  # which knows no escapes, and whose links are <url|text>
    text = quiet.translate(_FOR_CHAT) if in_chat else _MARKUP.sub(lambda sign: f"\\{sign[0]}", quiet)
    if span.url:
        url = span.url.replace("(", "%28").replace(")", "%29")
        return f"<{url}|{text}>" if in_chat else f"[{text}]({url})"
    return f"`{quiet}`" if span.code and kind != "teams" and "`" not in words else text


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
