"""Files behind signed links. A GET changes nothing; the holder of a link needs no other proof."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.site import PageGroup, respond
from bot.errors import GoneError, UserError
from bot.model import File


class DownloadPages(PageGroup):
    """One page a kind of file."""

    def routes(self) -> list[Route]:
        """A GET route a page."""
        return [Route("/reading-list/{token}", self.reading_list, methods=["GET"])]

    async def reading_list(self, request: Request) -> Response:
        """A person's reading list, to be saved as a file."""
        try:
            file = await self._site.downloads.file(str(request.path_params["token"]))
        except UserError as error:
            raise HTTPException(410 if isinstance(error, GoneError) else 404, str(error)) from None
        return file_response(request, file)


def file_response(request: Request, file: File) -> Response:
    """A file to be saved, of one reader alone."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "X-Robots-Tag": "noindex"}
    return respond(request, file.content, f"{file.media_type}; charset=utf-8", max_age=0, headers=headers)
