"""A small Bolt app with every kind of listener, to test the fake with the real SDK."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from tests.slack.fake import FakeSlack

BUTTON = {"type": "button", "action_id": "again", "text": {"type": "plain_text", "text": "Again & again"}, "value": "v"}
MODAL = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Settings"},
    "submit": {"type": "plain_text", "text": "Save"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "topics",
            "label": {"type": "plain_text", "text": "Topics"},
            "element": {"type": "plain_text_input", "action_id": "typed", "initial_value": "video"},
        }
    ],
}


async def command(ack: Any, command: dict[str, Any], respond: Any, client: AsyncWebClient) -> None:
    text = command.get("text", "")
    if text == "silence":
        return
    if text == "at once":
        await ack("at once")
        return
    await ack()
    if text == "settings":
        await client.views_open(trigger_id=command["trigger_id"], view=MODAL)
        return
    await respond(text or "nothing", blocks=[{"type": "actions", "elements": [BUTTON]}] if text == "buttons" else [])


async def pressed(ack: Any, action: dict[str, Any], respond: Any) -> None:
    await ack()
    await respond(f"pressed {action['value']}", replace_original=True)


async def submitted(ack: Any, view: dict[str, Any]) -> None:
    typed = view["state"]["values"]["topics"]["typed"]["value"]
    actions: dict[str, dict[str, Any]] = {
        "bad": {"response_action": "errors", "errors": {"topics": "not so"}},
        "wrong": {"response_action": "errors", "errors": {"no_such_block": "not so"}},
        "next": {"response_action": "update", "view": {**MODAL, "title": {"type": "plain_text", "text": "Next"}}},
    }
    await ack(**actions.get(typed, {}))


async def closed(ack: Any) -> None:
    await ack()


async def shortcut(ack: Any, shortcut: dict[str, Any], respond: Any) -> None:
    await ack()
    await respond("card of " + shortcut["message"]["text"])


async def mentioned(event: dict[str, Any], client: AsyncWebClient) -> None:
    thread = event.get("thread_ts") or event["ts"]
    await client.chat_postMessage(channel=event["channel"], thread_ts=thread, text=event["text"].split(">", 1)[1])


async def written(event: dict[str, Any], say: Any) -> None:
    await say("you wrote " + event["text"])


async def home(event: dict[str, Any], client: AsyncWebClient) -> None:
    text = {"type": "mrkdwn", "text": "*Home* of <https://a.example|you>"}
    view = {"type": "home", "blocks": [{"type": "section", "text": text}]}
    await client.views_publish(user_id=event["user"], view=view)


async def ignored(event: dict[str, Any]) -> None:
    """Do nothing with the event."""


EVENTS = {"app_mention": mentioned, "message": written, "app_home_opened": home} | dict.fromkeys(
    (
        "reaction_added",
        "reaction_removed",
        "member_joined_channel",
        "member_left_channel",
        "channel_left",
        "channel_archive",
        "channel_unarchive",
        "channel_deleted",
        "app_uninstalled",
        "tokens_revoked",
    ),
    ignored,
)


def echo(app: AsyncApp) -> AsyncApp:
    """Add every listener to the app."""
    app.command("/papers")(command)
    app.action("again")(pressed)
    app.view("form")(submitted)
    app.view_closed("form")(closed)
    app.shortcut("card")(shortcut)
    for name, listener in EVENTS.items():
        app.event(name)(listener)
    return app


@contextlib.asynccontextmanager
async def over_socket(slack: FakeSlack) -> AsyncIterator[AsyncSocketModeHandler]:
    """Run the app on Socket Mode."""
    app = echo(AsyncApp(client=AsyncWebClient(slack.team("T1").bot_token, base_url=slack.api_url)))
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2)
    try:
        await handler.connect_async()
        await slack.connected()
        yield handler
    finally:
        await handler.close_async()


@contextlib.asynccontextmanager
async def served(asgi: Any) -> AsyncIterator[str]:
    """Serve an ASGI app on loopback; its URL."""
    server = uvicorn.Server(uvicorn.Config(asgi, port=0, log_level="critical", lifespan="off", ws="none"))
    sockets = [server.config.bind_socket()]
    sockets[0].listen()  # requests before the server is up wait in the queue
    task = asyncio.ensure_future(server.serve(sockets))
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        sockets[0].close()


@contextlib.asynccontextmanager
async def over_http(slack: FakeSlack, **settings: Any) -> AsyncIterator[str]:
    """Run the app behind signed HTTP; its URL."""
    if not settings:
        settings = {"client": AsyncWebClient(slack.team("T1").bot_token, base_url=slack.api_url)}
    handler = AsyncSlackRequestHandler(echo(AsyncApp(signing_secret=slack.signing_secret, **settings)))

    async def endpoint(request: Any) -> Any:
        return await handler.handle(request)

    paths = ("/slack/events", "/slack/install", "/slack/oauth_redirect")
    routes = [Route(path, endpoint, methods=["GET", "POST"]) for path in paths]
    async with served(Starlette(routes=routes)) as url:
        slack.events_to(f"{url}/slack/events")
        yield url
