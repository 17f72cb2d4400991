"""Members of channels: the part of an outlet that says whether a person is one."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from bot.model import Channel


@runtime_checkable
class MemberDirectory(Protocol):
    """Knows the people of channels. Outlets of platforms that tell them are one."""

    async def is_member(self, channel: Channel, person: Channel) -> bool:
        """Whether a person may read a channel, as it was some minutes ago at most.

        Raises DeliveryError; CannotTell where the platform does not say it of this kind of channel.
        """
