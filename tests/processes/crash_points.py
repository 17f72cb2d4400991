"""Crash points: numbered steps of a delivery at which a process can kill itself, and an outlet that outlives it.

Steps           counts the steps, and kills the process at one of them
count_writes    makes each change of a store two steps
CrashingOutlet  makes posting and finding steps
FileOutlet      keeps its posts in a file
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Literal

from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Message, PostKey, Ref
from bot.ports import Claim, Outlet, no_claim
from bot.ports.editing import Editing
from bot.store import Store
from tests.fakes import rendered


class Steps:
    """Counts steps; at number `crash_at` (from 1) the process ends by SIGKILL, its name written to `crash_log`.

    Only steps about `watched` channels count, and those about no channel in particular.
    """

    def __init__(
        self, crash_at: int | None = None, watched: Container[object] = (), crash_log: Path | None = None
    ) -> None:
        self.taken: list[str] = []
        self._about: ContextVar[object] = ContextVar("about", default=None)
        self._crash_log = crash_log
        self._crash_at = crash_at
        self._watched = watched

    def take(self, name: str, about: object) -> None:
        """Count a step about a channel, or about none."""
        if about is not None and about not in self._watched:
            return
        self.taken.append(name)
        if len(self.taken) == self._crash_at:
            if self._crash_log is not None:
                append(self._crash_log, name)
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def around(self, name: str, about: object) -> Iterator[None]:
        """Count a step before the block and one after it."""
        self._about.set(about)
        self.take(f"before {name}", about)
        yield
        self.take(f"after {name}", about)

    def take_within(self, name: str) -> None:
        """Count a step within the block of `around`, about the same channel."""
        self.take(name, self._about.get())


def count_writes(store: Store, steps: Steps) -> Store:
    """Count a step before and after each change of the store."""
    for method in ("write", "update"):  # every change goes through one of them
        setattr(store.connection, method, _in_steps(getattr(store.connection, method), steps))
    for method in ("claim", "take_over", "settle", "release"):  # some as statements, which name no channel to look for
        setattr(store.ledger, method, _post_in_steps(getattr(store.ledger, method), steps))
    return store


def _in_steps(write: Callable[..., Awaitable[object]], steps: Steps) -> Callable[..., Awaitable[object]]:
    async def write_in_steps(change: Callable[..., object], *args: object, **kwargs: object) -> object:
        change_name = getattr(change, "func", change).__qualname__
        if ".apply." in change_name:  # counted by `_post_in_steps`
            return await write(change, *args, **kwargs)
        about = args[0].channel if args and isinstance(args[0], PostKey) else next(iter(args), None)
        with steps.around(f"write {change_name}", about):
            return await write(change, *args, **kwargs)

    return write_in_steps


def _post_in_steps(write: Callable[..., Awaitable[object]], steps: Steps) -> Callable[..., Awaitable[object]]:
    async def write_in_steps(post: PostKey, *args: object, **kwargs: object) -> object:
        with steps.around(f"write {write.__qualname__}", post.channel):
            return await write(post, *args, **kwargs)

    return write_in_steps


def append(path: Path, line: str) -> None:
    """Add a line, whole and on the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


class CrashingOutlet:
    """An outlet with steps before and after each post and each `find`."""

    def __init__(self, outlet: Outlet, steps: Steps) -> None:
        self.name, self.threads, self.pace = outlet.name, outlet.threads, outlet.pace
        self._outlet, self._steps = outlet, steps

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post, between two steps."""
        with self._steps.around("the platform keeps the message", channel):
            return await self._outlet.post(channel, message, under=under, key=key, claim=claim)

    async def edit(self, channel: Channel, ref: Ref, message: Message, *, under: Ref | None, key: str) -> None:
        """Edit, between two steps."""
        assert isinstance(self._outlet, Editing)
        with self._steps.around("the platform edits the message", channel):
            await self._outlet.edit(channel, ref, message, under=under, key=key)

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """Find, between two steps."""
        with self._steps.around("find", channel):
            return await self._outlet.find(channel, key, under=under, since=since)

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message."""
        await self._outlet.retract(channel, ref)

    async def prove(self, channel: Channel) -> None:
        """Call the outlet."""
        await self._outlet.prove(channel)


Finding = Literal["knows", "cannot tell", "slow"]


class FileOutlet:
    """A platform whose posts are synced lines of a file, so that they survive the process that posted them."""

    threads = True
    pace = 0.0

    def __init__(self, path: Path, *, finding: Finding = "knows", name: str = "fake") -> None:
        self.name = name
        self._path = path
        self._finding = finding
        self._find_calls: Counter[str] = Counter()

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Append a line."""
        await claim()
        ref = Ref(os.urandom(8).hex())
        append(self._path, json.dumps(self.line(channel, message, ref, under, key)))
        return ref

    def line(self, channel: Channel, message: Message, ref: Ref, under: Ref | None, key: str) -> dict[str, object]:
        """The recorded part of a message."""
        text = rendered(message.text)
        return {"channel": channel, "ref": ref, "under": under, "key": key, "text": text}

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """The message with this key; CannotTell for "cannot tell"; for "slow", LATER at the first call of a key."""
        self._find_calls[key] += 1
        if self._finding == "cannot tell":
            raise CannotTell("history is not ours to read")
        if self._finding == "slow":
            await asyncio.sleep(0.005)
            if self._find_calls[key] == 1:
                raise DeliveryError(Failure.LATER, "one look a minute", retry_after=60)
        here = (p for p in self.posts() if p["channel"] == channel and p["key"] == key and p["under"] == under)
        return next((Ref(post["ref"]) for post in here), None)

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Append a line that deletes the message."""
        append(self._path, json.dumps({"channel": channel, "gone": ref}))

    async def prove(self, channel: Channel) -> None:
        """A file can always be written."""

    def posts(self) -> list[dict[str, str]]:
        """The messages that were not deleted, in order."""
        if not self._path.exists():
            return []
        lines = [json.loads(line) for line in self._path.read_text(encoding="utf-8").splitlines()]
        retracted = {line["gone"] for line in lines if "gone" in line}
        return [line for line in lines if "ref" in line and line["ref"] not in retracted]
