"""Slack over HTTP: signed requests, and the two pages by which a workspace installs the app.

POST /slack/events          commands, clicks, events: signed by Slack, else 401
GET  /slack/install         “Add to Slack”
GET  /slack/oauth_redirect  where Slack sends the browser afterwards
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from cachetools import TTLCache
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

from adapters.shares import UsedNames
from adapters.slack.client import error_summary, sdk_log
from adapters.slack.failures import TRANSPORT
from adapters.slack.front import SlackFront
from adapters.slack.inbound import MalformedRequestError, bolt_request, read_body
from adapters.slack.interactions import Interactions
from adapters.slack.manifest import EVENTS_PATH, INSTALL_PATH, OPTIONAL_SCOPES, REDIRECT_PATH, SCOPES
from adapters.slack.people import Managers
from adapters.slack.replays import SIGNATURE_SECONDS, SIGNED
from adapters.slack.states import OAuthStates
from adapters.slack.workspaces import InstalledWorkspaces, Workspaces

log = logging.getLogger("paperboy.slack")

PREFIX = "/slack"
LARGEST_BODY = 1_000_000
"""Bytes of a request. Slack's largest carry a whole message and its buttons, some 100,000."""
MAX_SIGNATURES = 50_000
"""Remembered at most, some 15 MB: what 80 requests a second leave in that time."""


class SlackHttp(SlackFront):
    """A front that Slack calls. Without `flow`, for the one workspace whose token is in the settings."""

    def __init__(  # noqa: PLR0913 - the front runs on exactly these parts
        self,
        workspaces: Workspaces,
        signing_secret: str,
        managers: Managers,
        *,
        names: UsedNames,
        flow: AsyncOAuthFlow | None = None,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(workspaces, managers, clock, names)
        self._secret = signing_secret
        self._verifier = SignatureVerifier(signing_secret)
        self._signatures: TTLCache[str, bool] = TTLCache(MAX_SIGNATURES, SIGNATURE_SECONDS, timer=clock)
        self._app: AsyncApp | None = None
        routes = [Route(EVENTS_PATH.removeprefix(PREFIX), self._events, methods=["POST"])]
        if flow is not None:
            pages = {INSTALL_PATH: flow.handle_installation, REDIRECT_PATH: flow.handle_callback}
            routes += [Route(path.removeprefix(PREFIX), _page(pages[path]), methods=["GET"]) for path in pages]
        self.asgi = (PREFIX, Starlette(routes=routes))

    async def _receive(self, interactions: Interactions) -> None:
        self._app = interactions.app(self._secret)
        try:
            await self._workspaces.maintain()
        finally:
            self._app = None  # Slack is asked to repeat its requests later

    async def _events(self, request: Request) -> Response:
        """Endpoint of commands, clicks and events: nothing is parsed before the signature was verified."""
        body = await _read_body(request)
        if body is None:
            return PlainTextResponse("too large\n", 413)
        if not self._is_signed(request, body):
            return PlainTextResponse("not signed by Slack, or too long ago\n", 401)
        if self._app is None:
            return PlainTextResponse("not ready\n", 503, {"Retry-After": "5"})
        try:
            content = read_body(body, request.headers.get("content-type", ""))
            bolt = bolt_request(content, self._workspaces.slack.api_url)
        except MalformedRequestError as error:
            log.warning("a signed request was refused reason=%r", str(error))
            return PlainTextResponse("not a request of Slack's\n", 400)
        signature = request.headers["x-slack-signature"]
        if signature in self._signatures:
            log.info("a request that was sent again was not carried out again")
            return PlainTextResponse("")
        self._signatures[signature] = True
        bolt.context[SIGNED] = signature, float(request.headers["x-slack-request-timestamp"])
        answer = await self._app.async_dispatch(bolt)
        if answer.status >= 500:  # not carried out: Slack may sign the same again within a second
            self._signatures.pop(signature, None)
        return to_starlette_response(answer)

    def _is_signed(self, request: Request, body: bytes) -> bool:
        names = ("x-slack-request-timestamp", "x-slack-signature")
        try:
            return self._verifier.is_valid(body, *map(request.headers.get, names))
        except (ValueError, TypeError):  # no number, no UTF-8, no ASCII
            return False


def oauth_flow(  # noqa: PLR0913 - what the SDK asks for
    workspaces: InstalledWorkspaces,
    states: OAuthStates,
    *,
    client_id: str,
    client_secret: str,
    authorize_url: str,
    more_scopes: tuple[str, ...] = (),
) -> AsyncOAuthFlow:
    """Bolt's installation flow with our installation store and our states; `more_scopes` beside the plain ones."""

    class Flow(AsyncOAuthFlow):
        @property
        def client(self):  # type: ignore[no-untyped-def]
            return workspaces.slack.web_client()

    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=(*SCOPES, *OPTIONAL_SCOPES, *more_scopes),
        user_scopes=(),
        authorization_url=authorize_url,
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        installation_store=workspaces.installs,
        state_store=states,
        logger=sdk_log,
    )
    return Flow(settings=settings, logger=sdk_log)


def _page(handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page of the installation."""

    async def endpoint(request: Request) -> Response:
        try:
            return to_starlette_response(await handle(to_async_bolt_request(request, b"")))
        except TRANSPORT as error:
            log.warning("an installation failed reason=%r", error_summary(error))
            return PlainTextResponse("Slack did not answer, or not in a readable way. Please start again.\n", 502)

    return endpoint


async def _read_body(request: Request) -> bytes | None:
    """The body; None for one that is too large, which is not read to its end."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)
