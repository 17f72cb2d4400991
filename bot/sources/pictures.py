"""Pictures of papers for our own pages: fetched once from Hugging Face, drawn anew, and kept in a folder.

Readers' browsers ask us, so Hugging Face never learns who reads. What comes from there is bounded in bytes and pixels
before it is decoded, and only our own encoding of its pixels is kept and served.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

from cachetools import TTLCache
from PIL import Image, ImageOps

from bot.errors import SourceError
from bot.sources.http_client import HttpClient, HttpLimits
from bot.sources.picture_folder import PictureFolder
from bot.sources.public_network import public_transport
from bot.store import Store
from bot.wording.cards import paper_picture

log = logging.getLogger("paperboy.pictures")

NAME = "pictures"
LIMITS = HttpLimits(timeout=5.0, deadline=10.0, attempts=1, body_max=2 * 2**20, redirects=0)
"""A picture of Hugging Face is a few hundred kilobytes, and comes without a redirect."""
MAX_PIXELS = 4_000_000
"""Theirs have 1200 × 648."""
SIZE = (480, 259)
"""Pixels of ours: twice the size at which a list shows them."""
QUALITY = 72
WAIT = 3.0
"""Seconds that a reader waits for a picture; it goes on being fetched for the next one."""
FETCHES = 32
"""Pictures that are fetched or wait for it, half of the requests that the site answers at once; more are not begun."""
FETCHES_AT_ONCE = 4
MISSING_SECONDS = 600.0
"""Time after which a picture that could not be had is asked for again."""
_ID = re.compile(r"[0-9]{4}\.[0-9]{4,5}")


class UnreadablePictureError(Exception):
    """Bytes that are no picture, or one that is too large."""


class PaperPictures:
    """Implements `ports.Pictures`. Processes may share the folder."""

    def __init__(
        self,
        store: Store,
        folder: PictureFolder,
        http: HttpClient,
        *,
        site: str = "https://cdn-thumbnails.huggingface.co",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`site` is the one host that is asked."""
        self._store, self._folder, self._http, self._site = store, folder, http, site
        self._turns = asyncio.Semaphore(FETCHES_AT_ONCE)
        self._fetches: dict[str, asyncio.Task[bytes | None]] = {}
        self._missing: TTLCache[str, str] = TTLCache(4_096, MISSING_SECONDS, timer=clock)
        """First categories of papers without a picture."""

    async def picture(self, paper_id: str) -> bytes | None:
        """The picture of a stored paper as WebP of `SIZE`; None where there is none, or it does not come in time."""
        if not _ID.fullmatch(paper_id):
            return None
        if (kept := await asyncio.to_thread(self._folder.read, paper_id)) is not None:
            return kept
        if paper_id in self._missing:
            return None
        if (fetch := self._fetches.get(paper_id)) is None:
            if len(self._fetches) >= FETCHES:
                return None
            fetch = self._fetches[paper_id] = asyncio.create_task(self._fetch(paper_id))
            fetch.add_done_callback(lambda _: self._fetches.pop(paper_id))
        await asyncio.wait({fetch}, timeout=WAIT)
        return fetch.result() if fetch.done() and not fetch.cancelled() else None

    def category(self, paper_id: str) -> str:
        """The first category of a paper without a picture; empty if it is not known."""
        return self._missing.get(paper_id, "")

    async def close(self) -> None:
        """End what is being fetched."""
        fetches = list(self._fetches.values())
        for fetch in fetches:
            fetch.cancel()
        await asyncio.gather(*fetches, return_exceptions=True)

    async def _fetch(self, paper_id: str) -> bytes | None:
        paper = (await self._store.papers.get([paper_id])).get(paper_id)
        image = paper and paper_picture(paper)
        picture = await self._downloaded(image.url) if image else None
        if picture is None:
            self._missing[paper_id] = paper.categories[0] if paper and paper.categories else ""
            return None
        await asyncio.to_thread(self._folder.keep, paper_id, picture)
        return picture

    async def _downloaded(self, url: str) -> bytes | None:
        """The picture behind an address of Hugging Face's; None, and a line in the log, if there is none."""
        try:
            async with self._turns:
                path = url.split("/", 3)[3]
                answer = await self._http.get(NAME, f"{self._site}/{path}", conditional=False)
                return await asyncio.to_thread(encoded, answer.body)
        except (SourceError, UnreadablePictureError) as fault:
            log.info("no picture url=%s reason=%s", url, fault)
            return None


@asynccontextmanager
async def open_pictures(store: Store, folder: Path | None, agent: str) -> AsyncIterator[PaperPictures | None]:
    """The pictures in a folder, fetched from public addresses alone; None without one."""
    if folder is None:
        yield None
        return
    async with HttpClient(agent, limits=LIMITS, transport=partial(public_transport, NAME)) as http:
        pictures = PaperPictures(store, PictureFolder(folder), http)
        yield pictures
        await pictures.close()


def encoded(body: bytes) -> bytes:
    """A PNG as WebP of `SIZE`, without anything but its pixels, on white. Raises UnreadablePictureError."""
    try:
        with Image.open(BytesIO(body), formats=("PNG",)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnreadablePictureError(f"{image.width} × {image.height} pixels")
            pixels = image.convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadablePictureError(f"more than {Image.MAX_IMAGE_PIXELS} pixels") from None
    except (OSError, SyntaxError, ValueError) as fault:  # what Pillow raises for what it can't read
        raise UnreadablePictureError(f"unreadable ({type(fault).__name__})") from None
    flat = Image.alpha_composite(Image.new("RGBA", pixels.size, "white"), pixels)
    file = BytesIO()
    ImageOps.fit(flat.convert("RGB"), SIZE, Image.Resampling.LANCZOS).save(file, "WEBP", quality=QUALITY)
    return file.getvalue()
