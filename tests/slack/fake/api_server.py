"""The fake's HTTP server: its routes, and connections that are reset while it is offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.fake import apps, assistant, chat, conversations, files, hooks, remote, views, work_objects
from tests.slack.fake.answering import answer_call
from tests.slack.fake.methods import Method

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack

METHODS: dict[str, Method] = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **views.METHODS,
    **files.METHODS,
    **assistant.METHODS,
    **work_objects.METHODS,
}
BACKLOG = 1_024
BODY = 16 * 2**20


class ApiServer:
    """The HTTP server."""

    def __init__(self, slack: FakeSlack, port: int) -> None:
        self._slack, self.port = slack, port
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen on loopback."""
        app = web.Application(client_max_size=BODY, middlewares=[self._network])
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/link/", self._slack.sockets.connect)
        app.router.add_post("/respond/{token}", self._respond)
        app.router.add_post("/upload/{token}", self._upload)
        app.router.add_get("/files/{id}", self._download)
        remote.add_routes(app, self._slack)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=BACKLOG).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Close every connection."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _network(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self._slack.is_offline and not request.path.startswith("/_fake/") and request.transport is not None:
            request.transport.abort()
            return web.Response(status=503)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _call(self, request: web.Request) -> web.StreamResponse:
        return await answer_call(self._slack, METHODS, request)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        return await files.receive(self._slack, request)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        return await files.download(self._slack, request)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        return await hooks.respond(self._slack, request)
