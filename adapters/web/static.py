"""Style sheet and icon under paths that change with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.compression import GZIP_FROM, accepts_gzip, gzipped

FOREVER = "public, max-age=31536000, immutable"
MEDIA_TYPES = {
    "site.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "zone.js": "text/javascript; charset=utf-8",
}


@cache
def hashed_path(file: str) -> str:
    """Path of one of our own files, such as `/static/site.4f3a….css`."""
    stem, _, suffix = file.partition(".")
    return f"/static/{stem}.{hashlib.sha256(_read(file)).hexdigest()[:12]}.{suffix}"


def routes() -> list[Route]:
    """Style sheet, icon and script."""
    return [
        Route("/static/{name}", _file),
        Route("/favicon.ico", _icon),
    ]


async def _file(request: Request) -> Response:
    file = {hashed_path(file): file for file in MEDIA_TYPES}.get(request.url.path)
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    body = _read(file)
    if accepts_gzip(request.headers.get("accept-encoding", "")) and len(body) >= GZIP_FROM:
        body, headers["Content-Encoding"] = gzipped(body), "gzip"
    return Response(body, media_type=MEDIA_TYPES[file], headers=headers)


async def _icon(_: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(_read("icon.svg"), media_type=MEDIA_TYPES["icon.svg"], headers=headers)


@cache
def _read(file: str) -> bytes:
    return files("adapters.web").joinpath(file).read_bytes()
