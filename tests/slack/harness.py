"""A whole Paperboy on the sample week, connected to the fake Slack: real engine and store, real HTTP and WebSocket.

async with workspace(tmp_path) as w:                   # T1 with Ada, Ben, #c1 and a connected Paperboy
    reply = await w.ada.command("/papers", "today", w.channel)
    replies = await w.digest()
async with paperboy(slack, tmp_path, over_http(slack)) as backend: ...
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn

from adapters.slack.connect import SlackConfig, build
from adapters.slack.http import SlackHttp
from adapters.slack.manifest import manifest
from adapters.slack.origin import address
from adapters.slack.socket import SlackSocket
from bot.app import http_server
from bot.model import Subscription
from bot.ports import Desk
from bot.store import Store
from tests.harness.engine import Backend, running_backend
from tests.slack.fake import Channel, FakeSlack, Posted, Team, User, payloads


@dataclass
class InMemorySecrets:
    """A SecretStore in memory; names that may be used once are the store's, if there is one."""

    texts: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    store: Store | None = None

    async def use_once(self, name: str, until: datetime) -> bool:
        if self.store is not None:
            return await self.store.secrets.use_once(name, until)
        is_new = name not in self.used
        self.used.add(name)
        return is_new

    async def unuse(self, name: str) -> None:
        if self.store is not None:
            await self.store.secrets.unuse(name)
        self.used.discard(name)

    async def put(self, name: str, text: str) -> None:
        self.texts[name] = text

    async def get(self, name: str) -> str | None:
        return self.texts.get(name)

    async def delete(self, name: str) -> bool:
        return self.texts.pop(name, None) is not None

    async def names(self, prefix: str) -> list[str]:
        return [name for name in self.texts if name.startswith(prefix)]


def config(slack: FakeSlack, **changes: Any) -> SlackConfig:
    """The configuration of Socket Mode in the workspace T1."""
    options: dict[str, Any] = {"app_token": slack.app_token, "internal_app": True, "api_url": slack.api_url, **changes}
    if "bot_token" not in options:
        options["bot_token"] = slack.team("T1").bot_token
    return SlackConfig(**options, authorize_url=slack.authorize_url)


def over_http(slack: FakeSlack, **changes: Any) -> SlackConfig:
    """The configuration of signed HTTP in the workspace T1."""
    return config(slack, app_token=None, signing_secret=slack.signing_secret, **changes)


def over_oauth(slack: FakeSlack, **changes: Any) -> SlackConfig:
    """The configuration of signed HTTP in any workspace that installs the app."""
    app = {"client_id": slack.client_id, "client_secret": slack.client_secret}
    return over_http(slack, bot_token=None, **app, **changes)


@dataclass
class SlackBackend(Backend):
    """A backend and its Slack front."""

    front: SlackSocket | SlackHttp
    secrets: InMemorySecrets
    later: float = 0.0
    """Seconds by which the front's clock is ahead."""
    url: str = ""
    """The address of the front over HTTP; empty for Socket Mode."""

    async def settled(self) -> None:
        """Wait for the tasks that acknowledged requests began."""
        await self.front._tasks.finish(60.0)


@contextlib.asynccontextmanager
async def paperboy(
    slack: FakeSlack, path: Path, settings: SlackConfig | None = None, secrets: InMemorySecrets | None = None
) -> AsyncIterator[SlackBackend]:
    """Run a Paperboy connected to this Slack."""
    secrets = secrets or InMemorySecrets()
    outlet, front = build(settings or config(slack), secrets, clock=lambda: time.monotonic() + backend.later)
    outlet.pace = 0.0
    with running_backend(path, {"slack": outlet}) as plain:
        backend = SlackBackend(**vars(plain), front=front, secrets=secrets)
        secrets.store = backend.store
        async with connected(slack, front, backend.desk) as backend.url:
            yield backend


@contextlib.asynccontextmanager
async def connected(slack: FakeSlack, front: SlackSocket | SlackHttp, desk: Desk) -> AsyncIterator[str]:
    """Run a front connected to this Slack; its address over HTTP, "" for Socket Mode."""
    async with contextlib.AsyncExitStack() as stack:
        serving = asyncio.create_task(front.serve(desk))
        stack.push_async_callback(_stopped, serving)
        if front.asgi is None:
            await slack.connected()
            yield ""
        else:
            url = await stack.enter_async_context(_listening(front))
            slack.events_to(f"{url}/slack/events")
            yield url


@contextlib.asynccontextmanager
async def _listening(front: SlackHttp | SlackSocket) -> AsyncIterator[str]:
    settings = uvicorn.Config(
        http_server.application((front,)), port=0, log_config=None, access_log=False, lifespan="off", ws="none"
    )
    server = uvicorn.Server(settings)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@dataclass
class Workspace:
    """A workspace with two people, a channel and a Paperboy."""

    slack: FakeSlack
    team: Team
    ada: User
    ben: User
    channel: Channel
    backend: SlackBackend

    async def digest(self, *, to: Channel | None = None) -> list[Posted]:
        """Subscribe the channel and let a day pass: the replies of its digest."""
        channel = to or self.channel
        await self.ada.command("/papers", "subscribe size:3", channel)
        self.backend.clock.advance(days=1)
        await self.backend.deliver()
        return channel.thread(openers(channel)[-1].ts)

    def mention(self, text: str) -> dict[str, Any]:
        """The payload of Ada mentioning Paperboy in the channel."""
        post = self.ada.says(self.channel, f"<@{self.team.bot}> {text}")
        body = {**post.raw, "type": "app_mention", "channel": "C1"}
        return payloads.event(self.slack, self.team, body)

    async def subscription(self, channel: Channel | None = None) -> Subscription | None:
        """The channel's subscription in the engine."""
        return await self.backend.store.subscriptions.get(address("T1", (channel or self.channel).id))


@contextlib.asynccontextmanager
async def workspace(
    path: Path, *, with_links: bool = False, with_agent: bool = False, **settings: Any
) -> AsyncIterator[Workspace]:
    """Run a Paperboy in the workspace T1, the app registered by its manifest."""
    async with FakeSlack(manifest=manifest(None, with_links=with_links, with_agent=with_agent)) as slack:
        team = slack.team("T1")
        ada, ben = team.user("U1", tz="Europe/Berlin", admin=True, named="ada"), team.user("U2", named="ben")
        channel = team.channel("C1", [ada, ben])
        async with paperboy(slack, path, config(slack, **settings)) as backend:
            yield Workspace(slack, team, ada, ben, channel, backend)


def openers(channel: Channel) -> list[Posted]:
    """The first messages of digests in a channel; lines about changes carry no key."""
    return [post for post in channel.roots if post.raw.get("metadata")]


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
