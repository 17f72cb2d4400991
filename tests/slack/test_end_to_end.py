"""`paperboy run` in front of Slack: invited, subscribed, killed in mid-thread, restarted; each message arrives once."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from adapters.slack.manifest import SCOPES
from tests.fakes.http_server import Loopback
from tests.processes.test_run import DAY_1, DAY_2, PATIENCE, Process, at, free_port, invented, paperboy, serve
from tests.slack.fake import Channel, FakeSlack, Posted, User

SIZE = 3


class Workspace:
    """Slack, a person in a channel, and the settings of a process that connects to it."""

    def __init__(self, slack: FakeSlack, server: Loopback, folder: Path) -> None:
        self.slack, self.server, self.folder = slack, server, folder
        team = slack.team("T1")
        self.ada: User = team.user("U1", tz="UTC")
        self.channel: Channel = team.channel("C1", members=[self.ada], bot=False)
        self.tokens = {
            "SLACK_BOT_TOKEN": team.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "PAPERBOY_SLACK_API_URL": slack.api_url,
            "PAPERBOY_SLACK_INTERNAL_APP": "true",
        }

    @contextlib.asynccontextmanager
    async def paperboy(self) -> AsyncIterator[Process]:
        """A process that is connected and has read the sources."""
        async with paperboy(self.folder, self.server, free_port(), **self.tokens) as process:
            await process.until("collected", "huggingface")
            await self.slack.connected()
            yield process

    def replies(self, root: Posted) -> list[Posted]:
        """The replies of a digest's first message."""
        return self.channel.thread(root.ts) if "Trending papers" in root.shown else []

    def openers(self, day: str) -> int:
        return sum(f"Trending papers · {day}" in post.shown for post in self.channel.roots)


@contextlib.asynccontextmanager
async def workspace(folder: Path) -> AsyncIterator[Workspace]:
    async with FakeSlack(scopes=tuple(SCOPES)) as slack, Loopback() as server:
        serve(server, invented(), folder)
        yield Workspace(slack, server, folder)


async def test_from_the_invitation_to_the_thread_through_a_crash(tmp_path: Path) -> None:
    """The process dies while the thread is being posted; the next one goes on where it stopped."""
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    async with workspace(tmp_path) as w:
        async with w.paperboy() as first:
            hello = (await w.ada.invites(w.channel, answered=True)).message
            await w.ada.click(hello, "Subscribe at 09:00")
            await w.ada.command("/papers", f"subscribe size:{SIZE} at:09:00 timezone:UTC", w.channel)
            at(tmp_path, f"{DAY_1}T09:00:30+00:00")
            await w.slack.until(lambda: any(map(w.replies, w.channel.roots)))
            first.process.send_signal(signal.SIGKILL)
            await first.process.wait()
        async with w.paperboy() as second:
            await second.until("delivered", f"day={DAY_1}")
            answer = await w.ada.command("/papers", "search couriers", w.channel)
            assert "Couriers" in answer.text
            at(tmp_path, f"{DAY_2}T08:30:00+00:00")
            for _ in range(2):
                await second.until("collected", "huggingface")
            at(tmp_path, f"{DAY_2}T09:00:30+00:00")
            await second.until("delivered", f"day={DAY_2}")
            second.process.terminate()
            async with asyncio.timeout(PATIENCE):
                await second.until("stopped")
                assert await second.process.wait() == 0
        roots = [post for post in w.channel.roots if "Trending papers" in post.shown]
        assert [w.openers("Tue 16 Jun"), w.openers("Wed 17 Jun")] == [1, 1]
        replies = [reply for root in roots for reply in w.channel.thread(root.ts) if reply.ts != root.ts]
        assert len(replies) == 2 * SIZE
        assert len({reply.shown for reply in replies}) == 2 * SIZE
        assert w.slack.pings == []
