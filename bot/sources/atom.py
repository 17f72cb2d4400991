"""Atom feeds from strangers: bounded, without document types or entities, a broken entry left out. Pure."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.errors import SourceError
from bot.sources.untrusted import PARTS_MAX, text_line

ENTRIES_MAX = 5_000
"""Entries of a broken feed that are parsed one by one; arXiv's feeds and answers have 2,000 at most."""
HEAD_MAX = 10_000
"""Characters before the first entry of a broken feed; each of its entries is parsed with them."""

# https://www.w3.org/TR/xml/#charsets: form feeds and their like have no place in XML, as little as references to them.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile("&#(?:x([0-9a-fA-F]{1,9})|([0-9]{1,9}));")
_OTHER_ENCODING = re.compile(rb"""<\?xml[^>]{0,100}encoding=["'](?!utf-8|us-ascii)""", re.IGNORECASE)
_ID = re.compile(r"<id>([^<]{1,200})</id>")


def parsed(body: bytes, source: str) -> tuple[Element, tuple[str, ...]]:
    """The root element of an Atom feed, and a line about each entry that is broken XML and was left out.

    Raises SourceError if it is no XML, or broken outside its entries (a cut-off answer is).
    """
    _check_start(body, source)
    try:
        return _root(body), ()
    except ParseError as broken:
        repaired = None if _OTHER_ENCODING.match(body.lstrip()) else _with_entries_apart(_without_illegal(body))
        if repaired is None:
            raise SourceError(source, f"broken XML: {broken}") from None
        return repaired
    except DefusedXmlException:
        raise SourceError(source, "XML with a document type or entities, which is not read") from None
    except (ValueError, LookupError) as broken:
        raise SourceError(source, f"unreadable XML ({type(broken).__name__})") from None


def _check_start(body: bytes, source: str) -> None:
    start = body[:500].lstrip().lower()
    if not start:
        raise SourceError(source, "an empty answer instead of XML")
    if start.startswith((b"<!doctype html", b"<html")):
        raise SourceError(source, "HTML instead of XML")
    if not start.removeprefix(b"\xef\xbb\xbf").startswith(b"<"):
        raise SourceError(source, "something else instead of XML")
    if body.count(b"<") > PARTS_MAX:
        raise SourceError(source, f"XML of more than {PARTS_MAX:,} tags")


def _root(body: bytes) -> Element:
    root: Element = fromstring(body, forbid_dtd=True)
    return root


def _without_illegal(body: bytes) -> str:
    """The text with a space for each character, or reference to one, that XML does not have."""
    text = _NOT_XML.sub(" ", body.decode("utf-8-sig", "replace"))
    return _REFERENCE.sub(lambda m: m[0] if _is_legal(int(m[1], 16) if m[1] else int(m[2])) else " ", text)


def _is_legal(number: int) -> bool:
    return number <= 0x10FFFF and not _NOT_XML.match(chr(number))


def _with_entries_apart(text: str) -> tuple[Element, tuple[str, ...]] | None:
    """A repaired feed with those of its entries that are XML by themselves; None if the rest of it is not."""
    head, *pieces = text.split("<entry")
    if not pieces or "</entry>" not in pieces[-1]:
        return None  # cut off, or broken outside its entries
    try:
        if len(head) > HEAD_MAX or len(pieces) > ENTRIES_MAX:
            return _root(text.encode()), ()
        entries = [f"<entry{piece}".partition("</entry>")[:2] for piece in pieces]
        tail = pieces[-1].rpartition("</entry>")[2]
        feed = _root(f"{head}{tail}".encode())
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    broken: dict[str, None] = {}
    for content, end in entries:
        try:
            alone = _root(f"{head}{content}{end}{tail}".encode())
            feed.append(next(child for child in alone if child.tag.endswith("entry")))
        except (ParseError, DefusedXmlException, ValueError, LookupError, StopIteration):
            name = _ID.search(content)
            broken[f"an entry is broken XML: {text_line(name[1] if name else content, 80, html=False)}"] = None
    return feed, tuple(broken)
