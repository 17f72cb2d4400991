"""Messages whose content is not as the specification has it: anybody in a room can send them."""

from __future__ import annotations

from typing import Any

import pytest
from nio import MatrixRoom, RoomMessageText

from adapters.matrix.client import MatrixClient
from adapters.matrix.front import Events

BOT, EVE, ROOM = "@paperboy:example.org", "@eve:example.org", "!room:example.org"


@pytest.mark.parametrize(
    "relates",
    ["x", 1, [], {"m.in_reply_to": "x"}, {"m.in_reply_to": {"event_id": {}}}, {"rel_type": {}},
     {"rel_type": "m.thread", "event_id": ["x"]}],
)  # fmt: skip
async def test_a_message_with_odd_relations_is_read_as_one_without(relates: Any) -> None:
    client, no_desk = MatrixClient("http://127.0.0.1:9", BOT, "token"), Any
    client.nio.rooms[ROOM] = MatrixRoom(ROOM, BOT)
    content = {"msgtype": "m.text", "body": "Good morning", "m.relates_to": relates}
    event = {"event_id": "$1", "sender": EVE, "origin_server_ts": 1, "type": "m.room.message", "content": content}
    message = RoomMessageText.from_dict(event)
    assert isinstance(message, RoomMessageText)
    client.learn_direct({})
    await Events(client, no_desk)._handle(ROOM, message)
