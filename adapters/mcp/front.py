"""/mcp: streamable HTTP without sessions, so that any process answers any request. Who may come in, and how often.

Host, Origin (the SDK's check) ─► size ─► rate ─► bearer token ─► public server, or with a person's token personal
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from mcp_types import INVALID_REQUEST, ErrorData, JSONRPCError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapters.mcp.server import PaperServer, personal_server, public_server
from adapters.mcp.tools import Request as ToolRequest
from adapters.shared_rate import ClientRate, SharedRate, client_key
from bot.errors import UnansweredError, UnavailableStoreError, UserError
from bot.ports import Asgi, Desk

PATH = "/mcp"
MAX_BODY = 65_536
"""Bytes; a call with the longest query has a few thousand."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Hosts that a request from this machine names, as a browser writes them."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

log = logging.getLogger("paperboy.mcp")


class McpFront:
    """Implements `ports.Front`; before `serve` is called every request answers 503."""

    name = "mcp"

    def __init__(
        self, public_url: str | None, token: str | None, *, rate: int = 120, shared: SharedRate | None = None
    ) -> None:
        """`token` opens it; without one everybody may come in. `rate` is the limit of requests per client and minute,
        `shared` that of all processes together.
        """
        self.asgi: tuple[str, Asgi] | None = (PATH, self)
        self._token, self._rate = token, ClientRate(rate, shared)
        self._security = TransportSecurityMiddleware(_allowed(public_url))
        self._desk: Desk | None = None
        self._apps: dict[bool, Asgi] = {}
        """The SDK's ASGI app by whether it is for a person."""

    async def serve(self, desk: Desk) -> None:
        """Answer until cancelled."""
        logging.getLogger("mcp.server.transport_security").setLevel(logging.ERROR)  # a line for each stranger's header
        logging.getLogger("mcp.server.streamable_http").addFilter(_is_fault)
        public, personal = public_server(desk), personal_server(desk, _token_of)
        self._apps = {False: _app(public), True: _app(personal)}
        async with public.session_manager.run(), personal.session_manager.run():
            self._desk = desk
            try:
                await self._rate.run()
            finally:
                self._desk = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with a reason."""
        started, status, request = time.perf_counter(), 0, Request(scope)

        async def send_counted(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-content-type-options", b"nosniff")]
            await send(message)

        try:
            app = await self._refusal(request) or self._apps[await self._is_personal(request)]
        except UnansweredError as error:
            app = _refused(503, str(error), **{"Retry-After": "60"})
        except UserError as error:
            app = _refused(401, str(error), **{"WWW-Authenticate": 'Bearer realm="paperboy"'})
        except UnavailableStoreError as error:
            log.warning("a request was not answered reason=%s", error)
            app = _refused(503, "Paperboy can’t reach its database just now. Please try again in a minute.")
        with suppress(ClientDisconnect):  # before its request was whole
            await app(scope, receive, send_counted)
        if self._desk is not None and self._desk.monitor is not None:
            self._desk.monitor.served(self.name, status, time.perf_counter() - started)

    async def _refusal(self, request: Request) -> Response | None:
        """The refusal of a request by its origin, method or rate, or while we start; None if it may pass."""
        if (refusal := await self._security.validate_request(request, is_post=False)) is not None:
            return refusal
        if self._desk is None:
            return _refused(503, "Paperboy is starting. Please try again in a moment.", **{"Retry-After": "5"})
        if request.method != "POST":
            return _refused(405, "Requests are POSTs: there are no sessions here.", Allow="POST")
        client = client_key(request)
        if await self._rate.refuses(client):
            return _refused(429, "That was a lot at once. Please wait a minute.", **{"Retry-After": "60"})
        self._rate.count(client)
        return None

    async def _is_personal(self, request: Request) -> bool:
        """Whether a request comes with a person's token. Raises UserError for a token that opens nothing, or none."""
        token = _bearer(request)
        if token is None and self._token is None:
            return False
        if token is None:
            raise UserError("Send the token of this server, or one of /papers mcp token, as Authorization: Bearer …")
        if self._token is not None and hmac.compare_digest(token.encode(), self._token.encode()):
            return False
        assert self._desk is not None  # noqa: S101 - else it was refused before
        await self._desk.personal.holder(token)
        return True


def _is_fault(record: logging.LogRecord) -> bool:
    """Whether a record of the SDK is of more than a client that left before its request was whole."""
    return record.exc_info is None or not isinstance(record.exc_info[1], ClientDisconnect)


def _allowed(public_url: str | None) -> TransportSecuritySettings:
    """The values of Host and Origin that are answered: of the public URL and of this machine."""
    hosts = [each for name in LOOPBACK for each in (name, f"{name}:*")]
    origins = [f"http://{host}" for host in hosts]
    if public_url is not None:
        hosts.append(urlsplit(public_url).netloc)
        origins.append(public_url)
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


def _app(server: PaperServer) -> Asgi:
    """The SDK's ASGI app; `Host` and `Origin` were checked before."""
    checked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(stateless_http=True, max_request_body_size=MAX_BODY, transport_security=checked)
    return server.session_manager.handle_request


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _token_of(ctx: ToolRequest) -> str:
    request: Request | None = ctx.request_context.request
    return (request and _bearer(request)) or ""


def _refused(status: int, text: str, **headers: str) -> Response:
    """A refusal as JSON-RPC has errors, whose text clients show."""
    body = JSONRPCError(jsonrpc="2.0", id=None, error=ErrorData(code=INVALID_REQUEST, message=text))
    content = body.model_dump_json(by_alias=True, exclude_unset=True)
    return Response(content, status, {**headers, "Cache-Control": "no-store"}, "application/json")
