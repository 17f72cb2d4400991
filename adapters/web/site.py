"""What every page shares: the engine's promises, the templates, and how an answer leaves.

A group of pages is a function from the site to its routes (see `front.ROUTES`). A page asks `site.library`, and answers
with `await site.page(request, "name.html", title=…, …)`. Templates extend `base.html` and fill its blocks; everything
they print is escaped and stripped of what is unseen, and every address passes the filter `web`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.html_templates import environment
from adapters.text import printable, web_url
from adapters.web.static import named

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import Request

    from bot.ports import Desk, Library, Mailing

FRESH = 60
"""Seconds for which a page that says the same to everybody may be kept."""
WRONG = {
    400: "That can’t be read.",
    404: "There is no such page.",
    405: "That can’t be done here.",
    500: "Something went wrong on our side; it is in the log. Please try again in a minute.",
    503: "Paperboy is starting. Please try again in a moment.",
}


class Site:
    """Shared by all pages. `desk` is None until the engine is there."""

    def __init__(self, public_url: str | None = None) -> None:
        self._public_url = public_url
        self.desk: Desk | None = None
        self._made: dict[str, tuple[object, bytes]] = {}

    @property
    def library(self) -> Library:
        """What pages ask. Raises HTTPException (503) until the engine is there."""
        if self.desk is None or self.desk.library is None:
            raise HTTPException(503, headers={"Retry-After": "5"})
        return self.desk.library

    @property
    def mailing(self) -> Mailing:
        """What pages about mail ask. Raises HTTPException: 503 until the engine is there, 404 without mail."""
        if self.desk is None:
            raise HTTPException(503, headers={"Retry-After": "5"})
        if self.desk.mailing is None:
            raise HTTPException(404)
        return self.desk.mailing

    def address(self, request: Request, path: str) -> str:
        """A path of ours as a whole URL."""
        if self._public_url is not None:
            return f"{self._public_url}{path}"
        return f"{request.url.scheme}://{request.url.netloc}{path}"

    async def page(  # noqa: PLR0913 - a page is these facts
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        fresh: int = FRESH,
        headers: Mapping[str, str] | None = None,
        of: object = None,
        **values: object,
    ) -> Response:
        """A page from a template, drawn off the event loop. `fresh=0` for what concerns one reader alone.

        `of` is all that it shows, for a page that everybody reads: it is drawn again only when that is another.
        """

        def drawn() -> bytes:
            return self.draw(request, template, **values).encode()

        body = await self.once(template, of, drawn) if of is not None else await asyncio.to_thread(drawn)
        return answer(request, body, "text/html; charset=utf-8", status=status, fresh=fresh, headers=headers)

    async def once(self, name: str, of: object, make: Callable[[], bytes]) -> bytes:
        """What was made under this name, if of the same; else it is made, off the event loop."""
        made = self._made.get(name)
        if made is None or made[0] != of:
            made = self._made[name] = (of, await asyncio.to_thread(make))
        return made[1]

    def draw(self, request: Request, template: str, **values: object) -> str:
        """A template filled in."""
        by_mail = self.desk is not None and self.desk.mailing is not None
        return _templates().get_template(template).render(path=request.url.path, by_mail=by_mail, **values)

    def problem(
        self, request: Request, status: int, why: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """A plain page that says what is wrong; one line for programs."""
        said = WRONG.get(status, "That did not work.") if not why or _is_phrase(status, why) else why
        if request.url.path.startswith(("/api/", "/feed")):
            body, kind = json.dumps({"error": said}, ensure_ascii=False), "application/json"
        else:
            body = self.draw(request, "problem.html", title=said, status=status)
            kind = "text/html; charset=utf-8"
        return answer(request, body.encode(), kind, status=status, fresh=0, headers=headers)


def answer(  # noqa: PLR0913 - an answer is these facts
    request: Request,
    body: bytes,
    media_type: str,
    *,
    status: int = 200,
    fresh: int = FRESH,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A body, or 304 where whoever asks has it already."""
    kept = {"Cache-Control": f"public, max-age={fresh}" if fresh else "no-store", **(headers or {})}
    if fresh and status == 200:
        kept["ETag"] = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        if kept["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=kept)
    return Response(body, status, kept, media_type)


def _is_phrase(status: int, why: str) -> bool:
    """Whether it is only HTTP's own name for the status, as Starlette says it."""
    return why == HTTPException(status).detail


@cache
def _templates() -> Environment:
    house = environment("adapters.web", "templates", finalize=_shown)
    house.filters["web"] = web_url
    house.globals |= {"css": named("site.css"), "icon": named("icon.svg")}
    return house


def _shown(value: object) -> object:
    """What a template prints: text without anything that could act on a page."""
    return printable(value, lines=True) if isinstance(value, str) and not isinstance(value, Markup) else value
