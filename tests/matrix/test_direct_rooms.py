"""Rooms for direct messages, on a homeserver that answers these requests alone."""

from __future__ import annotations

import json

import pytest
from nio import MatrixRoom

from adapters.matrix.client import MatrixClient
from tests.fakes.http_server import Answer, Loopback

BOT, ADA = "@paperboy:example.org", "@ada:example.org"
OLD, NEW = "!old:example.org", "!new:example.org"


@pytest.mark.parametrize(("members", "room"), [((BOT, ADA), OLD), ((BOT, ADA, "@eve:example.org"), NEW)])
async def test_where_a_third_person_was_let_in_private_answers_go_to_another_room(
    members: tuple[str, ...], room: str
) -> None:
    async with Loopback() as server:
        server.on("/_matrix/client/v3/createRoom", Answer(200, json.dumps({"room_id": NEW}).encode()))
        server.on("/*", Answer(200, b"{}"))
        client = MatrixClient(server.url, BOT, "token")
        client.learn_direct({ADA: [OLD]})
        client.nio.rooms[OLD] = MatrixRoom(OLD, BOT)
        for each in members:
            client.nio.rooms[OLD].add_member(each, each, None)
        try:
            assert await client.room_of(client.address(ADA)) == room
            assert await client.room_of(client.address(ADA)) == room
        finally:
            await client.nio.close()
        assert len(server.seen("/_matrix/client/v3/createRoom")) == (room == NEW)
