"""Parameters of requests, validated, and the paths that carry them. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import parse_qsl, quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapters.text import printable
from bot.model import Order
from bot.model.category import canonical_category, is_category, is_known
from bot.model.paper_id import paper_id
from bot.query.parser import MAX_LENGTH
from bot.query.strictness import LEVELS, USUAL
from bot.text import joined

PathOf = Callable[[str], str]
"""The path of a page by what it is about."""
FIRST_YEAR, LAST_YEAR = 1900, 9999
"""Years of which there is a list, or a sentence that there is none."""
MAX_PAGE = 50
"""Only robots read further."""
MAX_QUERY = MAX_LENGTH + 100
"""Characters; too long a query reaches the parser, which refuses it with an explanation."""
NO_SUCH_PAGE = "This list has no such page: it ended before."
ORDERS: dict[str, Order] = {"best": "best", "newest": "newest", "trending": "trending"}


def query_of(request: Request, name: str = "q") -> str:
    """A query as typed."""
    return request.query_params.get(name, "").strip()[:MAX_QUERY]


def page_of(request: Request) -> int:
    """Page number, from 1. Raises HTTPException (404) for one that no page links to."""
    text = request.query_params.get("page") or "1"
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text)):
        raise HTTPException(404)
    if int(text) > MAX_PAGE:
        raise HTTPException(404, NO_SUCH_PAGE)
    return int(text)


def order_of(request: Request) -> Order:
    """Sort order; `best` by default."""
    return ORDERS.get(request.query_params.get("order", ""), "best")


def strictness_of(request: Request) -> str:
    """The strictness with which a topic is to match. Raises HTTPException (400) for a word that is no level."""
    level = request.query_params.get("strictness") or USUAL
    if level not in LEVELS:
        raise HTTPException(400, f"strictness is {joined(LEVELS, 'or')}.")
    return level


def is_early(request: Request) -> bool:
    """Whether a list of papers without votes is asked for."""
    return request.query_params.get("order") == "early"


def category_of(request: Request) -> str:
    """The arXiv category that a list is filtered by; empty for all. Raises HTTPException (404) for what is none."""
    text = request.query_params.get("cat", "")
    if text and not is_category(text.lower()) and not is_known(text):
        raise HTTPException(404)
    return canonical_category(text) if text else ""


def day_of(request: Request) -> date:
    """The day in the path, written 2026-11-22. Raises HTTPException (404)."""
    return _first_day(request, "day", "", day_path)


def week_of(request: Request) -> tuple[date, date]:
    """Monday and Sunday of the week in the path, written 2025-W43. Raises HTTPException (404)."""
    monday = _first_day(request, "week", "-1", week_path)
    return monday, monday + timedelta(days=6)


def month_of(request: Request, path: Callable[[date], str] | None = None) -> tuple[date, date]:
    """First and last day of the month in the path, written 2025-10. Raises HTTPException (404)."""
    first = _first_day(request, "month", "-01", path or month_path)
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def day_path(day: date) -> str:
    """Path of a day's list."""
    return f"/day/{day.isoformat()}"


def week_path(day: date) -> str:
    """Path of the list of a day's week."""
    return f"/week/{day.isocalendar().year:04}-W{day.isocalendar().week:02}"


def month_path(day: date) -> str:
    """Path of the list of a day's month."""
    return f"/month/{day.year:04}-{day.month:02}"


def _first_day(request: Request, span: str, first: str, path: Callable[[date], str]) -> date:
    """The day with which a span in the path begins, `first` as it would be written after it; else 404."""
    text = request.path_params[span]
    try:
        day = date.fromisoformat(f"{text}{first}")
    except ValueError:
        raise HTTPException(404) from None
    if path(day).rpartition("/")[2] != text or not FIRST_YEAR <= day.year < LAST_YEAR:
        raise HTTPException(404)
    return day


def refuse_unknown(request: Request, *names: str) -> None:
    """Raises HTTPException (400) for a query string with other parameters than these, or one of them twice."""
    typed = [name for name, _ in parse_qsl(request.url.query, keep_blank_values=True)]
    for name in typed:
        if name not in names:
            accepted = f"there {'is' if len(names) == 1 else 'are'} {joined(names)}" if names else "it takes none"
            raise HTTPException(400, f"There is no parameter “{printable(name[:40])}” here: {accepted}.")
        if typed.count(name) > 1:
            raise HTTPException(400, f"The parameter “{name}” is there twice: write it once.")


def id_of(request: Request) -> str | None:
    """The paper id in the path, normalised from any form; None if it is none."""
    text = request.path_params["id"]
    return paper_id(text) if len(text) <= MAX_LENGTH else None


def paper_path(identifier: str) -> str:
    """Path of a paper's page."""
    return f"/paper/{quote(identifier, safe='/.:()-_')}"


def topic_path(query: str) -> str:
    """Path of a topic's page."""
    return f"/topics/{quote(query, safe='')}"


def author_path(name: str) -> str:
    """Path of an author's page."""
    return f"/author/{quote(name, safe='')}"


def organization_path(name: str) -> str:
    """Path of an organisation's page."""
    return f"/organization/{quote(name, safe='')}"


def calendar_path(day: date) -> str:
    """Path of the calendar of a day's month."""
    return f"/calendar/{day.year:04}-{day.month:02}"


def with_query(path: str, **params: object) -> str:
    """A path with a query string of the parameters that are not empty."""
    present = {name: str(value) for name, value in params.items() if value}
    return f"{path}?{urlencode(present)}" if present else path
