"""Citations, venues and other ids of papers from Semantic Scholar's answer about many. Pure.

https://api.semanticscholar.org/api-docs/graph (POST /paper/batch): a list in the order of the ids, null where unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.errors import SourceError
from bot.model import Findings, Paper
from bot.model.paper import is_doi
from bot.model.paper_id import arxiv_id, paper_id
from bot.sources import untrusted

NAME = "semanticscholar"
FIELDS = "externalIds,citationCount,influentialCitationCount,venue"
VENUE_MAX = 300
PREPRINTS = frozenset({"arxiv.org", "arxiv", "biorxiv", "medrxiv", "corr"})
"""What it calls the venue of a work that is published nowhere else."""


@dataclass(frozen=True, slots=True)
class CountedPapers:
    """Findings about many papers, and the ids that are unknown there or could not be read."""

    findings: Findings
    unknown: tuple[str, ...]


def request_id(paper_id: str) -> str:
    """Id as the API takes it: `ARXIV:2106.15928`, `DOI:10.1101/…`."""
    return f"DOI:{paper_id}" if is_doi(paper_id) else f"ARXIV:{paper_id}"


def parse_batch(body: bytes, ids: Sequence[str], now: datetime) -> CountedPapers:
    """Counts as of `now` of the papers of these ids, in the order in which they were sent. Raises SourceError."""
    answer = untrusted.decoded_json(body, NAME)
    if not isinstance(answer, list):
        reason = untrusted.text_line(answer.get("error"), 200) if isinstance(answer, dict) else ""
        raise SourceError(NAME, f"it refuses the question: {reason}" if reason else "an answer that is no list")
    if len(answer) != len(ids):
        raise SourceError(NAME, f"{len(answer)} answers about {len(ids)} papers")
    pairs = list(zip(ids, answer, strict=True))
    counted_pairs = (pair for pair in pairs if pair[1] is not None)
    read, skipped = untrusted.readable(NAME, counted_pairs, lambda pair: _read(pair[0], pair[1], now))
    if skipped and not read:
        raise SourceError(NAME, f"none of its answers can be read: {skipped[0]}")
    counted = {signal.paper_id for findings in read for signal in findings.signals}
    whole = untrusted.merged_findings(read)
    same = tuple(pair for findings in read for pair in findings.same)
    findings = Findings(whole.papers, whole.signals, skipped, same=same)
    return CountedPapers(findings, tuple(each for each in ids if each not in counted))


def _read(paper: str, item: object, now: datetime) -> Findings:
    if not isinstance(item, dict):
        raise SourceError(NAME, f"paper {paper} is {untrusted.json_type(item)} instead of an object")
    counts = {"citations": item.get("citationCount"), "influential_citations": item.get("influentialCitationCount")}
    signals = untrusted.count_signals(paper, NAME, counts, now)
    if not any(signal.kind == "citations" for signal in signals):
        raise SourceError(NAME, f"paper {paper} has no number of citations")
    venue = untrusted.text_line(item.get("venue"), VENUE_MAX)
    is_preprint = venue.lower().removesuffix(" preprint") in PREPRINTS
    details = Paper(paper, "", journal_ref=venue if venue and not is_preprint else None)
    same = _same(paper, item.get("externalIds"))
    return Findings((details,) if details.journal_ref or same else (), signals, same=same)


def _same(paper: str, other: Any) -> tuple[tuple[str, str], ...]:
    """The arXiv id and the DOI of one work, of which the paper's own is one; arXiv's own DOIs are no other ids."""
    ids = other if isinstance(other, dict) else {}
    on_arxiv = arxiv_id(untrusted.text_line(ids.get("ArXiv"), 100))
    doi = paper_id(untrusted.text_line(ids.get("DOI"), 200))
    if on_arxiv is None or doi is None or not is_doi(doi) or paper not in {on_arxiv, doi}:
        return ()
    return ((on_arxiv, doi),)
