"""Shared by all pages: access to the engine, templates, and answers with their cache headers.

A group of pages is a subclass of `PageGroup` (see `front.GROUPS`). A page asks `site.library` and answers with
`await site.page(request, "name.html", title=…, …)`. Templates extend `base.html` and fill its blocks; every string
they print is escaped and stripped of invisible characters, and every URL passes the filter `web`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple, TypeVar
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.html_templates import environment
from adapters.text import printable, web_url
from adapters.web.compression import GZIP_FROM, accepts_gzip, gzipped
from adapters.web.params import topic_path
from adapters.web.static import hashed_path
from adapters.web.view import dots_at_ends, paper_items, saved_items
from bot.errors import ExpiredLinkError, GoneError, TooManyRequestsError, UnknownPaperError, UserError
from bot.ports import Desk, Downloads, Library, Monitor, Pictures
from bot.ports.mailing import Mailing
from bot.wording.mail import LINK_INCOMPLETE

MAX_AGE = 60
"""Seconds for which caches may keep an answer that is the same for all readers."""
STALE = 600
"""Seconds after these for which caches may still show it, while they ask for a new one (RFC 5861)."""
PROBLEMS = {
    400: "That can’t be read.",
    401: "That needs a token.",
    404: "There is no such page.",
    405: "That can’t be done here.",
    410: "That is no more.",
    500: "Something went wrong on our side; it is in the log. Please try again in a minute.",
    503: "Paperboy is starting. Please try again in a moment.",
}


NOINDEX = {"X-Robots-Tag": "noindex"}
"""Headers of a page that is of a person."""
MAIL_PATHS = ("/confirm/", "/preferences/", "/unsubscribe/", "/reader/")
"""Pages behind links in mail."""

CUT_LINK = re.compile(rf"/(?:{'|'.join(path.strip('/') for path in MAIL_PATHS)})(?:/[^/]*)?/?")
"""Path of a link in mail without its token, or without what follows a reader's token."""
MAX_HEADING = 60
"""Characters of an error that is shown as a heading alone."""
T = TypeVar("T")


class WaysOn(NamedTuple):
    """Links and the button on the page of an error."""

    links: Mapping[str, str]
    """Paths by label."""
    renewal: str | None = None
    """Path whose POST mails a new link."""


NO_WAYS = WaysOn({})
SUBSCRIBE = {"Subscribe": "/subscribe"}


class Site:
    """State shared by all pages. `desk` is None until the engine runs."""

    def __init__(self, public_url: str | None = None, metrics_token: str | None = None) -> None:
        self._public_url = public_url
        self.metrics_token = metrics_token
        self.desk: Desk | None = None

    @property
    def library(self) -> Library:
        """Papers for pages. Raises HTTPException (503) until the engine runs."""
        return _ready(self._running.library)

    @property
    def mailing(self) -> Mailing:
        """Sign-up by mail. Raises HTTPException: 503 until the engine runs, 404 without mail."""
        return _set_up(self._running.mailing)

    @property
    def downloads(self) -> Downloads:
        """Files behind signed links. Raises HTTPException: 503 until the engine runs, 404 where nothing signs."""
        return _set_up(self._running.downloads)

    @property
    def pictures(self) -> Pictures:
        """Pictures of papers. Raises HTTPException: 503 until the engine runs, 404 where they are switched off."""
        return _set_up(self._running.pictures)

    @property
    def monitor(self) -> Monitor:
        """Numbers for the operator. Raises HTTPException (503) until the engine runs."""
        return _ready(self._running.monitor)

    @property
    def _running(self) -> Desk:
        return _ready(self.desk)

    def url(self, request: Request, path: str) -> str:
        """Absolute URL of one of our paths."""
        if self._public_url is not None:
            return f"{self._public_url}{path}"
        return f"{request.url.scheme}://{request.url.netloc}{path}"

    async def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        max_age: int = MAX_AGE,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> Response:
        """A page from a template, rendered off the event loop. `max_age=0` for a page of one reader alone."""
        body = await asyncio.to_thread(lambda: self.render(request, template, **values).encode())
        return respond(request, body, "text/html; charset=utf-8", status=status, max_age=max_age, headers=headers)

    def render(self, request: Request, template: str, **values: object) -> str:
        """A template filled in."""
        pictures = self.desk is not None and self.desk.pictures is not None
        facts = {"path": request.url.path, "by_mail": self._by_mail, "pictures": pictures}
        return _templates().get_template(template).render(**facts, **values)

    @property
    def _by_mail(self) -> bool:
        return self.desk is not None and self.desk.mailing is not None

    def problem(
        self,
        request: Request,
        status: int,
        detail: str | None = None,
        headers: Mapping[str, str] | None = None,
        ways_on: WaysOn = NO_WAYS,
    ) -> Response:
        """A page with one sentence about what is wrong, and the ways on from there; JSON for programs."""
        if not detail or detail == HTTPException(status).detail:  # Starlette's default: HTTP's name of the status
            is_cut = status == 404 and self._by_mail and CUT_LINK.fullmatch(request.url.path)
            detail = LINK_INCOMPLETE if is_cut else PROBLEMS.get(status, "That did not work.")
        if request.url.path.startswith(("/api/", "/feed")):
            body, media_type = json.dumps({"error": detail}, ensure_ascii=False), "application/json"
        else:
            title, remedy = _heading(detail)
            body = self.render(request, "problem.html", title=title, remedy=remedy, **ways_on._asdict())
            media_type = "text/html; charset=utf-8"
        return respond(request, body.encode(), media_type, status=status, max_age=0, headers=headers)


class PageError(HTTPException):
    """An HTTP error whose page leads on."""

    def __init__(self, status: int, detail: str, ways_on: WaysOn) -> None:
        super().__init__(status, detail)
        self.ways_on = ways_on


def http_error(request: Request, error: UserError) -> PageError:
    """The error of a page of mail: its status, and what its reader may do instead."""
    status, ways_on = 400, NO_WAYS
    if isinstance(error, ExpiredLinkError):
        page, token = request.url.path.split("/")[1:3]
        status, ways_on = 410, WaysOn(SUBSCRIBE, f"/new-link/{page}/{quote(token)}")
    elif isinstance(error, GoneError):
        status, ways_on = 410, WaysOn(SUBSCRIBE)
    elif isinstance(error, UnknownPaperError):
        status, ways_on = 404, WaysOn({"Search": "/search"})
    elif isinstance(error, TooManyRequestsError):
        status = 429
    return PageError(status, str(error), ways_on)


class PageGroup(ABC):
    """Base of a group of pages: one method a page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @abstractmethod
    def routes(self) -> list[Route]:
        """The paths of its methods."""


def _ready(part: T | None) -> T:
    """A part that is there once the engine runs. Raises HTTPException (503) before."""
    if part is None:
        raise HTTPException(503, headers={"Retry-After": "5"})
    return part


def _set_up(part: T | None) -> T:
    """A part that settings may leave out. Raises HTTPException (404) without it."""
    if part is None:
        raise HTTPException(404)
    return part


def respond(  # noqa: PLR0913 - a response is these facts
    request: Request,
    body: bytes,
    media_type: str,
    *,
    status: int = 200,
    max_age: int = MAX_AGE,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A response, 304 to a client that has it.

    A body that is the same for all readers is compressed. One of a reader's own pages is not, since its length would
    tell of the token in it (https://www.breachattack.com).
    """
    public = f"public, max-age={max_age}, stale-while-revalidate={STALE}"
    sent_headers = {"Cache-Control": public if max_age else "no-store", **(headers or {})}
    if not max_age:
        return Response(body, status, sent_headers, media_type)
    sent_headers["Vary"] = "Accept-Encoding"
    if status == 200:
        tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        sent_headers["ETag"] = f"W/{tag}"  # weak: the bytes depend on the encoding
        if is_held(request, tag):
            return Response(None, 304, sent_headers)
    is_text = not media_type.startswith("image/")
    if is_text and len(body) >= GZIP_FROM and accepts_gzip(request.headers.get("accept-encoding", "")):
        return Response(gzipped(body), status, {**sent_headers, "Content-Encoding": "gzip"}, media_type)
    return Response(body, status, sent_headers, media_type)


def is_held(request: Request, tag: str) -> bool:
    """Whether the client has the body with this tag, written without its `W/`."""
    return tag in request.headers.get("if-none-match", "")


def _heading(detail: str) -> tuple[str, str]:
    """A heading and the text below it: a short text is a heading, of a longer one its first sentence."""
    first, _, others = detail.partition(". ")
    return (f"{first}.", others) if others and len(detail) > MAX_HEADING else (detail, "")


@cache
def _templates() -> Environment:
    templates = environment("adapters.web", "templates", finalize=_harmless)
    templates.filters["web"] = web_url
    templates.filters["dots_at_ends"] = dots_at_ends
    templates.globals |= {
        "css": hashed_path("site.css"),
        "icon": hashed_path("icon.svg"),
        "zone_script": hashed_path("zone.js"),
        "paper_items": paper_items,
        "saved_items": saved_items,
        "topic_path": topic_path,
    }
    return templates


def _harmless(value: object) -> object:
    """A value as a template prints it: strings without invisible characters, our own markup as it is."""
    return printable(value, lines=True) if isinstance(value, str) and not isinstance(value, Markup) else value
