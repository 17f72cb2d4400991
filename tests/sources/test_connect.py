"""The sources that the settings name, with what they need to know from the store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model import Channel, Findings, Paper, Subscription
from bot.settings import load
from bot.sources.arxiv_parse import canonical_category
from bot.sources.connect import connect, named_categories
from bot.store.sqlite import SqliteStore
from tests.fakes.http_server import Answer, Loopback, Seen, json_answer
from tests.harness.recordings import recorded

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)


def test_topics_name_the_categories_they_look_for() -> None:
    topics = ["cat:CS.cl diffusion", "video | cat:cond-mat.soft", "robots -cat:cs.CV", "cat:", "hep-th", '"cat:cs.DB"']
    assert {canonical_category(name) for name in named_categories(topics)} == {"cs.CL", "cond-mat.soft"}


@pytest.mark.parametrize("chosen", [("huggingface", "arxiv", "hackernews"), ("arxiv",)])
async def test_every_chosen_source_answers_from_where_the_settings_say(tmp_path: Path, chosen: tuple[str, ...]) -> None:
    file = tmp_path / "more.jsonl"
    file.write_text('{"id": "2606.00051", "title": "From a file"}\n')

    def daily(seen: Seen) -> Answer:
        return Answer(200, recorded("hf_2026.json")) if seen.query.get("date") == "2026-06-16" else json_answer([])

    async with Loopback() as server:
        server.on("/api/daily_papers", daily)
        server.on("/atom/cs.DC+cs.LG", Answer(200, recorded("arxiv_feed.xml")))
        server.on("/api/query", Answer(200, recorded("arxiv_query.xml")))
        server.on("/api/v1/search_by_date", Answer(200, recorded("hackernews.json")))
        settings = load(
            sources=chosen,
            file=file,
            arxiv_categories=("cs.LG",),
            arxiv_interval=0,
            huggingface_url=server.url,
            arxiv_api_url=server.url,
            arxiv_feed_url=server.url,
            hackernews_url=server.url,
        )
        with SqliteStore(tmp_path / "test.db", write=True) as store:
            await store.subscriptions.put(Subscription(Channel("console:local"), topics=("cat:cs.DC",)))
            await store.papers.add(Findings((Paper("2606.00031", "Known", categories=("cs.DC",)),)), "file", NOW)
            async with connect(settings, store, "Paperboy/test") as connected:
                found = {source.name: await source.fetch(NOW, NOW) for source in connected}
    assert tuple(found) == (*chosen, "file")
    assert all(findings.papers or findings.signals for findings in found.values())
    assert {seen.headers["user-agent"] for seen in server.requests} == {"Paperboy/test"}
    assert [seen.query["id_list"] for seen in server.seen("/api/query")] == ["2606.00032"]
