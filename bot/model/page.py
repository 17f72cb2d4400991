"""Content of the public pages: lists of papers, and one paper in detail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.message import Message
from bot.model.paper import Paper
from bot.model.signal import Signal, Trend

Order = Literal["best", "newest", "trending"]
"""Sort order of search results."""


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """One entry of a list: a paper with its trend, and what the search that listed it matched."""

    trend: Trend
    stems: frozenset[str] = frozenset()
    """Stems of the query; words of the paper with these stems are highlighted."""
    note: str = ""
    votes: tuple[tuple[datetime, float], ...] = ()
    """Upvotes over the last days, oldest first, a few points."""
    is_new: bool = False
    """Whether the list of the day before lacked it."""

    @property
    def paper(self) -> Paper:
        """The paper of the trend."""
        return self.trend.paper


@dataclass(frozen=True, slots=True)
class Hint:
    """A likely misunderstanding: a part of a query as typed, other words for it, and the whole query with each."""

    typed: str
    likely: tuple[str, ...]
    """The likeliest first."""
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaperList:
    """One page of a list of papers."""

    papers: tuple[ListedPaper, ...]
    as_of: datetime
    """The moment whose evidence is shown."""
    more: bool = False
    """Whether there is a next page."""
    query: str = ""
    """The query in its normal form."""
    notes: tuple[str, ...] = ()
    """Sentences about anything unusual, or why the list is empty."""
    hints: tuple[Hint, ...] = ()
    paper_id: str | None = None
    """Set when the query was a paper's id or link."""
    categories: tuple[tuple[str, int], ...] = ()
    """Categories of all papers of the list, with the number of papers, most first; none where it has no filter."""


@dataclass(frozen=True, slots=True)
class OtherTopic:
    """A topic that the words of another may mean: the papers that it matches, and how many the words match too."""

    topic: str
    name: str
    """What it is called: `Robotics` of `cat:cs.RO`; empty where the topic says so itself."""
    matched: int
    both: int


@dataclass(frozen=True, slots=True)
class WeekOfTopics:
    """Papers that topics and mutes would have brought in the last week."""

    matched: int
    papers: tuple[Paper, ...]
    """The best of them."""
    others: tuple[tuple[str, int, OtherTopic], ...] = ()
    """Topic, the number of its papers, and what its words may mean instead."""


@dataclass(frozen=True, slots=True)
class LinkedRepository:
    """A model, dataset or demo on Hugging Face whose description names a paper."""

    kind: Literal["model", "dataset", "demo"]
    name: str
    """Account and repository: `nvidia/OmniVinci`."""
    url: str
    likes: int = 0


@dataclass(frozen=True, slots=True)
class PaperDetails:
    """One paper with all its signals and similar papers."""

    trend: Trend
    signals: tuple[Signal, ...]
    """Oldest first."""
    similar: tuple[ListedPaper, ...]
    why: Message
    """Every signal with its part of the score, and the rule."""
    as_of: datetime
    note: str = ""
    """What is unusual about its abstract; empty for nothing."""
    repositories: tuple[LinkedRepository, ...] = ()
    """What names it on Hugging Face, most liked first of each kind; empty also while that is not known."""
