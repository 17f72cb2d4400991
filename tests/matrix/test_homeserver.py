"""Matrix on a real homeserver: the contracts of outlet and front, invitations, limits, encryption."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
import pytest

from adapters.matrix.client import MatrixClient as Account
from adapters.matrix.front import MatrixFront
from adapters.matrix.outlet import MatrixOutlet
from bot.model import Form, Ref
from tests.contracts.front import FrontContract, eventually
from tests.contracts.outlet import OutletContract
from tests.contracts.test_contracts import stop
from tests.fakes.front import FakeDesk
from tests.matrix.homeserver import Homeserver, homeserver
from tests.matrix.person import Json, Person, opener_of

NUMBERS = count(1)
ALLOWED = "a|br|code|em|h4|li|ol|p|span|strong"
CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]"
DISGUISED = re.compile(rf"<(?!/?(?:{ALLOWED})\b)|javascript:|@room|{CONTROLS}", re.IGNORECASE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    with homeserver(tmp_path_factory.mktemp("homeserver")) as started:
        yield started


@pytest.fixture
async def bot(server: Homeserver) -> AsyncIterator[Account]:
    account = Account(server.url, *server.register(f"paperboy{next(NUMBERS)}"))
    yield account
    await account.nio.close()


@pytest.fixture
async def alice(server: Homeserver) -> AsyncIterator[Person]:
    async with Person(server.url, *server.register(f"alice{next(NUMBERS)}")) as person:
        yield person


class InARoom:
    """An outlet in a room, and a member who reads it."""

    def __init__(self, account: Account, reader: Person, room: str) -> None:
        self.outlet, self.channel = MatrixOutlet(account), account.address(room)
        self._account, self._reader, self.room = account, reader, room

    async def roots(self) -> list[str]:
        return [shown(event) for event in await self._reader.messages(self.room) if opener_of(event) is None]

    async def replies(self, root: int) -> list[str]:
        messages = await self._reader.messages(self.room)
        opener = [each["event_id"] for each in messages if opener_of(each) is None][root]
        return [shown(each) for each in messages if opener_of(each) == opener]

    async def is_gone(self, ref: Ref, text: str) -> bool:
        return text not in "".join(await self.roots())

    def pings(self, shown: str) -> bool:
        return bool(DISGUISED.search(shown)) or any(self._reader.highlights.values())

    def fails_next(self) -> bool:
        send = self._account.nio.send

        async def breaks(*_: Any, **__: Any) -> None:
            self._account.nio.send = send
            raise aiohttp.ServerDisconnectedError

        self._account.nio.send = breaks
        return True


def shown(event: Json) -> str:
    return str(event["content"].get("formatted_body", event["content"]["body"]))


class TestMatrixOutlet(OutletContract):
    @pytest.fixture
    async def platform(self, bot: Account, alice: Person) -> InARoom:
        room = await alice.room(bot.user)
        await bot.ask(bot.nio.join(room))
        return InARoom(bot, alice, room)


@asynccontextmanager
async def serving(account: Account, desk: FakeDesk) -> AsyncIterator[None]:
    task = asyncio.create_task(MatrixFront(account).serve(desk))
    yield
    await stop(task)


class InDirectMessages:
    """A person in a room with Paperboy, who is answered there and in direct messages."""

    def __init__(self, person: Person, bot: str, room: str) -> None:
        self._person, self._bot, self._room = person, bot, room

    async def says(self, line: str) -> None:
        await self._person.send(self._room, f"!papers {line}")

    async def presses(self, label: str) -> None:
        await self._person.reply(self._answers()[-1], label)

    async def fills_in(self, form: Form, values: dict[str, str]) -> None:
        await self._person.reply(self._answers()[-1], "\n".join(f"{name}: {value}" for name, value in values.items()))

    async def completes(self, command: str, option: str, prefix: str) -> None:
        return None

    def _answers(self) -> list[Json]:
        own = [each for each in self._person.seen if each["sender"] == self._bot and each["type"] == "m.room.message"]
        return [each for each in own if each["content"].get("msgtype") != "m.file"]

    @property
    def screen(self) -> str:
        return "\n".join(f"{each['content']['body']}\n{shown(each)}" for each in self._answers())

    @property
    def received(self) -> str:
        return "".join(file.decode() for file in self._person.files)

    def pings(self, shown: str) -> bool:
        return any(self._person.highlights.values())


class TestMatrixFront(FrontContract):
    @pytest.fixture
    async def chat(self, bot: Account, alice: Person, desk: FakeDesk) -> AsyncIterator[InDirectMessages]:
        async with serving(bot, desk):
            room = await alice.room(bot.user)
            await eventually(lambda: any("Hello" in each["content"].get("body", "") for each in alice.seen))
            yield InDirectMessages(alice, bot.user, room)
