"""Pictures of papers as files, from our own cache; a tile where there is none."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.picture_html import tile
from adapters.web.site import PageGroup, respond

MAX_AGE = 30 * 86_400
"""Seconds for which browsers keep a picture."""


class PicturePages(PageGroup):
    """The pictures, below one path."""

    def routes(self) -> list[Route]:
        """The route of a picture."""
        return [Route("/pictures/{id}.webp", self.picture)]

    async def picture(self, request: Request) -> Response:
        """A paper's picture; a tile, for a minute, where there is none."""
        paper_id = str(request.path_params["id"])
        picture = await self._site.pictures.picture(paper_id)
        if picture is None:
            svg = tile(self._site.pictures.category(paper_id), alone=True)
            return respond(request, svg.encode(), "image/svg+xml")
        return respond(request, picture, "image/webp", max_age=MAX_AGE)
