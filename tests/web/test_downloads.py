"""A reading list over HTTP: by its link alone, as a file, in no cache and no index."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.handlers import SignedDownloads
from bot.model import Channel
from bot.store.encryption import new_key
from tests.web.harness import running_site

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
