"""Signed links to a reading list: one person's, for a week, and only with the key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.handlers import Handlers, SignedDownloads
from bot.model import Channel
from bot.store.encryption import new_key
from tests.harness.desk import ADA, OMNI

KEY = new_key()
BASE = "https://papers.example"


def downloads(desk, *keys: str) -> SignedDownloads:
    return SignedDownloads(desk.store, keys or (KEY,), f"{BASE}/", desk.clock)


def token(url: str) -> str:
    assert url.startswith(f"{BASE}/reading-list/")
    return url.rpartition("/")[2]


async def test_the_export_has_a_link_to_the_list_as_it_is_when_it_is_opened(desk):
    desk.handlers = Handlers(desk.store, desk.search, desk.engine, downloads=downloads(desk))
    await desk.ask(f"save {OMNI}")
    answer = await desk.ask("saved export csv")
    [url] = [action.url for action in answer.actions if action.url]
    file = await downloads(desk).file(token(url))
    assert file == answer.file
    await desk.ask(f"unsave {OMNI}")
    with pytest.raises(UserError, match="nothing on this reading list"):
        await downloads(desk).file(token(url))


async def test_a_link_is_good_for_seven_days_to_the_second(desk):
    await desk.ask(f"save {OMNI}")
    link = token(downloads(desk).url(ADA.user, "ris"))
    desk.clock.advance(days=7)
    assert (await downloads(desk).file(link)).name == "reading-list.ris"
    desk.clock.now += timedelta(seconds=1)
    with pytest.raises(UserError, match="has expired. Type /papers saved export"):
        await downloads(desk).file(link)


async def test_an_altered_link_and_one_of_another_key_open_nothing(desk):
    await desk.ask(f"save {OMNI}")
    link = token(downloads(desk).url(ADA.user, "bibtex"))
    other = token(downloads(desk, new_key()).url(ADA.user, "bibtex"))
    swapped = token(downloads(desk).url(Channel("slack:T1/U2"), "bibtex")).split(".")[0] + link[link.index(".") :]
    for forged in (link[:-1], other, swapped, "", "x" * 10_000, f"{link}.x"):
        with pytest.raises(UserError, match="incomplete"):
            await downloads(desk).file(forged)
    assert (await downloads(desk, new_key(), KEY).file(link)).name == "reading-list.bib"
