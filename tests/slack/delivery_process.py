"""Processes that are killed while they post to Slack: `python -m tests.slack.delivery_process knows FOLDER`.

The fake Slack runs in a process of its own. `tests.processes.delivery_process` runs the scenarios, and
`tests/slack/test_kill_delivery.py` checks them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.outlet import SlackOutlet
from bot.model import Channel
from tests.fakes.process import fake_server
from tests.processes.fake_platform import FakePlatform, main, unread_answers

if TYPE_CHECKING:
    from bot.ports import Outlet
    from tests.processes.crash_points import Finding, Steps

HISTORY = ("channels:history", "groups:history", "im:history")


class SlackPlatform(FakePlatform):
    """Two channels in Slack and the direct messages of the people who set them up."""

    channels: tuple[Channel, ...] = (Channel("slack:T1/C1"), Channel("slack:T1/C2"))

    def __init__(self, url: str) -> None:
        super().__init__(url)
        setters = {_id(channel): _id(self.setter(channel)) for channel in self.channels}
        people = [{"id": user} for user in setters.values()]
        channels = [{"id": channel, "members": [user]} for channel, user in setters.items()]
        self._token: str = self.do("setup", users=people, channels=channels)["bot_token"]
        self._addresses = {_id(channel): str(channel) for channel in self.channels}
        self._addresses |= {f"D{user}": f"slack:T1/{user}" for user in setters.values()}

    def setter(self, channel: Channel) -> Channel:
        """`slack:T1/U2` of `slack:T1/C2`."""
        return Channel(channel.replace("/C", "/U"))

    @asynccontextmanager
    async def outlet(self, steps: Steps) -> AsyncIterator[Outlet]:
        """The real outlet, over real HTTP, as fast as Slack lets an internal app be."""
        trace = unread_answers(steps, lambda request: request.url.name == "chat.postMessage")
        async with aiohttp.ClientSession(trace_configs=[trace]) as session:

            async def clients(_team: str) -> AsyncWebClient:
                return AsyncWebClient(self._token, f"{self.url}/api/", session=session, retry_handlers=[])

            outlet = SlackOutlet(clients, internal_app=True)
            outlet.pace = 0.0
            yield outlet

    def record(self, post: dict[str, Any]) -> dict[str, str]:
        """A message as channel, ref, under, key and text."""
        key = post["raw"]["metadata"]["event_payload"]["key"]
        channel = self._addresses[post["channel"]]
        return {"channel": channel, "ref": post["ts"], "under": post["thread_ts"], "key": key, "text": post["shown"]}


def _id(channel: Channel) -> str:
    return channel.rpartition("/")[2]


@contextmanager
def slack(finding: Finding) -> Iterator[SlackPlatform]:
    """A fake Slack; for "cannot tell" without the scopes to read history."""
    without = ("--without", *HISTORY) if finding == "cannot tell" else ()
    with fake_server("tests.slack.fake", *without) as url:
        platform = SlackPlatform(url)
        platform.twice = finding == "knows"
        yield platform


if __name__ == "__main__":
    main(slack)
