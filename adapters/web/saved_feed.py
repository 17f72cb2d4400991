"""A reading list as Atom (RFC 4287), behind a link that its owner alone has. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from adapters.text import printable, truncate
from adapters.web.feeds import ATOM, EARLIEST, add_text, authors_of, rfc3339, title_of
from adapters.web.view import SUMMARY_MAX
from bot.model import SavedPaper
from bot.wording import summaries

TITLE = "My reading list (Paperboy)"


def saved_feed(url: str, home: str, saved: Sequence[SavedPaper]) -> bytes:
    """The entries with their notes and tags, dated by when they were saved; an entry's id is its paper's address."""
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    add_text(feed, "id", url)
    add_text(feed, "title", TITLE)
    add_text(feed, "updated", rfc3339(max((each.saved_at or EARLIEST for each in saved), default=EARLIEST)))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": url})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": home})
    add_text(SubElement(feed, "author"), "name", "Paperboy")
    for each in saved:
        _add_entry(SubElement(feed, "entry"), each)
    xml: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return xml


def _add_entry(entry: Element, saved: SavedPaper) -> None:
    paper, at = saved.paper, rfc3339(saved.saved_at or EARLIEST)
    add_text(entry, "id", paper.url)
    add_text(entry, "title", title_of(paper))
    add_text(entry, "updated", at)
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": paper.url})
    for author in authors_of(paper):
        add_text(SubElement(entry, "author"), "name", author)
    for tag in saved.tags:
        SubElement(entry, "category", {"term": printable(tag)})
    lines = (f"Note: {saved.note}" if saved.note else "", truncate(summaries.paper_summary(paper), SUMMARY_MAX))
    add_text(entry, "summary", printable("\n".join(filter(None, lines)), lines=True))
