"""How many letters may be asked for: so that nobody can have somebody else's inbox filled. Pure."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import NamedTuple

from bot.delivery.mail.address import inbox_of
from bot.model import client_ip


class Limit(NamedTuple):
    """At most so many within so long."""

    most: int
    within: timedelta


AN_INBOX = (Limit(1, timedelta(minutes=10)), Limit(3, timedelta(days=1)))
A_CLIENT = (Limit(5, timedelta(hours=1)), Limit(20, timedelta(days=1)))
EVERYBODY = (Limit(200, timedelta(hours=1)),)
LONGEST = timedelta(days=1)
"""Nothing older counts."""


def inbox(key: str, address: str) -> str:
    """An address under which its asks are counted, and from which it cannot be read."""
    return _hidden(key, f"inbox {inbox_of(address)}")


def client(key: str, who: str) -> str:
    """The same for whoever asks: an IP address, of IPv6 its network."""
    return _hidden(key, f"client {client_ip.rate_limit_key(who)}")


def everybody(key: str) -> str:
    """The same for all together."""
    return _hidden(key, "everybody")


def _hidden(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
