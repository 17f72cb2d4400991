"""Members of channels, as a platform gave them in the last minutes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cachetools import TTLCache

from bot.model import Channel

CACHE_SECONDS = 300.0
"""A person who leaves a channel counts as one of it for so long at most, where no event says that they left."""
MAX_ANSWERS = 10_000


class Memberships:
    """The platform's last answers, by channel and person."""

    def __init__(self) -> None:
        self._answers: TTLCache[tuple[Channel, Channel], bool] = TTLCache(MAX_ANSWERS, CACHE_SECONDS)

    async def look_up(self, channel: Channel, person: Channel, ask: Callable[[], Awaitable[bool]]) -> bool:
        """Whether a person is in a channel; `ask` asks the platform if it was not asked lately. Raises what it does."""
        key = channel, person
        if key not in self._answers:
            self._answers[key] = await ask()
        return self._answers[key]

    def forget(self, channel: Channel, person: Channel) -> None:
        """Ask again: the platform reports that the person left the channel, or came in."""
        self._answers.pop((channel, person), None)
