"""Posts that are no digests, and the settings of channels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import (
    Action,
    Block,
    Channel,
    ChannelSettings,
    Digest,
    Findings,
    Image,
    Message,
    Post,
    PostKey,
    Ref,
    Span,
    State,
    Subscription,
    digest_key,
)
from bot.model.post import CLUB, UPDATE, WATCH
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, digest, paper

HERE, THERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
TODAY = MONDAY.date()
MESSAGE = Message(
    (Block("text", (Span("“naïve”", url="https://arxiv.org/abs/1", bold=True, at=MONDAY),), (Span("a note"),)),),
    (Action("Save", "save", {"paper": "1"}),),
    "a title",
    "2401.00001",
    private=False,
    mention="S2",
    silent=True,
    crosspost=True,
    archive_minutes=60,
    tags=("video",),
    image=Image("https://cdn.example/1.png", "a picture", 1_200, 648),
)
MANY = {HERE: 9, THERE: 9}


def post(key: str, *, kind: str = WATCH, channel: Channel = HERE, under: str | None = None, **fields: object) -> Post:
    made = Post(
        PostKey(channel, kind, key),
        TODAY,
        (MESSAGE,),
        MONDAY,
        MONDAY + timedelta(hours=6),
        None if under is None else Ref(under),
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # the names are those of a Post


class PostContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings((paper(1), paper(2))), "huggingface", MONDAY)
            yield opened

    async def test_what_is_open_comes_with_the_channels_settings_and_a_digest_with_its_mention(
        self, store: Store
    ) -> None:
        settings = ChannelSettings(managers="S2 core team", silent=True, archive_minutes=60)
        assert await store.channels.change(HERE, ChannelSettings(), settings)
        subscription = Subscription(HERE, mention="S2 core team")
        await store.subscriptions.put(subscription, replace(subscription, name="rl", mention=""))
        assert await store.subscriptions.get(HERE) == subscription
        await store.ledger.keep([digest(HERE, [paper(1)])], {})
        oldest = await store.ledger.oldest_open(HERE, MONDAY)
        assert oldest is not None
        assert oldest.settings == settings
        assert isinstance(oldest.content, Digest)
        assert oldest.content.mention == "S2 core team"
        await store.ledger.keep([digest(THERE, [paper(1)])], {})
        other = await store.ledger.oldest_open(THERE, MONDAY)
        assert other is not None
        assert other.settings == ChannelSettings()
        assert isinstance(other.content, Digest)
        assert other.content.mention == ""

    async def test_a_post_comes_back_as_it_was_made(self, store: Store) -> None:
        made = post("1", under="r7", papers=(paper(2).id, paper(1).id), messages=(MESSAGE, replace(MESSAGE, title="b")))
        assert await store.ledger.keep_posts([made], MONDAY, MANY) == {made.key}
        oldest = await store.ledger.oldest_open(HERE, MONDAY)
        assert oldest is not None
        assert oldest.content == made
        assert (oldest.item.post, oldest.item.is_digest, oldest.has_next) == (made.key, False, False)

    async def test_a_post_is_made_once_also_when_it_was_given_up(self, store: Store) -> None:
        await store.ledger.keep_posts([post("1")], MONDAY, MANY)
        assert await store.ledger.keep_posts([post("1"), post("2")], MONDAY, MANY) == {post("2").key}
        await store.ledger.abandon(post("1").key, "too late")
        assert not await store.ledger.keep_posts([post("1")], MONDAY, MANY)
        assert [each.post for each in await store.ledger.open_posts(MONDAY)] == [post("2").key]

    async def test_its_papers_count_as_shown_unless_it_is_given_up(self, store: Store) -> None:
        await store.ledger.keep_posts([post("1", papers=(paper(1).id,))], MONDAY, MANY)
        assert await store.ledger.shown_in(HERE, [paper(1).id, paper(2).id]) == [paper(1).id]
        await store.ledger.abandon(post("1").key, "refused")
        assert await store.ledger.shown_in(HERE, [paper(1).id]) == []

    async def test_a_watch_posts_no_paper_that_was_shown_since_it_looked(self, store: Store) -> None:
        ids = paper(1).id, paper(2).id
        await store.ledger.keep([digest(HERE, [paper(1)])], {})
        posts = [
            post("1", papers=ids[:1]),
            post("rest", papers=ids),
            post("2", papers=ids[1:]),
            post("3", papers=ids[1:]),
        ]
        club = post("4", kind=CLUB, papers=ids)
        elsewhere = post("1", channel=THERE, papers=ids)
        kept = await store.ledger.keep_posts([*posts, club, elsewhere], MONDAY, MANY)
        assert kept == {posts[2].key, club.key, elsewhere.key}, "a club may have papers that are known"

    async def test_a_channel_has_so_many_openers_a_day_and_any_number_of_replies(self, store: Store) -> None:
        await store.ledger.keep([digest(HERE, [])], {})
        openers = [post(str(n), kind=WATCH if n % 2 else "recap") for n in range(4)]
        elsewhere, tomorrow = post("0", channel=THERE), post("9", day=TODAY + timedelta(days=1))
        replies = [post(str(n), kind=UPDATE, under="r") for n in range(4)]
        kept = await store.ledger.keep_posts([*openers, *replies, elsewhere, tomorrow], MONDAY, {HERE: 2, THERE: 1})
        assert kept == {each.key for each in (*openers[:2], *replies, elsewhere, tomorrow)}
        await store.ledger.abandon(openers[0].key, "gone")
        assert await store.ledger.keep_posts(openers[2:], MONDAY, {HERE: 2}) == {openers[2].key}

    async def test_the_posts_of_a_channel_are_open_in_order_beside_its_digests(self, store: Store) -> None:
        later = post("late", due_at=MONDAY + timedelta(hours=1))
        await store.ledger.keep([digest(HERE, [])], {})
        await store.ledger.keep_posts([later, post("early", due_at=MONDAY - timedelta(hours=1))], MONDAY, MANY)
        keys = [each.post for each in await store.ledger.open_posts(MONDAY)]
        assert keys == [post("early").key, digest_key(HERE, TODAY), later.key]

    async def test_the_paper_of_its_message_is_known_by_the_platforms_handle(self, store: Store) -> None:
        key = post("1").key
        await store.ledger.keep_posts([post("1", papers=(paper(2).id,))], MONDAY, MANY)
        await store.ledger.claim(key, 0, paper(2).id, MONDAY)
        await store.ledger.settle(key, 0, State.POSTED, MONDAY, ref=Ref("r1"), closes=True)
        assert await store.ledger.paper_of(HERE, Ref("r1")) == paper(2).id
        assert await store.ledger.papers_under(HERE, Ref("r1")) == (paper(2).id,)
        assert not await store.ledger.open_posts(MONDAY)

    async def test_settings_are_the_defaults_until_they_are_changed(self, store: Store) -> None:
        changes = {"links": True, "recap_day": 4, "managers": "members", "pictures": False, "mail_pictures": True}
        default, changed = ChannelSettings(), ChannelSettings(**changes)  # type: ignore[arg-type]  # by name
        assert await store.channels.settings_of([HERE, THERE]) == {HERE: default, THERE: default}
        assert await store.channels.change(HERE, default, changed)
        assert await store.channels.settings_of([HERE, THERE]) == {HERE: changed, THERE: default}

    async def test_of_two_that_change_settings_at_the_same_time_one_is_refused(self, store: Store) -> None:
        default, changed = ChannelSettings(), ChannelSettings(links=True)
        assert await store.channels.change(HERE, default, changed)
        assert not await store.channels.change(HERE, default, ChannelSettings(memory=False))
        assert await store.channels.settings(HERE) == changed
        assert await store.channels.change(HERE, changed, default)
        assert await store.channels.settings(HERE) == default

    async def test_settings_move_with_their_channel_and_are_erased_with_its_workspace(self, store: Store) -> None:
        await store.ledger.keep_posts([post("1")], MONDAY, MANY)
        changed = ChannelSettings(silent=True)
        await store.channels.change(HERE, ChannelSettings(), changed)
        assert await store.subscriptions.move(HERE, THERE)
        assert await store.channels.settings(THERE) == changed
        await store.subscriptions.erase(Channel("fake:T1"))
        assert await store.channels.settings(THERE) == ChannelSettings()
