"""HTTP clients that use the proxies of the environment, whose faults are one line."""

from __future__ import annotations

import os
from typing import Any

import httpx

from bot.errors import SettingsError


class UnusableProxyError(SettingsError):
    """The environment names a proxy or certificates that no connection can be made with."""


def new_client(**options: Any) -> httpx.AsyncClient:
    """A client that uses the proxies of the environment. Raises UnusableProxyError, without a proxy's password."""
    try:
        return httpx.AsyncClient(**options)
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as fault:
        proxies = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
        names = ("SSL_CERT_FILE", "SSL_CERT_DIR") if isinstance(fault, OSError) else proxies
        present = [name for each in names for name in (each, each.lower()) if os.environ.get(name)]
        raise UnusableProxyError(
            (
                f"no connection can be made as {', '.join(present) or 'the environment'} says ({type(fault).__name__});"
                " write a proxy like http://proxy:3128 or socks5://proxy:1080, or unset it",
            )
        ) from None
