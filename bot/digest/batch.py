"""Digests of the channels that are due at one moment: today's, and the records of days that were missed. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.digest import selection
from bot.model import schedule
from bot.query.paper_set import PaperSet

if TYPE_CHECKING:
    from bot.digest.selection import ChannelRequest
    from bot.digest.shortlist import Shortlist
    from bot.model import Channel, Digest, MissedDigest, SelectionKey, Subscription, SubscriptionKey
    from bot.model.linked import LinkedPaper
    from bot.ranking.profile import ProfileMatch


@dataclass(frozen=True, slots=True)
class DigestBatch:
    """Values shared by the channels that are due. Slow enough to be run off the event loop."""

    shortlist: Shortlist
    delivered: Mapping[Channel, PaperSet]
    """Candidates that each channel was sent before."""
    now: datetime
    linked: Mapping[Channel, tuple[LinkedPaper, ...]] = field(default_factory=dict)
    """Papers that people linked to in each channel; a digest names those that it would have."""
    _requests: dict[SelectionKey, ChannelRequest] = field(default_factory=dict)
    """By `Subscription.selection_key`, computed once for all channels that share it."""
    _chosen: defaultdict[Channel, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Ids of what the digests so far have or list, or that may have arrived: no other of the channel has them."""

    def digests(
        self,
        subscriptions: Sequence[Subscription],
        matches: Mapping[Channel, ProfileMatch],
        missed: Mapping[SubscriptionKey, tuple[MissedDigest, ...]] | None = None,
    ) -> list[Digest]:
        """One digest a subscription, and one for each day it missed.

        `missed`: digests of these channels that did not arrive, each to be listed by the next one of its name.
        """
        lists = missed or {}
        for key, missed_digests in lists.items():  # whatever the name: these papers may have arrived
            self._chosen[key.channel] += (
                paper.id for each in missed_digests if not each.certain for paper in each.papers
            )
        return [
            digest
            for each in subscriptions
            for digest in self._of(each, matches.get(each.channel), lists.get(each.key, ()))
        ]

    def _of(
        self, subscription: Subscription, profile_match: ProfileMatch | None, missed_digests: tuple[MissedDigest, ...]
    ) -> list[Digest]:
        latest = schedule.latest_due(subscription, self.now)
        if subscription.next_due is not None and subscription.next_due <= self.now:
            latest = max(latest, subscription.next_due)  # a first digest is due at any time, not at the channel's hour
        missed = schedule.due_times(subscription, self._first_due(subscription, latest), latest)
        skipped = [selection.skipped_digest(subscription, due_at, self.now) for due_at in missed]
        if schedule.digest_expired(latest, self.now):
            return [*skipped, selection.skipped_digest(subscription, latest, self.now)]
        if subscription.selection_key not in self._requests:
            self._requests[subscription.selection_key] = selection.channel_request(subscription, self.shortlist)
        choose = partial(
            selection.choose,
            subscription,
            self.shortlist,
            due_at=latest,
            now=self.now,
            request=self._requests[subscription.selection_key],
            profile_match=profile_match,
        )
        delivered = self._delivered(subscription.channel)
        digest = choose(delivered)
        if linked := self._linked(subscription, digest.since):
            without_links = choose(delivered - self.shortlist.subset(linked))
            chosen_ids = [pick.paper.id for pick in without_links.picks]
            digest = replace(digest, linked=tuple(linked[each] for each in chosen_ids if each in linked))
        chosen = self._chosen[subscription.channel]
        chosen += (pick.paper.id for pick in digest.picks)
        if missed_digests:
            chosen += (paper.id for each in missed_digests for paper in each.papers)
            digest = replace(digest, missed=missed_digests)
        return [*skipped, digest]

    def _delivered(self, channel: Channel) -> PaperSet:
        return self.delivered.get(channel, PaperSet()) | self.shortlist.subset(self._chosen[channel])

    def _linked(self, subscription: Subscription, since: datetime) -> dict[str, LinkedPaper]:
        """Papers by id that were linked to in the channel since its last digest; those of the whole window at first."""
        since = max(since, subscription.last_at or since)
        return {each.paper.id: each for each in self.linked.get(subscription.channel, ()) if each.at >= since}

    def _first_due(self, subscription: Subscription, latest: datetime) -> datetime:
        """The due time to begin with: after the last digest, even if a clock that stood behind set an earlier one."""
        first = subscription.next_due or latest
        if first == latest:
            return first
        for anchor in (subscription.set_at, subscription.last_at):
            if anchor is not None and anchor <= self.now:  # a later one is of a clock that stood ahead
                first = max(first, schedule.next_due(subscription, anchor))
        return first
