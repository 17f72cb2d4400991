"""Replays: a signed request that changes something is carried out once, after a restart too.

The front remembers every signature in memory as long as it is valid. The signatures of requests that change something
are also kept in the store, by the task that carries them out: no acknowledgement waits for a write.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from adapters.slack.buttons import pressed_action
from adapters.slack.origin import Body
from bot.commands import COMMANDS, changes

log = logging.getLogger("paperboy.slack")

SIGNED = "signed"
"""Name in Bolt's context of a request's signature and of the Unix second that it was made in."""
SIGNATURE_SECONDS = 601.0
"""A signature is valid for five minutes before and after the time it names, and works once."""


class Uses(Protocol):
    """Names that may be used once."""

    async def use_once(self, name: str, until: datetime) -> bool:
        """Record until then that a name is used. False if it was used before."""


class Replays:
    """Carries requests out unless an earlier process did. `uses` is None where requests carry no signature."""

    def __init__(self, uses: Uses | None = None) -> None:
        self._uses = uses

    async def run_once(self, body: Body, context: Mapping[str, Any], work: Callable[[], Awaitable[None]]) -> None:
        """Do the work of a request; if it may change something, unless its signature was used before."""
        signed: tuple[str, float] | None = context.get(SIGNED)
        if self._uses is not None and signed is not None and is_change(body):
            signature, at = signed
            until = datetime.fromtimestamp(at + SIGNATURE_SECONDS, UTC)
            if not await self._uses.use_once(f"slack {signature}", until):
                log.info("a request that was carried out before the restart was sent again")
                return
        await work()


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
            return changes(body.get("text") or "")
        case kind:
            return bool(kind == "view_submission")
