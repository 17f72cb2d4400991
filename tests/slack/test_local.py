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
class Town:
    """That Slack, and a Paperboy in it."""

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
async def town(folder: Path, app: str, bot: str, tokens: dict[str, str]) -> AsyncIterator[Town]:
    """A process of ours that is heard by the server."""
    at(folder, f"{DAY_1}T08:30:00+00:00")
    port, events = free_port(), free_port()
    async with Loopback() as server, local_slack(folder, port, events) as slack:
        serve(server, invented(), folder)
        more = {"PAPERBOY_SLACK_API_URL": f"{slack.url}/api/", "PAPERBOY_SLACK_INTERNAL_APP": "true", **tokens}
        async with paperboy(folder, server, events, **more) as process:
            await process.until("collected", "huggingface")
            town = Town(slack, process, folder, app, bot, events)
            await _hears(town)
            yield town


async def _hears(town: Town) -> None:
    """Wait until a command is answered: the server drops events for which no app is connected."""
    async with asyncio.timeout(PATIENCE):
        while not any("Paperboy" in message["text"] for message in await town.slack.messages()):
            with suppress(httpx.HTTPStatusError):  # nobody is connected yet
                await town.types("about")
            await asyncio.sleep(0.1)


JOURNEYS = [
    pytest.param("A1", "U0BOT", SOCKET, id="socket"),
    pytest.param("A2", "U0BOT2", SIGNED, id="signed-http"),
]


@pytest.mark.parametrize(("app", "bot", "tokens"), JOURNEYS)
async def test_from_subscribing_to_the_thread_its_buttons_and_the_home_tab(
    tmp_path: Path, app: str, bot: str, tokens: dict[str, str]
) -> None:
    async with town(tmp_path, app, bot, tokens) as t:
        opener, replies = await t.digest()
        titles = ["Couriers: a study of number 0", "Presses: a study of number 1", "Headlines: a study of number 2"]
        assert all(title in opener["text"] for title in titles)
        assert [title in reply["text"] for title, reply in zip(titles, replies, strict=True)] == [True] * SIZE

        await t.types("search couriers", user=BOB)
        answers = await t.slack.until("Papers for couriers")
        assert answers["ephemeral_to"] == BOB
        await t.slack.press(answers, "Share", user=BOB)
        await t.slack.until("Papers for couriers", times=2)
        await t.slack.press(replies[0], "Save", user=BOB)
        await t.slack.until("Saved: Couriers")
        await t.slack.press(replies[0], "Similar", user=BOB)
        await t.slack.until("“Couriers: a study of number 0”")

        await t.slack.do(
            "message", channel=CHANNEL, user=BOB, text=f"<@{t.bot}> why 2606.00101", thread_ts=opener["ts"]
        )
        assert (await t.slack.until("Why this rank: Presses"))["thread_ts"] == opener["ts"]
        await t.slack.do("open-home", user=BOB, appId=t.app)
        home = await published(t.slack, BOB)
        assert "Couriers: a study of number 0" in home
        assert "#general" in home
        await t.slack.do("reaction", channel=CHANNEL, ts=replies[1]["ts"], user=BOB, name="+1")
        with SqliteStore(tmp_path / "paperboy.db", write=False) as store:
            await eventually(lambda: reactions(store, Channel(f"slack:{TEAM}/{CHANNEL}")), [("2606.00101", 1)])


async def test_a_request_that_nobody_signed_is_turned_away(tmp_path: Path) -> None:
    async with town(tmp_path, "A2", "U0BOT2", SIGNED) as t, httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{t.port}/slack/events"
        forged = {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=00"}
        body = f"command=/papers&text=unsubscribe&team_id=T000000001&channel_id={CHANNEL}&user_id={ADMIN}"
        assert (await client.post(url, content=body, headers=forged)).status_code == 401


async def published(slack: LocalSlack, user: str) -> str:
    """The text of a person's home tab."""
    async with asyncio.timeout(PATIENCE):
        while not (views := [call for call in await slack.calls("views.publish") if call["user_id"] == user]):
            await asyncio.sleep(0.02)  # the server rings no bell
    return str(views[-1]["view"])
