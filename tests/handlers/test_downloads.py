"""Signed links to a reading list: one person's, for a week, and only with the key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import GoneError, UserError
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


def feed_token(url: str) -> str:
    assert url.startswith(f"{BASE}/reading-list/feed/")
    return url.rpartition("/")[2]


def link_in(message) -> str:
    [url] = [action.url for action in message.actions if action.url]
    assert url in message.text, "it can be copied"
    return feed_token(url)


async def test_a_feed_has_one_link_until_it_is_reset_or_its_owner_forgotten(desk):
    links = downloads(desk)
    desk.handlers = Handlers(desk.store, desk.search, desk.engine, downloads=links)
    await desk.ask(f"save {OMNI}")
    await desk.ask(f"saved note {OMNI} mine")
    first = link_in(answer := await desk.ask("saved feed"))
    assert answer.private
    desk.clock.advance(days=400)
    assert link_in(await desk.ask("saved feed")) == first, "the same for ever"
    [entry] = await links.feed(first)
    assert (entry.paper.id, entry.note) == (OMNI, "mine")
    second = link_in(await desk.press(answer, "New link"))
    assert second != first
    with pytest.raises(GoneError, match="given up for a new one"):
        await links.feed(first)
    assert len(await links.feed(second)) == 1
    await desk.run("forget", what="me", confirm="yes")
    with pytest.raises(GoneError):
        await links.feed(second)


async def test_the_link_of_a_feed_is_made_anew_when_its_key_is_gone(desk):
    first = feed_token(await downloads(desk).feed_url(ADA.user))
    rotated = downloads(desk, new_key(), KEY)
    assert feed_token(await rotated.feed_url(ADA.user)) == first
    replaced = downloads(desk, new_key())
    second = feed_token(await replaced.feed_url(ADA.user))
    assert second != first
    assert await replaced.feed(second) == ()
    other = feed_token(await replaced.feed_url(Channel("slack:T1/U2")))
    forged = f"{other.partition('.')[0]}.{second.partition('.')[2]}"
    for token_of_nobody in ("", "x", forged, f"{second}x", token(downloads(desk).url(ADA.user, "csv")), first):
        with pytest.raises(UserError, match="incomplete"):
            await replaced.feed(token_of_nobody)


async def test_without_pages_there_is_no_feed_and_the_answer_names_a_way(desk):
    answer = await desk.ask("saved feed")
    assert "There are no feeds here" in answer.text
    assert "PAPERBOY_WEB=on" in answer.text
    assert "saved export" in answer.text
