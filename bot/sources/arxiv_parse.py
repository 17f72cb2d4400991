"""Papers from arXiv's announcement feed and query API, both Atom. An entry that cannot be read is left out and named.

https://info.arxiv.org/help/rss_specifications.html, https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from bot.errors import SourceError
from bot.model import Paper
from bot.model.category import is_category
from bot.model.paper_id import arxiv_id, version
from bot.sources import atom, untrusted
from bot.sources.withdrawal import is_withdrawn

NAME = "arxiv"

_ATOM = "{http://www.w3.org/2005/Atom}"
_ENTRY = f"{_ATOM}entry"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"

_PREFIX = re.compile(r"^arXiv:\S+ Announce Type: \S+ (?:Abstract: )?")
_AFFILIATION = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A day's announcement: papers new to the categories, and papers with a new version."""

    new: tuple[Paper, ...] = ()
    replaced: tuple[Paper, ...] = ()
    skipped: tuple[str, ...] = ()
    """Entries that could not be read, as in `Findings.skipped`."""


@dataclass(frozen=True, slots=True)
class QueryPage:
    """A page of query results, the number of all results (None: not in the answer), and entries left out."""

    papers: tuple[Paper, ...] = ()
    total: int | None = None
    skipped: tuple[str, ...] = ()


class RefusedQueryError(SourceError):
    """arXiv rejects the question itself, by an error feed or a status: another one may be answered."""


def parse_feed(body: bytes) -> Announcement:
    """The announcement feed. Without dates of submission: `published_at` stays None. Raises SourceError."""
    new: dict[str, Paper] = {}
    replaced: dict[str, Paper] = {}
    feed, broken = _feed(body)
    papers, skipped = untrusted.readable(NAME, feed.iter(_ENTRY), lambda entry: (_paper(entry, feed=True), entry))
    skipped = broken + skipped
    if skipped and not papers:
        raise SourceError(NAME, f"none of its entries can be read: {skipped[0]}")
    for paper, entry in papers:
        kind = _text(entry, f"{_ARXIV}announce_type", 50)
        (replaced if kind.startswith("replace") else new).setdefault(paper.id, paper)
    only_replaced = tuple(paper for paper in replaced.values() if paper.id not in new)
    return Announcement(tuple(new.values()), only_replaced, skipped)


def parse_query(body: bytes) -> QueryPage:
    """Query results. Raises SourceError; RefusedQueryError with arXiv's own reason if the answer is an error feed."""
    feed, broken = _feed(body)
    papers, skipped = untrusted.readable(NAME, feed.iter(_ENTRY), lambda entry: _paper(entry, feed=False))
    total = feed.findtext(f"{_SEARCH}totalResults", "").strip()
    return QueryPage(tuple(papers), int(total) if re.fullmatch(r"[0-9]{1,9}", total) else None, broken + skipped)


def _feed(body: bytes) -> tuple[Element, tuple[str, ...]]:
    """The feed, and a line about each entry that is broken XML."""
    feed, broken = atom.parsed(body, NAME)
    if feed.tag != f"{_ATOM}feed":
        raise SourceError(NAME, "XML that is not an Atom feed")
    for entry in feed.iter(_ENTRY):
        if "/api/errors" in entry.findtext(f"{_ATOM}id", ""):
            reason = _text(entry, f"{_ATOM}summary", 200) or "no reason"
            raise RefusedQueryError(NAME, f"it refuses the question: {reason}")
    return feed, broken


def _paper(entry: Element, *, feed: bool) -> Paper:
    """A paper from an entry of the feed, or of the query API; the two name their elements differently."""
    link = _text(entry, f"{_ATOM}id", 200)
    title = _text(entry, f"{_ATOM}title", untrusted.TITLE_MAX)
    abstract = _text(entry, f"{_ATOM}summary", untrusted.ABSTRACT_MAX)
    abstract = _PREFIX.sub("", abstract) if feed else abstract
    comment = "" if feed else _text(entry, f"{_ARXIV}comment", 2_000)
    if (canonical := arxiv_id(link)) is None:
        raise SourceError(NAME, f"an entry has no arXiv id: “{(title or link or 'no title')[:80]}”")
    if not title:
        raise SourceError(NAME, f"entry {canonical} has no title")
    authors, more_authors = _authors(entry)
    return Paper(
        id=canonical,
        title=title,
        abstract=abstract,
        authors=authors,
        more_authors=more_authors,
        published_at=None if feed else untrusted.utc_time(entry.findtext(f"{_ATOM}published")),
        categories=_categories(entry),
        comment=comment or None,
        journal_ref=_text(entry, f"{_ARXIV}{'journal_reference' if feed else 'journal_ref'}", 500) or None,
        doi=_text(entry, f"{_ARXIV}{'DOI' if feed else 'doi'}", 200) or None,
        version=version(link),
        withdrawn=is_withdrawn(comment, abstract),
    )


def _authors(entry: Element) -> tuple[tuple[str, ...], int]:
    """Names, from one element each, or from one list with commas (older feeds); and how many more there are."""
    listed = [name.text for name in entry.iterfind(f"{_ATOM}author/{_ATOM}name")]
    if not listed:
        creators = ", ".join(element.text or "" for element in entry.iterfind(f"{_DC}creator"))
        listed = list(_AFFILIATION.sub("", creators[:200_000]).split(","))
    return untrusted.author_names(listed)


def _categories(entry: Element) -> tuple[str, ...]:
    """arXiv categories, the primary one first if it is marked; without those of other schemes (MSC, ACM)."""
    primary = entry.find(f"{_ARXIV}primary_category")
    terms = [] if primary is None else [primary.get("term")]
    terms += [category.get("term") for category in entry.iterfind(f"{_ATOM}category")][:50]
    return tuple(dict.fromkeys(term for term in terms if term and is_category(term)))


def _text(entry: Element, tag: str, limit: int) -> str:
    return untrusted.text_line(entry.findtext(tag), limit)
