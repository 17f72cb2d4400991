"""What every channel that is due gets at one moment: today's digest, after the records of days nobody was awake for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.digest import selection
from bot.model import schedule

if TYPE_CHECKING:
    from bot.digest.selection import ChannelRequest, Shortlist
    from bot.model import Channel, Digest, Subscription
    from bot.ranking.profile import Leaning


@dataclass(frozen=True, slots=True)
class DigestBatch:
    """What those channels share. Pure, and slow enough to be done off the event loop."""

    shortlist: Shortlist
    shown: Mapping[Channel, int]
    """What each channel has had, as bits of the shortlist."""
    now: datetime
    _wants: dict[tuple[tuple[str, ...], tuple[str, ...], int], ChannelRequest] = field(default_factory=dict)
    """Of each wish, worked out once for all channels that have it."""

    def digests(self, wishes: Sequence[Subscription], leanings: Mapping[Channel, Leaning]) -> list[Digest]:
        """One a channel, and one a day it missed."""
        return [each for wish in wishes for each in self._of(wish, leanings.get(wish.channel))]

    def _of(self, wish: Subscription, leaning: Leaning | None) -> list[Digest]:
        latest = schedule.latest_due(wish, self.now)
        missed = [self._late(wish, at) for at in schedule.due_times(wish, wish.next_due or latest, latest)]
        if schedule.digest_expired(latest, self.now):
            return [*missed, self._late(wish, latest)]
        if wish.selection_key not in self._wants:
            self._wants[wish.selection_key] = selection.channel_request(wish, self.shortlist)
        chosen = selection.choose(
            wish,
            self.shortlist,
            self.shown.get(wish.channel, 0),
            day=schedule.local_day(wish, latest),
            due_at=latest,
            now=self.now,
            want=self._wants[wish.selection_key],
            leaning=leaning,
        )
        return [*missed, chosen]

    def _late(self, wish: Subscription, due_at: datetime) -> Digest:
        return selection.skipped_digest(wish, day=schedule.local_day(wish, due_at), due_at=due_at, now=self.now)
