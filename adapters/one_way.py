"""Outlets whose messages leave for good, such as mail: half of `ports.Outlet`."""

from __future__ import annotations

from datetime import datetime

from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Ref


class OneWay:
    """Messages that can be neither looked for nor taken back."""

    kind = "a message"
    """Their name in a reason."""

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:  # noqa: ARG002 - the port's
        """Always raises CannotTell."""
        raise CannotTell(f"{self.kind} cannot be looked for once it is sent")

    async def retract(self, channel: Channel, ref: Ref) -> None:  # noqa: ARG002 - the port's
        """Always raises DeliveryError."""
        raise DeliveryError(Failure.MESSAGE_REFUSED, f"{self.kind} cannot be taken back")

    async def prove(self, channel: Channel) -> None:  # noqa: ARG002 - the port's
        """Always raises CannotTell."""
        raise CannotTell(f"{self.kind} cannot be taken back, so only the next digest can prove it")
