"""Papers from arXiv's announcement feed and query API, both Atom.

https://info.arxiv.org/help/rss_specifications.html, https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.errors import SourceError
from bot.model import Paper
from bot.model.paper_id import arxiv_id, version
from bot.sources import untrusted

NAME = "arxiv"

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"

_PREFIX = re.compile(r"^arXiv:\S+ Announce Type: \S+ (?:Abstract: )?")
_AFFILIATION = re.compile(r"\([^()]*\)")
_WITHDRAWN = re.compile(
    r"\b(?:this|the) (?:paper|article|submission|manuscript|work|preprint|version|note) "
    r"(?:has been|have been|was|is|is being) (?:temporarily |hereby )?withdrawn\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A day's announcement: papers new to the categories, and papers with a new version."""

    new: tuple[Paper, ...] = ()
    replaced: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryPage:
    """A page of query results, and the number of all results (None: not in the answer)."""

    papers: tuple[Paper, ...] = ()
    total: int | None = None


def parse_feed(body: bytes) -> Announcement:
    """The announcement feed. Without dates of submission: `published_at` stays None. Raises SourceError."""
    new: dict[str, Paper] = {}
    replaced: dict[str, Paper] = {}
    for number, entry in enumerate(_feed(body).iter(f"{_ATOM}entry"), 1):
        kind = _text(entry, f"{_ARXIV}announce_type", 50)
        paper = _paper(entry, number, feed=True)
        (replaced if kind.startswith("replace") else new).setdefault(paper.id, paper)
    return Announcement(tuple(new.values()), tuple(paper for paper in replaced.values() if paper.id not in new))


def parse_query(body: bytes) -> QueryPage:
    """Query results. Raises SourceError, with arXiv's own reason if the answer is an error feed."""
    feed = _feed(body)
    papers = tuple(_paper(entry, number, feed=False) for number, entry in enumerate(feed.iter(f"{_ATOM}entry"), 1))
    total = feed.findtext(f"{_SEARCH}totalResults", "").strip()
    return QueryPage(papers, int(total) if re.fullmatch(r"[0-9]{1,9}", total) else None)


def _feed(body: bytes) -> Element:
    feed = _root(body)
    if feed.tag != f"{_ATOM}feed":
        raise SourceError(NAME, "XML that is not an Atom feed")
    for entry in feed.iter(f"{_ATOM}entry"):
        if "/api/errors" in entry.findtext(f"{_ATOM}id", ""):
            raise SourceError(NAME, f"it refuses the question: {_text(entry, f'{_ATOM}summary', 200) or 'no reason'}")
    return feed


def _root(body: bytes) -> Element:
    start = body[:500].lstrip().lower()
    if not start:
        raise SourceError(NAME, "an empty answer instead of XML")
    if start.startswith((b"<!doctype html", b"<html")):
        raise SourceError(NAME, "HTML instead of XML")
    if not start.removeprefix(b"\xef\xbb\xbf").startswith(b"<"):
        raise SourceError(NAME, "something else instead of XML")
    if body.count(b"<") > untrusted.PARTS_MAX:
        raise SourceError(NAME, f"XML of more than {untrusted.PARTS_MAX:,} tags")
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise SourceError(NAME, "XML with a document type or entities, which is not read") from None
    except ParseError as broken:
        raise SourceError(NAME, f"broken XML: {broken}") from None
    except (ValueError, LookupError) as broken:
        raise SourceError(NAME, f"unreadable XML ({type(broken).__name__})") from None
    return root


def _paper(entry: Element, number: int, *, feed: bool) -> Paper:
    """A paper from an entry of the feed, or of the query API; the two name their elements differently."""
    link = _text(entry, f"{_ATOM}id", 200)
    title = _text(entry, f"{_ATOM}title", untrusted.TITLE_MAX)
    abstract = _text(entry, f"{_ATOM}summary", untrusted.ABSTRACT_MAX)
    comment = "" if feed else _text(entry, f"{_ARXIV}comment", 2_000)
    if (canonical := arxiv_id(link)) is None:
        raise SourceError(NAME, f"entry {number} has no arXiv id")
    if not title:
        raise SourceError(NAME, f"entry {link} has no title")
    return Paper(
        id=canonical,
        title=title,
        abstract=_PREFIX.sub("", abstract) if feed else abstract,
        authors=_authors(entry),
        published_at=None if feed else untrusted.utc_time(entry.findtext(f"{_ATOM}published")),
        categories=_categories(entry),
        comment=comment or None,
        journal_ref=_text(entry, f"{_ARXIV}{'journal_reference' if feed else 'journal_ref'}", 500) or None,
        doi=_text(entry, f"{_ARXIV}{'DOI' if feed else 'doi'}", 200) or None,
        version=version(link),
        withdrawn=any(map(_WITHDRAWN.search, (comment, abstract))) or comment.lower().startswith("withdrawn"),
    )


def _authors(entry: Element) -> tuple[str, ...]:
    """Names, from one element each, or from one list with commas (older feeds)."""
    listed = [name.text for name in entry.iterfind(f"{_ATOM}author/{_ATOM}name")]
    if not listed:
        creators = ", ".join(element.text or "" for element in entry.iterfind(f"{_DC}creator"))
        listed = list(_AFFILIATION.sub("", creators[:200_000]).split(","))
    return untrusted.name_list(listed)


def _categories(entry: Element) -> tuple[str, ...]:
    """arXiv categories, the primary one first if it is marked; without those of other schemes (MSC, ACM)."""
    primary = entry.find(f"{_ARXIV}primary_category")
    terms = [] if primary is None else [primary.get("term")]
    terms += [category.get("term") for category in entry.iterfind(f"{_ATOM}category")][:50]
    return tuple(dict.fromkeys(term for term in terms if term and is_category(term)))


def is_category(text: str) -> bool:
    """Whether a text has the form of an arXiv category: `cs.CL`, `hep-th`, `cond-mat.supr-con`."""
    return re.fullmatch(r"[a-z]{1,8}(?:-[a-z]{2,4})?(?:\.[A-Za-z]{2,8}(?:-[a-z]{2,6})?)?", text) is not None


def canonical_category(category: str) -> str:
    """A category in arXiv's spelling: two letters after the dot in capitals (`cs.CL`), words not (`cond-mat.soft`)."""
    archive, dot, subject = category.lower().partition(".")
    return f"{archive}{dot}{subject.upper() if len(subject) == 2 else subject}"


def _text(entry: Element, tag: str, limit: int) -> str:
    return untrusted.text_line(entry.findtext(tag), limit)
