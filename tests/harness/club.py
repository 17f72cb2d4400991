"""A channel with a journal club on the whole backend: commands, ticks, and what was posted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.model import Caller, Channel, Message
from bot.model.club import MeetingDetails
from tests.fakes import FakeOutlet, Post
from tests.harness.desk import ADA, BEN, HERE
from tests.harness.engine import Backend, running_backend

CYD = replace(BEN, user=Channel("slack:T1/U3"))
START = "club start day:thu at:15:00"


class ClubRoom:
    """People in a channel; the clock stands until it is moved."""

    def __init__(self, backend: Backend, outlet: FakeOutlet) -> None:
        self.backend, self.outlet, self.clock, self.store = backend, outlet, backend.clock, backend.store

    async def ask(self, line: str, caller: Caller = ADA) -> Message:
        """Type a line."""
        answer = await self.backend.desk.say(line, caller)
        assert isinstance(answer, Message)
        return answer

    async def press(self, message: Message, label: str, caller: Caller = ADA) -> Message:
        """Press a button."""
        [action] = [each for each in message.actions if each.label == label]
        answer = await self.backend.desk.run(action.command, caller, dict(action.options))
        assert isinstance(answer, Message)
        return answer

    async def at(self, moment: str | datetime) -> list[Post]:
        """Move to a time (UTC), tick and deliver; what was posted by it."""
        before = len(self.outlet.posts)
        self.clock.set(moment if isinstance(moment, datetime) else datetime.fromisoformat(f"{moment}+00:00"))
        await self.backend.deliver()
        return self.outlet.posts[before:]

    async def tick(self) -> list[Post]:
        """Tick a minute later and deliver; what was posted by it."""
        self.clock.advance(minutes=1)
        return await self.at(self.clock())

    @property
    def vote(self) -> Post:
        """The latest message with a vote."""
        return next(post for post in reversed(self.outlet.openers(HERE)) if "Vote 1" in labels(post.message))

    @property
    def thread(self) -> list[str]:
        """First lines of the replies to it."""
        return [post.text.splitlines()[0] for post in self.outlet.replies(self.vote)]

    async def current(self) -> MeetingDetails:
        """The meeting under way."""
        details = await self.store.clubs.current(HERE)
        assert details is not None
        return details


def labels(message: Message) -> list[str]:
    """Labels of the buttons."""
    return [action.label for action in message.actions]


@contextmanager
def club_room(path: Path) -> Iterator[ClubRoom]:
    """A room of its own."""
    outlet = FakeOutlet("slack")
    with running_backend(path, {"slack": outlet}) as backend:
        yield ClubRoom(backend, outlet)
