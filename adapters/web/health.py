"""Routes for the operator: `/readyz`, and `/metrics` with a token. `/healthz` is the HTTP server's own."""

from __future__ import annotations

import hmac

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.web.site import PageGroup
from bot.model.client_ip import is_loopback

NO_STORE = {"Cache-Control": "no-store"}


class Health(PageGroup):
    """One method a question."""

    def routes(self) -> list[Route]:
        """One route a question."""
        return [Route("/readyz", self.ready), Route("/metrics", self.metrics)]

    async def ready(self, _: Request) -> Response:
        """Readiness for requests: 200, or 503 with the reason."""
        reason = await self._site.monitor.unready()
        return PlainTextResponse(f"{reason or 'ok'}\n", 503 if reason else 200, NO_STORE)

    async def metrics(self, request: Request) -> Response:
        """Metrics for a request with the token or from this machine; 401 for all others, 404 where no token is set."""
        token = self._site.metrics_token
        if not _has_token(request, token) and not _is_local(request):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"}) if token else HTTPException(404)
        body, media_type = await self._site.monitor.numbers()
        return Response(body, headers={**NO_STORE, "Content-Type": media_type})


def _has_token(request: Request, token: str | None) -> bool:
    """Whether the request has the token, compared in constant time."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(value.strip().encode(), (token or "").encode())
    return bool(token) and scheme.lower() == "bearer" and same


def _is_local(request: Request) -> bool:
    """Whether the request comes from this machine and not through a proxy, which may be on this machine too.

    By the socket's peer: X-Forwarded-For, which anybody can write, is a reason to refuse and never one to trust.
    """
    peer = request.scope.get("peer")
    return is_loopback(peer[0] if peer else "") and not {"x-forwarded-for", "forwarded"} & set(request.headers.keys())
