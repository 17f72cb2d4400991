"""Files and a feed behind signed links. A GET changes nothing; the holder of a link needs no other proof."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.saved_feed import saved_feed
from adapters.web.site import NOINDEX, PageGroup, respond
from bot.errors import GoneError, UserError
from bot.model import File

_Answer = TypeVar("_Answer")


class DownloadPages(PageGroup):
    """One page a kind of file."""

    def routes(self) -> list[Route]:
        """A GET route a page."""
        return [
            Route("/reading-list/{token}", self.reading_list, methods=["GET"]),
            Route("/reading-list/feed/{token}", self.feed, methods=["GET"]),
            Route("/reading-list/page/{token}", self.page, methods=["GET"]),
            Route("/journal-club/{token}", self.calendar, methods=["GET"]),
        ]

    async def reading_list(self, request: Request) -> Response:
        """A person's reading list, to be saved as a file."""
        return file_response(request, await _opened(self._site.downloads.file(str(request.path_params["token"]))))

    async def calendar(self, request: Request) -> Response:
        """The date of a journal club's meeting, to be saved as a file."""
        return file_response(request, await _opened(self._site.downloads.calendar(str(request.path_params["token"]))))

    async def feed(self, request: Request) -> Response:
        """A person's reading list as a feed."""
        token = str(request.path_params["token"])
        saved = await _opened(self._site.downloads.feed(token))
        urls = (self._site.url(request, f"/reading-list/feed/{quote(token)}"), self._site.url(request, "/"))
        body = await asyncio.to_thread(saved_feed, *urls, saved)
        return respond(request, body, "application/atom+xml; charset=utf-8", max_age=0, headers=NOINDEX)

    async def page(self, request: Request) -> Response:
        """The latest entries of a person's reading list, with notes and tags; behind the link of its feed."""
        token = str(request.path_params["token"])
        saved = await _opened(self._site.downloads.feed(token))
        return await self._site.page(
            request,
            "reading_list.html",
            max_age=0,
            headers=NOINDEX,
            title="My reading list",
            saved=saved,
            feed=f"/reading-list/feed/{quote(token)}",
        )


async def _opened(link: Awaitable[_Answer]) -> _Answer:
    """The file or feed of a link. Raises HTTPException: 410 for a link that has ended, 404 for an invalid one."""
    try:
        return await link
    except UserError as error:
        raise HTTPException(410 if isinstance(error, GoneError) else 404, str(error)) from None


def file_response(request: Request, file: File) -> Response:
    """A file to be saved, of one reader alone."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', **NOINDEX}
    return respond(request, file.content, f"{file.media_type}; charset=utf-8", max_age=0, headers=headers)
