"""Routes for the operator: readiness with its reason, and metrics that a Prometheus reads."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.web import WebFront
from bot.app import http_server
from bot.app import metrics as app_metrics
from bot.app.http_proxies import Proxies
from bot.app.metrics import Metrics
from bot.app.scheduler import log_failures
from bot.errors import Failure
from bot.model import Channel, SourceReport, Subscription
from bot.store.postgres import PostgresStore
from bot.store.sql.transaction import Transaction
from bot.store.sqlite.connection import SqliteConnection
from tests.fakes import FakeOutlet
from tests.harness.desk import NOW, sample_database
from tests.harness.engine import running_backend
from tests.harness.postgres import clear_databases, database
from tests.web.harness import UNLIMITED_RATE, Reader, running_site


async def _numbers(reader: Reader) -> dict[tuple[str, ...], float]:
    answer = (await reader.get("/metrics")).answer
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return _read(answer.text)


def _read(text: str) -> dict[tuple[str, ...], float]:
    """Values of a metrics page by name and labels, the labels sorted by their names."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_the_site_is_ready_once_there_is_a_list_and_says_until_then_what_is_missing(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        waiting = await reader.get("/readyz")
        assert (waiting.status, waiting.answer.text) == (503, "the first look at the sources is under way\n")
        await reader.backend.engine.refresh()
        assert ((await reader.get("/readyz")).status, (await reader.get("/healthz")).answer.text) == (200, "ok\n")
    async with running_site(tmp_path, ready=False) as reader:
        assert (await reader.get("/readyz")).status == 503


async def test_pages_and_rankings_are_counted_by_name_and_not_by_path(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        for path in ("/", "/search?q=a", "/search?q=b", "/nothing", "/else"):
            await reader.get(path)
        numbers = await _numbers(reader)
    assert numbers["paperboy_page_seconds_count", "pages.today", "200"] == 1
    assert numbers["paperboy_page_seconds_count", "pages.search", "200"] == 2
    assert numbers["paperboy_page_seconds_count", "none", "404"] == 2
    assert numbers["paperboy_ranking_seconds_count",] == 1
    assert numbers["paperboy_ranked_papers",] > 50


async def test_sources_and_channels_are_read_when_asked(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        store = reader.backend.store
        await store.papers.report(SourceReport("huggingface", NOW, NOW, 3, 4))
        await store.papers.report(SourceReport("arxiv", NOW, None, fault="it is down"))
        await store.subscriptions.put(
            Subscription(Channel("slack:T1/C1")),
            Subscription(Channel("slack:T1/C2"), paused_at=NOW),
            Subscription(Channel("slack:T1/C3"), paused_at=NOW, pause_reason="it is gone"),
        )
        numbers = await _numbers(reader)
    assert numbers["paperboy_source_last_success_timestamp_seconds", "huggingface"] == NOW.timestamp()
    assert ("paperboy_source_last_success_timestamp_seconds", "arxiv") not in numbers
    assert (numbers["paperboy_source_up", "huggingface"], numbers["paperboy_source_up", "arxiv"]) == (1, 0)
    assert [numbers["paperboy_channels", "slack", state] for state in ("active", "paused", "unreachable")] == [1, 1, 1]
    assert numbers["paperboy_stored", "papers"] > 50
    assert (numbers["paperboy_queued_digests",], numbers["paperboy_oldest_due_seconds",]) == (0, 0)


async def test_what_waits_to_be_delivered_is_counted_with_the_age_of_the_oldest(tmp_path: Path):
    with running_backend(tmp_path, {"fake": FakeOutlet()}) as backend:
        channels = [Channel(f"fake:T1/C{n}") for n in (1, 2)]
        await backend.store.subscriptions.put(*(Subscription(each, size=2, next_due=NOW) for each in channels))
        assert await backend.engine.tick() == 2
        metrics = Metrics(backend.store, lambda: NOW + timedelta(minutes=5))
        metrics.leases_lost.inc()
        metrics.put_back.inc()
        numbers = _read((await metrics.numbers())[0].decode())
    assert (numbers["paperboy_queued_digests",], numbers["paperboy_oldest_due_seconds",]) == (2, 300)
    assert (numbers["paperboy_leases_lost_total",], numbers["paperboy_stalled_jobs_put_back_total",]) == (1, 1)


async def test_the_store_is_read_by_one_query_which_all_wait_for_while_it_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    read, queries, is_fast = SqliteConnection.read, [], asyncio.Event()

    async def read_once_fast(self: SqliteConnection, query: Any, *args: Any, **kwargs: Any) -> Any:
        queries.append(query)
        await is_fast.wait()
        return await read(self, query, *args, **kwargs)

    with running_backend(tmp_path, {}) as backend:
        metrics = Metrics(backend.store)
        monkeypatch.setattr(SqliteConnection, "read", read_once_fast)
        with monkeypatch.context() as impatient:
            impatient.setattr(app_metrics, "STORE_TIMEOUT", 0.01)
            for _ in range(2):
                assert _read((await metrics.numbers())[0].decode())["paperboy_store_up",] == 0
        is_fast.set()
        assert _read((await metrics.numbers())[0].decode())["paperboy_store_up",] == 1
    assert len(queries) == 1


async def test_changes_that_others_undo_are_counted(tmp_path: Path):
    both_have_read = threading.Barrier(2)

    def change(db: Transaction, name: str) -> None:
        db.execute("SELECT count(*) FROM notes").fetchone()
        with contextlib.suppress(threading.BrokenBarrierError):
            both_have_read.wait(60)
        both_have_read.abort()  # alone when it is made again
        db.execute("INSERT INTO notes (name, text) VALUES (?, '')", (name,))

    with PostgresStore(database(tmp_path), write=True) as store:
        await asyncio.gather(*(store.connection.write(change, name) for name in ("a", "b")))
        metrics = Metrics(store)
        for _ in range(2):
            numbers = _read((await metrics.numbers())[0].decode())
            assert numbers["paperboy_transactions_undone_total",] == store.undone >= 1
    clear_databases()


async def test_posts_that_arrive_and_posts_that_fail_are_counted(tmp_path: Path):
    outlet = FakeOutlet()
    with running_backend(tmp_path, {"fake": outlet}) as backend:
        await backend.store.subscriptions.put(
            *(Subscription(Channel(f"fake:T1/C{n}"), size=2, next_due=NOW) for n in (1, 2))
        )
        outlet.fails_next(Failure.CHANNEL_GONE, channel=Channel("fake:T1/C2"))
        await backend.deliver()
        assert isinstance(backend.desk.monitor, Metrics)
        numbers = _read((await backend.desk.monitor.numbers())[0].decode())
    assert numbers["paperboy_post_seconds_count", "fake"] == len(outlet.posts) == 3
    assert numbers["paperboy_posts_failed_total", "channel_gone", "fake"] == 1
    assert numbers["paperboy_channels", "fake", "unreachable"] == 1


async def test_looks_at_sources_are_counted(tmp_path: Path):
    with running_backend(tmp_path, {}) as backend:
        backend.desk.monitor.collected(
            [SourceReport("arxiv", NOW, NOW, 5, 6), SourceReport("arxiv", NOW, None, fault="down")]
        )
        numbers = _read((await backend.desk.monitor.numbers())[0].decode())
    assert numbers["paperboy_collected_papers_total", "arxiv"] == 5
    assert numbers["paperboy_collected_signals_total", "arxiv"] == 6
    assert (numbers["paperboy_looks_total", "done", "arxiv"], numbers["paperboy_looks_total", "failed", "arxiv"]) == (
        1,
        1,
    )


TOKEN = "t0ken-of-the-operator"
WRONG = (TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer", "Bearer é".encode())
FORWARDED = ({"X_Forwarded_For": "127.0.0.1"}, {"X_Forwarded_For": "10.0.0.1"}, {"Forwarded": "for=127.0.0.1"})


@pytest.mark.parametrize("proxies", [(), ("127.0.0.1",)])
async def test_metrics_without_a_token_are_for_this_machine_and_not_through_a_proxy(tmp_path: Path, proxies):
    async with running_site(tmp_path, proxies=proxies) as reader:
        for headers in FORWARDED:
            assert (await reader.get("/metrics", **headers)).status == 404
            assert (await reader.get("/metrics", Authorization="Bearer", **headers)).status == 404
        assert (await reader.get("/metrics")).status == 200


async def test_metrics_with_a_token_are_for_whoever_has_it_from_anywhere(tmp_path: Path):
    web = WebFront(rate=UNLIMITED_RATE, metrics_token=TOKEN)
    async with running_site(tmp_path, web=web, proxies=("127.0.0.1",)) as reader:
        for headers in FORWARDED:
            assert (await reader.get("/metrics", Authorization=f"Bearer {TOKEN}", **headers)).status == 200
            for wrong in WRONG:
                refused = await reader.get("/metrics", Authorization=wrong, **headers)
                assert (refused.status, refused.answer.headers["www-authenticate"]) == (401, "Bearer")
        assert (await reader.get("/metrics")).status == 200
        assert (await reader.get("/metrics", Authorization=f"bearer {TOKEN}", **FORWARDED[0])).status == 200


@pytest.mark.parametrize(
    ("peer", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.1", 404), ("192.168.1.2", 404), ("", 404)],
)
async def test_metrics_are_for_this_machine_and_no_longer_for_its_network(tmp_path: Path, peer: str, status: int):
    with running_backend(tmp_path, {}) as backend:
        web = WebFront(rate=UNLIMITED_RATE)
        web.site.desk = backend.desk
        server = Proxies(http_server.application([web]), (), None)
        transport = httpx.ASGITransport(server, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://paperboy.example") as client:
            assert (await client.get("/metrics")).status_code == status


async def test_a_store_that_does_not_answer_is_not_ready(tmp_path: Path, monkeypatch):
    with running_backend(tmp_path, {}) as backend:
        await backend.engine.refresh()

        async def stuck() -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(backend.store.papers, "reports", stuck)
        monkeypatch.setattr("bot.app.metrics.STORE_TIMEOUT", timedelta(milliseconds=10).total_seconds())
        assert await backend.desk.monitor.unready() == "the store does not answer"


async def test_a_database_deleted_or_replaced_under_the_site_is_not_ready(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        await reader.backend.engine.refresh()
        assert (await reader.get("/readyz")).status == 200
        database = tmp_path / "week.db"
        database.with_name("other.db").write_bytes(sample_database())
        database.with_name("other.db").replace(database)
        answer = await reader.get("/readyz")
        assert (answer.status, answer.answer.text) == (
            503,
            "the database was deleted or replaced under the running Paperboy: restart it\n",
        )
        numbers = await reader.get("/metrics")
        assert (numbers.status, "paperboy_store_up 0.0" in numbers.answer.text) == (200, True)
        page = await reader.get("/search?q=video")
        assert page.status == 503
        assert "Paperboy can’t reach its database just now" in page.answer.text
        assert "week.db" not in page.answer.text


async def test_a_failed_look_at_who_is_due_is_not_ready_until_the_next_one_succeeds(tmp_path: Path):
    outcomes: list[Exception | None] = [OSError(28, "No space left on device"), None]

    async def tick() -> None:
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome

    async with running_site(tmp_path) as reader:
        await reader.backend.engine.refresh()
        monitor = reader.backend.desk.monitor
        assert isinstance(monitor, Metrics)
        step = log_failures(tick, monitor.ticked)
        await step()
        failed = await reader.get("/readyz")
        assert (failed.status, failed.answer.text) == (
            503,
            "the last look at who is due failed: see the log (OSError)\n",
        )
        await step()
        assert (await reader.get("/readyz")).status == 200
