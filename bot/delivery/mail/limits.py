"""Rate limits on requests for a letter, so that an inbox cannot be filled by strangers. Pure.

Requests are counted under hashes: no address can be read from the counts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta

from bot.model.client_ip import SITE_BITS, rate_limit_key
from bot.model.mailbox import RequestLimit

GMAIL = frozenset({"gmail.com", "googlemail.com"})
"""One and the same, and dots do not count there (https://support.google.com/mail/answer/10313)."""
PER_INBOX = ((1, timedelta(minutes=10)), (3, timedelta(days=1)))
PER_CLIENT = ((5, timedelta(hours=1)), (20, timedelta(days=1)))
PER_SITE = ((20, timedelta(hours=1)), (60, timedelta(days=1)))
"""At most so many requests within a period, of an inbox, a client (IPv6: a /64), an IPv6 site (a /48)."""
LETTERS = (RequestLimit("letters", 200, timedelta(hours=1)),)
"""Letters in all. More requests wait in a queue instead of being refused: whoever asks much would otherwise lock
subscribing for everybody, and a proof that the page was opened costs a program nothing."""
MAX_WAITING = 2_000
"""Letters in that queue. Clients with fewer requests come first, and push out those of clients with more."""
LONGEST_WAIT = timedelta(days=1)
"""From a request to its letter at most, as its answer says: the whole queue, and all attempts after failures."""
LONGEST_PERIOD = timedelta(days=1)
"""Older requests count under no limit."""


def inbox_key(address: str) -> str:
    """The inbox that an address most likely leads to: no tag after `+`, no dots where Gmail ignores them."""
    local, _, domain = address.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '')}@gmail.com" if domain in GMAIL else f"{local}@{domain}"


def inbox_limits(key: str, address: str) -> list[RequestLimit]:
    """Limits on requests for one inbox."""
    return _limits(key, f"inbox {inbox_key(address)}", PER_INBOX)


def client_limits(key: str, host: str) -> list[RequestLimit]:
    """Limits on requests of one client, by its IP address (IPv6: its /64, and its /48 with all in it)."""
    client, site = rate_limit_key(host), rate_limit_key(host, SITE_BITS)
    wider = _limits(key, f"site {site}", PER_SITE) if site != client else []
    return [*_limits(key, f"client {client}", PER_CLIENT), *wider]


def _limits(key: str, requester: str, limits: Sequence[tuple[int, timedelta]]) -> list[RequestLimit]:
    hashed = hmac.new(key.encode(), requester.encode(), hashlib.sha256).hexdigest()[:32]
    return [RequestLimit(hashed, most, within) for most, within in limits]
