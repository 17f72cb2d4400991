"""Papers of bioRxiv and medRxiv from their common API. Pure.

https://api.biorxiv.org/details/biorxiv/help; an id is the DOI, a category becomes `biorxiv.cell-biology`. The licence
is not kept: Paperboy shows a sentence and links to the preprint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import SourceError
from bot.model import Paper
from bot.model.paper import is_doi
from bot.model.paper_id import paper_id
from bot.sources import untrusted
from bot.sources.withdrawal import is_withdrawn

EMPTY = re.compile(r"no (?:posts|articles|papers) found", re.IGNORECASE)
"""Status of an answer about days on which nothing was posted."""
_TAG = re.compile(r"</?(?:jats:)?[a-z][a-z-]{0,20}(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
"""JATS in abstracts: `<jats:p>`, `<sec id="s1">`."""
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_NOT_LETTERS = re.compile(r"[^a-z]+")


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """A page of the preprints of some days; `size` counts its items, `total` those of all pages."""

    papers: tuple[Paper, ...]
    size: int
    total: int
    skipped: tuple[str, ...] = ()


def parse_details(body: bytes, server: str) -> DetailsPage:
    """A page of preprints; a version later than the first has no `published_at`. Raises SourceError."""
    answer = untrusted.decoded_json(body, server)
    items = answer.get("collection") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise SourceError(server, "an answer without a collection")
    message = _message(answer)
    status = untrusted.text_line(message.get("status"), 200)
    if status and status != "ok" and not EMPTY.search(status):
        raise SourceError(server, f"it answers “{status}”")
    papers, skipped = untrusted.readable(server, items, lambda item: _paper(item, server))
    if skipped and not papers:
        raise SourceError(server, f"none of {len(items)} papers can be read: {skipped[0]}")
    total = untrusted.nonnegative(_number(message.get("total")))
    latest: dict[str, Paper] = {}
    for paper in sorted(papers, key=lambda paper: paper.version or 0):
        first = latest.get(paper.id, paper)
        latest[paper.id] = replace(paper, published_at=paper.published_at or first.published_at)
    return DetailsPage(tuple(latest.values()), len(items), int(total or len(items)), skipped)


def _message(answer: dict[str, Any]) -> dict[str, Any]:
    messages = answer.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    return first if isinstance(first, dict) else {}


def _paper(item: object, server: str) -> Paper:
    if not isinstance(item, dict):
        raise SourceError(server, f"a paper is {untrusted.json_type(item)} instead of an object")
    title = untrusted.text_line(item.get("title"), untrusted.TITLE_MAX)
    doi = paper_id(untrusted.text_line(item.get("doi"), 200))
    if doi is None or not is_doi(doi):
        raise SourceError(server, f"a paper has no DOI: {untrusted.named(item)}")
    if not title:
        raise SourceError(server, f"paper {doi} has no title")
    abstract = untrusted.text_line(_without_tags(item.get("abstract")), untrusted.ABSTRACT_MAX)
    names = untrusted.text_line(item.get("authors"), untrusted.NAME_MAX * untrusted.AUTHORS_MAX)
    authors, more_authors = untrusted.author_names([_in_order(name) for name in names.split(";") if name.strip()])
    version = untrusted.nonnegative(_number(item.get("version")))
    is_first = version is not None and version <= 1
    published_in = paper_id(untrusted.text_line(item.get("published"), 200))
    return Paper(
        id=doi,
        title=title,
        abstract=abstract,
        authors=authors,
        more_authors=more_authors,
        published_at=untrusted.utc_time(item.get("date")) if is_first else None,
        categories=_category(server, item.get("category")),
        organization=untrusted.text_line(item.get("author_corresponding_institution"), untrusted.NAME_MAX) or None,
        doi=published_in if published_in and is_doi(published_in) and published_in != doi else None,
        version=int(version) if version else None,
        withdrawn="withdraw" in untrusted.text_line(item.get("type"), 100).lower() or is_withdrawn("", abstract),
    )


def _without_tags(value: object) -> object:
    return _TAG.sub(" ", value) if isinstance(value, str) and "<" in value else value


def _number(value: object) -> object:
    """Counts and versions are text in some answers."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else value


def _in_order(name: str) -> str:
    """`Jane Q. Doe` of `Doe, Jane Q.`; a group's name as it is."""
    family, comma, forenames = name.partition(",")
    return f"{forenames.strip()} {family.strip()}" if comma and forenames.strip() else name.strip(" ,")


def _category(server: str, value: object) -> tuple[str, ...]:
    """`biorxiv.cell-biology` of `cell biology`, `medrxiv.endocrinology` of `endocrinology (including …)`."""
    text = _IN_BRACKETS.sub("", untrusted.text_line(value, 100).lower())
    name = _NOT_LETTERS.sub("-", text).strip("-")
    return (f"{server}.{name}",) if name else ()
