"""Papers that the items of an RSS or Atom feed name. Pure.

Read by expat, whose time grows with the feed alone: feedparser's expressions take minutes for a megabyte of line ends
before the first tag, and hold the whole process meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from bot.errors import SourceError
from bot.model import Findings, Signal
from bot.model.paper_id import TEXT_MAX, pasted_ids
from bot.model.signal import MENTIONED_IN
from bot.sources import untrusted

NAME = "feeds"
TAGS_MAX = 150_000
"""Tags of a feed; each takes some microseconds."""
ITEMS_MAX = 500
"""Items of a feed that are read, in its order."""
PAPERS_MAX = 50
"""Papers that one item may name; one with more is a list of links, and left out."""
TITLE_MAX = 60
"""Characters of a feed's title that are shown."""
DATE_MAX = 64
"""Characters of a date."""
RECENT = timedelta(days=14)
"""Age of the oldest items that are read, as far back as a digest looks."""
_ROOTS, _ITEMS = frozenset({"rss", "feed", "RDF"}), frozenset({"item", "entry"})
_DATES = ("pubDate", "published", "date", "issued", "updated", "modified")
"""Elements with an item's date, the better ones first."""


def parse_feed(body: bytes, url: str, now: datetime) -> Findings:
    """A signal `mentioned in <title of the feed>` for each paper that a recent item names, by link or in its text.

    Items without a paper are no fault. Raises SourceError if it is no feed, or cut off before its first item.
    """
    if body.count(b"<") > TAGS_MAX:
        raise SourceError(NAME, f"a feed of more than {TAGS_MAX:,} tags")
    root, items, is_whole = _read(body)
    if root is None or _name(root) not in _ROOTS or not (items or is_whole):
        raise SourceError(NAME, "no RSS or Atom feed, or one that is cut off")
    heads = (root, *(each for each in root if _name(each) == "channel"))
    titles = (each.text for head in heads for each in head if _name(each) == "title")
    kind = f"{MENTIONED_IN}{untrusted.text_line(next(titles, None), TITLE_MAX) or url}"
    read, skipped = untrusted.readable(NAME, items, lambda item: list(_signals(item, kind, now)))
    return untrusted.merged_findings([Findings(signals=tuple(each)) for each in read] + [Findings(skipped=skipped)])


def _read(body: bytes) -> tuple[Element | None, list[Element], bool]:
    """The root, the first items, and whether nothing broke off before the end or the last of them."""
    root: Element | None = None
    items: list[Element] = []
    try:
        for event, element in iterparse(BytesIO(body.lstrip()), events=("start", "end")):
            root = element if root is None else root
            if event == "end" and _name(element) in _ITEMS:
                items.append(element)
                if len(items) == ITEMS_MAX:
                    break
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return root, items, False
    return root, items, True


def _name(element: Element) -> str:
    """Its name without the namespace, of which feeds have many."""
    return element.tag.rpartition("}")[2]


def _signals(item: Element, kind: str, now: datetime) -> Iterator[Signal]:
    at = min(_date(item) or now, now)
    if now - at > RECENT:
        return
    named = pasted_ids("\n".join(_texts(item))[:TEXT_MAX])
    for paper in named if len(named) <= PAPERS_MAX else ():
        yield Signal(paper, NAME, kind, 1.0, at)


def _date(item: Element) -> datetime | None:
    texts = {_name(each): (each.text or "").strip()[:DATE_MAX] for each in item}
    text = next((texts[name] for name in _DATES if texts.get(name)), "")
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return untrusted.utc_time(text)


def _texts(item: Element) -> Iterator[str]:
    """All texts and links of an item in their order; without recursion, for it may be deep."""
    waiting = [item]
    while waiting:
        element = waiting.pop()
        yield from filter(None, (element.get("href"), element.text, element.tail))
        waiting += reversed(element)
