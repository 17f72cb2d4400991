"""arXiv's answers -> papers: the announcement feed and the query API, both Atom.

https://info.arxiv.org/help/rss_specifications.html, https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.errors import SourceError
from bot.model import Findings, Paper
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
    """A day's announcement: what is new to the categories, and which known papers have a new version."""

    new: tuple[Paper, ...] = ()
    replaced: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryPage:
    """A page of query results, and how many the server says there are in all (None: it does not say)."""

    papers: tuple[Paper, ...] = ()
    total: int | None = None


def parse_feed(body: bytes) -> Announcement:
    """The announcement feed. Dates of submission are not in it: `published_at` stays unknown."""
    new: dict[str, Paper] = {}
    replaced: dict[str, Paper] = {}
    for number, entry in enumerate(_entries(body), 1):
        kind = _text(entry, f"{_ARXIV}announce_type", 50)
        paper = _announced(entry, number)
        (replaced if kind.startswith("replace") else new).setdefault(paper.id, paper)
    return Announcement(tuple(new.values()), tuple(paper for i, paper in replaced.items() if i not in new))


def parse_query(body: bytes) -> QueryPage:
    """Query results. Raises SourceError with arXiv's own words when they are an error feed."""
    feed = _feed(body)
    papers = tuple(_result(entry, number) for number, entry in enumerate(feed.iter(f"{_ATOM}entry"), 1))
    total = feed.findtext(f"{_SEARCH}totalResults", "").strip()
    return QueryPage(papers, int(total) if re.fullmatch(r"[0-9]{1,9}", total) else None)


def parse_results(body: bytes) -> Findings:
    """Query results as findings: papers, and no signals, since arXiv counts none."""
    return Findings(parse_query(body).papers)


def _entries(body: bytes) -> list[Element]:
    return list(_feed(body).iter(f"{_ATOM}entry"))


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


def _announced(entry: Element, number: int) -> Paper:
    told = _text(entry, f"{_ATOM}id", 200)
    abstract = _text(entry, f"{_ATOM}summary", untrusted.ABSTRACT_MAX)
    return Paper(
        id=_id(told, number),
        title=_title(entry, told),
        abstract=_PREFIX.sub("", abstract),
        authors=_authors(entry),
        categories=_categories(entry),
        journal_ref=_text(entry, f"{_ARXIV}journal_reference", 500) or None,
        doi=_text(entry, f"{_ARXIV}DOI", 200) or None,
        version=version(told),
        withdrawn=bool(_WITHDRAWN.search(abstract)),
    )


def _result(entry: Element, number: int) -> Paper:
    told = _text(entry, f"{_ATOM}id", 200)
    abstract, comment = _text(entry, f"{_ATOM}summary", untrusted.ABSTRACT_MAX), _text(entry, f"{_ARXIV}comment", 2_000)
    return Paper(
        id=_id(told, number),
        title=_title(entry, told),
        abstract=abstract,
        authors=_authors(entry),
        published_at=untrusted.utc_time(entry.findtext(f"{_ATOM}published")),
        categories=_categories(entry),
        comment=comment or None,
        journal_ref=_text(entry, f"{_ARXIV}journal_ref", 500) or None,
        doi=_text(entry, f"{_ARXIV}doi", 200) or None,
        version=version(told),
        withdrawn=_withdrawn(comment, abstract),
    )


def _id(told: str, number: int) -> str:
    if (found := arxiv_id(told)) is None:
        raise SourceError(NAME, f"entry {number} has no arXiv id")
    return found


def _title(entry: Element, told: str) -> str:
    title = _text(entry, f"{_ATOM}title", untrusted.TITLE_MAX)
    if not title:
        raise SourceError(NAME, f"entry {told} has no title")
    return title


def _withdrawn(comment: str, abstract: str) -> bool:
    return bool(_WITHDRAWN.search(comment) or _WITHDRAWN.search(abstract) or comment.lower().startswith("withdrawn"))


def _authors(entry: Element) -> tuple[str, ...]:
    """Names, from one element each, or from one list with commas (an older flavour of the feed)."""
    listed = [name.text for name in entry.iterfind(f"{_ATOM}author/{_ATOM}name")]
    if not listed:
        creators = ", ".join(element.text or "" for element in entry.iterfind(f"{_DC}creator"))
        listed = list(_AFFILIATION.sub("", creators[:200_000]).split(","))
    return untrusted.name_list(listed)


def _categories(entry: Element) -> tuple[str, ...]:
    """arXiv categories, the primary one first where it is named; other schemes' (MSC, ACM) are left out."""
    primary = entry.find(f"{_ARXIV}primary_category")
    terms = [] if primary is None else [primary.get("term")]
    terms += [category.get("term") for category in entry.iterfind(f"{_ATOM}category")][:50]
    return tuple(dict.fromkeys(term for term in terms if term and is_category(term)))


def is_category(text: str) -> bool:
    """Whether a text has the form of an arXiv category: `cs.CL`, `hep-th`, `cond-mat.supr-con`."""
    return re.fullmatch(r"[a-z]{1,8}(?:-[a-z]{2,4})?(?:\.[A-Za-z]{2,8}(?:-[a-z]{2,6})?)?", text) is not None


def canonical_category(category: str) -> str:
    """A category as arXiv spells it: two letters after the dot are capitals, words (`cond-mat.soft`) are not."""
    archive, dot, subject = category.lower().partition(".")
    return f"{archive}{dot}{subject.upper() if len(subject) == 2 else subject}"


def _text(entry: Element, tag: str, limit: int) -> str:
    return untrusted.text_line(entry.findtext(tag), limit)
