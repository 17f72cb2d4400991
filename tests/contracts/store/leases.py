"""The contract of leases and of messages in hand, as one process sees it; `tests/store/test_processes.py` has two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Findings, State, digest_key
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.contracts.store.ledger import HERE, PAPERS, TODAY, keep
from tests.fakes import MONDAY, digest


class LeasesContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        """An empty store."""
        with make_store(tmp_path / "p.db") as opened:
            yield opened

    async def test_a_name_is_taken_again_by_who_holds_it(self, store: Store) -> None:
        assert await store.leases.take("shard 3", 60)
        assert await store.leases.take("shard 3", 60)
        assert await store.leases.holders("shard") == {"shard 3": store.process}
        await store.leases.release("shard 3")
        assert await store.leases.holders("shard") == {}

    async def test_a_lease_that_is_out_has_no_holder(self, store: Store) -> None:
        assert await store.leases.take("shard 3", 0)
        assert await store.leases.holders("") == {}
        assert await store.leases.take("shard 3", 60)

    async def test_it_is_told_how_long_a_name_is_held(self, store: Store) -> None:
        assert await store.leases.remaining("arxiv") == 0
        await store.leases.take("arxiv", 60)
        assert 50 < await store.leases.remaining("arxiv") <= 60
        await store.leases.release("arxiv")
        assert await store.leases.remaining("arxiv") == 0

    async def test_turns_follow_each_other_and_outlast_their_process(self, store: Store) -> None:
        waits = [await store.leases.turn("pace", 60) for _ in range(3)]
        assert [round(wait, -1) for wait in waits] == [0, 60, 120]
        await store.leases.release()
        assert 170 < await store.leases.remaining("pace") <= 180
        assert await store.leases.turn("another", 0.001) == 0

    async def test_turns_of_several_paces_are_reserved_at_once(self, store: Store) -> None:
        assert await store.leases.turn("over", 0.001) == 0
        first = await store.leases.turns({"ada": 60, "grace": 30})
        then = await store.leases.turns({"ada": 30})
        assert {name: round(wait, -1) for name, wait in (first | then).items()} == {"ada": 90, "grace": 30}
        assert list(await store.leases.holders("")) == ["ada", "grace"]
        assert await store.leases.turns({}) == {}

    async def test_everything_is_released_at_once(self, store: Store) -> None:
        for name in ("shard 1", "shard 2", "arxiv"):
            await store.leases.take(name, 60)
        await store.leases.release("shard 1")
        assert list(await store.leases.holders("")) == ["arxiv", "shard 2"]
        await store.leases.release()
        assert await store.leases.holders("") == {}

    async def test_what_dead_processes_left_goes_with_the_next_end_of_one(self, store: Store) -> None:
        await store.leases.take("process dead", 0)
        await store.leases.turn("over", 0)
        await store.leases.turn("pace", 60)
        await store.leases.release()
        count = "SELECT name FROM leases"
        assert await store.connection.read(lambda db: db.execute(count).fetchall()) == [("pace",)]  # type: ignore[attr-defined]

    async def test_a_message_of_which_nobody_knows_the_outcome_is_taken_over_and_claimed(self, store: Store) -> None:
        await store.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
        await keep(store, digest(HERE, PAPERS))
        assert not await store.ledger.take_over(digest_key(HERE, TODAY), 0), "there is none yet"
        assert await store.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
        assert await store.ledger.take_over(digest_key(HERE, TODAY), 0)
        assert (await store.ledger.deliveries(digest_key(HERE, TODAY)))[0].state is State.UNKNOWN
        assert await store.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY + timedelta(minutes=1))
        await store.ledger.settle(digest_key(HERE, TODAY), 0, State.POSTED, MONDAY)
        assert not await store.ledger.take_over(digest_key(HERE, TODAY), 0)
        assert not await store.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY), "it would be posted twice"
