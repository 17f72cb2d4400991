"""Digests of the channels that are due at one moment: today's, and the records of days that were missed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.digest import selection
from bot.model import schedule
from bot.query.paper_set import PaperSet

if TYPE_CHECKING:
    from bot.digest.selection import ChannelRequest
    from bot.digest.shortlist import Shortlist
    from bot.model import Channel, Digest, Subscription
    from bot.ranking.profile import Leaning


@dataclass(frozen=True, slots=True)
class DigestBatch:
    """What the channels that are due share. Slow enough to be run off the event loop."""

    shortlist: Shortlist
    shown: Mapping[Channel, PaperSet]
    """The candidates that each channel has had."""
    now: datetime
    _requests: dict[tuple[tuple[str, ...], tuple[str, ...], int], ChannelRequest] = field(default_factory=dict)
    """By `Subscription.selection_key`, computed once for all channels that share it."""

    def digests(self, wishes: Sequence[Subscription], leanings: Mapping[Channel, Leaning]) -> list[Digest]:
        """One a channel, and one a day it missed."""
        return [digest for wish in wishes for digest in self._of(wish, leanings.get(wish.channel))]

    def _of(self, wish: Subscription, leaning: Leaning | None) -> list[Digest]:
        latest = schedule.latest_due(wish, self.now)
        missed = [self._skipped(wish, at) for at in schedule.due_times(wish, wish.next_due or latest, latest)]
        if schedule.digest_expired(latest, self.now):
            return [*missed, self._skipped(wish, latest)]
        if wish.selection_key not in self._requests:
            self._requests[wish.selection_key] = selection.channel_request(wish, self.shortlist)
        chosen = selection.choose(
            wish,
            self.shortlist,
            self.shown.get(wish.channel, PaperSet()),
            day=schedule.local_day(wish, latest),
            due_at=latest,
            now=self.now,
            request=self._requests[wish.selection_key],
            leaning=leaning,
        )
        return [*missed, chosen]

    def _skipped(self, wish: Subscription, due_at: datetime) -> Digest:
        return selection.skipped_digest(wish, day=schedule.local_day(wish, due_at), due_at=due_at, now=self.now)
