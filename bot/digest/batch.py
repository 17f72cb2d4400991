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
    from bot.ranking.profile import ProfileMatch


@dataclass(frozen=True, slots=True)
class DigestBatch:
    """What the channels that are due share. Slow enough to be run off the event loop."""

    shortlist: Shortlist
    shown: Mapping[Channel, PaperSet]
    """The candidates that each channel has had."""
    now: datetime
    _requests: dict[tuple[tuple[str, ...], tuple[str, ...], int], ChannelRequest] = field(default_factory=dict)
    """By `Subscription.selection_key`, computed once for all channels that share it."""

    def digests(
        self, subscriptions: Sequence[Subscription], profile_matches: Mapping[Channel, ProfileMatch]
    ) -> list[Digest]:
        """One a channel, and one a day it missed."""
        return [digest for each in subscriptions for digest in self._of(each, profile_matches.get(each.channel))]

    def _of(self, subscription: Subscription, profile_match: ProfileMatch | None) -> list[Digest]:
        latest = schedule.latest_due(subscription, self.now)
        missed_at = schedule.due_times(subscription, subscription.next_due or latest, latest)
        missed = [self._skipped(subscription, at) for at in missed_at]
        if schedule.digest_expired(latest, self.now):
            return [*missed, self._skipped(subscription, latest)]
        if subscription.selection_key not in self._requests:
            self._requests[subscription.selection_key] = selection.channel_request(subscription, self.shortlist)
        chosen = selection.choose(
            subscription,
            self.shortlist,
            self.shown.get(subscription.channel, PaperSet()),
            day=schedule.local_day(subscription, latest),
            due_at=latest,
            now=self.now,
            request=self._requests[subscription.selection_key],
            profile_match=profile_match,
        )
        return [*missed, chosen]

    def _skipped(self, subscription: Subscription, due_at: datetime) -> Digest:
        day = schedule.local_day(subscription, due_at)
        return selection.skipped_digest(subscription, day=day, due_at=due_at, now=self.now)
