"""The doctor: looks at everything, names each fault with its remedy, and one broken thing never hides the rest."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot import embeddings, settings
from bot.app import doctor
from bot.app.http_proxies import NOTE
from bot.app.wiring import INSTALLATION
from bot.model import Channel, Findings, SourceReport, Subscription
from bot.model.segment import IndexedPaper, IndexEntry, PostingsEntry
from bot.search import cache
from tests.fakes import paper
from tests.fakes.http_server import Answer, Loopback
from tests.harness.store import new_store

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Loopback]:
    """All three sources on loopback, answering; the clock as theirs."""
    for name, _, _ in settings.table():
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "clock").write_text(NOW.isoformat())
    monkeypatch.setenv("PAPERBOY_CLOCK", str(tmp_path / "clock"))
    monkeypatch.setenv("PAPERBOY_CONTACT", "desk@example.org")
    async with Loopback() as server:
        for name in ("HUGGINGFACE_URL", "ARXIV_API_URL", "HACKERNEWS_URL"):
            monkeypatch.setenv(f"PAPERBOY_{name}", server.url)
        answering(server, NOW)
        yield server


def answering(server: Loopback, at: datetime, status: int = 200) -> None:
    for path in ("/api/daily_papers", "/api/query", "/api/v1/search_by_date"):
        server.on(path, Answer(status, b"[]", {"Date": format_datetime(at, usegmt=True)}))


async def examined(tmp_path: Path) -> dict[str, doctor.Check]:
    return {check.subject: check for check in await doctor.examine(tmp_path / "paperboy.db", {})}


def survives(tmp_path: Path) -> bool:
    return doctor.short_lived(tmp_path / "paperboy.db", {}) is None


async def test_a_healthy_set_up_has_no_fault(server, tmp_path):
    with new_store(tmp_path / "paperboy.db") as store:
        await store.subscriptions.put(Subscription(Channel("console:local")))
        await store.secrets.first_note(INSTALLATION, "0123abcd")
    checks = await examined(tmp_path)
    assert checks["installation"].result == "0123abcd"
    assert [check for check in checks.values() if check.fault and check.subject != "disk"] == []
    assert checks["store"].result == "0 papers, 0 observations"
    assert checks["subscriptions"].result == "1"
    assert checks["source arxiv"].result == "answers"
    assert checks["disk"].fault is not survives(tmp_path)


async def test_each_fault_comes_with_what_to_do(server, tmp_path, monkeypatch):
    monkeypatch.delenv("PAPERBOY_CONTACT")
    with new_store(tmp_path / "paperboy.db") as store:
        await store.papers.report(SourceReport("arxiv", NOW, None, fault="HTTP 503"))
        await store.subscriptions.put(Subscription(Channel("pigeon:T1/C1")))
    server.on("/api/query", Answer(503))
    checks = await examined(tmp_path)
    for what in ("contact", "last look at arxiv", "subscriptions", "source arxiv"):
        assert checks[what].remedy, what
    assert "pigeon" in checks["subscriptions"].result
    assert checks["source arxiv"].result == "HTTP 503 from 127.0.0.1"
    text = doctor.as_text(list(checks.values()))
    assert "✗ source arxiv: HTTP 503 from 127.0.0.1\n  → check the network and PAPERBOY_ARXIV_API_URL" in text
    assert json.loads(doctor.as_json(list(checks.values())))[0]["what"] == "settings"


async def test_what_a_source_sent_broken_and_what_cannot_be_indexed_is_named_and_no_fault(server, tmp_path):
    items = tuple(f"paper 2511.{n:05} has no title" for n in range(5))
    bare = paper(1)
    with new_store(tmp_path / "paperboy.db") as store:
        await store.papers.report(SourceReport("arxiv", NOW, NOW, papers=3, skipped=25, skipped_items=items))
        await store.papers.report(SourceReport("huggingface", NOW, NOW, papers=3))
        await store.papers.add(Findings((bare,)), "arxiv", NOW)
        entry = IndexEntry(PostingsEntry("", "", ""), b"")
        await store.segments.index(
            [IndexedPaper(n, change, entry) for n, change, _ in await store.segments.unindexed(9)]
        )
    checks = await examined(tmp_path)
    look, index = checks["last look at arxiv"], checks["index"]
    assert look.result == f"25 items left out: {'; '.join(items[:3])} …"
    assert index.result == f"{bare.id}: found by no word, or by no meaning"
    assert not look.fault
    assert not index.fault
    assert look.remedy
    assert index.remedy
    assert "last look at huggingface" not in checks


async def test_a_proxy_that_is_not_listed_is_named_until_it_is(server, tmp_path, monkeypatch):
    with new_store(tmp_path / "paperboy.db") as store:
        await store.secrets.put_note(NOTE, '"10.1.2.3"')
    check = (await examined(tmp_path))["proxies"]
    assert not check.fault
    assert "forwarded by 10.1.2.3" in check.result
    assert "PAPERBOY_PROXIES=10.0.0.0/8," in check.remedy
    monkeypatch.setenv("PAPERBOY_PROXIES", "10.0.0.0/8")
    assert "proxies" not in await examined(tmp_path)


async def test_a_probe_follows_no_redirect_to_another_host_and_reads_no_bomb(server, tmp_path):
    server.on("/api/query", Answer(302, headers={"Location": "http://169.254.169.254/latest"}))
    server.on("/api/v1/search_by_date", Answer(200, b"x", {"Content-Encoding": "gzip, gzip"}))
    checks = await examined(tmp_path)
    assert "redirects to http://169.254.169.254, which is neither" in checks["source arxiv"].result
    assert "packed as “gzip, gzip”" in checks["source hackernews"].result


async def test_a_clock_that_is_wrong_is_noticed_by_the_sources_own(server, tmp_path):
    answering(server, NOW + timedelta(hours=3))
    check = (await examined(tmp_path))["clock"]
    assert check.fault
    assert "NTP" in check.remedy


async def test_a_source_that_is_away_is_a_fault_of_that_source_alone(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PAPERBOY_HACKERNEWS_URL", "http://127.0.0.1:9")
    checks = await examined(tmp_path)
    assert checks["source hackernews"].fault
    assert not checks["source huggingface"].fault


async def test_wrong_settings_are_all_there_is_to_say(monkeypatch, tmp_path):
    monkeypatch.setenv("PAPERBOY_TIMEOUT", "never")
    monkeypatch.setenv("PAPERBOY_SOURCES", "rumours")
    checks = await doctor.examine(None, {})
    assert [check.subject for check in checks] == ["settings", "settings"]
    assert all(check.fault and check.remedy for check in checks)


async def test_a_database_that_is_none_is_a_fault(server, tmp_path):
    (tmp_path / "paperboy.db").write_text("not a database, but long enough to look like one to nobody")
    assert (await examined(tmp_path))["store"].fault


async def test_no_database_yet_is_no_fault(server, tmp_path):
    check = (await examined(tmp_path))["store"]
    assert not check.fault
    assert "paperboy collect" in check.remedy


async def test_a_channel_that_cannot_be_reached_is_worth_knowing(server, tmp_path):
    with new_store(tmp_path / "paperboy.db") as store:
        await store.subscriptions.put(Subscription(Channel("console:local")))
        await store.subscriptions.pause(Channel("console:local"), NOW, until=None, reason="archived")
    check = (await examined(tmp_path))["subscriptions"]
    assert "archived" in check.result
    assert "resume" in check.remedy


async def test_the_model_that_search_uses_is_named_or_what_is_wrong_with_it(server, tmp_path, monkeypatch):
    check = (await examined(tmp_path))["embeddings"]
    model = embeddings.load("static")
    assert (check.fault, check.result) == (False, f"{model.name}, {model.dimensions} dimensions")
    monkeypatch.setenv("PAPERBOY_EMBEDDINGS", f"onnx:{tmp_path}/gone")
    check = (await examined(tmp_path))["embeddings"]
    assert check.fault
    assert f"{tmp_path}/gone is no directory" in check.result
    assert "unset PAPERBOY_EMBEDDINGS" in check.remedy


async def test_where_the_copies_of_the_index_are_or_why_there_are_none(server, tmp_path, monkeypatch):
    folder = tmp_path / "paperboy.db.index"
    with new_store(tmp_path / "paperboy.db") as store:
        await store.papers.add(Findings((paper(1),)), "arxiv", NOW)
    check = (await examined(tmp_path))["index cache"]
    assert (check.result, check.remedy) == (f"0 MB in {folder}", "")
    assert not folder.exists()
    monkeypatch.setattr(cache, "BYTES_PER_PAPER", 2**60)
    check = (await examined(tmp_path))["index cache"]
    assert f"{folder} has no room for" in check.result
    assert "free space on its disk" in check.remedy
    folder.write_text("")
    check = (await examined(tmp_path))["index cache"]
    assert f"{folder} can't be used" in check.result
    assert "set PAPERBOY_CACHE" in check.remedy
    assert not check.fault
    monkeypatch.setenv("PAPERBOY_CACHE", "off")
    assert (await examined(tmp_path))["index cache"].result.startswith("off")


@pytest.mark.parametrize(("kind", "lost"), [("tmpfs", True), ("overlay", True), ("ext4", False), ("zfs", False)])
def test_a_disk_that_goes_with_the_machine_is_named(kind: str, lost: bool, tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"proc /proc proc rw 0 0\nx / ext4 rw 0 0\nx {tmp_path} {kind} rw 0 0\nshort\n")
    assert (doctor.short_lived(tmp_path / "paperboy.db", {}, mounts) is not None) is lost


def test_a_dyno_has_no_lasting_disk_and_an_unknown_system_is_trusted(tmp_path):
    assert "dyno" in str(doctor.short_lived(tmp_path / "x.db", {"DYNO": "web.1"}))
    assert doctor.short_lived(tmp_path / "x.db", {}, tmp_path / "none") is None
