"""A reading list over HTTP: by its link alone, as a file, in no cache and no index."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time

from bot.digest.club import first_meeting
from bot.handlers import SignedDownloads
from bot.model import Channel
from bot.model.club import Club
from bot.store.encryption import new_key
from tests.web.harness import running_site
from tests.web.test_feeds import ATOM, checked_atom

USER = Channel("slack:T1/U1")


async def test_a_reading_list_is_downloaded_by_its_link(tmp_path):
    async with running_site(tmp_path) as reader:
        store = reader.backend.store
        assert (await reader.get("/reading-list/x")).status == 404
        papers = await reader.backend.desk.library.today(limit=3)
        for each in papers.papers:
            await store.people.save(USER, each.paper.id, datetime.now(UTC))
        downloads = SignedDownloads(store, (new_key(),), reader.url, lambda: datetime.now(UTC))
        reader.backend.desk.downloads = downloads
        url = downloads.url(USER, "bibtex")
        answer = (await reader.get(url.removeprefix(reader.url))).answer
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-bibtex; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="reading-list.bib"'
        assert (answer.headers["cache-control"], answer.headers["x-robots-tag"]) == ("no-store", "noindex")
        assert all(each.paper.id in answer.text for each in papers.papers)
        refused = await reader.get("/reading-list/forged")
        assert refused.status == 404
        assert refused.heading == "This link is incomplete."
        assert "Copy all of it, or type /papers saved export for a new one." in refused.text


async def test_a_reading_list_is_a_feed_by_its_link_which_no_log_has(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    async with running_site(tmp_path) as reader:
        store = reader.backend.store
        [listed] = (await reader.backend.desk.library.today(limit=1)).papers
        now = datetime.now(UTC)
        await store.people.save(USER, listed.paper.id, now)
        await store.reading_lists.annotate(USER, listed.paper.id, "a <b> & \x07c")
        await store.reading_lists.tag(USER, listed.paper.id, ("rl", "c++"), ())
        downloads = SignedDownloads(store, (new_key(),), reader.url, lambda: datetime.now(UTC))
        reader.backend.desk.downloads = downloads
        url = await downloads.feed_url(USER)
        answer = (await reader.get(url.removeprefix(reader.url))).answer
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        assert (answer.headers["cache-control"], answer.headers["x-robots-tag"]) == ("no-store", "noindex")
        feed = checked_atom(answer.content)
        [entry] = feed.findall(f"{ATOM}entry")
        assert entry.find(f"{ATOM}id").text == listed.paper.url
        assert entry.find(f"{ATOM}summary").text.startswith("Note: a <b> & c")
        assert [each.attrib["term"] for each in entry.findall(f"{ATOM}category")] == ["rl", "c++"]
        assert datetime.fromisoformat(entry.find(f"{ATOM}updated").text) == now.replace(microsecond=0)
        page_url = url.replace("/feed/", "/page/")
        page = await reader.get(page_url.removeprefix(reader.url))
        assert page.heading == "My reading list"
        assert "a <b> & c" in page.text
        assert "rl, c++" in page.text
        assert {f"/paper/{listed.paper.id}", url.removeprefix(reader.url)} <= set(page.links())
        headers = page.answer.headers
        assert (headers["cache-control"], headers["x-robots-tag"]) == ("no-store", "noindex")
        await downloads.feed_url(USER, reset=True)
        for path in ("feed", "page"):
            assert (await reader.get(url.removeprefix(reader.url).replace("/feed/", f"/{path}/"))).status == 410
        gone = await reader.get(url.removeprefix(reader.url))
        assert gone.status == 410
        assert "/papers saved feed" in gone.text
        assert (await reader.get("/reading-list/feed/forged")).status == 404
        assert (await reader.get("/reading-list/page/forged")).status == 404
        numbers = (await reader.get("/metrics")).answer.text
    token = url.rpartition("/")[2]
    log = caplog.text.replace(f"GET {url}", "").replace(f"GET {page_url}", "")  # of the test's own client
    assert token not in log
    assert token not in numbers


async def test_the_date_of_a_journal_club_is_downloaded_by_its_link(tmp_path):
    async with running_site(tmp_path) as reader:
        store = reader.backend.store
        assert (await reader.get("/journal-club/x")).status == 404
        club = Club(Channel("slack:T1/C1"), 3, time(15), "Europe/Berlin")
        meeting = first_meeting(club, datetime.now(UTC))
        await store.clubs.start(club, meeting)
        downloads = SignedDownloads(store, (new_key(),), reader.url, lambda: datetime.now(UTC))
        reader.backend.desk.downloads = downloads
        answer = (await reader.get(downloads.calendar_url(meeting.id).removeprefix(reader.url))).answer
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert f"UID:{meeting.id}@journal-club.paperboy" in answer.text
        assert (await reader.get(downloads.calendar_url("gone").removeprefix(reader.url))).status == 410
        assert (await reader.get("/journal-club/forged")).status == 404
        assert (await reader.get(f"/journal-club/{downloads.url(USER, 'bibtex').rpartition('/')[2]}")).status == 404
