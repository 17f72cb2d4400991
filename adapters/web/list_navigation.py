"""Ways through a list of papers: its pages, its filters by category, its feeds. Pure."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from adapters.web import params
from adapters.web.outward_links import Link
from bot.model import PaperList

PAPERS = 20
"""Papers a page."""
CATEGORIES_SHOWN = 8
"""Categories that a list can be filtered by; the others have topics (`cat:…`)."""


def not_past_the_end(listing: PaperList, page: int) -> PaperList:
    """The page of a list. Raises HTTPException (404) for one after the last."""
    if page > 1 and not listing.papers:
        raise HTTPException(404, params.NO_SUCH_PAGE)
    return listing


def filters(listing: PaperList, path: str, category: str) -> list[tuple[Link, int, bool]]:
    """Links to the papers of a list in one category, the number of them, and whether they are shown."""
    counts = dict(listing.categories)
    categories = list(counts)[:CATEGORIES_SHOWN]
    if category and category not in categories:
        categories.append(category)
    return [
        (Link(each, params.with_query(path, cat=each)), counts.get(each, 0), each == category) for each in categories
    ]


def feed_paths(query: str) -> dict[str, str]:
    """Paths of the feeds of a query by format."""
    return {kind: params.with_query(f"/feed.{kind}", q=query) for kind in ("atom", "json")}


def paging(path: str, page: int, *, more: bool, **query: str) -> dict[str, object]:
    """Paths of Back and More, empty where there is no such page, and the rank of the first paper."""
    return {
        "start": (page - 1) * PAPERS + 1,
        "back": params.with_query(path, **query, page=page - 1 if page > 2 else "") if page > 1 else "",
        "more": params.with_query(path, **query, page=page + 1) if more else "",
    }
