"""Addresses of channels and people, and platforms' handles of messages."""

from __future__ import annotations

from typing import NewType

Channel = NewType("Channel", str)
"""Printable address of a channel or person: `slack:T1/C2`, `discord:G1/C2`, `mail:17`, `console:local`."""

Ref = NewType("Ref", str)
"""Platform's handle of a posted message, opaque to the engine and short enough to store."""


def platform(channel: Channel) -> str:
    """Name of a channel's platform: the part before the colon."""
    return channel.partition(":")[0]


def workspace(channel: Channel) -> str:
    """Workspace or server of a channel: `slack:T1` of `slack:T1/C2`; the channel itself if it has none."""
    return channel.rpartition("/")[0] or channel
