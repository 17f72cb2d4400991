"""Slack over HTTP: signed requests, and the pages by which a workspace installs the app.

POST /slack/events          commands, clicks, events: signed by Slack, else 401
GET  /slack/install         “Add to Slack”
GET  /slack/oauth_redirect  where Slack sends the browser afterwards
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.slack.access import Access, Installations, reason, sdk_log
from adapters.slack.failures import TRANSPORT
from adapters.slack.interactions import Hearing
from adapters.slack.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH, SCOPES
from adapters.slack.people import Managers
from adapters.slack.states import States
from adapters.tasks import BackgroundTasks
from bot.ports import Asgi, Desk

log = logging.getLogger("paperboy.slack")

PREFIX = "/slack"
LARGEST = 1_000_000
"""Bytes of a request. Slack's largest carry a whole message and its buttons, some 100,000."""
FINISH_WITHIN = 5.0


class SlackHttp:
    """A front that Slack calls. Without `flow`, for the one workspace whose token is in the settings."""

    name = "slack"

    def __init__(
        self,
        access: Access,
        signing_secret: str,
        managers: Managers = "members",
        *,
        flow: AsyncOAuthFlow | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._secret = signing_secret
        self._managers = managers
        self._errands = BackgroundTasks("slack")
        self._clock = clock
        self._flow = flow
        self._verifier = SignatureVerifier(signing_secret)
        self._app: AsyncApp | None = None
        self.asgi: tuple[str, Asgi] | None = (PREFIX, Starlette(routes=self._routes()))

    async def settled(self) -> None:
        """Return when everything that was begun is done."""
        await self._errands.finish(FINISH_WITHIN)

    async def serve(self, desk: Desk) -> None:
        """Answer until cancelled; before that, requests are asked to come again."""
        self._app = Hearing(desk, self._access, self._managers, self._errands, self._clock).app(self._secret)
        try:
            await self._access.stay()
        finally:
            self._app = None
            await self._errands.finish(FINISH_WITHIN)
            await self._access.wire.close()

    def _routes(self) -> list[Route]:
        routes = [Route(_path(EVENTS_PATH), self._events, methods=["POST"])]
        if self._flow is not None:
            routes.append(Route(_path(INSTALL_PATH), self._install, methods=["GET"]))
            routes.append(Route(_path(REDIRECT_PATH), self._installed, methods=["GET"]))
        return routes

    async def _events(self, request: Request) -> Response:
        """Nothing is read out of a request that Slack did not sign."""
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large\n", 413)
        if not self._signed(request, body):
            return PlainTextResponse("not signed by Slack, or too long ago\n", 401)
        if self._app is None:
            return PlainTextResponse("not ready\n", 503, {"Retry-After": "5"})
        try:
            asked = to_async_bolt_request(request, body)
        except (ValueError, AttributeError, TypeError):
            return PlainTextResponse("unreadable\n", 400)
        return to_starlette_response(await self._app.async_dispatch(asked))

    def _signed(self, request: Request, body: bytes) -> bool:
        headers = request.headers
        try:
            return self._verifier.is_valid(
                body, headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
            )
        except (ValueError, TypeError):  # no number, no UTF-8, no ASCII
            return False

    async def _install(self, request: Request) -> Response:
        assert self._flow is not None  # noqa: S101 - the route exists with it alone
        return await _page(request, self._flow.handle_installation)

    async def _installed(self, request: Request) -> Response:
        assert self._flow is not None  # noqa: S101 - the route exists with it alone
        return await _page(request, self._flow.handle_callback)


def oauth_flow(
    access: Installations, states: States, *, client_id: str, client_secret: str, authorize_url: str
) -> AsyncOAuthFlow:
    """Bolt's installation flow over our own store and states."""

    class Flow(AsyncOAuthFlow):
        @property
        def client(self):  # type: ignore[no-untyped-def]
            return access.wire.client()

    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=tuple(SCOPES),
        user_scopes=(),
        authorization_url=authorize_url,
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        installation_store=access.installs,
        state_store=states,
        logger=sdk_log,
    )
    return Flow(settings=settings, logger=sdk_log)


async def _page(request: Request, answer: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> Response:
    try:
        return to_starlette_response(await answer(to_async_bolt_request(request, b"")))
    except TRANSPORT as error:
        log.warning("an installation failed reason=%r", reason(error))
        return PlainTextResponse("Slack did not answer, or not in a readable way. Please start again.\n", 502)


async def _body(request: Request) -> bytes | None:
    """The body; None for one that is too large, which is not read to its end."""
    read = bytearray()
    try:
        async for part in request.stream():
            read += part
            if len(read) > LARGEST:
                return None
    except ClientDisconnect:
        return b""
    return bytes(read)


def _path(path: str) -> str:
    return path.removeprefix(PREFIX)
