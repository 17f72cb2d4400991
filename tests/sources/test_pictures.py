"""Pictures of papers from a server on loopback that may be slow, huge, hostile or gone."""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.model import Findings
from bot.sources import pictures as source
from bot.sources.http_client import HttpClient, HttpLimits
from bot.sources.picture_folder import PictureFolder
from bot.sources.pictures import LIMITS, MISSING_SECONDS, SIZE, PaperPictures
from tests.fakes import MONDAY, paper
from tests.fakes.http_server import HANG, Answer, Loopback, Seen
from tests.harness.store import new_store

LISTED = [replace(paper(number), listed_at=MONDAY, categories=("cs.CL",)) for number in range(40)]
UNLISTED = replace(paper(90), listed_at=None)
FIRST = LISTED[0].id


def png(width: int = 1_200, height: int = 648, color: str = "white", *, mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, (width, height), color).save(file, "PNG")
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


class Pictures:
    """A server, a store with papers, and pictures from one for the other."""

    def __init__(self, server: Loopback, folder: Path, store, http: HttpClient) -> None:
        self.server, self.path, self.store, self.http, self.now = server, folder, store, http, 0.0
        self.source = self.again()

    def again(self, max_bytes: int = 10**9) -> PaperPictures:
        """Those of another process, on the same folder."""
        folder = PictureFolder(self.path, max_bytes)
        return PaperPictures(self.store, folder, self.http, site=self.server.url, clock=lambda: self.now)

    def answers(self, *answers: Answer) -> None:
        self.server.on("/social-thumbnails/papers/*", *answers)

    async def get(self, paper_id: str = FIRST) -> bytes | None:
        return await self.source.picture(paper_id)


@pytest.fixture
async def pictures(tmp_path: Path) -> AsyncIterator[Pictures]:
    async with Loopback() as server, HttpClient("Paperboy", limits=LIMITS) as http:
        with new_store(tmp_path / "week.db") as store:
            await store.papers.add(Findings((*LISTED, UNLISTED)), "huggingface", MONDAY)
            made = Pictures(server, tmp_path / "pictures", store, http)
            made.answers(Answer(200, png(), {"Content-Type": "image/png"}))
            yield made
            await made.source.close()


def opened(picture: bytes | None) -> Image.Image:
    assert picture is not None
    image = Image.open(BytesIO(picture))
    assert (image.format, image.size) == ("WEBP", SIZE)
    return image


async def test_a_picture_is_fetched_once_and_drawn_anew(pictures: Pictures):
    first = await pictures.get()
    opened(first)
    assert await pictures.get() == first
    assert await pictures.again().picture(FIRST) == first, "from the folder"
    [seen] = pictures.server.requests
    assert seen.path == f"/social-thumbnails/papers/{FIRST}.png"
    assert [file.name for file in pictures.path.iterdir()] == [f"{FIRST}.webp"]


async def test_nothing_but_pixels_is_kept_and_what_is_transparent_is_white(pictures: Pictures):
    file = BytesIO()
    image = Image.new("RGBA", (1_200, 648), (0, 0, 0, 0))
    image.info = {"comment": "tracking"}
    image.save(file, "PNG", exif=b"Exif\x00\x00secret", dpi=(300, 300))
    pictures.answers(Answer(200, file.getvalue()))
    drawn = opened(await pictures.get())
    assert drawn.convert("RGB").getpixel((240, 130)) == (255, 255, 255)
    assert not drawn.getexif()


@pytest.mark.parametrize("size", [(100, 3_000), (3_000, 100), (1, 1), (480, 259)])
async def test_whatever_its_shape_ours_has_one_size(pictures: Pictures, size: tuple[int, int]):
    pictures.answers(Answer(200, png(*size)))
    opened(await pictures.get())


def gif() -> bytes:
    file = BytesIO()
    Image.new("RGB", (9, 9)).save(file, "GIF")
    return file.getvalue()


BAD = {
    "gone": Answer(404, b"no"),
    "forbidden": Answer(403, b"no"),
    "broken": Answer(500, b"no"),
    "a page": Answer(200, b"<html>Hello</html>", {"Content-Type": "image/png"}),
    "empty": Answer(200, b""),
    "another kind": Answer(200, gif(), {"Content-Type": "image/png"}),
    "cut off": Answer(200, png(color="red")[:60]),
    "cut off by the network": Answer(200, png(), cut=100),
    "too many pixels": Answer(200, png(2_100, 2_000)),
    "a bomb": Answer(200, bomb(12_000, 9_000)),
    "a larger bomb": Answer(200, bomb(60_000, 60_000)),
    "the largest bomb": Answer(200, bomb(2**31 - 1, 2**31 - 1)),
    "huge": Answer(200, bytes(3 * 2**20), {"Content-Type": "image/png"}),
    "huge, and does not say so": Answer(200, bytes(3 * 2**20), chunked=True),
    "to a private address": Answer(302, b"", {"Location": "http://169.254.169.254/latest/meta-data"}),
    "to another host": Answer(301, b"", {"Location": "https://elsewhere.example/1.png"}),
    "to the same host": Answer(302, b"", {"Location": "/other.png"}),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
async def test_what_is_no_good_picture_is_none_and_is_asked_for_again_later(
    pictures: Pictures, answer: Answer, caplog: pytest.LogCaptureFixture
):
    pictures.server.on("/other.png", Answer(200, png()))
    pictures.answers(answer)
    with caplog.at_level(logging.INFO, "paperboy.pictures"):
        assert await pictures.get() is None
        assert await pictures.get() is None
    assert pictures.source.category(FIRST) == "cs.CL"
    assert len(pictures.server.requests) == len(caplog.messages) == 1, "one request, one line"
    assert not pictures.path.exists()
    pictures.answers(Answer(200, png()))
    pictures.now += MISSING_SECONDS + 1
    opened(await pictures.get())


async def test_a_slow_server_holds_no_reader_for_long_and_the_next_one_has_the_picture(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(source, "WAIT", 0.05)
    going_on = asyncio.Event()

    async def slow(_: Seen) -> Answer:
        await going_on.wait()
        return Answer(200, png())

    pictures.server.on("/social-thumbnails/papers/*", slow)
    assert await pictures.get() is None
    assert pictures.source.category(FIRST) == "", "not known to be missing"
    going_on.set()
    monkeypatch.setattr(source, "WAIT", 5.0)
    opened(await pictures.get())
    assert len(pictures.server.requests) == 1


async def test_a_server_that_never_answers_is_given_up(pictures: Pictures):
    pictures.answers(HANG)
    async with HttpClient("Paperboy", limits=HttpLimits(timeout=0.1, attempts=1, redirects=0)) as http:
        impatient = PaperPictures(pictures.store, PictureFolder(pictures.path), http, site=pictures.server.url)
        assert await impatient.picture(FIRST) is None


async def test_many_readers_of_one_picture_make_one_request(pictures: Pictures):
    drawn = await asyncio.gather(*(pictures.get() for _ in range(20)))
    assert len(set(drawn)) == 1
    assert len(pictures.server.requests) == 1


async def test_few_pictures_are_fetched_at_once_and_many_are_not_begun(pictures: Pictures):
    pictures.answers(HANG)
    waiting = [asyncio.create_task(pictures.get(each.id)) for each in LISTED[:32]]
    await asyncio.sleep(0)
    while len(pictures.server.requests) < 4:
        await asyncio.sleep(0.01)
    assert await pictures.get(LISTED[39].id) is None, "at once"
    assert len(pictures.server.requests) == 4
    await pictures.source.close()
    assert await asyncio.gather(*waiting) == [None] * 32


@pytest.mark.parametrize(
    "paper_id",
    [
        "2511.99999",
        UNLISTED.id,
        "../week.db",
        "..%2fweek",
        "2511.00001.webp",
        "",
        "x" * 4_000,
        "10.1101/1",
        "٢٥١١.٠٠٠٠١",
    ],
)
async def test_only_papers_with_a_page_on_hugging_face_are_asked_for(pictures: Pictures, paper_id: str):
    assert await pictures.get(paper_id) is None
    assert pictures.server.requests == []


async def test_those_read_longest_ago_are_deleted_and_no_other_files(pictures: Pictures):
    small = pictures.source = pictures.again(max_bytes=3 * len(await pictures.get() or b"") + 10)
    (pictures.path / "notes.txt").write_text("mine" * 1_000)
    (pictures.path / "2511.00001.webp.77").write_bytes(bytes(5_000))
    os.utime(pictures.path / "2511.00001.webp.77", (0, 0))
    for number, each in enumerate(LISTED[1:3], start=1):
        await small.picture(each.id)
        os.utime(pictures.path / f"{each.id}.webp", (number, number))
    await pictures.get(FIRST)
    await pictures.get(LISTED[3].id)
    names = {file.name for file in pictures.path.iterdir()}
    assert names == {"notes.txt", *(f"{each.id}.webp" for each in (LISTED[0], LISTED[2], LISTED[3]))}


async def test_where_nothing_can_be_kept_the_picture_is_shown_all_the_same(pictures: Pictures):
    pictures.path.write_text("a file where the folder should be")
    opened(await pictures.get())
    opened(await pictures.get())
    assert len(pictures.server.requests) == 2


async def test_in_a_process_no_private_address_is_asked(pictures: Pictures, monkeypatch: pytest.MonkeyPatch):
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with source.open_pictures(pictures.store, pictures.path, "Paperboy") as made:
        assert made is not None
        made._site = pictures.server.url  # what the host's name would resolve to
        assert await made.picture(FIRST) is None
    assert pictures.server.requests == []
