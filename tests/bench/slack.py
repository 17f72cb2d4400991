"""The fan-out to Slack beside slack_sdk alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from adapters.slack.blocks import payload
from adapters.slack.new_blocks import new_payload
from adapters.slack.outlet import EVENT_TYPE
from bot.model import Channel, Message
from bot.store import Secrets
from tests.bench import fanout
from tests.bench.fanout import TIMEOUT, Job, Posts, Reply, Workload
from tests.bench.figures import Row
from tests.bench.scale import Scale
from tests.fakes.process import FakeProcess, fake_process

COMMAND_CHANNEL = "C99999"


class FakeSlack:
    """The fake Slack of the tests, in its own process."""

    def __init__(self, slack: FakeProcess) -> None:
        self._slack = slack

    async def setup(self, workload: Workload) -> Job:
        """Make one workspace with all channels."""
        names = [channel.rpartition("/")[2] for channel in workload.channels]
        channels = [{"id": name, "members": ["U1"]} for name in (*names, COMMAND_CHANNEL)]
        tokens = await self._slack.do("setup", users=[{"id": "U1"}], channels=channels)
        facts = {name: tokens[name] for name in ("bot_token", "app_token")}
        return facts | {"api_url": self._slack.api_url, "event_type": EVENT_TYPE}

    async def connected(self) -> bool:
        """Whether a Socket Mode connection is open."""
        return bool((await self._slack.see("spent"))["sockets"])

    async def cpu_seconds(self) -> float:
        """CPU seconds the fake has used."""
        return float((await self._slack.see("spent"))["cpu"])

    async def posted(self) -> int:
        """Number of calls of chat.postMessage."""
        return int((await self._slack.see("counts"))["calls"]["chat.postMessage"])

    async def posts(self, channel: Channel) -> Posts:
        """Text, metadata and whether it opens a thread, of each post."""
        posts = await self._slack.see("posts", channel=channel.rpartition("/")[2])
        return [(post["shown"], post["raw"]["metadata"], post["thread_ts"] is None) for post in posts]

    async def command(self, line: str) -> Reply:
        """Send a typed line and wait for the answer by response_url."""
        reply: Any = await self._slack.do("command", user="U1", channel=COMMAND_CHANNEL, text=line, within=TIMEOUT)
        assert reply["acked"], f"{line}: {reply['failure']}"
        return Reply(reply["seconds"], reply["text"])


class Slack:
    """Slack as `fanout.Platform`."""

    name, sdk = "slack", "slack_sdk"
    app, bare = "tests.bench.slack_app", "tests.bench.slack_bare"

    def channels(self, number: int) -> tuple[Channel, ...]:
        """Addresses in one workspace."""
        return tuple(Channel(f"slack:T1/C{each:05d}") for each in range(number))

    def payload(self, message: Message) -> Job:
        """Payload without metadata."""
        return new_payload(message) or payload(message)

    async def prepare(self, secrets: Secrets, channels: Sequence[Channel]) -> None:
        """Nothing to prepare."""

    @asynccontextmanager
    async def fake_process(self, latency: float) -> AsyncIterator[FakeSlack]:
        """Start the fake in a process."""
        async with fake_process("tests.slack.fake", latency=latency) as slack:
            yield FakeSlack(slack)


def measure(scale: Scale) -> Iterator[Row]:
    """Rate, acknowledgements and memory at the target's size; the rate and memory at others."""
    return fanout.measure(Slack(), scale.slack_channels, scale.slack_more, scale)
