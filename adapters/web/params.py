"""What an address asks for: read with care, because anybody can write one. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException

from bot.model.paper_id import paper_id
from bot.query.parser import MAX_LENGTH

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.model import Order

MOST_PAGES = 50
"""Nobody reads further; robots do."""
ORDERS: dict[str, Order] = {"best": "best", "newest": "newest", "trending": "trending"}


def query_of(request: Request, name: str = "q") -> str:
    """A line of the query language, as typed. Longer ones are refused by the language itself, in its own words."""
    return request.query_params.get(name, "").strip()[: MAX_LENGTH + 100]


def page_of(request: Request) -> int:
    """Which page, from 1. Raises HTTPException (404) for one that nobody linked to."""
    text = request.query_params.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_PAGES):
        raise HTTPException(404)
    return int(text)


def order_of(request: Request) -> Order:
    """In which order; best first unless another one is asked for."""
    return ORDERS.get(request.query_params.get("order", ""), "best")


def day_of(text: str) -> date:
    """A day written 2026-11-22. Raises HTTPException (404)."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise HTTPException(404) from None
    if day.isoformat() != text:
        raise HTTPException(404)
    return day


def id_of(text: str) -> str | None:
    """The id of a paper in whatever form it is written."""
    return paper_id(text) if len(text) <= MAX_LENGTH else None


def paper_path(found: str) -> str:
    """The page of a paper."""
    return f"/paper/{quote(found, safe='/.:()-_')}"


def topic_path(query: str) -> str:
    """The page of a topic."""
    return f"/topics/{quote(query, safe='')}"


def with_query(path: str, **asked: object) -> str:
    """A path with what is asked of it; what is empty is left out."""
    given = {name: str(value) for name, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
