"""Gateway connection that survives frames it cannot read: one is a line in the log, and the next one is read.

By itself, discord.py gives up the connection over one odd frame or event.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
from discord import shard
from discord.gateway import DiscordWebSocket, ReconnectWebSocket, WebSocketClosure

log = logging.getLogger("paperboy.discord")

READY = "READY"
"""The event that begins a session."""
CONTROL = (ReconnectWebSocket, WebSocketClosure, discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError)
"""Exceptions by which discord.py ends a connection and makes a new one."""


class UnreadableSession(discord.DiscordException):
    """The first frames of a session cannot be read: without them there is none."""


class TolerantWebSocket(DiscordWebSocket):
    """discord.py's WebSocket; skips frames that it cannot read."""

    async def received_message(self, msg: Any, /) -> None:
        """Handle a frame. Raises what ends the connection: UnreadableSession, and ConnectionError for damaged data."""
        try:
            text = self._decompressor.decompress(msg) if isinstance(msg, bytes) else msg
        except zlib.error as error:
            raise ConnectionError("the gateway's compressed stream is damaged") from error
        except UnicodeDecodeError as error:
            log_unreadable("frame", error)
            return
        if text is None:
            return
        sequence = self.sequence
        try:
            await super().received_message(text)
        except CONTROL:
            raise
        except Exception as error:
            if self._begins_session(text):
                raise UnreadableSession from error
            log_unreadable("frame", error)
        if not isinstance(self.sequence, int | None):
            self.sequence = sequence  # a resumed session would send the odd one

    def _begins_session(self, text: str) -> bool:
        try:
            frame = json.loads(text)
            is_hello = self.session_id is None and frame["op"] == self.HELLO
            return bool(is_hello or frame.get("t") == READY)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return False


shard.DiscordWebSocket = TolerantWebSocket  # type: ignore[misc]  # discord.py has no setting for the class


def skip_unreadable(name: str, parse: Callable[[Any], object], data: object) -> None:
    """Have discord.py read an event; one that it cannot read is logged."""
    try:
        parse(data)
    except Exception as error:  # noqa: BLE001 - whatever an event makes discord.py raise
        log_unreadable(name, error)


def log_unreadable(what: str, error: BaseException) -> None:
    """Log in one line that something of Discord's was skipped."""
    reason = f"{type(error).__name__}: {error}"
    log.warning("Discord sent something that cannot be read what=%s reason=%r", what[:100], reason[:200])
