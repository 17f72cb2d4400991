"""Papers, what is noticed about them, and what follows for their rank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
    """One sentence taken from the abstract, or written by a model and checked against it."""
    tldr_by: str = ""
    """The model that wrote it; empty if it was taken from the abstract."""

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
    expected: float = 0.0
    """Upvotes still to come, as the rule forecasts; 0 where nobody has voted yet."""
