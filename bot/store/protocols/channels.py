"""Queries and changes of channels: their subscriptions, and the ledger of their digests and messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.model import (
    MAIN,
    Channel,
    Delivery,
    Digest,
    DigestRecord,
    MissedDigest,
    OldestOpen,
    OpenPost,
    Post,
    PostKey,
    PostRecord,
    Ref,
    State,
    Style,
    Subscription,
    SubscriptionKey,
)


class Subscriptions(Protocol):
    """Subscriptions of channels: topics, due times, pauses; and workspaces that left."""

    async def get(self, channel: Channel, name: str = MAIN) -> Subscription | None:
        """A channel's subscription of a name."""

    async def of(self, channel: Channel) -> list[Subscription]:
        """All subscriptions of a channel, by name."""

    async def all(self, workspace: str = "") -> list[Subscription]:
        """Every subscription, or those of one workspace, by channel and name."""

    async def unreachable(self, where: Channel) -> list[Subscription]:
        """Subscriptions of a channel or workspace that are paused because it could not be reached."""

    async def running(self, where: Channel) -> list[Subscription]:
        """Subscriptions of a channel or workspace that are not paused."""

    async def due(self, now: datetime) -> list[Subscription]:
        """Subscriptions whose digest is due and that are not paused."""

    async def misplaced(self, after: datetime) -> list[Subscription]:
        """Subscriptions due later than any schedule allows: a wrong clock computed that."""

    async def resuming(self, now: datetime) -> list[Subscription]:
        """Subscriptions whose pause has ended."""

    async def topics(self) -> set[str]:
        """Topics of all subscriptions."""

    async def popular_topics(self, least: int, limit: int) -> list[str]:
        """Topics that at least so many channels follow, most channels first."""

    async def put(self, *subscriptions: Subscription) -> None:
        """Store subscriptions, new or changed."""

    async def change(self, before: Subscription | None, after: Subscription) -> bool:
        """Store a subscription in place of the one that was read, None for a new one.

        False, and nothing changes, if it is no longer as it was read: whoever changed it would lose that.
        """

    async def change_all(self, changes: Sequence[tuple[Subscription, Subscription]]) -> bool:
        """`change` for each, all in one. False if some were no longer as they were read, and stay as they are."""

    async def reschedule(self, due: Mapping[SubscriptionKey, datetime]) -> None:
        """Set when subscriptions are next due."""

    async def set_style(self, channel: Channel, style: Style) -> None:
        """Change the style of a channel's subscriptions, and nothing else of them."""

    async def remove(self, channel: Channel, name: str = MAIN) -> bool:
        """Delete a subscription; its ledger stays. False if there was none."""

    async def move(self, old: Channel, new: Channel) -> bool:
        """Give a channel another address, with everything stored about it. False if nothing was moved."""

    async def pause(
        self, where: Channel, at: datetime, *, until: datetime | None, reason: str | None
    ) -> list[Subscription]:
        """Pause a channel or workspace. Returns the subscriptions that were running."""

    async def mark_departed(self, workspace: Channel, at: datetime) -> None:
        """Record since when a workspace is gone; the first time counts."""

    async def mark_returned(self, where: Channel) -> None:
        """Record that a channel, and so its workspace, can be reached again."""

    async def erase_departed(self, before: datetime) -> list[Channel]:
        """Erase everything about the workspaces that left before a time. Returns them."""

    async def erase(self, workspace: Channel) -> dict[str, int]:
        """Erase everything about a workspace. Returns the number of deleted rows by kind."""

    async def mark_greeted(self, channel: Channel, now: datetime) -> bool:
        """Record that a channel was greeted. False if it had been before."""


class Ledger(Protocol):
    """Posts in channels: digests as they were chosen, and the state of each of their messages.

    A message is claimed before it is posted and settled afterwards. A post is open until every message is settled; the
    papers of an abandoned one count as not shown. What is shown is shown in the channel, whatever showed it.
    """

    async def keep(self, new_digests: Sequence[Digest], due: Mapping[SubscriptionKey, datetime]) -> None:
        """Store digests and when their subscriptions are next due, in one change.

        A subscription that already has a digest of that day keeps the old one: a clock set back chooses nothing twice.
        Only what certainly left nothing (the record of a skipped day, a digest given up unsent) makes room.
        Of two digests of one day in one call the later one is kept. What its `missed` list counts as shown.
        Papers that the channel has been shown since they were chosen, by whatever other process, are left out.
        """

    async def shown_in(self, channel: Channel, ids: Iterable[str]) -> list[str]:
        """Ids among these of papers that a channel has been shown, or is about to be."""

    async def channels_shown(self, ids: Iterable[str]) -> dict[str, list[Channel]]:
        """Channels that have been shown each of these papers, or are about to be, by paper id."""

    async def recorded(self, since: date, *, final: bool = False) -> set[PostKey]:
        """Digests since a day that have a record; `final`: one that `keep` does not replace."""

    async def forget_skipped(self, after: datetime) -> set[SubscriptionKey]:
        """Delete the records of skipped days that were made after a time. Returns the subscriptions that had any."""

    async def missed(
        self, channels: Iterable[Channel], since: datetime
    ) -> dict[SubscriptionKey, tuple[MissedDigest, ...]]:
        """Abandoned digests chosen since a time whose papers no later one lists, oldest first, by subscription.

        Without papers that another post has shown in the channel since. At most about 20 papers a subscription; the
        rest follows once those are listed.
        """

    async def keep_posts(
        self, posts: Sequence[Post], now: datetime, openers: Mapping[Channel, int]
    ) -> frozenset[PostKey]:
        """Store posts that are no digests; the keys of those that are stored now.

        One whose key is stored already, in whatever state, stays as it is. One that opens is not stored where the
        channel has as many openers on that day as `openers` allows, those of digests not counted.
        """

    async def post_records(self, kind: str, channels: Iterable[Channel], since: date) -> list[PostRecord]:
        """Posts of a kind that is no digest since a local day, by channel in the order in which they were made."""

    async def open_posts(self, now: datetime) -> list[OpenPost]:
        """Digests and other posts with messages to post whose waiting time is over, oldest day first.

        A channel that must wait for one post waits for all of them. A waiting time longer than any that is set
        comes from a wrong clock and counts as over.
        """

    async def next_try(self) -> datetime | None:
        """Earliest time at which a postponed post may be tried again."""

    async def digest(self, channel: Channel, day: date, name: str = MAIN) -> Digest | None:
        """A stored digest, with the evidence as it was."""

    async def last_days(self, channel: Channel, limit: int = 10, name: str | None = MAIN) -> list[DigestRecord]:
        """Outcomes of a subscription's latest digests, newest first; without a name, of all that the channel had."""

    async def deliveries(self, post: PostKey) -> dict[int, Delivery]:
        """State of a post's messages by slot."""

    async def oldest_open(self, channel: Channel, now: datetime) -> OldestOpen | None:
        """The first of a channel's `open_posts`, with what is stored of it at one moment; None if it has none."""

    async def claim(self, post: PostKey, slot: int, paper_id: str | None, now: datetime) -> bool:
        """Record that this process is about to post a message.

        False, and no record, if its post is no longer open, or another process has posted the message or has it in
        hand.
        """

    async def take_over(self, post: PostKey, slot: int) -> bool:
        """Record that this process looks whether a claimed message arrived, which makes its state unknown.

        False, and no record, if a process that lives has it in hand, or its outcome is known.
        """

    async def settle(  # noqa: PLR0913 - a ledger row is its key, its state and its facts
        self,
        post: PostKey,
        slot: int,
        state: State,
        now: datetime,
        *,
        ref: Ref | None = None,
        reason: str | None = None,
        closes: bool = False,
    ) -> None:
        """Record the outcome of a claimed message, and with `closes` that all of its post are settled.

        What another process has taken over stays as that process left it.
        """

    async def release(self, post: PostKey, slot: int) -> None:
        """Undo a claim: the message certainly did not leave."""

    async def postpone(self, post: PostKey, until: datetime, reason: str) -> None:
        """Try a post again later; counts an attempt."""

    async def finish(self, post: PostKey) -> None:
        """Close a post whose messages are all settled."""

    async def abandon(self, post: PostKey, reason: str) -> None:
        """Close a post undelivered: its papers count as not shown, unless its opener was posted after all."""

    async def abandon_all(self, where: Channel, reason: str, name: str | None = None) -> None:
        """Close the open posts of a channel or workspace; those whose opener was posted count as done.

        With a name, only the digests of the subscription of that name.
        """

    async def paper_of(self, channel: Channel, ref: Ref) -> str | None:
        """Id of the paper that a posted message is about."""

    async def papers_under(self, channel: Channel, opener: Ref) -> tuple[str, ...]:
        """Ids of a post's papers, in its order; none if no post of the channel was opened by that message."""
