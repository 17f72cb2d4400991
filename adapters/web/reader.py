"""Pages that a digest by mail leads to: the digest itself, why a paper is in it, votes, the reading list, a pause.

The signed token in the path says who reads. A GET changes nothing: scanners of mail open every link, and click none of
the buttons, which post. See `subscribing.py` for who may post.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.html_templates import paragraph_groups
from adapters.web.downloads import file_response
from adapters.web.params import paper_path
from adapters.web.picture_html import picture
from adapters.web.site import NOINDEX, PageGroup, Site, http_error
from bot.errors import UserError
from bot.model import Action, Message

PATHS = ("digest/{key}", "pick/{key:path}", "saved", "saved/{key:int}", "pause")
"""Below `/reader/{token}/`; the first part is the page's name. A paper's own page is among `Pages`."""
MAX_FIELDS = 5
_Answer = TypeVar("_Answer")


class ReaderPages(PageGroup):
    """Two methods for all pages: one shows, one does what a button says."""

    def routes(self) -> list[Route]:
        """A GET and a POST route a page, and a GET for the reading list as a file."""
        pages = [
            Route(f"/reader/{{token}}/{path}", handler, methods=[method])
            for path in PATHS
            for method, handler in (("GET", self.show), ("POST", self.act))
        ]
        return [*pages, Route("/reader/{token}/reading-list/{key}", self.file, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """A page as it is."""
        token, page, key = _parts(request)
        return await self._answer(request, self._site.mailing.show(token, page, key))

    async def act(self, request: Request) -> Response:
        """The page after what a button says is done."""
        token, page, key = _parts(request)
        async with request.form(max_files=0, max_fields=MAX_FIELDS) as form:
            command = str(form.get("do", ""))
        return await self._answer(request, self._site.mailing.act(token, page, key, command))

    async def file(self, request: Request) -> Response:
        """The reading list, to be saved as a file."""
        token, _, key = _parts(request)
        return file_response(request, await _checked(request, self._site.mailing.file(token, key)))

    async def _answer(self, request: Request, answer: Awaitable[Message]) -> Response:
        return await message_page(self._site, request, await _checked(request, answer))


async def message_page(site: Site, request: Request, message: Message) -> Response:
    """A message as a page for one reader: its buttons post to the page's own path."""
    return await site.page(
        request,
        "message.html",
        max_age=0,
        headers=NOINDEX,
        title=message.title,
        groups=tuple(paragraph_groups(block for block in message.blocks if block.text != message.title)),
        buttons=_buttons(message),
        removals=[action for action in message.actions if action.url and action.command],
        links=[action for action in message.actions if action.url and not action.command],
        picture=picture(message.paper) if message.paper else "",
    )


async def votes(site: Site, request: Request, paper_id: str) -> dict[str, Any]:
    """For a paper's page: the buttons of a reader who came from a mail, and where they post; none without a token."""
    token = request.path_params.get("token")
    if token is None:
        return {"buttons": [], "vote_path": ""}
    pick = await _checked(request, site.mailing.show(str(token), "pick", paper_id))
    return {
        "buttons": _buttons(pick),
        "vote_path": f"/reader/{token}{paper_path(paper_id).replace('/paper/', '/pick/', 1)}",
        "max_age": 0,
        "headers": NOINDEX,
    }


def _buttons(message: Message) -> list[Action]:
    return [action for action in message.actions if not action.url]


async def _checked(request: Request, answer: Awaitable[_Answer]) -> _Answer:
    """The answer. Raises HTTPException: 410 for a page that is gone, 400 for another UserError."""
    try:
        return await answer
    except UserError as error:
        raise http_error(request, error) from None


def _parts(request: Request) -> tuple[str, str, str]:
    """Token, name of the page, and what it is about."""
    page = request.url.path.split("/")[3]
    return str(request.path_params["token"]), page, str(request.path_params.get("key", ""))
