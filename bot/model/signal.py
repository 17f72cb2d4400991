"""Signals that people notice a paper, and the trend that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model.paper import Paper

MENTIONED_IN = "mentioned in "
"""Begins the kind of a signal from a feed; its title follows."""
STORY = "story"
"""Kind of a signal that counts nothing: its value is the number of the story on Hacker News whose points count."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation of interest in a paper. Observations form time series and are never overwritten."""

    paper_id: str
    source: str
    """The service that counted: `huggingface`, `hackernews`, …"""
    kind: str
    """`upvotes`, `comments`, `github_stars`, `points`, `position`, `citations`, `mentioned in <feed>`, `story`"""
    value: float
    seen_at: datetime


def is_interest(kind: str) -> bool:
    """Whether a series tells that readers have noticed a new paper; citations and mentions are shown without weight."""
    return not kind.endswith("citations") and not kind.startswith(MENTIONED_IN) and kind != STORY


@dataclass(frozen=True, slots=True)
class Findings:
    """Result of one fetch from a source."""

    papers: tuple[Paper, ...] = ()
    signals: tuple[Signal, ...] = ()
    skipped: tuple[str, ...] = ()
    """Each item that could not be read and was left out: what it is and why, on one line, without numbers that change
    from fetch to fetch."""
    summaries: tuple[tuple[str, str], ...] = ()
    """Ids of papers and the summary that the source's own model wrote, unchecked."""
    same: tuple[tuple[str, str], ...] = ()
    """Pairs of ids of one work: the one to keep, and the DOI under which it is known, too."""


@dataclass(frozen=True, slots=True)
class MergeResult:
    """Outcome of storing findings: new paper ids, ids whose text changed, and the number of signals kept."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    signals: int


@dataclass(frozen=True, slots=True)
class SourceReport:
    """Outcome of a source's latest fetch: the last success, and the fault since then if any."""

    source: str
    tried_at: datetime
    succeeded_at: datetime | None
    papers: int = 0
    signals: int = 0
    fault: str | None = None
    skipped: int = 0
    """How many items of its last answers could not be read and were left out."""
    skipped_items: tuple[str, ...] = ()
    """The first of them, as in `Findings.skipped`."""


FIGURES_FRESH = timedelta(hours=2)
"""Age up to which a source's figures need no remark; the sources are asked every half hour."""


class Outage(NamedTuple):
    """A source whose latest fetch failed."""

    source: str
    answered_at: datetime | None = None
    """The last success; None if there was none."""

    def is_stale(self, now: datetime) -> bool:
        """Whether readers are to know: the source's figures are older than two hours, or there are none."""
        return self.answered_at is None or now - self.answered_at > FIGURES_FRESH


@dataclass(frozen=True, slots=True)
class Evidence:
    """One signal behind a trend: its latest value, its earlier value, and its part of the score."""

    source: str
    kind: str
    value: float
    seen_at: datetime
    before: float | None = None
    """The value about a day earlier; None with fewer than two observations."""
    before_at: datetime | None = None
    weight: float = 0.0
    """Contribution to the score, in units of the score."""
    url: str | None = None
    """Page of what was counted, where it has one of its own: a story on Hacker News."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A paper's score at one moment, with the evidence behind it."""

    paper: Paper
    score: float
    """Comparable among papers of the same age only."""
    standing: float
    """Score relative to papers of the same age; comparable across ages, so papers are ranked by it."""
    evidence: tuple[Evidence, ...] = ()
    rule: str = ""
    """Version of the rule that gave the score."""
    expected: float = 0.0
    """Upvotes still to come by the rule's forecast; 0 without votes so far."""
    listed: float = 0.0
    """Probability that Daily Papers will list a paper that has no signals yet; 0 where there is no forecast."""

    @property
    def is_noticed(self) -> bool:
        """Whether there is evidence that readers have noticed it; citations and mentions alone are not."""
        return any(is_interest(each.kind) for each in self.evidence)
