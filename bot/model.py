"""The domain: frozen values with no behaviour but what follows from their own fields.

Times are aware `datetime`s in UTC unless a name says `local`; days are `date`s in a channel's own zone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Literal, NewType

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


# --- papers and what is noticed about them -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paper:
    """One work under one id whatever the source or version: arXiv id without version, else DOI.

    None and empty mean "not known", never "none": a missing repository is unknown.
    """

    id: str
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    """First version's submission."""
    listed_at: datetime | None = None
    """When it came onto a curated list (Hugging Face Daily Papers)."""
    first_seen: datetime | None = None
    """When Paperboy first stored it."""
    categories: tuple[str, ...] = ()
    """arXiv categories, the primary one first."""
    organization: str | None = None
    code_url: str | None = None
    project_url: str | None = None
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    version: int | None = None
    withdrawn: bool = False
    tldr: str = ""
    """One sentence taken from the abstract."""

    @property
    def is_arxiv(self) -> bool:
        """Whether the id is an arXiv id (the other kind is a DOI, which starts with `10.` and has a slash)."""
        return not (self.id.startswith("10.") and "/" in self.id)

    @property
    def url(self) -> str:
        """The page a title links to: the arXiv abstract, else the DOI."""
        return f"https://arxiv.org/abs/{self.id}" if self.is_arxiv else f"https://doi.org/{self.id}"

    @property
    def age_at(self) -> datetime | None:
        """The moment its age is counted from: when listed, else first seen, else published."""
        return self.listed_at or self.first_seen or self.published_at


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation that people notice a paper. A series of them is a time series, never overwritten."""

    paper_id: str
    source: str
    """`huggingface`, `hackernews`, …: who counted."""
    kind: str
    """`upvotes`, `comments`, `github_stars`, `points`, `position`: what was counted."""
    value: float
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Findings:
    """What a source brings back from one look."""

    papers: tuple[Paper, ...] = ()
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How a source's latest look went: the last success, and the fault since then if any."""

    source: str
    tried_at: datetime
    succeeded_at: datetime | None
    papers: int = 0
    signals: int = 0
    fault: str | None = None


# --- ranking --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason behind a trend: a signal's latest value, what it was before, and what it added to the score."""

    source: str
    kind: str
    value: float
    seen_at: datetime
    before: float | None = None
    """The value about a day earlier; None before there are two observations."""
    before_at: datetime | None = None
    weight: float = 0.0
    """What this added to the score, in the score's own units."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A paper's score at a moment, with the evidence that makes it."""

    paper: Paper
    score: float
    """Comparable among papers of the same age only."""
    standing: float
    """How it stands among papers of its own age; comparable across ages. This is what papers compete by."""
    evidence: tuple[Evidence, ...] = ()
    rule: str = ""
    """The version of the rule that gave the score."""


# --- channels and their wishes ----------------------------------------------------------------------------------

Style = Literal["thread", "compact"]
Quiet = Literal["say", "skip"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's wish. The default is everything, five a day, at nine."""

    channel: Channel
    topics: tuple[str, ...] = ()
    """Lines of the query language; none follows everything."""
    mutes: tuple[str, ...] = ()
    size: int = 5
    at: time = time(9, 0)
    timezone: str = "UTC"
    days: frozenset[int] = EVERY_DAY
    """Weekdays, Monday is 0. A single one is a weekly digest."""
    style: Style = "thread"
    quiet: Quiet = "say"
    set_by: Channel | None = None
    """The person who set it up, as an address notices can be sent to."""
    set_at: datetime | None = None
    last_at: datetime | None = None
    """When the latest digest was chosen; the next one's window starts there."""
    next_due: datetime | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    """None while paused means until somebody resumes it."""
    pause_reason: str | None = None
    """None for a person's own wish; else why delivery is impossible."""

    @property
    def wish(self) -> tuple[tuple[str, ...], tuple[str, ...], int]:
        """What decides a selection; channels with the same wish share the work."""
        return (self.topics, self.mutes, self.size)


class Reason(StrEnum):
    """Why a paper was chosen, as named in the log and told to the reader."""

    TRENDING = "trending"
    TOPIC = "topic"
    NEW = "new, no signals yet"


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper chosen for a channel, with the topics it matched."""

    trend: Trend
    reason: Reason
    topics: tuple[str, ...] = ()

    @property
    def paper(self) -> Paper:
        """The paper picked."""
        return self.trend.paper


class Outcome(StrEnum):
    """Why a digest is as it is; every day of a subscription has one."""

    PICKED = "picked"
    NOTHING_NEW = "nothing new"
    NOTHING_MATCHED = "nothing matched"
    SOURCES_DOWN = "sources down"
    LATE = "skipped, too late"


@dataclass(frozen=True, slots=True)
class Digest:
    """One channel, one local day: the picks, kept before the first post."""

    channel: Channel
    day: date
    picks: tuple[Pick, ...]
    outcome: Outcome
    due_at: datetime
    chosen_at: datetime
    since: datetime
    """Start of the window it was chosen from."""
    topics: tuple[str, ...] = ()
    style: Style = "thread"
    quiet: Quiet = "say"
    thinned: int = 0
    """How many near-duplicates of a pick were left out."""
    faults: tuple[str, ...] = ()
    """Sources that were down, each as one short sentence."""


# --- what is said ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. Foreign text is put here as it is; adapters escape it on the way out."""

    text: str
    url: str | None = None
    bold: bool = False
    italic: bool = False
    code: bool = False


Role = Literal["heading", "text", "item", "note"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph: a heading, running text, an item of a numbered list, or a small note."""

    role: Role
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The paragraph without any styling."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Action:
    """A button under a message: a command with its options filled in, or a link."""

    label: str
    command: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    style: Literal["plain", "primary", "danger"] = "plain"


@dataclass(frozen=True, slots=True)
class Message:
    """What to say, without platform markup."""

    blocks: tuple[Block, ...]
    actions: tuple[Action, ...] = ()
    title: str = ""
    """One line for notifications and screen readers; of an opener, also its thread's title."""
    paper_id: str | None = None
    """The paper it is about, so that a reaction to it can be counted."""
    private: bool = True
    """Whether an answer is for the asker alone. Digests are public by nature."""

    @property
    def text(self) -> str:
        """The whole message without any styling."""
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Thread:
    """An opener and its replies, in order."""

    opener: Message
    replies: tuple[Message, ...] = ()

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of it; the index is the delivery slot, the opener's is 0."""
        return (self.opener, *self.replies)


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form, and what is wrong with its present answer."""

    name: str
    label: str
    value: str = ""
    kind: Literal["line", "lines", "choice"] = "line"
    choices: tuple[str, ...] = ()
    help: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """Fields to fill in: a modal, a panel, or questions on a line."""

    title: str
    command: str
    fields: tuple[Field, ...]
    submit: str = "Save"

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, one line a field."""
        return tuple(f"{f.label}: {f.error}" for f in self.fields if f.error)


# --- delivery -------------------------------------------------------------------------------------------------


class State(StrEnum):
    """Where a message of the ledger stands. No row means not yet tried."""

    CLAIMED = "claimed"
    POSTED = "posted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    LOST = "lost"
    """Nobody can tell whether it arrived, and repeating it could double it."""


OPENER = 0
"""The slot of a digest's first message; its replies count upwards from there."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger, unique by (channel, day, slot)."""

    channel: Channel
    day: date
    slot: int
    state: State
    ref: Ref | None = None
    attempts: int = 0
    claimed_at: datetime | None = None


def delivery_key(channel: Channel, day: date, slot: int) -> str:
    """The name under which a platform can be asked for a message again: 25 characters, the same for ever.

    25 is the longest nonce Discord takes (https://discord.com/developers/docs/resources/message#create-message).
    """
    digest = hashlib.sha256(f"{channel}|{day.isoformat()}|{slot}".encode()).hexdigest()
    return f"pb{digest[:23]}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asked, and where."""

    channel: Channel
    user: Channel
    """The person as an address notices can be sent to."""
    may_manage: bool = False
    timezone: str | None = None
    """The person's own zone where the platform tells it."""
    needs: str = "to be allowed to manage this channel"
    """What a caller who may not manage lacks, in the platform's words."""
