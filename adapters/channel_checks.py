"""The doctor's checks of channels, by the outlet's own proof."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import CannotTell, DeliveryError
from bot.model import Channel, Check, platform
from bot.ports import Outlet

MAX_CHANNELS = 200


async def channel_checks(outlet: Outlet, channels: Sequence[Channel], remedy: str, unproven: str = "") -> list[Check]:
    """A fault for each channel of the outlet's platform in which it cannot post; for outlets that prove by reading.

    `remedy` names the channel where it has `{}`. `unproven` is said of a channel that only a message could prove.
    """
    checks: list[Check] = []
    for channel in [each for each in channels if platform(each) == outlet.name][:MAX_CHANNELS]:
        subject = f"channel {channel}"
        try:
            await outlet.prove(channel)
        except CannotTell:
            checks.append(Check(subject, unproven))
        except DeliveryError as error:
            checks.append(Check(subject, error.reason, fault=True, remedy=remedy.format(channel)))
    return checks
