"""Processes that are killed while they post to Slack: `python -m tests.slack.delivery_process knows FOLDER`.

The fake Slack runs in a process of its own. `tests.processes.delivery_process` lives the stories,
and `tests/slack/test_kill_delivery.py` judges them.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast
from urllib.request import Request, urlopen

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.outlet import SlackOutlet
from bot.model import Channel
from tests.processes.delivery_process import tell

if TYPE_CHECKING:
    from bot.ports import Outlet
    from tests.processes.crash_points import Finding, Steps

ROOT = Path(__file__).parents[2]
HISTORY = ("channels:history", "groups:history", "im:history")


class InSlack:
    """Messages are in Slack, in two channels and their setters' direct messages."""

    channels: tuple[Channel, ...] = (Channel("slack:T1/C1"), Channel("slack:T1/C2"))

    def __init__(self, url: str) -> None:
        self._url = url
        people = [{"id": _id(self.setter(channel))} for channel in self.channels]
        rooms = [{"id": _id(channel), "members": [_id(self.setter(channel))]} for channel in self.channels]
        self._token: str = self._do("setup", users=people, channels=rooms)["bot_token"]
        self._addresses = {_id(channel): str(channel) for channel in self.channels}
        self._addresses |= {f"D{_id(self.setter(channel))}": str(self.setter(channel)) for channel in self.channels}

    def setter(self, channel: Channel) -> Channel:
        """`slack:T1/U2` of `slack:T1/C2`."""
        return Channel(channel.replace("/C", "/U"))

    @asynccontextmanager
    async def outlet(self, steps: Steps) -> AsyncIterator[Outlet]:
        """The real one, over real HTTP, as fast as Slack lets an internal app be."""
        async with aiohttp.ClientSession(trace_configs=[unread_answers(steps)]) as session:

            async def clients(_team: str) -> AsyncWebClient:
                return AsyncWebClient(self._token, f"{self._url}/api/", session=session, retry_handlers=[])

            outlet = SlackOutlet(clients, internal_app=True)
            outlet.pace = 0.0
            yield outlet

    def posts(self) -> list[dict[str, str]]:
        """The visible messages."""
        with urlopen(f"{self._url}/_fake/posts") as answer:
            return [self._line(post) for post in json.load(answer) if not post["deleted"]]

    def wipe(self) -> None:
        """Delete every message."""
        self._do("wipe")

    def _line(self, post: dict[str, Any]) -> dict[str, str]:
        key = post["raw"]["metadata"]["event_payload"]["key"]
        where = self._addresses[post["channel"]]
        return {"channel": where, "ref": post["ts"], "under": post["thread_ts"], "key": key, "text": post["shown"]}

    def _do(self, what: str, **args: Any) -> Any:
        request = Request(f"{self._url}/_fake/{what}", json.dumps(args).encode(), {"Content-Type": "application/json"})
        with urlopen(request) as answer:
            return json.load(answer)


def unread_answers(steps: Steps) -> aiohttp.TraceConfig:
    """A step to be killed at when an answer has begun to arrive: Slack has the message, its ts is not known here."""

    async def arrived(_session: object, _context: object, request: aiohttp.TraceRequestEndParams) -> None:
        if request.url.name == "chat.postMessage":
            steps.take_within("the platform keeps the message, its answer is unread")

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(arrived)
    return trace


def _id(channel: Channel) -> str:
    return channel.rpartition("/")[2]


@contextmanager
def slack(finding: Finding) -> Iterator[InSlack]:
    """A fake Slack, which does not let history be read if it cannot tell."""
    without = ("--without", *HISTORY) if finding == "cannot tell" else ()
    command = [sys.executable, "-m", "tests.slack.fake", *without]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield InSlack(process.stdout.readline().strip())
        finally:
            process.terminate()


def _end(*_: object) -> NoReturn:
    raise SystemExit("told to end")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    with slack(cast("Finding", sys.argv[1])) as outside:
        tell(outside, Path(sys.argv[2]))
