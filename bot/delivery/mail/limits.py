"""Rate limits on requests for a letter, so that an inbox cannot be filled by strangers. Pure.

Requests are counted under hashes: no address can be read from the counts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta

from bot.model.client_ip import rate_limit_key
from bot.model.mailbox import RequestLimit

DOMAINS_IGNORING_DOTS = frozenset({"gmail.com", "googlemail.com"})
"""https://support.google.com/mail/answer/7436150"""
PER_INBOX = ((1, timedelta(minutes=10)), (3, timedelta(days=1)))
PER_CLIENT = ((5, timedelta(hours=1)), (20, timedelta(days=1)))
OVERALL = ((200, timedelta(hours=1)),)
"""At most so many requests within a period."""
LONGEST_PERIOD = timedelta(days=1)
"""Older requests count under no limit."""


def inbox_key(address: str) -> str:
    """The inbox that an address most likely leads to: no tag after `+`, no dots where Gmail ignores them."""
    local, _, domain = address.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '') if domain in DOMAINS_IGNORING_DOTS else local}@{domain}"


def inbox_limits(key: str, address: str) -> list[RequestLimit]:
    """Limits on requests for one inbox."""
    return _limits(key, f"inbox {inbox_key(address)}", PER_INBOX)


def client_limits(key: str, host: str) -> list[RequestLimit]:
    """Limits on requests of one client, by its IP address (IPv6: its /64), then those on all clients together."""
    return [*_limits(key, f"client {rate_limit_key(host)}", PER_CLIENT), *_limits(key, "everybody", OVERALL)]


def _limits(key: str, requester: str, limits: Sequence[tuple[int, timedelta]]) -> list[RequestLimit]:
    hashed = hmac.new(key.encode(), requester.encode(), hashlib.sha256).hexdigest()[:32]
    return [RequestLimit(hashed, most, within) for most, within in limits]
