"""Venue of a paper by the words of its arXiv comment or its journal reference. Pure.

A comment is free text by the authors: “Accepted at ICLR 2025”, “12 pages, CVPR 2025 Oral”, “Submitted to JMLR”. Only a
clause that says so counts, or that names a conference with its year and nothing that speaks against it. It is quoted,
so that nothing is claimed that the authors have not written.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.text.cleaning import clean_text

QUOTE_MAX = 160
"""Characters of the words that are quoted."""

_CLAUSE = re.compile(r"(?<=[.;!?])\s+(?=[A-Z0-9(])|;\s*|\s[|·•]\s")
_SAYS = re.compile(
    r"\bac?cept?ted\b|\bcamera[- ]ready\b|\bto\s(?:be\s(?:published|presented)|appear)\b"
    r"|\b(?:published|presented|appears?|appeared)\s(?:in|at|by|as|on)\b"
    r"|\b(?:spotlight|oral|poster|highlight|best\spaper)\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:submitted|submission|under\s(?:peer[- ])?review|in\sreview|not|if|pending|conditional(?:ly)?|planned"
    r"|rejected|withdrawn|exten(?:ded|ds|sion)|previous(?:ly)?|earlier|preliminary|prior|style|template|challenge"
    r"|competition|solution|code|dataset|award)\b|\bto\sbe\s(?:accepted|submitted)\b",
    re.IGNORECASE,
)
_CONFERENCE = re.compile(
    r"\b(?:AAAI|AACL|AAMAS|ACL|ACMMM|ACM\sMM|AISTATS|BMVC|CHI|CIKM|COLING|COLM|CoNLL|CoRL|CVPR|EACL|ECAI|ECCV|ECIR"
    r"|EMNLP|EUSIPCO|ICASSP|ICCV|ICIP|ICLR|ICME|ICML|ICMI|ICRA|IJCAI|IJCNLP|INTERSPEECH|IROS|ISMIR|ISWC|KDD|LREC"
    r"|MICCAI|MLSys|NAACL|NeurIPS|OSDI|RecSys|RSS|SIGGRAPH|SIGIR|SIGMOD|TheWebConf|UAI|VLDB|WACV|WSDM|WWW|3DV)W?"
    r"[\s'’]{0,2}(?:20)?2\d\b",
    re.IGNORECASE,
)
_LONGEST_BARE = 60
"""Characters of a clause that names a conference without a word about it: in a longer one it may be another paper's."""
_VENUE = re.compile(r"\b(?:[A-Z][A-Za-z&]*[A-Z][A-Za-z&'’]*|[A-Z]{2,}|[A-Z][a-z]{3,})")
"""A name: an acronym (CVPR, NeurIPS, TMLR), or a word of four letters with a capital."""
_NO_NAMES = re.compile(
    r"\b(?:accepted|acceptted|camera[- ]ready|published|presented|appears?|appeared|oral|poster|spotlight|highlight"
    r"|this|paper|work|article|code|project|page|preprint|version|github|https?\S*|figures?|tables?|pages?|appendix)\b"
    r"|https?://\S+",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:\b(?:project|code|web)?\s?(?:page|site|website)?:?\s)?https?://\S+", re.IGNORECASE)
_WORKSHOP = re.compile(r"\bworkshops?\b|\b(?:CVPR|ICCV|ECCV|ICME|WAC)W", re.IGNORECASE)
_PAGES = re.compile(r"^(?:\d+\s(?:pages?|figures?|tables?)(?:\s\([^)]*\))?(?:\sand\s)?,?\s?)+", re.IGNORECASE)


class Acceptance(NamedTuple):
    """Venue and how the paper is there, as a comment or a journal reference says."""

    words: str
    """As the authors wrote it, cut to a line."""
    workshop: bool = False
    """Whether it is a workshop, which is less than the conference that it belongs to."""
    published: bool = False
    """Whether it is a journal reference."""


def acceptance(comment: str | None, journal_ref: str | None = None) -> Acceptance | None:
    """Venue by a paper's journal reference, else by its comment; None if neither names one."""
    if journal_ref and (words := clean_text(journal_ref)):
        return Acceptance(_cut(words), bool(_WORKSHOP.search(words)), published=True)
    for clause in _CLAUSE.split(clean_text(comment or "")):
        words = _PAGES.sub("", clause).strip(" ,;.")
        if words and not _NOT.search(words) and (_says_so(words) or _names_conference(words)):
            return Acceptance(_cut(words), bool(_WORKSHOP.search(words)))
    return None


def _says_so(words: str) -> bool:
    return bool(_SAYS.search(words) and _VENUE.search(_NO_NAMES.sub(" ", words)))


def _names_conference(words: str) -> bool:
    rest = _LINK.sub("", words)
    return len(rest) <= _LONGEST_BARE and bool(_CONFERENCE.search(rest))


def _cut(words: str) -> str:
    words = _LINK.sub("", words).strip(" ,;.:-–") or words
    return words if len(words) <= QUOTE_MAX else f"{words[: QUOTE_MAX - 1].rstrip()}…"
