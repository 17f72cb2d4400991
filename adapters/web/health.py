"""Routes for the operator: `/readyz`, and `/metrics` for the private network. `/healthz` is the HTTP server's own."""

from __future__ import annotations

import ipaddress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.web.site import PageGroup

NO_STORE = {"Cache-Control": "no-store"}


class Health(PageGroup):
    """One method a question."""

    def routes(self) -> list[Route]:
        """One route a question."""
        return [Route("/readyz", self.ready), Route("/metrics", self.metrics)]

    async def ready(self, _: Request) -> Response:
        """Whether requests should be routed here; 503 with the reason otherwise."""
        reason = await self._site.monitor.unready()
        return PlainTextResponse(f"{reason or 'ok'}\n", 503 if reason else 200, NO_STORE)

    async def metrics(self, request: Request) -> Response:
        """Metrics for a Prometheus in the private network; 404 for all others."""
        if not _is_private(request):
            raise HTTPException(404)
        body, media_type = await self._site.monitor.numbers()
        return Response(body, headers={**NO_STORE, "Content-Type": media_type})


def _is_private(request: Request) -> bool:
    """Whether the request comes from this machine or its private network, and not through a proxy."""
    try:
        private = ipaddress.ip_address(request.client.host if request.client else "").is_private
    except ValueError:
        return False
    return private and not {"x-forwarded-for", "forwarded"} & set(request.headers.keys())
