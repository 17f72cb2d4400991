"""Processes that are killed while they post to Discord.

`python -m tests.discord.delivery_process knows FOLDER [forum]`

The fake Discord runs in a process of its own, and forgets nonces at once, so that nothing but `find` prevents a second
message. `tests.processes.delivery_process` runs the stories, and `tests/discord/test_kill_delivery.py` checks them.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast
from urllib.request import Request, urlopen

import aiohttp

from adapters.discord import DiscordClient, DiscordOutlet
from adapters.discord.blocks import key_of
from bot.model import Channel
from tests.discord.fake import ALL, HISTORY, TOKEN
from tests.processes.delivery_process import tell

if TYPE_CHECKING:
    from bot.ports import Outlet
    from tests.processes.crash_points import Finding, Steps

POSTED = re.compile(r"/channels/\d+/(messages|threads)$")
ROOT = Path(__file__).parents[2]


class InDiscord:
    """Two channels on Discord and the direct messages of the people who set them up."""

    channels: tuple[Channel, ...] = (Channel("discord:1001/2001"), Channel("discord:1001/2002"))

    def __init__(self, url: str, may: int, *, forum: bool) -> None:
        self._url = url
        self._do("setup", channels=len(self.channels), may=may, forum=forum)

    def setter(self, channel: Channel) -> Channel:
        """Address of the person who set a channel up."""
        return Channel(f"discord:@/9{channel.rpartition('/')[2]}")

    @asynccontextmanager
    async def outlet(self, steps: Steps) -> AsyncIterator[Outlet]:
        """The real outlet, over real HTTP."""
        client = DiscordClient(TOKEN, f"{self._url}/api", trace=unread_answers(steps))
        yield DiscordOutlet(client)
        await client.close()

    def posts(self) -> list[dict[str, str]]:
        """Messages that people on Discord see."""
        with urlopen(f"{self._url}/_fake/posts") as answer:
            return [self._line(post) for post in json.load(answer)]

    def wipe(self) -> None:
        """Delete every message and thread."""
        self._do("wipe")

    def _line(self, post: dict[str, Any]) -> dict[str, str]:
        place: str = post["place"]
        where = f"discord:@/{place[1:]}" if place.startswith("@") else f"discord:1001/{place}"
        key = key_of(post["raw"]["components"]) or ""
        return {"channel": where, "ref": post["id"], "under": post["under"], "key": key, "text": post["shown"]}

    def _do(self, what: str, **args: Any) -> Any:
        request = Request(f"{self._url}/_fake/{what}", json.dumps(args).encode(), {"Content-Type": "application/json"})
        with urlopen(request) as answer:
            return json.load(answer)


def unread_answers(steps: Steps) -> aiohttp.TraceConfig:
    """Trace with a crash point at an answer that begins to arrive: Discord has the message, its id is unread."""

    async def arrived(_session: object, _context: object, request: aiohttp.TraceRequestEndParams) -> None:
        if request.method == "POST" and POSTED.search(request.url.path):
            steps.take_within("the platform keeps the message, its answer is unread")

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(arrived)
    return trace


@contextmanager
def discord(finding: Finding, *, forum: bool) -> Iterator[InDiscord]:
    """Start a fake Discord; it denies Read Message History for "cannot tell". Its channels may be forums."""
    command = [sys.executable, "-m", "tests.discord.fake", "--nonces-last", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            may = ALL & ~HISTORY if finding == "cannot tell" else ALL
            yield InDiscord(process.stdout.readline().strip(), may, forum=forum)
        finally:
            process.terminate()


def _end(*_: object) -> NoReturn:
    raise SystemExit("told to end")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    with discord(cast("Finding", sys.argv[1]), forum="forum" in sys.argv) as outside:
        tell(outside, Path(sys.argv[2]))
