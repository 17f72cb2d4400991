"""Discord's error codes: the kind of delivery failure each means, and the sentence that explains it.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json. A code that is missing here counts as a
refusal of the message if Discord answered it with a 4xx.
"""

from __future__ import annotations

import aiohttp
import discord

from adapters.discord.client import NotLoggedIn, RepeatRefused
from adapters.discord.gateway import UnreadableSession
from adapters.failures import FailureRule, connection_failure, retry_after
from bot.errors import DeliveryError, Failure

BAD_TOKEN = 4_004
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes"""
UNKNOWN_CHANNEL = 10_003
UNKNOWN_MEMBER = 10_007
UNKNOWN_MESSAGE = 10_008
TAG_REQUIRED = 40_067
NO_MESSAGES_HERE = 50_008
NO_THREADS_HERE = frozenset({50_024, NO_MESSAGES_HERE})
"""The channel's type takes no threads, or (a forum) no messages outside of threads."""
THREAD_EXISTS = 160_004
ALREADY_ACKNOWLEDGED = 40_060
ALREADY_CROSSPOSTED = 40_033

FORBIDDEN = frozenset({40_058, 50_001, 50_013, 160_002})
"""A permission is missing."""

_CHANNEL = Failure.CHANNEL_GONE
_THREAD = Failure.THREAD_GONE
_LATER = Failure.LATER
_REFUSED = Failure.MESSAGE_REFUSED

_BAD_LOGIN = "Discord does not accept the token: see DISCORD_TOKEN"
_SLOWER = "Discord asks to go slower"
_BUSY = "Discord is not available at the moment"
_INVITE = "give it the permissions of its invite"

FAILURES: dict[int, FailureRule] = {
    10_003: FailureRule(_CHANNEL, "the channel was deleted, or Paperboy can no longer see it"),
    10_004: FailureRule(Failure.WORKSPACE_CLOSED, "Paperboy is no longer in the server: invite it again"),
    10_008: FailureRule(_THREAD, "the message it replies to was deleted"),
    10_013: FailureRule(_CHANNEL, "this person no longer exists on Discord"),
    20_016: FailureRule(_LATER, "the channel is in slow mode"),
    **dict.fromkeys((20_022, 20_028, 20_029, 40_062), FailureRule(_LATER, _SLOWER)),
    30_046: FailureRule(_LATER, "Discord allows no more edits of an old message for now"),
    40_058: FailureRule(_CHANNEL, f"Paperboy may not post in the channel's threads: {_INVITE}"),
    40_067: FailureRule(_CHANNEL, "the forum requires a tag: make one called Papers, or lift the requirement"),
    **dict.fromkeys((40_333, 130_000), FailureRule(_LATER, _BUSY)),
    50_001: FailureRule(_CHANNEL, "Paperboy cannot see the channel: give its role “View Channels” in its settings"),
    50_007: FailureRule(_CHANNEL, "this person takes no direct messages from Paperboy"),
    50_008: FailureRule(_CHANNEL, "apps cannot post to this kind of channel"),
    50_013: FailureRule(_CHANNEL, "Paperboy lacks a permission in the channel: /papers test there names it"),
    50_024: FailureRule(_CHANNEL, "this kind of channel takes no threads"),
    50_083: FailureRule(_THREAD, "the thread is archived and locked"),
    160_002: FailureRule(_CHANNEL, "Paperboy may not reply in the channel: give it “Read Message History” there"),
    160_005: FailureRule(_THREAD, "the thread is locked"),
    160_006: FailureRule(_LATER, "the server has reached its limit of active threads: archive some"),
    **dict.fromkeys((200_000, 200_001), FailureRule(_REFUSED, "the server's AutoMod blocked it")),
    240_000: FailureRule(_REFUSED, "Discord blocked a link in it"),
}
"""By error code."""

_UNREADABLE = (ValueError, AttributeError, TypeError, KeyError)
"""Raised by discord.py where an answer's body does not fit its content type."""
TRANSPORT = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError, *_UNREADABLE)
"""Everything that a request through discord.py raises."""
_LONGEST_QUOTE = 80
"""Characters of Discord's own words in a reason."""


def error_code(error: BaseException) -> int:
    """Discord's error code; 0 if the answer has none."""
    return error.code if isinstance(error, discord.HTTPException) and isinstance(error.code, int) else 0


def delivery_error(error: Exception) -> DeliveryError:
    """Outcome of a failed post: UNKNOWN unless it is certain that Discord ignored it."""
    if isinstance(error, discord.RateLimited):
        return DeliveryError(_LATER, _SLOWER, retry_after=error.retry_after)
    if isinstance(error, discord.LoginFailure):
        return DeliveryError(_LATER, _BAD_LOGIN)
    if isinstance(error, NotLoggedIn):
        return _failed_login(error.__cause__)
    if not isinstance(error, discord.HTTPException):
        return connection_failure(error, "Discord")
    wait = retry_after(getattr(error.response, "headers", None))
    rule = FAILURES.get(error_code(error)) or _rule_by_status(error)
    return DeliveryError(*rule, retry_after=wait if rule.kind is _LATER else None)


def _failed_login(error: BaseException | None) -> DeliveryError:
    """Outcome of a post before which the login failed: always LATER, for the channel is not at fault."""
    if isinstance(error, discord.HTTPException) and error.status in {403, 404}:
        return DeliveryError(_LATER, f"Discord does not let Paperboy log in (HTTP {error.status})")
    failure = delivery_error(error) if isinstance(error, Exception) else DeliveryError(_LATER, _BUSY)
    return DeliveryError(_LATER, failure.reason, retry_after=failure.retry_after)


def is_transient(error: Exception) -> bool:
    """Whether a repeat of the request may succeed: the connection broke, or Discord failed to answer."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500
    return isinstance(error, (RepeatRefused, aiohttp.ClientError, TimeoutError, OSError))


def connection_problem(error: Exception) -> str:
    """Sentence that explains a lost gateway connection, with the remedy if there is one."""
    if isinstance(error, discord.ConnectionClosed):
        return _BAD_LOGIN if error.code == BAD_TOKEN else f"Discord closed the connection (code {error.code})"
    if isinstance(error, UnreadableSession):
        return "Discord's gateway begins with something that Paperboy cannot read: see PAPERBOY_DISCORD_GATEWAY_URL"
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return (
            "Discord closed the connection (code 4014: an intent it does not give). Switch on Message Content Intent"
            " under Bot in the developer portal, or leave PAPERBOY_DISCORD_MESSAGE_CONTENT out"
        )
    return _failed_login(error.__cause__ if isinstance(error, discord.GatewayNotFound) else error).reason


def _rule_by_status(error: discord.HTTPException) -> FailureRule:
    # A proxy, firewall or Cloudflare answers with a page instead of JSON.
    from_discord = str(getattr(error.response, "headers", {}).get("Content-Type")) == "application/json"
    match error.status:
        case 401:
            return FailureRule(_LATER, _BAD_LOGIN)
        case 429 | 503:
            return FailureRule(_LATER, _BUSY)
        case status if 400 <= status < 500 and not from_discord:
            return FailureRule(_LATER, f"something between Paperboy and Discord refused it (HTTP {status})")
        case 403 | 404:
            return FailureRule(_CHANNEL, "Discord does not let Paperboy post there")
        case status if 400 <= status < 500:
            words = (" ".join(error.text.split()) or f"HTTP {status}")[:_LONGEST_QUOTE]
            return FailureRule(_REFUSED, f"Discord refused it ({f'{error.code}: {words}' if error.code else words})")
    return FailureRule(Failure.UNKNOWN, f"Discord failed to answer (HTTP {error.status})")
