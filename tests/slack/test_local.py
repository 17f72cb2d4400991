"""A whole journey against `local-slack`, a Slack written by others: over its socket, and over signed HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.model import Channel
from bot.store.sqlite import SqliteStore
from tests.fakes import reactions
from tests.fakes.http_server import Loopback
from tests.harness.engine import eventually
from tests.processes.test_run import DAY_1, Process, at, free_port, invented, paperboy, serve
from tests.slack.local import ADMIN, BOB, CHANNEL, PATIENCE, SECRET, TEAM, LocalSlack, local_slack

SIZE = 3
SOCKET = {"SLACK_BOT_TOKEN": "xoxb-local-test", "SLACK_APP_TOKEN": "xapp-local-test"}
SIGNED = {"SLACK_BOT_TOKEN": "xoxb-local-http", "SLACK_SIGNING_SECRET": SECRET}


@dataclass
class Workspace:
    """The workspace of local-slack, and a Paperboy in it."""

    slack: LocalSlack
    process: Process
    folder: Path
    app: str
    bot: str
    port: int

    async def types(self, text: str, user: str = ADMIN) -> None:
        """A slash command."""
        await self.slack.do("command", channel=CHANNEL, user=user, command="/papers", text=text, appId=self.app)

    async def digest(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Subscribe, wait for nine o'clock: the opener and its replies."""
        await self.types(f"subscribe size:{SIZE} at:09:00 timezone:UTC")
        await self.slack.until("Subscribed: 3 papers at 09:00")
        at(self.folder, f"{DAY_1}T09:00:30+00:00")
        await self.process.until("delivered", f"day={DAY_1}")
        opener = await self.slack.until("Trending papers · Tue 16 Jun")
        return opener, await self.slack.thread(opener, SIZE)


@asynccontextmanager
async def workspace(folder: Path, app: str, bot: str, tokens: dict[str, str]) -> AsyncIterator[Workspace]:
    """Run a Paperboy that is connected to local-slack."""
    at(folder, f"{DAY_1}T08:30:00+00:00")
    port, events = free_port(), free_port()
    async with Loopback() as server, local_slack(folder, port, events) as slack:
        serve(server, invented(), folder)
        more = {"PAPERBOY_SLACK_API_URL": f"{slack.url}/api/", "PAPERBOY_SLACK_INTERNAL_APP": "true", **tokens}
        async with paperboy(folder, server, events, **more) as process:
            await process.until("collected", "huggingface")
            w = Workspace(slack, process, folder, app, bot, events)
            await _wait_for_connection(w)
            yield w


async def _as_a_team(w: Workspace, card: dict[str, Any]) -> None:
    """A second digest, a watch, a recap, a club, a paper that is liked, discussed and remembered."""
    await w.types("subscribe name:rl reinforcement learning weekly:mon")
    await w.slack.until("Subscribed to “rl”")
    await w.types("watch add presses")
    await w.slack.press(await w.slack.until("Watch presses?"), "Watch", user=ADMIN)
    await w.slack.until("Watching presses")
    await w.types("recap on day:fri at:16:00")
    await w.slack.until("on Fridays at 16:00")
    await w.types("club start day:thu at:15:00")
    await w.types("club status", user=BOB)
    await w.slack.until("15:00")
    await w.slack.press(card, "👍", user=BOB)
    await w.slack.press(card, "Let's discuss", user=BOB)
    await w.slack.until("Noted for this channel")
    await w.types("memory couriers", user=BOB)
    await w.slack.until("shown on 16 June")


async def _wait_for_connection(w: Workspace) -> None:
    """Wait until a command is answered: the server drops events for which no app is connected."""
    async with asyncio.timeout(PATIENCE):
        while not any("Paperboy" in message["text"] for message in await w.slack.messages()):
            with suppress(httpx.HTTPStatusError):  # nobody is connected yet
                await w.types("about")
            await asyncio.sleep(0.05)


JOURNEYS = [
    pytest.param("A1", "U0BOT", SOCKET, id="socket"),
    pytest.param("A2", "U0BOT2", SIGNED, id="signed-http"),
]


@pytest.mark.parametrize(("app", "bot", "tokens"), JOURNEYS)
async def test_from_subscribing_to_the_thread_its_buttons_and_the_home_tab(
    tmp_path: Path, app: str, bot: str, tokens: dict[str, str]
) -> None:
    async with workspace(tmp_path, app, bot, tokens) as w:
        opener, replies = await w.digest()
        titles = ["Couriers: a study of number 0", "Presses: a study of number 1", "Headlines: a study of number 2"]
        assert all(title in opener["text"] for title in titles)
        assert [title in reply["text"] for title, reply in zip(titles, replies, strict=True)] == [True] * SIZE

        await w.types("search couriers", user=BOB)
        answers = await w.slack.until("Papers for couriers")
        assert answers["ephemeral_to"] == BOB
        await w.slack.press(answers, "Share", user=BOB)
        await w.slack.until("Papers for couriers", times=2)
        await w.slack.press(replies[0], "Save", user=BOB)
        await w.slack.until("Saved: Couriers")
        await w.types("saved export bibtex", user=BOB)
        await w.slack.until("reading-list.bib is in your direct messages")
        await w.types("test")
        await w.slack.until("It works")
        await w.slack.press(replies[0], "Similar", user=BOB)
        await w.slack.until("“Couriers: a study of number 0”")

        await w.slack.do(
            "message", channel=CHANNEL, user=BOB, text=f"<@{w.bot}> why 2606.00101", thread_ts=opener["ts"]
        )
        assert (await w.slack.until("Why this rank: Presses"))["thread_ts"] == opener["ts"]
        await w.slack.do("open-home", user=BOB, appId=w.app)
        home = await published(w.slack, BOB)
        assert "Couriers: a study of number 0" in home
        assert "#general" in home
        await w.slack.do("reaction", channel=CHANNEL, ts=replies[1]["ts"], user=BOB, name="+1")
        with SqliteStore(tmp_path / "paperboy.db", write=False) as store:
            await eventually(lambda: reactions(store, Channel(f"slack:{TEAM}/{CHANNEL}")), [("2606.00101", 1)])
        await _as_a_team(w, replies[0])


async def test_a_request_that_nobody_signed_is_turned_away(tmp_path: Path) -> None:
    async with workspace(tmp_path, "A2", "U0BOT2", SIGNED) as w, httpx.AsyncClient(timeout=60) as client:
        url = f"http://127.0.0.1:{w.port}/slack/events"
        forged = {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=00"}
        body = f"command=/papers&text=unsubscribe&team_id=T000000001&channel_id={CHANNEL}&user_id={ADMIN}"
        assert (await client.post(url, content=body, headers=forged)).status_code == 401


async def published(slack: LocalSlack, user: str) -> str:
    """The text of a person's home tab."""
    async with asyncio.timeout(PATIENCE):
        while not (views := [call for call in await slack.calls("views.publish") if call["user_id"] == user]):
            await asyncio.sleep(0.02)  # the server reports no changes
    return str(views[-1]["view"])
