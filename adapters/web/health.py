"""Routes for the operator: `/readyz`, and `/metrics` for the private network. `/healthz` is the HTTP server's own."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

    from adapters.web.site import Site
    from bot.ports import Monitor

NO_STORE = {"Cache-Control": "no-store"}


def routes(site: Site) -> list[Route]:
    """One route a question."""
    health = Health(site)
    return [Route("/readyz", health.ready), Route("/metrics", health.metrics)]


class Health:
    """One method a question."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def ready(self, _: Request) -> Response:
        """Whether requests should be routed here; 503 with the reason otherwise."""
        reason = await self._monitor().unready()
        return PlainTextResponse(f"{reason or 'ok'}\n", 503 if reason else 200, NO_STORE)

    async def metrics(self, request: Request) -> Response:
        """Metrics for a Prometheus in the private network; 404 for all others."""
        if not _is_private(request):
            raise HTTPException(404)
        body, media_type = await self._monitor().numbers()
        return Response(body, headers={**NO_STORE, "Content-Type": media_type})

    def _monitor(self) -> Monitor:
        if self._site.desk is None or self._site.desk.monitor is None:
            raise HTTPException(503, headers={"Retry-After": "5"})
        return self._site.desk.monitor


def _is_private(request: Request) -> bool:
    """Whether the request comes from this machine or its private network, and not through a proxy."""
    try:
        private = ipaddress.ip_address(request.client.host if request.client else "").is_private
    except ValueError:
        return False
    return private and not {"x-forwarded-for", "forwarded"} & set(request.headers.keys())
