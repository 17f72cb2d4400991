"""A person with a client of their own, over plain HTTP: what they read is what the homeserver shows them."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

import httpx

Json = dict[str, Any]
WAIT = 20_000
"""Milliseconds that a sync waits for something new."""


class Person:
    """An account that joins what it is invited to, and keeps what it sees."""

    def __init__(self, url: str, user: str, token: str) -> None:
        self.user, self.name = user, user[1:].partition(":")[0]
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.AsyncClient(base_url=f"{url}/_matrix/client/v3", headers=headers, timeout=60)
        self.seen: list[Json] = []
        """Events of all rooms in the order in which they came, each with its room_id."""
        self.files: list[bytes] = []
        self.highlights: dict[str, int] = {}
        """How many messages of a room notify this person loudly, as the homeserver counts them."""
        self._since = ""

    async def __aenter__(self) -> Self:
        self._syncing = asyncio.create_task(self._sync())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._syncing.cancel()
        with suppress(asyncio.CancelledError):
            await self._syncing
        await self._client.aclose()

    async def call(self, method: str, *path: str, body: Json | None = None, **query: str) -> Json:
        """One request; the parts of its path are escaped."""
        where = "/".join(quote(part, safe="") for part in path)
        answer = await self._client.request(method, f"/{where}", json=body, params=query)
        answer.raise_for_status()
        return answer.json()  # type: ignore[no-any-return]  # the API's objects

    async def room(self, *invited: str, encrypted: bool = False, **options: Any) -> str:
        """A new room with these people in it."""
        state = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        options |= {"initial_state": [state]} if encrypted else {}
        body = {"invite": invited, "preset": "private_chat", **options}
        return str((await self.call("POST", "createRoom", body=body))["room_id"])

    async def send(self, room: str, text: str, *, kind: str = "m.room.message", **content: Any) -> str:
        """Send a message, or an event of another kind; its id."""
        body = {"msgtype": "m.text", "body": text, **content} if kind == "m.room.message" else content
        return str((await self.call("PUT", "rooms", room, "send", kind, uuid4().hex, body=body))["event_id"])

    async def reply(self, event: Json, text: str) -> str:
        """Reply to a message that was seen."""
        relates = {"m.in_reply_to": {"event_id": event["event_id"]}}
        return await self.send(event["room_id"], text, **{"m.relates_to": relates})

    async def react(self, room: str, event_id: str, key: str) -> str:
        """React to a message; the id of the reaction."""
        relates = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send(room, "", kind="m.reaction", **{"m.relates_to": relates})

    async def redact(self, room: str, event_id: str) -> None:
        """Take an event back."""
        await self.call("PUT", "rooms", room, "redact", event_id, uuid4().hex, body={})

    async def messages(self, room: str) -> list[Json]:
        """The messages of a room, oldest first, as they are after edits; without those that are taken back."""
        filtered = json.dumps({"types": ["m.room.message"]})
        page = await self.call("GET", "rooms", room, "messages", dir="b", limit="200", filter=filtered)
        return [shown for event in reversed(page["chunk"]) if (shown := as_shown(event))]

    async def _sync(self) -> None:
        while True:
            query = {"since": self._since, "timeout": str(WAIT)} if self._since else {}
            answer = await self.call("GET", "sync", **query)
            self._since, rooms = answer["next_batch"], answer.get("rooms", {})
            for room in rooms.get("invite", {}):
                await self.call("POST", "join", room, body={})
            for room, joined in rooms.get("join", {}).items():
                self.highlights[room] = joined.get("unread_notifications", {}).get("highlight_count", 0)
                for event in joined["timeline"]["events"]:
                    if event["content"].get("msgtype") == "m.file":
                        server, _, media = event["content"]["url"].removeprefix("mxc://").partition("/")
                        path = f"../v1/media/download/{server}/{media}"
                        self.files.append((await self._client.get(path)).raise_for_status().content)
                    self.seen.append({**event, "room_id": room})


def as_shown(event: Json) -> Json | None:
    """A message with the content of its latest edit; None for one that is taken back, and for edits themselves."""
    content, relations = event["content"], event.get("unsigned", {}).get("m.relations", {})
    if not content or content.get("m.relates_to", {}).get("rel_type") == "m.replace":
        return None
    edit = relations.get("m.replace", {}).get("content", {}).get("m.new_content")
    return {**event, "content": {**content, **edit}} if edit else event


def opener_of(event: Json) -> str | None:
    """The opener of the thread that a message stands in."""
    relates = event["content"].get("m.relates_to", {})
    return relates.get("event_id") if relates.get("rel_type") == "m.thread" else None
