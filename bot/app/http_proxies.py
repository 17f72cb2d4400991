"""Requests through proxies: which are believed, and the notice of one that is not in PAPERBOY_PROXIES.

Behind a router that is not listed all readers share one address, so one rate limit. Its first request is logged with
what to set and stored for `paperboy doctor`; the next start says it again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from ipaddress import ip_network
from typing import Any

from starlette.responses import PlainTextResponse
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from bot.model.client_ip import is_listed, read_address
from bot.ports import Asgi
from bot.store import Secrets

log = logging.getLogger("paperboy.listen")

NOTE = "unlisted proxy"
"""Name of the note with the address of the last one, as JSON."""
FORWARDED = {b"x-forwarded-for", b"forwarded"}
PRIVATE_NETWORKS = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)
"""A router of a host has any address of one of these: https://www.rfc-editor.org/rfc/rfc6890"""


class Proxies:
    """ASGI middleware around all fronts; refuses requests that a proxy and we could read differently."""

    def __init__(self, app: Asgi, trusted: Collection[str], notes: Secrets | None) -> None:
        self._app: Any = ProxyHeadersMiddleware(app, trusted_hosts=list(trusted)) if trusted else app  # type: ignore[arg-type]
        self._trusted, self._notes = trusted, notes
        self._is_noticed = False

    async def start(self) -> None:
        """Say again what an earlier run noticed."""
        if (warning := await stored_warning(self._notes, self._trusted)) is not None:
            log.warning("%s: %s", *warning)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request; its scope has the socket's own peer as `peer`."""
        scope["peer"] = scope.get("client")
        names = {name for name, _ in scope.get("headers", ())}
        if {b"content-length", b"transfer-encoding"} <= names:
            refusal = PlainTextResponse("Content-Length beside Transfer-Encoding\n", 400, {"Connection": "close"})
            await refusal(scope, receive, send)
            return
        if not self._is_noticed and names & FORWARDED and scope.get("client"):
            await self._notice(scope["client"][0])
        await self._app(scope, receive, send)

    async def _notice(self, peer: str) -> None:
        """Log and store a proxy of ours that is not listed. A public address may be anybody's: it is not stored."""
        warning = unlisted(peer, self._trusted)
        if warning is None:
            return
        self._is_noticed = True
        log.warning("%s: %s", *warning)
        if self._notes is not None and read_address(peer).is_private:
            try:
                await self._notes.put_note(NOTE, json.dumps(peer))
            except Exception:
                log.exception("could not store the notice of a proxy")


async def stored_warning(notes: Secrets | None, trusted: Collection[str]) -> tuple[str, str] | None:
    """Problem that an earlier run noticed and its remedy; None without one, or if the proxy was listed since."""
    text = await notes.get_note(NOTE) if notes is not None else None
    return unlisted(str(json.loads(text)), trusted) if text else None


def unlisted(peer: str, trusted: Collection[str]) -> tuple[str, str] | None:
    """Problem and remedy of an untrusted peer that forwards requests; None if it is trusted, or is no address."""
    try:
        address = read_address(peer)
    except ValueError:
        return None
    if is_listed(peer, trusted):
        return None
    network = next((each for each in PRIVATE_NETWORKS if address in each), None) or ip_network(address)
    listed = ",".join([str(network) if network.num_addresses > 1 else str(address), *trusted])
    problem = (
        f"requests are forwarded by {address}, which is not in PAPERBOY_PROXIES, so all readers share one rate limit"
    )
    return problem, f"if that is your own router or proxy, set PAPERBOY_PROXIES={listed}"
