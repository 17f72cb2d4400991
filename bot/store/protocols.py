"""The questions that a store answers: domain values in and out, no SQL and no driver types.

`Store` holds one part per subject. All methods are asynchronous; a change is durable when its call returns. The one
synchronous protocol is `IndexView`: a search asks it several questions about one moment of the database and computes
between them, so the whole search runs on a reader thread instead of returning to the event loop after each question.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from bot.model import (
        Channel,
        Delivery,
        Digest,
        Feedback,
        Findings,
        Gesture,
        Lessons,
        MergeResult,
        Notice,
        OpenDigest,
        Outcome,
        Paper,
        Ref,
        Signal,
        SourceReport,
        State,
        Subscriber,
        Subscription,
    )
    from bot.model.mailbox import RequestLimit
    from bot.model.segment import (
        IndexEntry,
        PaperFilter,
        PostingsEntry,
        SegmentMerge,
        StoredSegment,
        UnembeddedPaper,
        VectorBatch,
    )

P = ParamSpec("P")
T = TypeVar("T")


class Papers(Protocol):
    """Papers, signals, and the outcome of each source's latest fetch."""

    async def add(self, findings: Findings, source: str, now: datetime) -> MergeResult:
        """Merge what a source found, all of it or nothing."""
        ...

    async def get(self, ids: Iterable[str]) -> dict[str, Paper]:
        """Stored papers by id."""
        ...

    async def find(self, id_or_doi: str) -> Paper | None:
        """Paper of an id or, failing that, of a DOI."""
        ...

    async def signals(self, ids: Iterable[str], since: datetime) -> dict[str, list[Signal]]:
        """Observations of these papers since a time and the last one before it, oldest first."""
        ...

    async def candidates(self, since: datetime, until: datetime) -> list[Paper]:
        """Papers whose age date is in that span, newest first, without withdrawn ones."""
        ...

    async def undescribed(self, limit: int) -> list[Paper]:
        """Papers whose summary and index entry do not follow their text yet."""
        ...

    async def describe(self, entries: Sequence[tuple[Paper, str | None, IndexEntry]]) -> None:
        """Store papers' summaries (None: to follow) and index entries.

        A paper whose text changed meanwhile is passed over and stays undescribed.
        """
        ...

    async def unsummarised(self, limit: int) -> list[Paper]:
        """Papers in the index whose summary is still to follow, newest first."""
        ...

    async def summarise(self, summaries: Sequence[tuple[Paper, str]]) -> None:
        """Store summaries that were to follow; one that was written or whose text changed meanwhile stays."""
        ...

    async def without_details(self, since: datetime, limit: int) -> list[str]:
        """arXiv ids first seen since a time that no source gave categories for, newest first."""
        ...

    async def repositories(self, since: datetime) -> dict[str, str]:
        """Paper ids by repository URL, of papers first seen since a time."""
        ...

    async def count(self) -> tuple[int, int]:
        """Number of papers and of observations."""
        ...

    async def thin(self, now: datetime) -> int:
        """Keep one observation per day and series once they are 90 days old. Returns how many were deleted."""
        ...

    async def report(self, report: SourceReport) -> None:
        """Store the outcome of a source's fetch; a fault leaves the last success standing."""
        ...

    async def reports(self) -> list[SourceReport]:
        """Outcome of every source's latest fetch, by name."""
        ...


class Subscriptions(Protocol):
    """Subscriptions of channels: topics, due times, pauses; and workspaces that left."""

    async def get(self, channel: Channel) -> Subscription | None:
        """Subscription of a channel."""
        ...

    async def all(self, workspace: str = "") -> list[Subscription]:
        """Every subscription, or those of one workspace, by channel."""
        ...

    async def unreachable(self, where: Channel) -> list[Subscription]:
        """Subscriptions of a channel or workspace that are paused because it could not be reached."""
        ...

    async def running(self, where: Channel) -> list[Subscription]:
        """Subscriptions of a channel or workspace that are not paused."""
        ...

    async def counts(self) -> dict[tuple[str, str], int]:
        """Number of subscriptions by platform and state: `active`, `paused` by request, `unreachable`."""
        ...

    async def due(self, now: datetime) -> list[Subscription]:
        """Subscriptions whose digest is due and that are not paused."""
        ...

    async def misplaced(self, after: datetime) -> list[Subscription]:
        """Subscriptions due later than any schedule allows: a wrong clock computed that."""
        ...

    async def resuming(self, now: datetime) -> list[Subscription]:
        """Subscriptions whose pause has ended."""
        ...

    async def topics(self) -> set[str]:
        """Topics of all subscriptions."""
        ...

    async def put(self, *subscriptions: Subscription) -> None:
        """Store subscriptions, new or changed."""
        ...

    async def reschedule(self, due: Mapping[Channel, datetime]) -> None:
        """Set when channels are next due."""
        ...

    async def remove(self, channel: Channel) -> bool:
        """Delete a subscription; its ledger stays. False if there was none."""
        ...

    async def move(self, old: Channel, new: Channel) -> bool:
        """Give a channel another address, with everything stored about it. False if nothing was moved."""
        ...

    async def pause(
        self, where: Channel, at: datetime, *, until: datetime | None, reason: str | None
    ) -> list[Subscription]:
        """Pause a channel or workspace. Returns the subscriptions that were running."""
        ...

    async def mark_departed(self, workspace: Channel, at: datetime) -> None:
        """Record since when a workspace is gone; the first time counts."""
        ...

    async def mark_returned(self, where: Channel) -> None:
        """Record that a channel, and so its workspace, can be reached again."""
        ...

    async def erase_departed(self, before: datetime) -> list[Channel]:
        """Erase everything about the workspaces that left before a time. Returns them."""
        ...

    async def erase(self, workspace: Channel) -> dict[str, int]:
        """Erase everything about a workspace. Returns the number of deleted rows by kind."""
        ...

    async def mark_greeted(self, channel: Channel, now: datetime) -> bool:
        """Record that a channel was greeted. False if it had been before."""
        ...


class Ledger(Protocol):
    """Digests as they were chosen, and the state of each of their messages.

    A message is claimed before it is posted and settled afterwards. A digest is open until every message is settled;
    the papers of an abandoned one count as not shown.
    """

    async def keep(self, new_digests: Sequence[Digest], due: Mapping[Channel, datetime]) -> None:
        """Store digests and when their channels are next due, in one change.

        A channel that already has a digest of that day keeps the old one: a clock set back chooses nothing twice.
        Of two digests of one day in one call the later one is kept.
        """
        ...

    async def shown_in(self, channel: Channel, ids: Iterable[str]) -> list[str]:
        """Those of these papers that a channel has been shown, or is about to be."""
        ...

    async def channels_shown(self, ids: Iterable[str]) -> dict[str, list[Channel]]:
        """Channels that have been shown each of these papers, or are about to be."""
        ...

    async def open_digests(self, now: datetime) -> list[OpenDigest]:
        """Digests with messages to post whose waiting time is over, oldest day first.

        A channel that must wait for one digest waits for all of them. A waiting time longer than any that is set
        comes from a wrong clock and counts as over.
        """
        ...

    async def next_try(self) -> datetime | None:
        """Earliest time at which a postponed digest may be tried again."""
        ...

    async def digest(self, channel: Channel, day: date) -> Digest | None:
        """A stored digest, with the evidence as it was."""
        ...

    async def last_days(self, channel: Channel, limit: int = 10) -> list[tuple[date, Outcome, str]]:
        """A channel's latest digests: day, outcome and state of delivery."""
        ...

    async def deliveries(self, channel: Channel, day: date) -> dict[int, Delivery]:
        """State of a digest's messages by slot."""
        ...

    async def claim(self, channel: Channel, day: date, slot: int, paper_id: str | None, now: datetime) -> None:
        """Record that a message is about to be posted."""
        ...

    async def settle(  # noqa: PLR0913 - a ledger row is its key, its state and its facts
        self,
        channel: Channel,
        day: date,
        slot: int,
        state: State,
        now: datetime,
        *,
        ref: Ref | None = None,
        reason: str | None = None,
    ) -> None:
        """Record the outcome of a claimed message."""
        ...

    async def release(self, channel: Channel, day: date, slot: int) -> None:
        """Undo a claim: the message certainly did not leave."""
        ...

    async def postpone(self, channel: Channel, day: date, until: datetime, reason: str) -> None:
        """Try a digest again later; counts an attempt."""
        ...

    async def finish(self, channel: Channel, day: date) -> None:
        """Close a digest whose messages are all settled."""
        ...

    async def abandon(self, channel: Channel, day: date, reason: str) -> None:
        """Close a digest undelivered: its papers count as not shown, unless its opener was posted after all."""
        ...

    async def abandon_all(self, where: Channel, reason: str) -> None:
        """Close the open digests of a channel or workspace; those whose opener was posted count as done."""
        ...

    async def paper_of(self, channel: Channel, ref: Ref) -> str | None:
        """Id of the paper that a posted message is about."""
        ...


class People(Protocol):
    """Reading lists, reactions, and notices to persons."""

    async def save(self, user: Channel, paper_id: str, now: datetime) -> bool:
        """Put a paper on a reading list. False if it was there."""
        ...

    async def unsave(self, user: Channel, paper_id: str) -> bool:
        """Take a paper off a reading list. False if it was not there."""
        ...

    async def reading_list(self, user: Channel) -> list[Paper]:
        """Saved papers of a person, latest first."""
        ...

    async def react(self, channel: Channel, user: Channel, paper_id: str, value: int, now: datetime) -> None:
        """Store a reaction, +1 or -1; 0 deletes it."""
        ...

    async def forget(self, who: Channel) -> dict[str, int]:
        """Erase saves, reactions, gestures and profile of a person or channel. Returns the number of each."""
        ...

    async def queue_notice(  # noqa: PLR0913, PLR0917 - a notice is exactly these facts
        self, recipient: Channel, about: Channel, kind: str, day: date, text: str, now: datetime
    ) -> None:
        """Queue a notice, unless there is one of this kind about this channel and day."""
        ...

    async def due_notices(self, now: datetime) -> list[Notice]:
        """Notices that may be delivered now. A recipient who must wait for one notice waits for all of them."""
        ...

    async def claim_notice(self, notice_id: int, now: datetime) -> None:
        """Record that a notice is about to be posted."""
        ...

    async def settle_notice(self, notice_id: int, state: str) -> None:
        """Record the outcome of a notice: `told` or `dropped`."""
        ...

    async def postpone_notice(self, notice_id: int, until: datetime, *, unknown: bool) -> None:
        """Try a notice again later; `unknown`: it may have arrived. Counts an attempt."""
        ...


class FeedbackLog(Protocol):
    """Feedback that channels' profiles are learnt from, and what of it was excluded."""

    async def lessons(self, channels: Iterable[Channel]) -> dict[Channel, Lessons]:
        """Feedback and exclusions of each channel; channels without feedback are left out."""
        ...

    async def record(self, channel: Channel, user: Channel, paper_id: str, gesture: Gesture, now: datetime) -> None:
        """Record that a person saved or shared a paper in a channel; a paper that is not stored is passed over."""
        ...

    async def withdraw(self, user: Channel, paper_id: str, gesture: Gesture) -> None:
        """Delete a person's gesture in every channel."""
        ...

    async def undo_latest(self, channel: Channel) -> Feedback | None:
        """Delete the latest feedback of a channel and return it; None if there is none."""
        ...

    async def reset(self, channel: Channel) -> int:
        """Delete feedback and exclusions of a channel. Returns the number of reactions and gestures deleted."""
        ...

    async def exclude(self, channel: Channel, stems: Iterable[str], papers: Iterable[str], now: datetime) -> None:
        """Leave stems and papers out of a channel's profile."""
        ...

    async def include(self, channel: Channel, stems: Iterable[str], papers: Iterable[str], now: datetime) -> None:
        """Let stems and papers count again."""
        ...


class Subscribers(Protocol):
    """Mail addresses, their confirmation letters and bounces. No other part stores an address."""

    async def get(self, subscriber: int) -> Subscriber | None:
        """Subscriber of a number."""
        ...

    async def by_name(self, name: str) -> Subscriber | None:
        """Subscriber of an address in its comparable form."""
        ...

    async def count_request(self, limits: Sequence[RequestLimit], now: datetime) -> str | None:
        """Count a request for each requester, unless one has reached a limit: that requester is returned."""
        ...

    async def request_letter(self, address: str, name: str, wish: Mapping[str, str], now: datetime) -> None:
        """Queue a letter to an address, new or known. A confirmed one keeps the subscription it has."""
        ...

    async def due_letters(self, now: datetime) -> list[Subscriber]:
        """Subscribers whose letter may be sent now, oldest first."""
        ...

    async def waiting_letters(self) -> list[Subscriber]:
        """Subscribers whose letter is still to be sent, now or later."""
        ...

    async def next_letter(self) -> datetime | None:
        """Earliest time at which a letter may be sent."""
        ...

    async def claim_letter(self, subscriber: int) -> bool:
        """Record that a letter is about to be sent; False if it is no longer wanted."""
        ...

    async def settle_letter(self, subscriber: int, *, again: datetime | None = None) -> None:
        """Record that a letter was sent or given up; or, with `again`, queue it anew, which counts an attempt."""
        ...

    async def confirm(self, subscription: Subscription, now: datetime) -> bool:
        """Confirm an address and store its subscription. False, and nothing changes, if it was confirmed."""
        ...

    async def remove(self, subscriber: int) -> bool:
        """Erase an address and its subscription. False if there was none."""
        ...

    async def bounces(self) -> dict[Channel, int]:
        """Number of bounces in a row by channel; addresses without are left out."""
        ...

    async def set_bounces(self, channel: Channel, count: int) -> bool:
        """Store the number of bounces in a row. False if there is no such address."""
        ...

    async def purge(self, unconfirmed_before: datetime, requests_before: datetime) -> int:
        """Erase addresses that stayed unconfirmed, and old requests. Returns the number of addresses erased."""
        ...


class Secrets(Protocol):
    """Short texts by name: secrets, encrypted with the store's keys, and notes, which are not secret."""

    async def put(self, name: str, text: str) -> None:
        """Store a secret in place of an older one. Raises StoreError without a key."""
        ...

    async def get(self, name: str) -> str | None:
        """A secret; None if there is none, or no key that decrypts it."""
        ...

    async def delete(self, name: str) -> bool:
        """Delete a secret; False if there was none."""
        ...

    async def names(self, prefix: str) -> list[str]:
        """Names of secrets that begin with a prefix."""
        ...

    async def put_note(self, name: str, text: str) -> None:
        """Store a note in place of an older one; needs no key.

        A note whose name begins with an address and a space is erased with that place or person.
        """
        ...

    async def get_note(self, name: str) -> str | None:
        """A note."""
        ...


class Summaries(Protocol):
    """Papers that a language model summarises, and the summaries it wrote."""

    async def unwritten(self, since: datetime, limit: int) -> list[Paper]:
        """Papers since a time, with an abstract, that no model has written about, newest first."""
        ...

    async def write(self, paper: Paper, summary: str, model: str) -> bool:
        """Store a model's summary; False if the paper's text changed meanwhile."""
        ...

    async def record_failure(self, paper: Paper) -> None:
        """Count a failed attempt; a paper is attempted twice."""
        ...


class IndexView(Protocol):
    """One moment of the papers and their index. Valid on the thread and during the call it was passed to."""

    def revision(self) -> int:
        """Number that grows with every change of the index."""
        ...

    def tail(self) -> dict[int, PostingsEntry]:
        """Entries that are in no segment yet, by paper number."""
        ...

    def tail_size(self) -> int:
        """Number of entries in the tail."""
        ...

    def segment_sizes(self) -> dict[int, int]:
        """Papers in each segment by segment id, oldest segment first."""
        ...

    def segment(self, segment_id: int) -> StoredSegment:
        """One segment."""
        ...

    def vocabulary(self, segment_ids: Iterable[int]) -> set[str]:
        """Every stem in these segments; a part of an author's name has `@` before it."""
        ...

    def stem_orders(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """Stems of these papers in their order (uint32 each), by paper number."""
        ...

    def vector_count(self, model: str, dimensions: int, since: int) -> int:
        """Number of vectors of a model that were stored after a revision."""
        ...

    def vectors(self, model: str, dimensions: int, since: int) -> Iterator[VectorBatch]:
        """Vectors of a model that were stored after a revision; vectors of another length are left out."""
        ...

    def numbers(self, condition: PaperFilter) -> Iterator[int]:
        """Numbers of the papers that meet a condition, in no particular order."""
        ...

    def numbers_by_age(self) -> Iterator[int]:
        """Numbers of all papers, newest first."""
        ...

    def papers_by_number(self, numbers: Sequence[int], condition: PaperFilter) -> dict[int, Paper]:
        """Those of these papers that are stored and meet a condition, by number."""
        ...

    def newest(self, condition: PaperFilter, limit: int) -> Iterator[tuple[int, Paper]]:
        """Numbers and papers that meet a condition, newest first, read as they are iterated."""
        ...

    def papers(self, ids: Iterable[str]) -> dict[str, Paper]:
        """Those of these papers that are stored, by id."""
        ...

    def ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """Paper ids by number."""
        ...

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Paper numbers by id."""
        ...

    def upvotes(self, ids: Iterable[str]) -> dict[str, float]:
        """Most upvotes that any source counts for each of these papers; papers without a count are left out."""
        ...


class Segments(Protocol):
    """The search index: a tail of single entries, segments of many papers, and vectors."""

    async def read(self, ask: Callable[Concatenate[IndexView, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a search off the event loop on one moment of the database."""
        ...

    async def replace(self, merge: SegmentMerge) -> bool:
        """Store a merged segment. False, and nothing changes, if the index has a newer revision."""
        ...

    async def clear(self) -> int:
        """Delete the index and the vectors, and have every paper described anew. Returns the number of papers."""
        ...

    async def unembedded(self, model: str, limit: int, *, below: int | None = None) -> list[UnembeddedPaper]:
        """Papers without a vector of this model, newest first, optionally only those numbered `below`."""
        ...

    async def keep_vectors(self, model: str, papers: Sequence[UnembeddedPaper], vectors: Sequence[bytes]) -> None:
        """Store vectors (int8 values) of papers; a paper that was removed or rewritten meanwhile is passed over."""
        ...


class Store(ABC):
    """Everything Paperboy remembers, in parts. A context manager that closes at its end."""

    papers: Papers
    subscriptions: Subscriptions
    ledger: Ledger
    people: People
    feedback: FeedbackLog
    subscribers: Subscribers
    secrets: Secrets
    summaries: Summaries
    segments: Segments
    writable: bool
    """Whether changes are accepted; without, each raises StoreError."""

    @abstractmethod
    def close(self) -> None:
        """Finish queued changes and release every resource."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
