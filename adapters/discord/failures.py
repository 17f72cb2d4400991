"""What Discord says when it takes no message -> what follows, and a sentence for whoever is told.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json. A code that is not here refuses the
message if Discord answered it with a 4xx: it concerns what was sent, or it would be known.
"""

from __future__ import annotations

from typing import NamedTuple

import aiohttp
import discord

from adapters.discord.client import NotLoggedIn
from bot.errors import DeliveryError, Failure


class FailureRule(NamedTuple):
    """A kind of failure and its reason, to be read in “… could not be posted (reason)”."""

    kind: Failure
    reason: str


BAD_TOKEN = 4_004
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes"""
THREAD_EXISTS = 160_004
NO_SUCH_CHANNEL = 10_003
NO_SUCH_MESSAGE = 10_008
NO_MESSAGES_HERE = 50_008
NOT_IN_SUCH_A_CHANNEL = frozenset({50_024, NO_MESSAGES_HERE})
"""No threads here, or (a forum) no messages without one."""
TAG_REQUIRED = 40_067

_CHANNEL = Failure.CHANNEL_GONE
_THREAD = Failure.THREAD_GONE
_LATER = Failure.LATER
_REFUSED = Failure.MESSAGE_REFUSED

_REJECTED = "Discord does not accept the token: see DISCORD_TOKEN"
_BUSY = "Discord is not available at the moment"
_PERMISSIONS = "View Channel, Send Messages, Create Public Threads, Send Messages in Threads and Read Message History"

FAILURES: dict[int, FailureRule] = {
    10_003: FailureRule(_CHANNEL, "the channel was deleted, or Paperboy can no longer see it"),
    10_004: FailureRule(Failure.WORKSPACE_GONE, "Paperboy is no longer in the server: invite it again"),
    10_008: FailureRule(_THREAD, "the message it replies to was deleted"),
    10_013: FailureRule(_CHANNEL, "this person no longer exists on Discord"),
    20_016: FailureRule(_LATER, "the channel is in slow mode"),
    20_022: FailureRule(_LATER, "Discord asks to go slower"),
    20_028: FailureRule(_LATER, "Discord asks to go slower"),
    20_029: FailureRule(_LATER, "Discord asks to go slower"),
    40_058: FailureRule(
        _CHANNEL, "Paperboy may not post in the channel's threads: give it the permissions of its invite"
    ),
    40_062: FailureRule(_LATER, "Discord asks to go slower"),
    40_067: FailureRule(_CHANNEL, "the forum requires a tag: make one called Papers, or lift the requirement"),
    40_333: FailureRule(_LATER, _BUSY),
    50_001: FailureRule(_CHANNEL, f"Paperboy cannot see the channel: give it {_PERMISSIONS} there"),
    50_007: FailureRule(_CHANNEL, "this person takes no direct messages from Paperboy"),
    50_008: FailureRule(_CHANNEL, "apps cannot post to this kind of channel"),
    50_013: FailureRule(_CHANNEL, f"Paperboy lacks a permission in the channel: give it {_PERMISSIONS} there"),
    50_024: FailureRule(_CHANNEL, "this kind of channel takes no threads"),
    50_083: FailureRule(_THREAD, "the thread is archived and locked"),
    130_000: FailureRule(_LATER, _BUSY),
    160_002: FailureRule(_CHANNEL, "Paperboy may not reply in the channel: give it Read Message History there"),
    160_005: FailureRule(_THREAD, "the thread is locked"),
    160_006: FailureRule(_LATER, "the server has reached its limit of active threads: archive some"),
    200_000: FailureRule(_REFUSED, "the server's AutoMod blocked it"),
    200_001: FailureRule(_REFUSED, "the server's AutoMod blocked it"),
    240_000: FailureRule(_REFUSED, "Discord blocked a link in it"),
}
"""Every code once."""

_MISREAD = (ValueError, AttributeError, TypeError, KeyError)
"""What discord.py raises where an answer is not what it calls itself."""
TRANSPORT = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError, *_MISREAD)
"""What a call through discord.py raises."""
_UNOPENED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_LONGEST_REASON = 80


def code_of(error: BaseException) -> int:
    """Discord's own code; 0 where it gave none."""
    return error.code if isinstance(error, discord.HTTPException) and isinstance(error.code, int) else 0


def failed_post(error: Exception) -> DeliveryError:
    """What follows from a failed post. Unknown unless it is certain that Discord did nothing with it."""
    if isinstance(error, discord.RateLimited):
        return DeliveryError(_LATER, "Discord asks to go slower", retry_after=error.retry_after)
    if isinstance(error, discord.LoginFailure):
        return DeliveryError(_LATER, _REJECTED)
    if isinstance(error, NotLoggedIn):
        return _before_the_post(error.__cause__)
    if isinstance(error, _UNOPENED):
        return DeliveryError(_LATER, "Discord cannot be reached")
    if not isinstance(error, discord.HTTPException):
        return DeliveryError(Failure.UNKNOWN, "the connection to Discord broke before it answered")
    row = FAILURES.get(code_of(error)) or _by_status(error)
    return DeliveryError(row.kind, row.reason, retry_after=_retry_after(error) if row.kind is _LATER else None)


def _before_the_post(error: BaseException | None) -> DeliveryError:
    """What kept Paperboy from logging in: it is no channel's fault, and nothing was posted."""
    if isinstance(error, discord.HTTPException) and error.status in {403, 404}:
        return DeliveryError(_LATER, f"Discord does not let Paperboy log in (HTTP {error.status})")
    failed = failed_post(error) if isinstance(error, Exception) else DeliveryError(_LATER, _BUSY)
    return DeliveryError(_LATER, failed.reason, retry_after=failed.retry_after)


def lost_connection(error: Exception) -> str:
    """Why there is no connection to the gateway, in a sentence with the remedy if there is one."""
    if isinstance(error, discord.ConnectionClosed):
        return _REJECTED if error.code == BAD_TOKEN else f"Discord closed the connection (code {error.code})"
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return "Discord closed the connection (code 4014: an intent it does not give)"
    cause = error.__cause__ if isinstance(error, discord.GatewayNotFound) else error
    return _before_the_post(cause).reason


def _by_status(error: discord.HTTPException) -> FailureRule:
    match error.status:
        case 401:
            return FailureRule(_LATER, _REJECTED)
        case 429 | 503:
            return FailureRule(_LATER, _BUSY)
        case status if 400 <= status < 500 and not _is_discords(error):
            return FailureRule(_LATER, f"something between Paperboy and Discord refused it (HTTP {status})")
        case 403 | 404:
            return FailureRule(_CHANNEL, "Discord does not let Paperboy post there")
        case status if 400 <= status < 500:
            return FailureRule(_REFUSED, f"Discord refused it ({_said(error)})")
    return FailureRule(Failure.UNKNOWN, f"Discord failed to answer (HTTP {error.status})")


def _is_discords(error: discord.HTTPException) -> bool:
    """Whether Discord itself answered, and no proxy, firewall or Cloudflare with a page."""
    return str(getattr(error.response, "headers", {}).get("Content-Type")) == "application/json"


def _retry_after(error: discord.HTTPException) -> float | None:
    """Seconds, as the header says; discord.py does not hand on the body."""
    try:
        wait = float(getattr(error.response, "headers", {}).get("Retry-After", ""))
    except (ValueError, TypeError):
        return None
    return wait if 0 <= wait < float("inf") else None


def _said(error: discord.HTTPException) -> str:
    """Discord's first words, without what we sent."""
    words = " ".join(error.text.split()) or f"HTTP {error.status}"
    return f"{error.code}: {words[:_LONGEST_REASON]}" if error.code else words[:_LONGEST_REASON]
