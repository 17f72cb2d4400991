"""HTTP clients that use the proxies of the environment, whose faults are one line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from bot.errors import SettingsError

PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
"""Variables that name a proxy, also in small letters."""
SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})
REMEDY = "write a proxy like http://proxy:3128 or socks5://proxy:1080, or unset it"
_HOST = re.compile(r"[\w.:-]+")
"""A name, an IPv4 or an IPv6 address; httpx escapes all else instead of refusing it, and then no name is found."""


class UnusableProxyError(SettingsError):
    """The environment names a proxy or certificates that no connection can be made with."""


def check_proxies(environment: Mapping[str, str]) -> None:
    """Raise UnusableProxyError, without the values, which may hold passwords, if a variable names no proxy."""
    effective = [name.lower() if name.lower() in environment else name for name in PROXIES]
    if wrong := [name for name in effective if not _is_proxy(environment.get(name, ""))]:
        verb = "is no proxy" if len(wrong) == 1 else "are no proxies"
        raise UnusableProxyError((f"{' and '.join(wrong)} {verb} that a connection can be made with; {REMEDY}",))


def _is_proxy(text: str) -> bool:
    """Whether a value is the URL of a proxy, with or without its scheme; empty counts, since it means none."""
    try:
        url = httpx.URL(text if "://" in text else f"http://{text}")
    except (httpx.InvalidURL, ValueError):
        return False
    is_whole = url.scheme in SCHEMES and _HOST.fullmatch(url.host) is not None and (url.port or 0) <= 65_535
    return not text or is_whole


def new_client(**options: Any) -> httpx.AsyncClient:
    """A client that uses the proxies of the environment. Raises UnusableProxyError, without a proxy's password."""
    check_proxies(os.environ)
    try:
        return httpx.AsyncClient(**options)
    except OSError as fault:
        raise _unusable(fault, ("SSL_CERT_FILE", "SSL_CERT_DIR"), "name certificates that can be read") from None
    except (ValueError, httpx.InvalidURL) as fault:
        raise _unusable(fault, ("NO_PROXY",), "write hosts like localhost,.example.org") from None
    except ImportError as fault:
        raise _unusable(fault, PROXIES, "pip install 'httpx[socks]'") from None


def _unusable(fault: Exception, names: Sequence[str], remedy: str) -> UnusableProxyError:
    present = [name for each in names for name in (each, each.lower()) if os.environ.get(name)]
    line = f"no connection can be made as {' and '.join(present) or 'the environment'} says ({type(fault).__name__})"
    return UnusableProxyError((f"{line}; {remedy}, or unset it",))
