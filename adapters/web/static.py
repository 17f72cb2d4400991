"""The style sheet and the icon, each under a name that changes with its content, so that browsers keep it for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

    from adapters.web.site import Site

FOREVER = "public, max-age=31536000, immutable"
_TYPES = {"site.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
_ROBOTS = (
    "User-agent: *\nDisallow: /search\nDisallow: /topics/\nDisallow: /api/\nDisallow: /confirm/\n"
    "Disallow: /preferences/\nDisallow: /unsubscribe/\n"
)


@cache
def named(file: str) -> str:
    """The path of one of our own files: `/static/site.4f3a….css`."""
    stem, _, ending = file.partition(".")
    return f"/static/{stem}.{hashlib.sha256(_read(file)).hexdigest()[:12]}.{ending}"


def routes(_: Site) -> list[Route]:
    """Our own files, and what is asked of robots."""
    return [
        Route("/static/{name}", _file),
        Route("/robots.txt", lambda _: Response(_ROBOTS, media_type="text/plain")),
        Route("/favicon.ico", _icon),
    ]


async def _file(request: Request) -> Response:
    known = {named(file): file for file in _TYPES}
    if (file := known.get(request.url.path)) is None:
        raise HTTPException(404)
    return Response(_read(file), media_type=_TYPES[file], headers={"Cache-Control": FOREVER})


async def _icon(_: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(_read("icon.svg"), media_type=_TYPES["icon.svg"], headers=headers)


@cache
def _read(file: str) -> bytes:
    return files("adapters.web").joinpath(file).read_bytes()
