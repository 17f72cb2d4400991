"""Scenarios of `tests.processes.delivery_process` on a fake platform in a process of its own."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast
from urllib.request import Request, urlopen

import aiohttp

from tests.processes.club_process import CLUB
from tests.processes.delivery_process import DIGEST, ExternalPlatform, write_scenarios
from tests.processes.recap_process import RECAP
from tests.processes.update_process import UPDATE
from tests.processes.watch_process import WATCH

if TYPE_CHECKING:
    from tests.processes.crash_points import Finding, Steps

Json = dict[str, Any]
_STORIES = {"watch": WATCH, "recap": RECAP, "club": CLUB, "update": UPDATE}


class FakePlatform:
    """Client of the fake; a platform subclasses it and says how its messages look in a scenario."""

    twice = True

    def __init__(self, url: str) -> None:
        self.url = url

    def posts(self) -> list[dict[str, str]]:
        """The visible messages, in order."""
        with urlopen(f"{self.url}/_fake/posts") as answer:
            return [self.record(post) for post in json.load(answer) if not post.get("deleted")]

    def record(self, post: Json) -> dict[str, str]:
        """A message as channel, ref, under, key and text."""
        raise NotImplementedError

    def wipe(self) -> None:
        """Delete every message."""
        self.do("wipe")

    def do(self, name: str, **args: Any) -> Any:
        """The answer to a POST request below /_fake/."""
        request = Request(f"{self.url}/_fake/{name}", json.dumps(args).encode(), {"Content-Type": "application/json"})
        with urlopen(request) as answer:
            return json.load(answer)


def unread_answers(steps: Steps, is_post: Callable[[aiohttp.TraceRequestEndParams], bool]) -> aiohttp.TraceConfig:
    """Trace with a crash point where an answer begins to arrive: the platform has the message, its id is unread."""

    async def arrived(_session: object, _context: object, request: aiohttp.TraceRequestEndParams) -> None:
        if is_post(request):
            steps.take_within("the platform keeps the message, its answer is unread")

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(arrived)
    return trace


def main(platform: Callable[[Finding], AbstractContextManager[ExternalPlatform]]) -> None:
    """Run every scenario of a `Finding` in a folder: the first two arguments of the command line.

    `watch`, `recap`, `club` or `update` last: those of `tests.processes.watch_process` and of its like.
    """

    def end(*_: object) -> NoReturn:
        raise SystemExit("ended by SIGTERM")

    signal.signal(signal.SIGTERM, end)
    with platform(cast("Finding", sys.argv[1])) as fake:
        write_scenarios(fake, Path(sys.argv[2]), _STORIES.get(sys.argv[-1], DIGEST))
