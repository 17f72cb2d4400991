"""Routines run at every tick and after every collection; what they post stays within what a channel allows."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app import routines
from bot.errors import StoreError
from bot.model import Channel, ChannelSettings, Post, PostKey
from bot.model.post import WATCH
from bot.wording.parts import say
from tests.fakes import MONDAY, FakeClock
from tests.harness.store import new_store

HERE = Channel("fake:T1/C1")


class _Routine:
    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.name, self.error, self.runs = name, error, list[datetime]()

    async def run(self, now: datetime) -> None:
        self.runs.append(now)
        if self.error is not None:
            raise self.error


async def test_a_routine_that_fails_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    parts = [_Routine("a", StoreError("the disk is full")), _Routine("b", ValueError("x")), _Routine("c")]
    await routines.run_all(parts, FakeClock())
    assert [each.runs for each in parts] == [[MONDAY]] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "a routine failed routine=a reason=the disk is full",
        "a routine failed routine=b",
    ]


async def test_a_channel_sets_how_many_openers_it_takes_a_day(tmp_path: Path) -> None:
    def post(key: str) -> Post:
        return Post(PostKey(HERE, WATCH, key), MONDAY.date(), (say(key),), MONDAY, MONDAY + timedelta(hours=1))

    with new_store(tmp_path / "p.db") as store:
        assert len(await routines.keep_posts(store, None, [post("1"), post("2"), post("3")], MONDAY)) == 2
        await store.channels.change(HERE, ChannelSettings(), ChannelSettings(openers=3))
        kept = await routines.keep_posts(store, None, [post("1"), post("2"), post("3"), post("4")], MONDAY)
        assert kept == {post("3").key}
