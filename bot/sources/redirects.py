"""The rule by which redirects are followed. Pure."""

from __future__ import annotations

from collections.abc import Collection

import httpx


def follows(before: httpx.URL, after: httpx.URL, hosts: Collection[str]) -> bool:
    """Whether a redirect is followed: to the same host and port, or over https to the same host or one of `hosts`."""
    if (after.scheme, after.host, after.port) == (before.scheme, before.host, before.port):
        return True
    if after.scheme != "https" or after.port is not None:
        return False
    return after.host == before.host or any(f".{after.host}".endswith(f".{host}") for host in hosts)


def origin_text(url: httpx.URL) -> str:
    """Scheme and host of an address, at most 100 characters."""
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}"[:100]
