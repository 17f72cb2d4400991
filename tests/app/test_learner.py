"""Feedback through the engine: a channel that gave some gets its own selection, and no other channel's changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlite_utils

from bot import embeddings
from bot.app import collect
from bot.app.cli.preview import as_json
from bot.app.engine import DigestEngine
from bot.delivery.notices import Notices
from bot.model import Channel, Digest, Subscription
from bot.search import Search
from bot.store.sqlite.migrations import migrations
from bot.wording.digest import digest_thread
from tests.fakes import FakeClock
from tests.harness.desk import NOW, sample_database
from tests.harness.store import new_store

TAUGHT, UNTAUGHT = Channel("fake:T1/C1"), Channel("fake:T1/C2")
ADA = Channel("fake:T1/U1")


class House:
    """An engine on the sample week, and two channels with the same subscription that are due."""

    def __init__(self, path: Path, *, meaning: bool = False) -> None:
        (path / "week.db").write_bytes(sample_database())
        self.store = new_store(path / "week.db")
        clock = FakeClock(NOW)
        notices = Notices(self.store, {}, clock, None)
        search = Search(self.store)
        self.engine = DigestEngine(self.store, (), clock, notices=notices, meaning=search.vectors if meaning else None)

    async def subscribe(self) -> None:
        subscription = Subscription(TAUGHT, size=10, set_by=ADA, set_at=NOW, next_due=NOW, at=NOW.time())
        await self.store.subscriptions.put(subscription, replace(subscription, channel=UNTAUGHT))

    async def teach(self, rank: int = 25, channel: Channel = TAUGHT) -> str:
        liked = (await self.engine.shortlist()).trends[rank].paper.id
        for user in range(3):
            await self.store.people.react(channel, Channel(f"fake:T1/U{user}"), liked, 1, NOW)
        return liked

    async def digest(self, channel: Channel) -> Digest:
        digest = await self.store.ledger.digest(channel, NOW.date())
        assert digest is not None
        return digest


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.store.close()


def said(digest: Digest) -> bytes:
    """All that is posted of it, byte by byte."""
    return repr(digest_thread(replace(digest, channel=UNTAUGHT)).messages).encode()


async def test_without_feedback_every_digest_is_the_same_to_the_byte(tmp_path: Path, house: House) -> None:
    (tmp_path / "other").mkdir()
    quiet = House(tmp_path / "other")
    for each in (house, quiet):
        await each.subscribe()
    await house.teach()
    for each in (house, quiet):
        assert await each.engine.tick() == 2
    untaught, before = await house.digest(UNTAUGHT), await quiet.digest(UNTAUGHT)
    assert said(untaught) == said(before) == said(await quiet.digest(TAUGHT))
    assert json.dumps(as_json(untaught)) == json.dumps(as_json(before))
    quiet.store.close()


async def test_a_channel_with_feedback_has_a_selection_of_its_own(house: House) -> None:
    await house.subscribe()
    liked = await house.teach()
    await house.engine.tick()
    taught, untaught = await house.digest(TAUGHT), await house.digest(UNTAUGHT)
    assert liked in [pick.paper.id for pick in taught.picks]
    assert liked not in [pick.paper.id for pick in untaught.picks]
    assert any(pick.liked for pick in taught.picks)
    assert not any(pick.liked for pick in untaught.picks)


async def test_the_preview_is_what_the_tick_then_chooses(house: House) -> None:
    await house.subscribe()
    await house.teach()
    subscription = await house.store.subscriptions.get(TAUGHT)
    assert subscription is not None
    foreseen = await house.engine.preview(subscription)
    await house.engine.tick()
    assert foreseen.picks == (await house.digest(TAUGHT)).picks


async def test_taking_all_of_it_back_brings_the_old_digest_back(house: House) -> None:
    await house.subscribe()
    await house.teach()
    await house.store.feedback.reset(TAUGHT)
    await house.engine.tick()
    assert said(await house.digest(TAUGHT)) == said(await house.digest(UNTAUGHT))


async def test_with_vectors_meaning_is_learnt_too(tmp_path: Path) -> None:
    house = House(tmp_path, meaning=True)
    await collect.embed(house.store, embeddings.load(embeddings.DEFAULT))
    liked = await house.teach()
    shortlist = await house.engine.shortlist()
    profile_match = await house.engine.profile_match(TAUGHT, shortlist)
    assert profile_match is not None
    assert profile_match.profile.direction is not None
    assert len(profile_match.profile.direction) > embeddings.load(embeddings.DEFAULT).dimensions
    at = shortlist.documents.position(liked)
    assert at is not None
    assert profile_match.influence[at] == max(profile_match.influence)
    assert np.isfinite(profile_match.influence).all()
    house.store.close()


async def test_feedback_on_a_paper_older_than_any_candidate_still_counts(house: House) -> None:
    liked = await house.teach()
    house.engine.clock.advance(days=10)
    shortlist = await house.engine.shortlist()
    profile_match = await house.engine.profile_match(TAUGHT, shortlist)
    assert profile_match is not None
    assert [example.paper.id for example in profile_match.profile.examples] == [liked]
    assert len(profile_match.influence) == len(shortlist)


async def test_a_database_of_the_version_before_keeps_its_reactions_and_digests(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = sqlite_utils.Database(path)
    migrations.apply(old, stop_before="m008_profile")
    old.execute("INSERT INTO papers (id, title, first_seen, text_from) VALUES ('2401.00001', 'Old', 0, 'file')")
    old.execute("INSERT INTO reactions VALUES (?, ?, '2401.00001', 1, ?)", (TAUGHT, ADA, NOW.timestamp()))
    day = (NOW - timedelta(days=1)).date().isoformat()
    old.execute(
        "INSERT INTO digests VALUES (?, ?, 'picked', 0, 0, 0, '[]', 'thread', 'say', 0, '[]', 'done', 0, 0, NULL)",
        (TAUGHT, day),
    )
    trend = json.dumps([1.0, 1.0, "", [], 0.0])
    old.execute(
        "INSERT INTO picks (channel, day, position, paper_id, reason, topics, trend)"
        " VALUES (?, ?, 1, '2401.00001', 'trending', '[]', ?)",
        (TAUGHT, day, trend),
    )
    old.conn.commit()
    old.close()
    with new_store(path) as store:
        lessons = (await store.feedback.lessons((TAUGHT,)))[TAUGHT]
        digest = await store.ledger.digest(TAUGHT, (NOW - timedelta(days=1)).date())
    assert [(each.paper_id, each.value, each.place) for each in lessons.feedback] == [("2401.00001", 1, 1)]
    assert digest is not None
    assert digest.picks[0].liked == ()
