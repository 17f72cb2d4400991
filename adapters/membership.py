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
        self._changes = 0

    async def look_up(self, channel: Channel, person: Channel, ask: Callable[[], Awaitable[bool]]) -> bool:
        """Whether a person is in a channel; `ask` asks the platform if it was not asked lately. Raises what it does."""
        key = channel, person
        if (answer := self._answers.get(key)) is None:
            changes = self._changes
            answer = await ask()
            if changes == self._changes:  # else the platform may have answered before somebody left
                self._answers[key] = answer
        return answer

    def forget(self, channel: Channel, person: Channel) -> None:
        """Ask again: the platform reports that the person left the channel, or came in."""
        self._changes += 1
        self._answers.pop((channel, person), None)
