"""The fan-out to Slack beside slack_sdk alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from adapters.slack.blocks import payload
from adapters.slack.outlet import EVENT_TYPE
from bot.model import Channel, Message
from bot.store.protocols import Secrets
from tests.bench import fanout
from tests.bench.fanout import PATIENCE, Job, Reply, Shown, Town
from tests.bench.figures import Row
from tests.bench.scale import Scale
from tests.fakes.process import FakeProcess, fake_process

ASKED = "C99999"


class FakeSlack:
    """The fake of our tests."""

    def __init__(self, slack: FakeProcess) -> None:
        self._slack = slack

    async def setup(self, town: Town) -> Job:
        """One workspace, everybody's."""
        names = [channel.rpartition("/")[2] for channel in town.channels]
        rooms = [{"id": name, "members": ["U1"]} for name in (*names, ASKED)]
        tokens = await self._slack.do("setup", users=[{"id": "U1"}], channels=rooms)
        known = {name: tokens[name] for name in ("bot_token", "app_token")}
        return known | {"api_url": self._slack.api_url, "event_type": EVENT_TYPE}

    async def connected(self) -> bool:
        """Whether a socket is open."""
        return bool((await self._slack.see("spent"))["sockets"])

    async def spent(self) -> float:
        """Seconds of CPU."""
        return float((await self._slack.see("spent"))["cpu"])

    async def taken(self) -> int:
        """By its count of calls."""
        return int((await self._slack.see("counts"))["calls"]["chat.postMessage"])

    async def shown(self, channel: Channel) -> Shown:
        """What is read, what it carries, and whether it opens a thread."""
        posts = await self._slack.see("posts", channel=channel.rpartition("/")[2])
        return [(post["shown"], post["raw"]["metadata"], post["thread_ts"] is None) for post in posts]

    async def command(self, line: str) -> Reply:
        """Until it is answered by response_url."""
        reply: Any = await self._slack.do("command", user="U1", channel=ASKED, text=line, within=PATIENCE)
        assert reply["acked"], f"{line}: {reply['failure']}"
        return Reply(reply["seconds"], reply["text"])


class Slack:
    """The platform."""

    name, sdk = "slack", "slack_sdk"
    app, bare = "tests.bench.slack_app", "tests.bench.slack_bare"

    def channels(self, number: int) -> tuple[Channel, ...]:
        """Of one workspace."""
        return tuple(Channel(f"slack:T1/C{each:05d}") for each in range(number))

    def payload(self, message: Message) -> Job:
        """Without metadata."""
        return payload(message)

    async def prepare(self, safe: Secrets, channels: Sequence[Channel]) -> None:
        """Nothing."""

    @asynccontextmanager
    async def apart(self, latency: float) -> AsyncIterator[FakeSlack]:
        """Start it."""
        async with fake_process("tests.slack.fake", latency=latency) as slack:
            yield FakeSlack(slack)


def measure(scale: Scale) -> Iterator[Row]:
    """Rate, acknowledgements and memory at the target's size; the rate and memory at others."""
    return fanout.measure(Slack(), scale.slack_channels, scale.slack_more, scale)
