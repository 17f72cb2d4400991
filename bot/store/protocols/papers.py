"""Queries and changes of papers, their signals and their summaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from bot.model import Findings, MergeResult, Paper, Revision, Signal, SourceReport


class Papers(Protocol):
    """Papers, signals, and the outcome of each source's latest fetch."""

    async def add(self, findings: Findings, source: str, now: datetime, *, deferred: bool = False) -> MergeResult:
        """Merge what a source found, all of it or nothing. The summaries of new papers may wait if `deferred`."""

    async def get(self, ids: Iterable[str]) -> dict[str, Paper]:
        """Stored papers by id."""

    async def find(self, id_or_doi: str) -> Paper | None:
        """Paper of an id or, failing that, of a DOI or another id of the same work."""

    async def signals(self, ids: Iterable[str], since: datetime) -> dict[str, list[Signal]]:
        """Observations of these papers since a time and the last one before it, oldest first."""

    async def revisions(self, ids: Iterable[str], since: datetime) -> dict[str, list[Revision]]:
        """Former titles, abstracts and comments of these papers, replaced since a time, oldest first.

        The latest ten of each; a text that differs in its white space alone, or that was not known, is none.
        """

    async def candidates(self, since: datetime, until: datetime) -> list[Paper]:
        """Papers whose age date is in that span, newest first, without withdrawn ones."""

    async def listed(self, since: datetime, until: datetime, limit: int) -> list[tuple[str, datetime]]:
        """Ids of the latest papers that a curated list took up in that span, and when, newest first; not withdrawn."""

    async def unsummarised(self, limit: int, *, deferred: bool = False) -> list[Paper]:
        """Papers without a summary of their text, newest first; with `deferred` also those that may wait."""

    async def summarise(self, summaries: Sequence[tuple[Paper, str]]) -> None:
        """Store summaries of such papers; one that a model wrote, or of a text that changed meanwhile, stays."""

    async def without_details(self, since: datetime, limit: int) -> list[str]:
        """arXiv ids first seen since a time that no source gave categories of arXiv for, newest first."""

    async def repositories(self, since: datetime) -> dict[str, str]:
        """Paper ids by repository URL, of papers first seen since a time."""

    async def uncounted(self, source: str, kind: str, since: datetime, before: datetime, limit: int) -> list[str]:
        """Ids of papers since a time without a value of this series since another one, newest first."""

    async def count(self) -> tuple[int, int]:
        """Number of papers and of observations; about, where there are millions."""

    async def thin(self, now: datetime) -> int:
        """Keep one observation per day and series once they are 90 days old. Returns how many were deleted."""

    async def report(self, report: SourceReport) -> None:
        """Store the outcome of a source's fetch; a fault leaves the last success standing."""

    async def reports(self) -> list[SourceReport]:
        """Outcome of every source's latest fetch, by name."""

    async def unsearchable(self, limit: int) -> list[str]:
        """Ids of papers that are indexed but found by no word, or by no meaning."""


class Summaries(Protocol):
    """Papers that a language model summarises, the summaries it wrote, and those that came with Hugging Face's list."""

    async def unwritten(self, since: datetime, limit: int) -> list[Paper]:
        """Papers since a time, with an abstract, that the language model has not written about, newest first."""

    async def write(self, paper: Paper, summary: str, model: str) -> bool:
        """Store a model's summary; False if the paper's text changed meanwhile."""

    async def adopt(self, summaries: Sequence[tuple[Paper, str]]) -> None:
        """Store Hugging Face's summaries of papers, or none where the text is empty.

        A language model's stay, and so does that of a paper whose text changed meanwhile.
        """

    async def forget_adopted(self) -> int:
        """Delete all summaries by Hugging Face, for sentences of the abstracts to follow. Returns how many."""

    async def adopted(self) -> int:
        """Number of papers whose summary is Hugging Face's."""

    async def record_failure(self, paper: Paper) -> None:
        """Count a failed attempt; a paper is attempted twice."""
