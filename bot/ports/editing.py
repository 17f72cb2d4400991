"""Outlets that can change what they have posted; not every platform can."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from bot.model import Channel, Message, Ref


@runtime_checkable
class Editing(Protocol):
    """The part of an outlet that changes a posted message."""

    async def edit(self, channel: Channel, ref: Ref, message: Message, *, under: Ref | None, key: str) -> None:
        """Put a message in the place of one of ours, posted under the same key; a repeat changes nothing.

        `under`: the opener that it replies to. Nobody is notified, and an archived thread stays archived. It waits for
        the platform's rate limit. Raises DeliveryError: LATER and UNKNOWN may be tried again, all else may not.
        """
