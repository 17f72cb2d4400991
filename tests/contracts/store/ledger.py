"""Digests as they were chosen, and the ledger of their messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import (
    Channel,
    Delivery,
    Digest,
    DigestRecord,
    Evidence,
    Findings,
    OpenPost,
    Outage,
    Outcome,
    Pick,
    PostKey,
    Reason,
    Ref,
    State,
    Subscription,
    SubscriptionKey,
    Trend,
    digest_key,
)
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, digest, paper

HERE, THERE, OTHER_TEAM = Channel("fake:T1/C1"), Channel("fake:T1/C2"), Channel("fake:T2/C1")
TODAY = MONDAY.date()
PAPERS = [paper(n) for n in (1, 2, 3)]
IDS = [each.id for each in PAPERS]


async def keep(store: Store, *digests: Digest) -> None:
    await store.ledger.keep(digests, {})


async def shown(store: Store) -> dict[Channel, set[str]]:
    """Ids of the papers that each channel has been shown."""
    ids: dict[Channel, set[str]] = {}
    for paper_id, channels in (await store.ledger.channels_shown(IDS)).items():
        for channel in channels:
            ids.setdefault(channel, set()).add(paper_id)
    return ids


async def open_now(store: Store, hours: float = 0) -> list[tuple[Channel, int]]:
    return [(each.channel, each.attempts) for each in await store.ledger.open_posts(MONDAY + timedelta(hours=hours))]


async def post_opener(store: Store, channel: Channel) -> None:
    await store.ledger.claim(digest_key(channel, TODAY), 0, None, MONDAY)
    await store.ledger.settle(digest_key(channel, TODAY), 0, State.POSTED, MONDAY, ref=Ref("r0"))


class LedgerContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
            yield opened

    async def test_a_digest_comes_back_with_the_evidence_as_it_was(self, store: Store) -> None:
        evidence = (
            Evidence("huggingface", "upvotes", 53, MONDAY, 12, MONDAY - timedelta(days=1), 0.7),
            Evidence("hackernews", "points", 9, MONDAY),
        )
        chosen = replace(
            digest(HERE, []),
            picks=tuple(
                Pick(Trend(stored, 3.5, 0.75, evidence, "a rule", 2.5, 0.25), Reason.TOPIC, ("vidéo",))
                for stored in (await store.papers.get(IDS)).values()
            ),
            outcome=Outcome.PICKED,
            topics=("vidéo",),
            style="compact",
            quiet="skip",
            thinned=2,
            faults=(Outage("hackernews", MONDAY), Outage("arxiv")),
        )
        await keep(store, chosen)
        assert await store.ledger.digest(HERE, TODAY) == chosen
        assert await store.ledger.digest(THERE, TODAY) is None

    async def test_a_day_has_one_digest_whatever_is_chosen_later(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS[:1]))
        await keep(store, digest(HERE, PAPERS[1:]))
        assert await shown(store) == {HERE: {IDS[0]}}

    async def test_of_two_digests_of_a_day_in_one_call_the_later_is_kept(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS[:1]), digest(HERE, PAPERS[1:]))
        assert await shown(store) == {HERE: set(IDS[1:])}

    async def test_keeping_sets_when_a_channel_is_due_and_where_its_next_window_starts(self, store: Store) -> None:
        tomorrow, yesterday = MONDAY + timedelta(days=1), MONDAY - timedelta(days=1)
        await store.subscriptions.put(Subscription(HERE), Subscription(THERE, last_at=yesterday))
        late = replace(digest(THERE, []), outcome=Outcome.LATE)
        await store.ledger.keep([digest(HERE, []), late], {SubscriptionKey(each): tomorrow for each in (HERE, THERE)})
        times = {each.channel: (each.next_due, each.last_at) for each in await store.subscriptions.all()}
        assert times == {HERE: (tomorrow, MONDAY), THERE: (tomorrow, yesterday)}

    async def test_all_of_it_is_kept_or_nothing(self, store: Store) -> None:
        await store.subscriptions.put(Subscription(HERE))
        with pytest.raises(Exception, match="(?i)foreign key"):
            await store.ledger.keep([digest(HERE, PAPERS), digest(THERE, [paper(99)])], {SubscriptionKey(HERE): MONDAY})
        assert await store.ledger.digest(HERE, TODAY) is None
        assert [each.next_due for each in await store.subscriptions.all()] == [None]

    @pytest.mark.parametrize(
        ("chosen", "is_open"),
        [
            (digest(HERE, PAPERS), True),
            (digest(HERE, []), True),
            (replace(digest(HERE, []), quiet="skip"), False),
            (replace(digest(HERE, []), outcome=Outcome.LATE), False),
        ],
        ids=["picks", "a quiet day", "a quiet day without a message", "too late"],
    )
    async def test_open_are_those_with_something_to_say(self, store: Store, chosen: Digest, is_open: bool) -> None:
        await keep(store, chosen)
        assert await open_now(store) == ([(HERE, 0)] if is_open else [])

    async def test_who_waits_for_one_digest_waits_for_all(self, store: Store) -> None:
        yesterday = digest(HERE, PAPERS[:1], at=MONDAY - timedelta(days=1))
        await keep(store, yesterday, digest(HERE, PAPERS[1:]), digest(THERE, []))
        assert await store.ledger.next_try() == MONDAY - timedelta(days=1)
        await store.ledger.postpone(digest_key(HERE, yesterday.day), MONDAY + timedelta(hours=1), "busy")
        assert await open_now(store) == [(THERE, 0)]
        assert await open_now(store, hours=1) == [(HERE, 1), (HERE, 0), (THERE, 0)]
        assert (await store.ledger.open_posts(MONDAY + timedelta(hours=1)))[0].reason == "busy"

    async def test_a_digest_waits_for_six_hours_at_most(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS))
        await store.ledger.postpone(digest_key(HERE, TODAY), MONDAY + timedelta(hours=6), "busy")
        assert await open_now(store) == []
        assert await open_now(store, hours=-0.001) == [(HERE, 1)], "nothing sets a longer time: a wrong clock did"

    async def test_a_waiting_time_longer_than_any_is_a_wrong_clocks_and_over(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS))
        await store.ledger.postpone(digest_key(HERE, TODAY), MONDAY + timedelta(days=300), "busy")
        assert await open_now(store) == [(HERE, 1)]

    async def test_a_message_is_claimed_then_settled(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS))
        await store.ledger.claim(digest_key(HERE, TODAY), 1, IDS[0], MONDAY)
        await store.ledger.claim(digest_key(HERE, TODAY), 1, IDS[0], MONDAY + timedelta(minutes=1))
        await store.ledger.settle(digest_key(HERE, TODAY), 1, State.POSTED, MONDAY, ref=Ref("r1"))
        await store.ledger.settle(digest_key(HERE, TODAY), 1, State.POSTED, MONDAY)
        expected = Delivery(digest_key(HERE, TODAY), 1, State.POSTED, Ref("r1"), 2, MONDAY + timedelta(minutes=1))
        assert await store.ledger.deliveries(digest_key(HERE, TODAY)) == {1: expected}
        assert await store.ledger.paper_of(HERE, Ref("r1")) == IDS[0]
        assert await store.ledger.paper_of(THERE, Ref("r1")) is None

    async def test_no_message_is_claimed_of_a_digest_that_is_not_open(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS), digest(THERE, PAPERS))
        assert not await store.ledger.claim(digest_key(OTHER_TEAM, TODAY), 0, None, MONDAY)
        await post_opener(store, HERE)
        before = await store.ledger.deliveries(digest_key(HERE, TODAY))
        await store.ledger.abandon_all(HERE, "paused")
        for slot in (0, 1):
            assert not await store.ledger.claim(digest_key(HERE, TODAY), slot, None, MONDAY + timedelta(minutes=1))
        assert await store.ledger.deliveries(digest_key(HERE, TODAY)) == before
        assert await store.ledger.claim(digest_key(THERE, TODAY), 0, None, MONDAY)

    async def test_only_a_claim_can_be_released(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS))
        await store.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
        await store.ledger.release(digest_key(HERE, TODAY), 0)
        assert await store.ledger.deliveries(digest_key(HERE, TODAY)) == {}
        await store.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
        await store.ledger.settle(digest_key(HERE, TODAY), 0, State.UNKNOWN, MONDAY)
        await store.ledger.release(digest_key(HERE, TODAY), 0)
        assert (await store.ledger.deliveries(digest_key(HERE, TODAY)))[0].state is State.UNKNOWN

    async def test_the_papers_of_an_abandoned_digest_may_return(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS))
        await store.ledger.abandon(digest_key(HERE, TODAY), "nobody can tell")
        assert await shown(store) == {}
        assert await store.ledger.last_days(HERE) == [
            DigestRecord(TODAY, Outcome.PICKED, "abandoned", 3, None, "nobody can tell")
        ]

    async def test_a_record_has_the_papers_the_time_of_the_first_message_and_the_reason(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS), replace(digest(THERE, []), outcome=Outcome.NOTHING_NEW))
        assert await store.ledger.last_days(THERE) == [DigestRecord(TODAY, Outcome.NOTHING_NEW, "open")]
        for slot in (0, 1):
            await store.ledger.claim(digest_key(HERE, TODAY), slot, None, MONDAY)
            later = MONDAY + timedelta(minutes=slot)
            await store.ledger.settle(digest_key(HERE, TODAY), slot, State.POSTED, later, ref=Ref(str(slot)))
        assert await store.ledger.last_days(HERE) == [DigestRecord(TODAY, Outcome.PICKED, "open", 3, MONDAY)]

    async def test_an_opener_leads_to_its_digests_papers(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS), digest(THERE, PAPERS[:1]))
        await post_opener(store, HERE)
        assert await store.ledger.papers_under(HERE, Ref("r0")) == tuple(IDS)
        assert await store.ledger.papers_under(THERE, Ref("r0")) == ()
        assert await store.ledger.papers_under(HERE, Ref("r1")) == ()

    async def test_an_opener_that_arrives_after_all_makes_its_papers_shown(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS))
        await store.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
        await store.ledger.abandon(digest_key(HERE, TODAY), "given up meanwhile")
        await store.ledger.settle(digest_key(HERE, TODAY), 0, State.POSTED, MONDAY, ref=Ref("r0"))
        assert await shown(store) == {HERE: set(IDS)}
        assert await store.ledger.missed([HERE], MONDAY - timedelta(days=14)) == {}

    @pytest.mark.parametrize(("slot", "state"), [(1, State.POSTED), (0, State.UNKNOWN), (0, State.REFUSED)])
    async def test_nothing_but_an_opener_that_arrived_makes_the_papers_of_an_abandoned_digest_shown(
        self, store: Store, slot: int, state: State
    ) -> None:
        await keep(store, digest(HERE, PAPERS))
        await store.ledger.claim(digest_key(HERE, TODAY), slot, None, MONDAY)
        await store.ledger.abandon(digest_key(HERE, TODAY), "given up meanwhile")
        await store.ledger.settle(digest_key(HERE, TODAY), slot, state, MONDAY)
        assert await shown(store) == {}

    async def test_the_record_of_the_last_message_closes_its_digest(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS), digest(THERE, PAPERS))
        await post_opener(store, HERE)
        assert await open_now(store) == [(HERE, 0), (THERE, 0)]
        await store.ledger.settle(digest_key(HERE, TODAY), 0, State.POSTED, MONDAY, closes=True)
        assert await open_now(store) == [(THERE, 0)]
        assert await shown(store) == {HERE: set(IDS), THERE: set(IDS)}

    async def test_the_oldest_open_digest_of_a_channel_comes_with_its_messages(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS), digest(THERE, PAPERS[:1]))
        await post_opener(store, HERE)
        oldest = await store.ledger.oldest_open(HERE, MONDAY)
        assert oldest is not None
        assert (oldest.item, oldest.has_next) == (OpenPost(digest_key(HERE, TODAY), TODAY, 0, None), False)
        assert ([pick.paper.id for pick in oldest.content.picks], list(oldest.rows)) == (IDS, [0])
        await keep(store, digest(HERE, PAPERS[:1], at=MONDAY + timedelta(days=1)))
        oldest = await store.ledger.oldest_open(HERE, MONDAY)
        assert oldest is not None
        assert (oldest.item.day, oldest.has_next) == (TODAY, True)
        await store.ledger.postpone(digest_key(HERE, TODAY + timedelta(days=1)), MONDAY + timedelta(hours=1), "busy")
        assert await store.ledger.oldest_open(HERE, MONDAY) is None, "a channel waits for all of its digests"
        assert await store.ledger.oldest_open(HERE, MONDAY + timedelta(hours=1)) is not None

    async def test_the_papers_of_an_opened_digest_stay_shown_though_it_is_abandoned(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS))
        await post_opener(store, HERE)
        await store.ledger.abandon(digest_key(HERE, TODAY), "gone")
        assert await shown(store) == {HERE: set(IDS)}

    async def test_giving_up_a_workspace_gives_up_its_open_posts_and_no_others(self, store: Store) -> None:
        done = digest(THERE, [], at=MONDAY - timedelta(days=1))
        await keep(store, digest(HERE, PAPERS), digest(THERE, PAPERS), digest(OTHER_TEAM, PAPERS), done)
        await store.ledger.finish(digest_key(THERE, done.day))
        await post_opener(store, THERE)
        await store.ledger.abandon_all(Channel("fake:T1"), "removed")
        assert await open_now(store) == [(OTHER_TEAM, 0)]
        assert await shown(store) == {THERE: set(IDS), OTHER_TEAM: set(IDS)}
        assert [state for _, _, state, *_ in await store.ledger.last_days(HERE)] == ["abandoned"]
        assert [state for _, _, state, *_ in await store.ledger.last_days(THERE)] == ["done", "done"]

    async def test_digests_of_two_names_are_two_and_show_their_papers_to_the_channel(self, store: Store) -> None:
        await store.subscriptions.put(Subscription(HERE), Subscription(HERE, name="evening"))
        main, evening = digest(HERE, PAPERS[:1]), replace(digest(HERE, PAPERS[1:]), name="evening")
        tomorrow = MONDAY + timedelta(days=1)
        await store.ledger.keep([main, evening], {evening.subscription_key: tomorrow})
        assert [each.next_due for each in await store.subscriptions.all()] == [tomorrow, None]
        stored = [await store.ledger.digest(*key) for key in ((HERE, TODAY), (HERE, TODAY, "evening"))]
        assert [(each.name, len(each.picks)) for each in stored if each] == [("main", 1), ("evening", 2)]
        assert [each.post for each in await store.ledger.open_posts(MONDAY)] == [evening.post, main.post]
        assert await store.ledger.claim(main.post, 0, None, MONDAY)
        await store.ledger.abandon(evening.post, "lost")
        assert await shown(store) == {HERE: {IDS[0]}}
        assert list(await store.ledger.missed([HERE], MONDAY)) == [evening.subscription_key]
        assert [each.papers for each in await store.ledger.last_days(HERE, name="evening")] == [2]
        assert [list(await store.ledger.deliveries(each.post)) for each in (main, evening)] == [[0], []]

    async def test_a_paper_is_kept_once_for_a_channel_whoever_chose_it(self, store: Store) -> None:
        """Two processes may choose at once: what the other has kept meanwhile is left out."""
        main, evening = digest(HERE, PAPERS[:2]), replace(digest(HERE, PAPERS[1:]), name="evening")
        await keep(store, main)
        await keep(store, evening, digest(THERE, PAPERS))
        await keep(store, evening)
        assert [len(each.picks) for each in await self.stored(store, "main", "evening")] == [2, 1]
        assert [len(each.picks) for each in await self.stored(store, "main", channel=THERE)] == [3]
        again = replace(digest(HERE, PAPERS[2:]), name="say")
        await keep(store, again)
        await keep(store, replace(again, name="skip", quiet="skip"))
        assert [each.outcome for each in await self.stored(store, "say", "skip")] == [Outcome.NOTHING_NEW] * 2
        assert {each.key.partition(" ")[0] for each in await self.open_here(store)} == {"main", "evening", "say"}

    async def test_of_two_digests_kept_together_the_first_has_the_paper(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS[:2]), replace(digest(HERE, PAPERS), name="evening"))
        assert [len(each.picks) for each in await self.stored(store, "main", "evening")] == [2, 1]

    async def test_papers_of_an_abandoned_digest_are_shown_by_one_other_alone(self, store: Store) -> None:
        """The next digest of its name lists them, but for those that another one has shown meanwhile."""
        main = digest(HERE, PAPERS[:2])
        await keep(store, main)
        await store.ledger.abandon(main.post, "lost")
        evening = replace(digest(HERE, PAPERS[1:]), name="evening")
        await keep(store, evening)
        missed = await store.ledger.missed([HERE], MONDAY)
        assert {key.name: [[each.id for each in one.papers] for one in of] for key, of in missed.items()} == {
            "main": [[IDS[0]]]
        }
        later = replace(digest(HERE, [], at=MONDAY + timedelta(days=1)), missed=missed[main.subscription_key])
        await keep(store, later)
        listed = await store.ledger.digest(HERE, later.day)
        assert listed is not None
        assert [[each.id for each in one.papers] for one in listed.missed] == [[IDS[0]]]
        assert await shown(store) == {HERE: set(IDS)}
        await store.ledger.abandon(evening.post, "lost")
        assert await shown(store) == {HERE: {IDS[0]}}, "what was listed only; the rest can be shown again"

    async def test_one_digest_of_a_channel_is_abandoned_alone(self, store: Store) -> None:
        await keep(store, digest(HERE, PAPERS[:1]), replace(digest(HERE, PAPERS[1:]), name="evening"))
        await store.ledger.abandon_all(HERE, "paused", "evening")
        assert await shown(store) == {HERE: {IDS[0]}}
        days = await store.ledger.last_days(HERE, name=None)
        assert [(each.name, each.state) for each in days] == [("evening", "abandoned"), ("main", "open")]

    async def test_a_digest_has_its_name_for_people_where_the_channel_has_others(self, store: Store) -> None:
        await store.subscriptions.put(Subscription(HERE), Subscription(THERE))
        await keep(store, digest(HERE, PAPERS), digest(THERE, PAPERS))
        await store.subscriptions.put(Subscription(HERE, name="evening"))
        assert [each.label for each in await self.stored(store, "main")] == ["main"]
        assert [each.label for each in await self.stored(store, "main", channel=THERE)] == [""]
        oldest = await store.ledger.oldest_open(HERE, MONDAY)
        assert oldest is not None
        assert isinstance(oldest.content, Digest)
        assert oldest.content.label == "main"

    async def stored(self, store: Store, *names: str, channel: Channel = HERE) -> list[Digest]:
        """The digests of today by name."""
        digests = [await store.ledger.digest(channel, TODAY, name) for name in names]
        return [each for each in digests if each is not None]

    async def open_here(self, store: Store) -> list[PostKey]:
        return [each.post for each in await store.ledger.open_posts(MONDAY) if each.post.channel == HERE]

    async def test_the_latest_days_come_first(self, store: Store) -> None:
        await keep(store, *(digest(HERE, [], at=MONDAY - timedelta(days=n)) for n in range(12)))
        days = [day for day, *_ in await store.ledger.last_days(HERE)]
        assert days == [TODAY - timedelta(days=n) for n in range(10)]
        assert len(await store.ledger.last_days(HERE, 3)) == 3

    async def test_a_channel_that_moved_takes_everything_along_and_never_onto_another(self, store: Store) -> None:
        for channel in (HERE, OTHER_TEAM):
            await store.subscriptions.put(Subscription(channel, topics=("video",), next_due=MONDAY))
        await keep(store, digest(HERE, PAPERS))
        await store.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
        assert not await store.subscriptions.move(HERE, OTHER_TEAM)
        assert not await store.subscriptions.move(Channel("fake:T1/C9"), THERE)
        assert await store.subscriptions.move(HERE, THERE)
        assert await shown(store) == {THERE: set(IDS)}
        assert list(await store.ledger.deliveries(digest_key(THERE, TODAY))) == [0]
        assert await store.subscriptions.get(HERE) is None
        assert await open_now(store) == [(THERE, 0)]
