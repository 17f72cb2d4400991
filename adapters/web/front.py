"""The site as a front; before `serve` is called every page answers 503."""

from __future__ import annotations

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.shared_rate import ClientRate, SharedRate
from adapters.web import static
from adapters.web.api import Api
from adapters.web.bylines import BylinePages
from adapters.web.discovery import DiscoveryPages
from adapters.web.downloads import DownloadPages
from adapters.web.feeds import Feeds
from adapters.web.guard import PICTURES_A_PAGE, Guard
from adapters.web.health import Health
from adapters.web.page_cache import PageCache
from adapters.web.pages import Pages
from adapters.web.past import PastPages
from adapters.web.pictures import PicturePages
from adapters.web.reader import ReaderPages
from adapters.web.site import NO_WAYS, PageError, PageGroup, Site
from adapters.web.subscribing import Subscribing
from bot.errors import UnavailableStoreError
from bot.ports import Asgi, Desk
from bot.ports.leases import Leases
from bot.settings import Settings, secret_value

GROUPS: tuple[type[PageGroup], ...] = (
    Pages,
    PastPages,
    BylinePages,
    DiscoveryPages,
    Subscribing,
    ReaderPages,
    DownloadPages,
    PicturePages,
    Feeds,
    Api,
    Health,
)
"""The groups of pages; a new group is one more name."""

log = logging.getLogger("paperboy.web")

NO_DATABASE = "Paperboy can’t reach its database just now. Please try again in a minute."
HANDLED: tuple[type[Exception], ...] = (HTTPException, UnavailableStoreError, Exception)


class WebFront:
    """Implements `ports.Front`."""

    name = "web"

    def __init__(
        self,
        public_url: str | None = None,
        *,
        rate: int = 120,
        metrics_token: str | None = None,
        shared: SharedRate | None = None,
    ) -> None:
        """`public_url` is the site's URL for readers; without one, feeds use the host of the request.

        `rate` is the limit of requests per client and minute, `shared` that of all processes together;
        `metrics_token` opens `/metrics` to other machines.
        """
        self._rate = ClientRate(rate, shared)
        self.site = Site(public_url, metrics_token)
        self.routes = [*static.routes(), *(route for group in GROUPS for route in group(self.site).routes())]
        site = Starlette(routes=self.routes, exception_handlers=dict.fromkeys(HANDLED, self._problem))
        site.router.redirect_slashes = False
        self.pages = PageCache(site, self.site)
        self.asgi: tuple[str, Asgi] | None = (
            "",
            Guard(self.pages, self.site, pages=self._rate, pictures=ClientRate(rate * PICTURES_A_PAGE)),
        )

    async def serve(self, desk: Desk) -> None:
        """Answer until cancelled."""
        self.site.desk = desk
        try:
            await self._rate.run()
        finally:
            self.site.desk = None

    async def _problem(self, request: Request, error: Exception) -> Response:
        """An error as a page without internals; a path with a slash too many is redirected."""
        if isinstance(error, UnavailableStoreError):
            log.warning("a page was not answered reason=%s", error)
            return self.site.problem(request, 503, NO_DATABASE)
        if not isinstance(error, HTTPException):
            return self.site.problem(request, 500)
        path = request.url.path
        if error.status_code == 404 and request.method in ("GET", "HEAD") and path.endswith("/") and path.strip("/"):
            return RedirectResponse(f"/{path.strip('/')}", 308)
        ways_on = error.ways_on if isinstance(error, PageError) else NO_WAYS
        return self.site.problem(request, error.status_code, error.detail, error.headers, ways_on)


def connect(
    settings: Settings,
    secrets: object,  # noqa: ARG001 - as every platform's
    leases: Leases | None = None,
) -> tuple[None, WebFront] | None:
    """The front that serves pages, without an outlet; None if pages are not switched on.

    `leases` are given where other processes share the store.
    """
    if not settings.web:
        return None
    token, shared = secret_value(settings.metrics_token), SharedRate.of(settings, leases)
    return None, WebFront(settings.public_url, rate=settings.web_rate, metrics_token=token, shared=shared)
