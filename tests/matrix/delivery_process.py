"""Processes that are killed while they post to Matrix: `python -m tests.matrix.delivery_process knows FOLDER`.

The homeserver is a real one. Each scenario has a room of its own under the same address: what one has posted stays.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import httpx

from adapters.matrix.client import MatrixClient
from adapters.matrix.content import KEY
from adapters.matrix.outlet import MatrixOutlet
from bot.model import Channel
from tests.matrix.homeserver import Homeserver, homeserver
from tests.matrix.person import as_shown, opener_of
from tests.processes.fake_platform import main, unread_answers

if TYPE_CHECKING:
    from tests.processes.crash_points import Finding, Steps


class InRooms(MatrixClient):
    """The account, for which addresses stand for the rooms of a scenario."""

    rooms: Mapping[Channel, str]

    async def room_of(self, channel: Channel) -> str:
        """The room of this scenario."""
        return self.rooms[channel]


class MatrixPlatform:
    """A room, and the direct messages of the person who set it up."""

    channels = (Channel("matrix:example.org/!1"),)
    twice = False

    def __init__(self, server: Homeserver) -> None:
        self._url, (self._user, self._token) = server.url, server.register("paperboy")
        self._http = httpx.Client(base_url=f"{server.url}/_matrix/client/v3", timeout=60)
        self._http.headers["Authorization"] = f"Bearer {self._token}"
        self._rooms: dict[Channel, str] = {}

    def setter(self, channel: Channel) -> Channel:
        """`matrix:example.org/@2` of `matrix:example.org/!2`."""
        return Channel(channel.replace("!", "@"))

    @asynccontextmanager
    async def outlet(self, steps: Steps) -> AsyncIterator[MatrixOutlet]:
        """The real outlet, over real HTTP."""
        trace = unread_answers(steps, lambda request: "/send/m.room.message/" in request.url.path)
        async with aiohttp.ClientSession(trace_configs=[trace]) as session:
            account = InRooms(self._url, self._user, self._token, session)
            account.rooms = self._rooms
            yield MatrixOutlet(account)

    def posts(self) -> list[dict[str, str]]:
        """The visible messages of all rooms."""
        return [post for channel, room in self._rooms.items() for post in self._posts(channel, room)]

    def _posts(self, channel: Channel, room: str) -> Iterator[dict[str, str]]:
        query = {"dir": "b", "limit": "200", "filter": json.dumps({"types": ["m.room.message"]})}
        page = self._http.get(f"/rooms/{quote(room)}/messages", params=query).raise_for_status().json()
        for event in filter(None, map(as_shown, reversed(page["chunk"]))):
            content: dict[str, Any] = event["content"]
            under = opener_of(event) or ""
            yield {
                "channel": channel,
                "ref": event["event_id"],
                "under": under,
                "key": content[KEY],
                "text": content["body"],
            }

    def wipe(self) -> None:
        """Take new rooms, but for direct messages, in which nothing may ever be posted: nothing is given up."""
        for channel in (*self.channels, *(set(map(self.setter, self.channels)) - self._rooms.keys())):
            made = self._http.post("/createRoom", json={"preset": "private_chat"}).raise_for_status().json()
            self._rooms[channel] = made["room_id"]


@contextmanager
def matrix(_finding: Finding) -> Iterator[MatrixPlatform]:
    """A homeserver, which always tells what it has."""
    with TemporaryDirectory() as folder, homeserver(Path(folder)) as server:
        platform = MatrixPlatform(server)
        platform.wipe()
        yield platform


if __name__ == "__main__":
    main(matrix)
