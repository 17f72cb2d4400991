"""Papers that the items of an RSS or Atom feed name. Pure; feedparser reads the feed."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import feedparser

from bot.errors import SourceError
from bot.model import Findings, Signal
from bot.model.paper_id import TEXT_MAX, pasted_ids
from bot.model.signal import MENTIONED_IN
from bot.sources import untrusted

NAME = "feeds"
TAGS_MAX = 150_000
"""Tags of a feed, also in the HTML of its items; feedparser takes up to 25 µs for each."""
ITEMS_MAX = 500
"""Items of a feed that are read, in its order."""
PAPERS_MAX = 50
"""Papers that one item may name; one with more is a list of links, and left out."""
TITLE_MAX = 60
"""Characters of a feed's title that are shown."""
RECENT = timedelta(days=14)
"""Age of the oldest items that are read, as far back as a digest looks."""


def parse_feed(body: bytes, url: str, now: datetime) -> Findings:
    """A signal `mentioned in <title of the feed>` for each paper that a recent item names, by link or in its text.

    Items without a paper are no fault. Raises SourceError if it is no feed, or cut off before its first item.
    """
    if body.count(b"<") > TAGS_MAX:
        raise SourceError(NAME, f"a feed of more than {TAGS_MAX:,} tags")
    # As a stream: text is taken for an address or a file name. Nothing of its HTML is shown, so nothing is cleaned.
    try:
        feed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # noqa: BLE001 - it has raised whatever its parsers raise
        raise SourceError(NAME, f"a feed that cannot be read ({type(error).__name__})") from None
    if not feed.get("version") or (feed.bozo and not feed.entries):
        raise SourceError(NAME, "no RSS or Atom feed, or one that is cut off")
    title = untrusted.text_line(feed.feed.get("title"), TITLE_MAX) or url
    kind = f"{MENTIONED_IN}{title}"
    read, skipped = untrusted.readable(NAME, feed.entries[:ITEMS_MAX], lambda item: list(_signals(item, kind, now)))
    return untrusted.merged_findings([Findings(signals=tuple(each)) for each in read] + [Findings(skipped=skipped)])


def _signals(item: Any, kind: str, now: datetime) -> Iterator[Signal]:
    parsed = item.get("published_parsed") or item.get("updated_parsed")
    at = min(datetime.fromtimestamp(calendar.timegm(parsed), UTC), now) if parsed else now
    if now - at > RECENT:
        return
    texts = [item.get("link"), item.get("id"), item.get("title"), item.get("summary")]
    texts += [part.get("value") for part in item.get("content", ())]
    named = pasted_ids("\n".join(text for text in texts if isinstance(text, str))[:TEXT_MAX])
    for paper in named if len(named) <= PAPERS_MAX else ():
        yield Signal(paper, NAME, kind, 1.0, at)
