"""What a channel was shown and in which message, and the liked papers that picks are close to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import (
    Channel,
    Digest,
    Findings,
    LikedNeighbour,
    Message,
    Post,
    PostKey,
    Ref,
    ShownPaper,
    State,
    Subscription,
    digest_key,
)
from bot.model.delivery import COMPACT
from bot.model.post import UPDATE
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, digest, paper

HERE, THERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
PAPERS = [paper(n) for n in (1, 2, 3)]
IDS = [each.id for each in PAPERS]
TODAY, TOMORROW = MONDAY.date(), MONDAY.date() + timedelta(days=1)
CLOSE = LikedNeighbour(IDS[1], "A title “naïve”", 3, "liked", MONDAY, MONDAY, Ref("r9"), Ref("r8"))


async def post(store: Store, key: PostKey, refs: dict[int, tuple[str, str | None]]) -> None:
    """Record posted messages: slot -> (ref, paper)."""
    for slot, (ref, paper_id) in refs.items():
        assert await store.ledger.claim(key, slot, paper_id, MONDAY)
        await store.ledger.settle(key, slot, State.POSTED, MONDAY, ref=Ref(ref))


class ShownContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings(tuple(PAPERS)), "fake", MONDAY)
            await opened.subscriptions.put(Subscription(HERE), Subscription(THERE))
            yield opened

    async def keep(self, store: Store, *digests: Digest) -> None:
        await store.ledger.keep(digests, {})

    async def test_a_paper_is_in_its_reply_and_its_thread(self, store: Store) -> None:
        await self.keep(store, digest(HERE, PAPERS[:2]))
        await post(store, digest_key(HERE, TODAY), {0: ("r0", None), 1: ("r1", IDS[0]), 2: ("r2", IDS[1])})
        assert await store.shown.last(HERE, IDS) == {
            IDS[0]: ShownPaper(TODAY, Ref("r1"), Ref("r0")),
            IDS[1]: ShownPaper(TODAY, Ref("r2"), Ref("r0")),
        }
        assert await store.shown.last(THERE, IDS) == {}
        assert set(await store.shown.ids(HERE)) == set(IDS[:2])
        assert await store.shown.ids(THERE) == []

    async def test_one_of_a_compact_digest_is_in_the_message_that_lists_it(self, store: Store) -> None:
        await self.keep(store, digest(HERE, PAPERS[:1], style="compact"))
        await post(store, digest_key(HERE, TODAY), {0: ("r0", None)})
        assert await store.shown.last(HERE, IDS) == {IDS[0]: ShownPaper(TODAY, Ref("r0"), Ref("r0"))}

    async def test_where_replies_were_forbidden_the_compact_message_counts(self, store: Store) -> None:
        await self.keep(store, digest(HERE, PAPERS[:1]))
        await post(store, digest_key(HERE, TODAY), {0: ("r0", None), COMPACT: ("r1", None)})
        assert await store.shown.last(HERE, IDS) == {IDS[0]: ShownPaper(TODAY, Ref("r1"), Ref("r1"))}

    async def test_the_latest_message_counts_of_a_digest_or_another_post(self, store: Store) -> None:
        await self.keep(store, digest(HERE, PAPERS[:1]))
        await post(store, digest_key(HERE, TODAY), {0: ("r0", None), 1: ("r1", IDS[0])})
        key, due = PostKey(HERE, UPDATE, "1"), MONDAY + timedelta(days=1)
        about = Message((), paper_id=IDS[0])
        update = Post(key, TOMORROW, (about,), due, due + timedelta(hours=6), Ref("r0"), (IDS[0],))
        await store.ledger.keep_posts([update], due, {HERE: 2})
        await post(store, key, {0: ("r7", IDS[0])})
        assert await store.shown.last(HERE, IDS) == {IDS[0]: ShownPaper(TOMORROW, Ref("r7"), Ref("r0"))}
        assert await store.shown.ids(HERE) == [IDS[0]]

    async def test_what_never_arrived_was_not_shown(self, store: Store) -> None:
        await self.keep(store, digest(HERE, PAPERS[:1]))
        await store.ledger.abandon(digest_key(HERE, TODAY), "gone")
        assert await store.shown.ids(HERE) == []
        assert await store.shown.last(HERE, IDS) == {}

    async def test_what_is_about_to_be_shown_has_no_message_yet(self, store: Store) -> None:
        await self.keep(store, digest(HERE, PAPERS[:1]))
        assert await store.shown.last(HERE, IDS) == {IDS[0]: ShownPaper(TODAY, None, None)}

    async def test_the_neighbour_of_a_pick_is_kept_without_its_link(self, store: Store) -> None:
        chosen = digest(HERE, PAPERS[:2])
        picks = (replace(chosen.picks[0], neighbour=replace(CLOSE, url="https://x.example")), chosen.picks[1])
        await self.keep(store, replace(chosen, picks=picks))
        kept = await store.ledger.digest(HERE, TODAY)
        assert kept is not None
        assert [pick.neighbour for pick in kept.picks] == [CLOSE, None]

    @pytest.mark.parametrize("how", ["forget channel", "tuning reset"])
    async def test_what_a_channel_forgets_is_in_no_digest_any_more(self, store: Store, how: str) -> None:
        for channel in (HERE, THERE):
            chosen = digest(channel, PAPERS[:1])
            await self.keep(store, replace(chosen, picks=(replace(chosen.picks[0], neighbour=CLOSE),)))
        await (store.people.forget(HERE) if how == "forget channel" else store.feedback.reset(HERE))
        kept = [await store.ledger.digest(channel, TODAY) for channel in (HERE, THERE)]
        assert [each.picks[0].neighbour for each in kept if each is not None] == [None, CLOSE]
