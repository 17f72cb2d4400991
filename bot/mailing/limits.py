"""How many letters may be asked for: so that nobody can have somebody else's inbox filled. Pure."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from datetime import timedelta
from typing import NamedTuple

from bot.mailing.address import inbox_of


class Limit(NamedTuple):
    """At most so many within so long."""

    most: int
    within: timedelta


AN_INBOX = (Limit(1, timedelta(minutes=10)), Limit(3, timedelta(days=1)))
A_CLIENT = (Limit(5, timedelta(hours=1)), Limit(20, timedelta(days=1)))
EVERYBODY = (Limit(200, timedelta(hours=1)),)
LONGEST = timedelta(days=1)
"""Nothing older counts."""
NETWORK_BITS = 64
"""What one IPv6 customer has at least (https://www.rfc-editor.org/rfc/rfc6177)."""


def inbox(key: str, address: str) -> str:
    """An address under which its asks are counted, and from which it cannot be read."""
    return _hidden(key, f"inbox {inbox_of(address)}")


def client(key: str, who: str) -> str:
    """The same for whoever asks: an IP address, of IPv6 its network."""
    try:
        at = ipaddress.ip_address(who)
    except ValueError:
        return _hidden(key, f"client {who}")
    if isinstance(at, ipaddress.IPv6Address) and at.ipv4_mapped is None:
        who = str(ipaddress.ip_network((int(at), NETWORK_BITS), strict=False))
    return _hidden(key, f"client {who}")


def everybody(key: str) -> str:
    """The same for all together."""
    return _hidden(key, "everybody")


def _hidden(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
