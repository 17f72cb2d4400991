"""Pages of time that is over: the list of a day, a week, a month."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web import params
from adapters.web.list_navigation import PAPERS, filters
from adapters.web.month_calendar import months, weeks
from adapters.web.site import PageGroup
from bot.model import PaperList
from bot.wording import parts
from bot.wording.results import still_to_come

PAPERS_A_MONTH = 5_000
"""Most papers that a calendar counts; Daily Papers had at most 2,200 in a month."""
Turning = dict[str, str]
"""Labels and paths of the lists before and after; empty where there is none."""


class PastPages(PageGroup):
    """One method a length of time."""

    def routes(self) -> list[Route]:
        """One route a length of time, and the way to the one that goes on."""
        return [
            Route("/day", self.this_day),
            Route("/day/{day}", self.day),
            Route("/week", self.this_week),
            Route("/week/{week}", self.week),
            Route("/month", self.this_month),
            Route("/month/{month}", self.month),
            Route("/calendar", self.this_calendar),
            Route("/calendar/{month}", self.calendar),
        ]

    async def this_day(self, _: Request) -> Response:
        """The way to the day that goes on: the first page."""
        return RedirectResponse("/", 307)

    async def day(self, request: Request) -> Response:
        """The trend list at the end of a day that is over."""
        day, today = params.day_of(request), await self._today()
        if day == today:
            return RedirectResponse("/", 307)
        if day > today:
            raise HTTPException(404, still_to_come("day"))
        category = params.category_of(request)
        listing = await self._site.library.day(day, category=category, limit=PAPERS)
        before, after = (day + timedelta(days=days) for days in (-1, 1))
        turning = {"The day before": params.day_path(before), "The day after": params.day_path(after)}
        title = f"Trending papers · {parts.day_text(day, None)}"
        return await self._list(request, title, listing, turning, over=True, compared="that day")

    async def this_week(self, _: Request) -> Response:
        """The way to the week that goes on."""
        return RedirectResponse(params.week_path(await self._today()), 307)

    async def week(self, request: Request) -> Response:
        """The papers of a week, Monday to Sunday."""
        monday, sunday = params.week_of(request)
        before, after = (monday + timedelta(days=days) for days in (-7, 7))
        turning = {"The week before": params.week_path(before), "The week after": params.week_path(after)}
        title = f"Papers of the week · {parts.day_text(monday, sunday)} to {parts.day_text(sunday, None)}"
        return await self._period(request, title, (monday, sunday), turning, "week")

    async def this_month(self, _: Request) -> Response:
        """The way to the month that goes on."""
        return RedirectResponse(params.month_path(await self._today()), 307)

    async def month(self, request: Request) -> Response:
        """The papers of a calendar month."""
        first, last = params.month_of(request)
        before, after = first - timedelta(days=1), last + timedelta(days=1)
        turning = {"The month before": params.month_path(before), "The month after": params.month_path(after)}
        title = f"Papers of the month · {first:%B %Y}"
        return await self._period(request, title, (first, last), turning, "month")

    async def this_calendar(self, _: Request) -> Response:
        """The way to the calendar of the present month."""
        return RedirectResponse(params.calendar_path(await self._today()), 307)

    async def calendar(self, request: Request) -> Response:
        """A month's days and weeks, with the number of papers listed on each day."""
        first, last = params.month_of(request, params.calendar_path)
        today = await self._today()
        if first > today:
            raise HTTPException(404, still_to_come("month"))
        listed = await self._site.library.listed(first - timedelta(days=2), last, limit=PAPERS_A_MONTH)
        counts, is_there = Counter(day for _, day in listed), bool(listed) or last >= today
        before, after = first - timedelta(days=1), last + timedelta(days=1)
        turning = {
            "The month before": (params.calendar_path(before), "prev") if is_there else None,
            "The month after": (params.calendar_path(after), "next") if after <= today else None,
        }
        return await self._site.page(
            request,
            "calendar.html",
            status=200 if is_there else 404,
            title=f"Calendar · {first:%B %Y}",
            month=f"{first:%B %Y}",
            count=sum(count for day, count in counts.items() if day >= first),
            weeks=weeks(first, counts, today),
            months=months(first, today),
            best=params.month_path(first),
            turning={label: link for label, link in turning.items() if link},
        )

    async def _period(
        self, request: Request, title: str, days: tuple[date, date], turning: Turning, span: str
    ) -> Response:
        """The list from a day to another, `span` the word for this time."""
        today, (first, last) = await self._today(), days
        if first > today:
            raise HTTPException(404, still_to_come(span))
        category = params.category_of(request)
        listing = await self._site.library.period(first, last, category=category, limit=PAPERS)
        return await self._list(request, title, listing, turning, over=last < today)

    async def _list(  # noqa: PLR0913 - a page of a list is these facts
        self, request: Request, title: str, listing: PaperList, turning: Turning, *, over: bool, compared: str = ""
    ) -> Response:
        if params.page_of(request) > 1:
            raise HTTPException(404, params.NO_SUCH_PAGE)
        before, after = turning.items()
        # A robot that follows "before" stops where the papers do.
        is_stored = bool(listing.papers or listing.categories)  # a filter may leave none
        linked = ([before] if is_stored else []) + ([after] if over else [])
        return await self._site.page(
            request,
            "past.html",
            status=200 if is_stored else 404,
            title=title,
            listing=listing,
            turning={label: (path, "prev" if (label, path) == before else "next") for label, path in linked},
            over=over,
            as_of=_end_text(listing.as_of) if over else f"{parts.moment_text(listing.as_of, 'UTC', listing.as_of)} UTC",
            compared=compared,
            filters=filters(listing, request.url.path, params.category_of(request)),
            category=params.category_of(request),
        )

    async def _today(self) -> date:
        """The day (UTC) of the list that goes on."""
        return (await self._site.library.ranked_at()).date()


def _end_text(midnight: datetime) -> str:
    """The end of a day: `Sun 14 Dec, midnight UTC` for 00:00 of the fifteenth."""
    last = (midnight - timedelta(days=1)).date()
    return f"{parts.day_text(last, last)}, midnight UTC"
