"""Requests that Slack or somebody else sends again, to this process or another: what they change is changed once.

The front remembers what it received in memory. The ids of events and the signatures of requests that change something
are also kept in the store, by the task that carries them out: no acknowledgement waits for a write.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.shares import UsedNames
from adapters.slack.buttons import pressed_action
from adapters.slack.origin import Body
from bot.commands import COMMANDS, typed_command

log = logging.getLogger("paperboy.slack")

SIGNED = "signed"
"""Name in Bolt's context of a request's signature and of the Unix second that it was made in."""
SIGNATURE_SECONDS = 601.0
"""A signature is valid for five minutes before and after the time it names, and works once."""
EVENT_SECONDS = 3_600.0
"""Slack may deliver an event up to three times, to any process, the last after five minutes."""


class Replays:
    """Carries requests out unless this process or another did."""

    def __init__(self, names: UsedNames) -> None:
        self._names = names

    async def run_once(self, body: Body, context: Mapping[str, Any], work: Callable[[], Awaitable[None]]) -> None:
        """Do the work of a request, unless it may change something and was carried out before."""
        if is_change(body):
            name, until = _name(body, context)
            if name and not await self._names.use_once(f"slack {name}", datetime.fromtimestamp(until, UTC)):
                log.info("a request that was carried out before was sent again")
                return
        await work()


def _name(body: Body, context: Mapping[str, Any]) -> tuple[str, float]:
    """Name of a request, and the last time (Unix seconds) at which it may be sent again; "" if it never is."""
    if event_id := body.get("event_id"):
        return str(event_id), float(body.get("event_time") or 0) + EVENT_SECONDS
    signature, at = context.get(SIGNED) or ("", 0.0)
    return signature, at + SIGNATURE_SECONDS


def is_change(body: Body) -> bool:
    """Whether a request may change something: all do but those that are known to read only."""
    match body.get("type"):
        case "block_actions":
            action = body["actions"][0]
            command, options = pressed_action(action)
            return options.get("share") == "yes" or (command in COMMANDS and COMMANDS[command].writes)
        case "event_callback":
            return bool(body["event"].get("type") != "app_home_opened")
        case None:
            return (typed := typed_command(body.get("text") or "")) is not None and typed.writes
        case kind:
            return bool(kind == "view_submission")
