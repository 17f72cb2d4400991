"""For whoever runs it: `/readyz`, and `/metrics` for those in the same network. `/healthz` is the server's own."""

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

NOW = {"Cache-Control": "no-store"}


def routes(site: Site) -> list[Route]:
    """Both."""
    health = Health(site)
    return [Route("/readyz", health.ready), Route("/metrics", health.metrics)]


class Health:
    """One method a question."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def ready(self, _: Request) -> Response:
        """Whether readers should be sent here."""
        why = await self._monitor().unready()
        return PlainTextResponse(f"{why or 'ok'}\n", 503 if why else 200, NOW)

    async def metrics(self, request: Request) -> Response:
        """The numbers, for a Prometheus in the same network; to all others there is no such page."""
        if not _is_near(request):
            raise HTTPException(404)
        body, media_type = await self._monitor().numbers()
        return Response(body, headers={**NOW, "Content-Type": media_type})

    def _monitor(self) -> Monitor:
        if self._site.desk is None or self._site.desk.monitor is None:
            raise HTTPException(503, headers={"Retry-After": "5"})
        return self._site.desk.monitor


def _is_near(request: Request) -> bool:
    """Whether it was asked from this machine or its private network, and for nobody else.

    A proxy, believed or not, says that it asks for others.
    """
    try:
        near = ipaddress.ip_address(request.client.host if request.client else "").is_private
    except ValueError:
        return False
    return near and not {"x-forwarded-for", "forwarded"} & set(request.headers.keys())
