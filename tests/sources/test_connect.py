"""Building the sources that the settings name from their declarations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from pydantic import Field

import bot.settings
from bot.app import doctor
from bot.app.collect import collect
from bot.errors import SettingsError, UserError
from bot.model import Channel, Findings, Paper, Subscription
from bot.model.category import canonical_category
from bot.model.source import SOURCES, Need, SourceDeclaration, source
from bot.ports import Lookup, Source
from bot.settings import Settings, WebUrl, load
from bot.sources.connect import build, connect, named_categories
from bot.sources.http_client import HttpClient
from bot.wording.parts import source_name
from tests.fakes.http_server import Answer, Loopback, Seen, json_answer
from tests.harness.recordings import recorded
from tests.harness.store import new_store

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)


def test_topics_name_the_categories_they_look_for() -> None:
    topics = ["cat:CS.cl diffusion", "video | cat:cond-mat.soft", "robots -cat:cs.CV", "cat:", "hep-th", '"cat:cs.DB"']
    assert {canonical_category(name) for name in named_categories(topics)} == {"cs.CL", "cond-mat.soft"}


@pytest.mark.parametrize("chosen", [("huggingface", "arxiv", "hackernews"), ("arxiv",)])
async def test_every_chosen_source_answers_from_where_the_settings_say(tmp_path: Path, chosen: tuple[str, ...]) -> None:
    file = tmp_path / "more.jsonl"
    file.write_text('{"id": "2606.00051", "title": "From a file"}\n')

    def daily(request: Seen) -> Answer:
        return Answer(200, recorded("hf_2026.json")) if request.query.get("date") == "2026-06-16" else json_answer([])

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
        with new_store(tmp_path / "test.db") as store:
            await store.subscriptions.put(Subscription(Channel("console:local"), topics=("cat:cs.DC",)))
            await store.papers.add(Findings((Paper("2606.00031", "Known", categories=("cs.DC",)),)), "file", NOW)
            async with connect(settings, store, "Paperboy/test") as connected:
                fetched = {source.name: await source.fetch(NOW, NOW) for source in connected}
    assert tuple(fetched) == (*chosen, "file")
    assert all(findings.papers or findings.signals for findings in fetched.values())
    assert {request.headers["user-agent"] for request in server.requests} == {"Paperboy/test"}
    assert [request.query["id_list"] for request in server.seen("/api/query")] == ["2606.00032"]


async def no_categories() -> Collection[str]:
    return ()


@pytest.mark.parametrize("name", SOURCES)
async def test_every_declared_source_can_be_built_and_keeps_the_promise_of_its_port(name: str) -> None:
    async with HttpClient("test") as http:
        parts = dict.fromkeys(get_args(Need)) | {"http": http, "categories": no_categories}
        built = build(source(name), load(file=Path("papers.jsonl")), parts)
    assert isinstance(built, Source)
    assert built.name == name
    assert isinstance(built, Lookup) == (name in {"huggingface", "arxiv", "biorxiv", "medrxiv"})


def test_an_undeclared_source_raises_and_names_the_declared_ones() -> None:
    with pytest.raises(UserError, match="No source is called “reddit”; there are huggingface, arxiv"):
        source("reddit")


def test_every_declaration_names_settings_that_exist() -> None:
    for declared in SOURCES.values():
        named = {*declared.arguments.values(), declared.interval} - {""}
        assert {name for name in named if isinstance(name, str)} <= set(Settings.model_fields)
        assert bool(declared.probe) == declared.selectable


class PigeonPost:
    """A made-up source: one paper from one request."""

    name = "pigeons"

    def __init__(self, http: HttpClient, base_url: str) -> None:
        self._http, self._base_url = http, base_url

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        answer = await self._http.get(self.name, f"{self._base_url}/letters")
        return Findings((Paper("2606.00077", answer.body.decode()),))


async def test_a_source_is_added_by_a_class_a_url_setting_and_a_declaration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way of bot/sources/README.md: nothing else has to know the source."""

    class Extended(Settings):
        pigeons_url: WebUrl = Field("https://pigeons.example.org", description="Where the pigeons are.")

    declaration = SourceDeclaration(
        "pigeons",
        "Pigeon Post",
        f"{__name__}:PigeonPost",
        {"base_url": "pigeons_url"},
        needs=("http",),
        probe="/letters",
    )
    monkeypatch.setitem(SOURCES, "pigeons", declaration)
    monkeypatch.setattr(bot.settings, "Settings", Extended)
    async with Loopback() as server:
        server.on("/letters", Answer(200, b"A Letter"))
        monkeypatch.setenv("PAPERBOY_PIGEONS_URL", server.url)
        settings = load(sources=("pigeons",))
        with new_store(tmp_path / "test.db") as store:
            async with connect(settings, store, "Paperboy/test") as connected:
                [report] = await collect(store, connected, NOW)
            assert (await store.papers.get(["2606.00077"]))["2606.00077"].title == "A Letter"
        monkeypatch.setenv("PAPERBOY_SOURCES", "pigeons")
        checks = {check.subject: check for check in await doctor.examine(tmp_path / "none.db", {})}
    assert (report.source, report.papers, report.fault) == ("pigeons", 1, None)
    assert checks["source pigeons"].result == "answers"
    assert source_name("pigeons") == "Pigeon Post"
    with pytest.raises(
        SettingsError, match="choose from huggingface, arxiv, hackernews, biorxiv, medrxiv, semanticscholar, pigeons"
    ):
        load(sources=("rumours",))
