"""The promises of every adapter, kept by the fakes and by the console."""

from __future__ import annotations

import asyncio
import io
import os
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.console import Console
from bot.errors import Failure
from bot.model import Channel, Form, Ref
from bot.ports import Front
from tests.contracts.front import FrontContract
from tests.contracts.outlet import OutletContract
from tests.fakes import FakeOutlet
from tests.fakes.front import FakeDesk, FakeFront
from tests.processes.crash_points import FileOutlet, Finding

HERE = Channel("fake:T1/C1")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def pings_on_a_fake(shown: str) -> bool:
    """On the fakes, `@name` notifies and control characters act."""
    return bool(re.search(r"@\w", shown) or re.search(r"[\x00-\x08\x0b-\x1f]", shown))


class InMemory:
    """A FakeOutlet and its reader."""

    channel = HERE

    def __init__(self) -> None:
        self.outlet = FakeOutlet()

    async def roots(self) -> list[str]:
        return [post.text for post in self.outlet.openers(HERE)]

    async def replies(self, root: int) -> list[str]:
        return [post.text for post in self.outlet.replies(self.outlet.openers(HERE)[root])]

    async def is_gone(self, ref: Ref, text: str) -> bool:
        return text not in "".join(await self.roots())

    def pings(self, shown: str) -> bool:
        return pings_on_a_fake(shown)

    def fails_next(self) -> bool:
        self.outlet.fails_next(Failure.LATER)
        return True


class InAFile:
    """A FileOutlet and its reader."""

    channel = HERE

    def __init__(self, path: Path, finding: Finding) -> None:
        self.outlet = FileOutlet(path, finding=finding)

    async def roots(self) -> list[str]:
        return [post["text"] for post in self.outlet.posts() if post["under"] is None]

    async def replies(self, root: int) -> list[str]:
        opener = [post for post in self.outlet.posts() if post["under"] is None][root]
        return [post["text"] for post in self.outlet.posts() if post["under"] == opener["ref"]]

    async def is_gone(self, ref: Ref, text: str) -> bool:
        return text not in "".join(await self.roots())

    def pings(self, shown: str) -> bool:
        return pings_on_a_fake(shown)

    def fails_next(self) -> bool:
        return False


class OnPaper:
    """A console that prints into a string. An opener has a rule above it, a reply is indented."""

    channel = Channel("console:local")

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.outlet = Console(self.out)

    def _messages(self) -> list[list[str]]:
        """Root messages: each its own lines, then its replies' lines."""
        return [part.strip("\n").split("\n\n") for part in re.split("─{72}\n", self.out.getvalue())[1:]]

    async def roots(self) -> list[str]:
        return [parts[0] for parts in self._messages()]

    async def replies(self, root: int) -> list[str]:
        replies = self._messages()[root][1:]
        assert all(line.startswith("    ") for reply in replies for line in reply.splitlines())
        return replies

    async def is_gone(self, ref: Ref, text: str) -> bool:
        return f"Message {ref} is taken back" in self.out.getvalue()

    def pings(self, shown: str) -> bool:
        return bool(CONTROL.search(shown))

    def fails_next(self) -> bool:
        write = self.out.write

        def breaks(text: str) -> int:
            self.out.write = write  # type: ignore[method-assign]  # once
            raise BrokenPipeError(32, "Broken pipe")

        self.out.write = breaks  # type: ignore[method-assign]  # nobody reads
        return True


class TestTheFakeOutlet(OutletContract):
    @pytest.fixture
    def platform(self) -> InMemory:
        return InMemory()


class TestTheOutsideOutlet(OutletContract):
    @pytest.fixture(params=["knows", "cannot tell"])
    def platform(self, tmp_path: Path, request: pytest.FixtureRequest) -> InAFile:
        return InAFile(tmp_path / "posts.jsonl", request.param)


class TestTheConsole(OutletContract):
    @pytest.fixture
    def platform(self) -> OnPaper:
        return OnPaper()


# --- fronts ----------------------------------------------------------------------------------------------------


class FakeChat(FakeFront):
    """A FakeFront is its own chat."""

    @property
    def received(self) -> str:
        return self.file.content.decode() if self.file else ""

    def pings(self, shown: str) -> bool:
        return pings_on_a_fake(shown)


class TypedChat:
    """A console that reads a pipe."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self._in = os.fdopen(self._read, encoding="utf-8")
        self._out = io.StringIO()
        self.front = Console(self._out, self._in, timezone="UTC")

    @property
    def screen(self) -> str:
        return self._out.getvalue()

    async def says(self, line: str) -> None:
        os.write(self._write, f"{line}\n".encode())

    async def presses(self, label: str) -> None:
        await self.says(re.findall(rf"\[(\d+)\] {re.escape(label)}", self.screen)[-1])

    async def fills_in(self, form: Form, values: dict[str, str]) -> None:
        for field in [each for each in form.fields if each.error] or form.fields:
            await self.says(values.get(field.name, ""))
            if field.kind == "lines" and field.name in values:
                await self.says("")

    async def completes(self, command: str, option: str, prefix: str) -> None:
        return None

    @property
    def received(self) -> str:
        return "".join(re.findall(r"^@misc.*?^}\n", self.screen, re.MULTILINE | re.DOTALL))

    def pings(self, shown: str) -> bool:
        return bool(CONTROL.search(shown))

    def close(self) -> None:
        os.close(self._write)
        self._in.close()


async def serving(front: Front, desk: FakeDesk) -> asyncio.Task[None]:
    return asyncio.create_task(front.serve(desk))


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


class TestTheFakeFront(FrontContract):
    @pytest.fixture
    async def chat(self, desk: FakeDesk) -> AsyncIterator[FakeChat]:
        chat = FakeChat()
        task = await serving(chat, desk)
        await asyncio.sleep(0)
        yield chat
        await stop(task)


class TestTheConsoleAsAFront(FrontContract):
    @pytest.fixture
    async def chat(self, desk: FakeDesk) -> AsyncIterator[TypedChat]:
        chat = TypedChat()
        task = await serving(chat.front, desk)
        yield chat
        await stop(task)
        chat.close()
