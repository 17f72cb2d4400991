"""Platforms: each is declared once, and wiring, doctor and the command line read the declaration."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import settings
from bot.__main__ import main
from bot.app import doctor, platforms, wiring
from bot.app.platforms import PLATFORMS, Platform
from bot.errors import UserError
from bot.model import Channel, Check, Subscription
from bot.store.sqlite import SqliteStore
from tests.fakes import FakeOutlet
from tests.fakes.front import FakeFront
from tests.harness.desk import NOW, sample_database

LOFT = Channel("pigeon:T1/C1")
OUTLET = FakeOutlet("pigeon")


def connect(_settings, _secrets, _leases):
    """The counterpart of `adapters.slack.connect`."""
    return OUTLET, FakeFront("pigeon")


async def examine(_settings, _secrets, channels):
    """The counterpart of `adapters.slack.examine`."""
    return [Check("pigeon", f"{len(channels)} channels in reach")]


def manifest(_settings, http_url):
    """The counterpart of `adapters.slack.manifest_text`."""
    return f"a pigeon for {http_url}"


@pytest.fixture
def pigeon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A database with a subscription, and one more platform, declared as adapters/README.md says."""
    here = "tests.app.test_platforms"
    declared = Platform(f"{here}:connect", examine=f"{here}:examine", manifest=f"{here}:manifest")
    monkeypatch.setitem(PLATFORMS, "pigeon", declared)
    for name, _, _ in settings.table():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAPERBOY_SOURCES", "")
    monkeypatch.setenv("PAPERBOY_CLOCK", str(tmp_path / "clock"))
    (tmp_path / "clock").write_text(NOW.isoformat())
    (tmp_path / "week.db").write_bytes(sample_database())
    return tmp_path / "week.db"


async def test_a_declared_platform_is_wired_and_delivered_to(pigeon: Path):
    OUTLET.posts.clear()
    loaded = settings.load(db=pigeon)
    with SqliteStore(pigeon, write=True) as store:
        await store.subscriptions.put(Subscription(LOFT, next_due=NOW, at=NOW.time()))
        outlets, fronts = platforms.connect(loaded, store)
        assert [each.name for each in (*outlets, *fronts)] == ["pigeon", "pigeon"]
        async with wiring.build(loaded, store, outlets=outlets, fronts=fronts) as app:
            assert await app.engine.tick() == 1
            await app.queue.drain()
    assert len(OUTLET.in_channel(LOFT)) == 6


async def test_a_declared_platform_is_examined_and_its_subscriptions_are_no_fault(pigeon: Path):
    with SqliteStore(pigeon, write=True) as store:
        await store.subscriptions.put(Subscription(LOFT), Subscription(Channel("raven:T1/C1")))
    checks = {check.subject: check for check in await doctor.examine(pigeon, {})}
    assert checks["pigeon"].result == "2 channels in reach"
    assert checks["subscriptions"].result == "2, some for raven, which is not set up"


def test_a_declared_platform_prints_its_manifest(pigeon: Path):
    assert platforms.entry_point("pigeon", "manifest")(settings.load(), "https://loft") == "a pigeon for https://loft"


def test_the_command_line_offers_the_platforms_that_have_a_manifest():
    refused = CliRunner().invoke(main, ["manifest", "raven"]).output
    assert all(name in refused for name, platform in PLATFORMS.items() if platform.manifest)
    assert "console" not in refused


def test_an_undeclared_platform_or_entry_is_an_error_that_names_what_there_is():
    with pytest.raises(UserError, match="no platform raven; declared are console, slack"):
        platforms.entry_point("raven", "connect")
    with pytest.raises(UserError, match="console declares no manifest"):
        platforms.entry_point("console", "manifest")


@pytest.mark.parametrize("name", PLATFORMS)
def test_every_declared_entry_point_exists(name: str):
    declared = PLATFORMS[name]
    entries = {"connect": declared.connect, "examine": declared.examine, "manifest": declared.manifest}
    for entry, dotted in entries.items():
        if dotted:
            assert callable(platforms.entry_point(name, entry))
