"""One process, three platforms: the same day's picks in Slack, on Discord and at the console, each message once.

The process is killed while it posts, and the next one goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from adapters.slack.manifest import SCOPES
from tests.discord.fake import TOKEN, FakeDiscord
from tests.fakes.http_server import Loopback
from tests.processes.test_run import (
    DAY_1,
    DAY_2,
    PATIENCE,
    Process,
    at,
    free_port,
    invented,
    paperboy,
    serve,
    subscribe,
)
from tests.slack.fake import FakeSlack

SIZE = 3
NAMES = re.compile(r"^\s*(?:#+ *)?(?:\*\*)?\d+\.\s+(\w+)", re.MULTILINE)


class World:
    """A workspace, a server, and the settings that lead a process to both."""

    def __init__(self, slack: FakeSlack, discord: FakeDiscord, server: Loopback, folder: Path) -> None:
        self.slack, self.discord, self.server, self.folder = slack, discord, server, folder
        team = slack.team("T1")
        self.ada = team.user("U1", tz="UTC")
        self.slack_channel = team.channel("C1", members=[self.ada])
        discord.guild("1001", "2001")
        self.discord_channel = discord.channels["2001"]
        self.tokens = {
            "SLACK_BOT_TOKEN": team.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "PAPERBOY_SLACK_API_URL": slack.api_url,
            "PAPERBOY_SLACK_INTERNAL_APP": "true",
            "DISCORD_TOKEN": TOKEN,
            "PAPERBOY_DISCORD_API_URL": discord.api_url,
        }

    @contextlib.asynccontextmanager
    async def paperboy(self) -> AsyncIterator[Process]:
        """A process that hears on both and has read the sources."""
        async with paperboy(self.folder, self.server, free_port(), **self.tokens) as process:
            await process.until("collected", "huggingface")
            await self.slack.connected()
            await self.discord.until(lambda: self.discord.gateway.is_connected)
            yield process

    def in_slack(self, day: str) -> list[str]:
        """The replies of the day's only digest there."""
        [root] = [post for post in self.slack_channel.roots if f"Trending papers · {day}" in post.shown]
        return [reply.shown for reply in self.slack_channel.thread(root.ts) if reply.ts != root.ts]

    def on_discord(self, day: str) -> list[str]:
        """The messages on this platform."""
        [root] = [post for post in self.discord_channel.messages if f"Trending papers · {day}" in post.text]
        return [reply.text for reply in self.discord.channels[root.id].messages]

    async def arrived(self, day: str) -> None:
        """Wait for the day's threads."""

        def whole(replies: Callable[[str], list[str]]) -> bool:
            with contextlib.suppress(ValueError, KeyError):
                return len(replies(day)) >= SIZE
            return False

        await self.slack.until(lambda: whole(self.in_slack))
        await self.discord.until(lambda: whole(self.on_discord))


async def test_slack_answers_while_discord_cannot_be_reached(tmp_path: Path) -> None:
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    async with world(tmp_path) as w:
        w.tokens["PAPERBOY_DISCORD_API_URL"] = f"http://127.0.0.1:{free_port()}/api"
        async with paperboy(tmp_path, w.server, free_port(), **w.tokens) as process:
            await process.until("collected", "huggingface")
            while sum("no connection to Discord" in line for line in process.log) < 2:
                await process.until("no connection to Discord")
            await w.slack.connected()
            assert "Couriers" in (await w.ada.command("/papers", "search couriers", w.slack_channel)).text


def picks(replies: list[str]) -> list[str]:
    """The first words of titles, in order."""
    return [NAMES.findall(reply)[0] for reply in replies]


@contextlib.asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    async with FakeSlack(scopes=tuple(SCOPES)) as slack, FakeDiscord() as discord, Loopback() as server:
        serve(server, invented(), folder)
        yield World(slack, discord, server, folder)


async def test_one_process_brings_the_same_papers_everywhere_once_through_a_crash(tmp_path: Path) -> None:
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    await subscribe(tmp_path)
    async with world(tmp_path) as w:
        async with w.paperboy() as first:
            await w.discord.until(lambda: w.discord_channel.messages)
            [hello] = w.discord_channel.messages
            await w.discord.interactions.click("42", hello, "Subscribe at 09:00")
            options = {"size": SIZE, "at": "09:00", "timezone": "UTC"}
            await w.discord.interactions.command("42", w.discord_channel, "subscribe", **options)
            await w.ada.command("/papers", f"subscribe size:{SIZE} at:09:00 timezone:UTC", w.slack_channel)
            at(tmp_path, f"{DAY_1}T09:00:30+00:00")
            await w.discord.until(lambda: sum(bool(p.channel.parent) for p in w.discord.posts) >= 2)
            first.process.send_signal(signal.SIGKILL)
            await first.process.wait()
        async with w.paperboy() as second:
            await w.arrived("Tue 16 Jun")
            answer = await w.discord.interactions.command("42", w.discord_channel, "search", query="couriers")
            assert "Couriers" in answer.text
            assert "Couriers" in (await w.ada.command("/papers", "search couriers", w.slack_channel)).text
            at(tmp_path, f"{DAY_2}T08:30:00+00:00")
            for _ in range(2):
                await second.until("collected", "huggingface")
            at(tmp_path, f"{DAY_2}T09:00:30+00:00")
            await w.arrived("Wed 17 Jun")
            await second.until("delivered", f"day={DAY_2}", "slack:")
            second.process.terminate()
            async with asyncio.timeout(PATIENCE):
                await second.until("stopped")
                assert await second.process.wait() == 0
            printed = second.printed
        for day in ("Tue 16 Jun", "Wed 17 Jun"):
            there = picks(w.in_slack(day))
            assert len(set(there)) == SIZE
            assert there == picks(w.on_discord(day))
            assert printed.count(f"Trending papers · {day}") == 1
            at_the_console = printed.partition(f"Trending papers · {day}")[2]
            assert all(f"{name}" in at_the_console for name in there)
        assert w.slack.pings == w.discord.pings == []
