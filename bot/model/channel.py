"""Addresses and handles: where a message goes, and what a platform calls it."""

from __future__ import annotations

from typing import NewType

Channel = NewType("Channel", str)
"""A printable address: `slack:T1/C2`, `discord:G1/C2`, `mail:17`, `console:local`. A person is an address too."""

Ref = NewType("Ref", str)
"""A platform's handle of a posted message, opaque to the engine and small enough to store."""


def platform(channel: Channel) -> str:
    """The adapter that speaks for a channel: the part before the colon."""
    return channel.partition(":")[0]


def workspace(channel: Channel) -> str:
    """The team or server a channel belongs to: `slack:T1` of `slack:T1/C2`; the channel itself where there is none."""
    return channel.rpartition("/")[0] or channel
