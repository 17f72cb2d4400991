"""Queries and changes of channels' settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bot.model import Channel, ChannelSettings


class Channels(Protocol):
    """Settings of channels that hold whatever their digests are."""

    async def settings(self, channel: Channel) -> ChannelSettings:
        """A channel's settings; the defaults where none were changed."""

    async def settings_of(self, channels: Iterable[Channel]) -> dict[Channel, ChannelSettings]:
        """Settings of these channels, the defaults included."""

    async def change(self, channel: Channel, before: ChannelSettings, after: ChannelSettings) -> bool:
        """Store settings in place of those that were read.

        False, and nothing changes, if they are no longer as they were read.
        """
