"""Digests of the channels that are due: one a channel, a record for each missed day, and no paper again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.digest.batch import DigestBatch
from bot.digest.shortlist import Shortlist
from bot.model import Channel, Digest, Evidence, MissedDigest, Outcome, Paper, Subscription, Trend
from bot.query.paper_set import PaperSet
from bot.ranking.profile import Corpus, Example, ProfileMatch, learn_profile
from tests.fakes import paper as invented

NOW = datetime(2025, 11, 24, 9, 30, tzinfo=UTC)
"""A Monday; a channel of nine o'clock is due."""
NINE = NOW.replace(minute=0)
ONE, OTHER, THIRD = Channel("fake:T1/C1"), Channel("fake:T1/C2"), Channel("fake:T1/C3")
PAPERS = [invented(n, at=NOW - timedelta(hours=5)) for n in range(1, 5)]


def trends() -> list[Trend]:
    signals = (Evidence("huggingface", "upvotes", 9, NOW, weight=1.0),)
    return [Trend(paper, 1.0, -float(n), signals, "test") for n, paper in enumerate(PAPERS)]


def batch(delivered: dict[Channel, PaperSet] | None = None, now: datetime = NOW) -> DigestBatch:
    return DigestBatch(Shortlist(trends(), NOW), delivered or {}, now)


def days(digests: list[Digest]) -> list[tuple[int, Outcome]]:
    return [(digest.day.day, digest.outcome) for digest in digests]


def ids(digest: Digest) -> list[str]:
    return [pick.paper.id for pick in digest.picks]


def test_each_channel_has_a_digest_of_its_own_subscription():
    channels = [Subscription(ONE, size=1), Subscription(OTHER, size=2), Subscription(THIRD, size=1)]
    digests = batch({ONE: PaperSet({0})}).digests(channels, {})
    assert [(digest.channel, ids(digest)) for digest in digests] == [
        (ONE, [PAPERS[1].id]),
        (OTHER, [PAPERS[0].id, PAPERS[1].id]),
        (THIRD, [PAPERS[0].id]),
    ]
    assert {(digest.due_at, digest.chosen_at, digest.missed) for digest in digests} == {(NINE, NOW, ())}


def test_channels_of_one_selection_share_it_and_others_do_not():
    shared = batch()
    sizes = [Subscription(ONE), Subscription(OTHER), Subscription(THIRD, topics=("nothing like it",))]
    first, second, third = shared.digests(sizes, {})
    assert ids(first) == ids(second) != ids(third)
    assert third.outcome is Outcome.NOTHING_MATCHED


def test_two_digests_of_one_channel_have_no_paper_in_common():
    evening = Subscription(ONE, name="evening", size=2)
    digests = batch().digests([evening, Subscription(ONE), Subscription(OTHER)], {})
    assert [(each.name, ids(each)) for each in digests] == [
        ("evening", [paper.id for paper in PAPERS[:2]]),
        ("main", [paper.id for paper in PAPERS[2:]]),
        ("main", [paper.id for paper in PAPERS]),
    ]


@pytest.mark.parametrize("certain", [True, False])
def test_what_a_digest_lists_or_may_have_shown_is_in_no_other_digest_of_the_channel(certain: bool):
    missed = MissedDigest(date(2025, 11, 23), tuple(PAPERS[:1]), certain=certain)
    main, evening = Subscription(ONE, size=1), Subscription(ONE, name="evening", size=4)
    of_main = {main.key: (missed,)}
    due = batch().digests([main, evening], {}, of_main)
    assert [ids(each) for each in due] == [
        [PAPERS[0 if certain else 1].id],
        [each.id for each in PAPERS[1 if certain else 2 :]],
    ]
    alone = batch().digests([evening], {}, of_main)
    assert (PAPERS[0].id in ids(alone[0])) is certain, "of main, which is not due: it may have arrived"


@pytest.mark.parametrize(
    ("hours", "outcome"), [(6, Outcome.PICKED), (6.001, Outcome.LATE)], ids=["six hours", "more than six hours"]
)
def test_a_digest_is_chosen_up_to_six_hours_late(hours: float, outcome: Outcome):
    late = batch(now=NINE + timedelta(hours=hours)).digests([Subscription(ONE, next_due=NINE)], {})
    assert days(late) == [(24, outcome)]


LATE = (21, Outcome.LATE), (22, Outcome.LATE), (23, Outcome.LATE), (24, Outcome.PICKED)
FRIDAY, SUNDAY = NINE - timedelta(days=3), NINE - timedelta(days=1)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, LATE[3:]),
        ({"next_due": NINE}, LATE[3:]),
        ({"next_due": FRIDAY}, LATE),
        ({"next_due": FRIDAY, "days": frozenset({0, 4})}, LATE[::3]),
        ({"next_due": FRIDAY, "last_at": SUNDAY - timedelta(hours=1)}, LATE[2:]),
        ({"next_due": FRIDAY, "last_at": SUNDAY}, LATE[3:]),
        ({"next_due": FRIDAY, "set_at": SUNDAY + timedelta(hours=1)}, LATE[3:]),
        ({"next_due": FRIDAY, "set_at": SUNDAY, "last_at": FRIDAY}, LATE[3:]),
        ({"next_due": FRIDAY, "set_at": FRIDAY, "last_at": SUNDAY}, LATE[3:]),
        ({"next_due": SUNDAY, "last_at": FRIDAY - timedelta(days=9)}, LATE[2:]),
        ({"next_due": FRIDAY, "last_at": NOW}, LATE[3:]),
        ({"next_due": FRIDAY, "last_at": NOW + timedelta(days=40)}, LATE),
        ({"next_due": FRIDAY, "set_at": NOW + timedelta(hours=1), "last_at": SUNDAY}, LATE[3:]),
    ],
    ids=[
        "never due before",
        "nothing missed",
        "three days missed",
        "days that were not asked for",
        "chosen since, a due time of a clock that stood behind",
        "chosen on Sunday",
        "set up after Sunday's",
        "set up on Sunday, chosen before",
        "set up before, chosen on Sunday",
        "chosen long before",
        "chosen at this moment",
        "chosen by a clock that stood ahead",
        "set up by a clock that stood ahead",
    ],
)
def test_every_day_since_the_last_digest_is_recorded_as_missed(fields: dict[str, object], expected: tuple[object, ...]):
    subscription = replace(Subscription(ONE), **fields)  # type: ignore[arg-type]  # fields of a Subscription
    assert tuple(days(batch().digests([subscription], {}))) == expected


def test_what_may_have_arrived_is_listed_and_not_chosen_again_and_what_certainly_did_not_is_chosen_again():
    perhaps = MissedDigest(date(2025, 11, 22), (PAPERS[0], Paper("2501.00001", "No candidate any more")), certain=False)
    never = MissedDigest(date(2025, 11, 23), (PAPERS[1],), certain=True)
    both = [Subscription(ONE, next_due=NINE), Subscription(OTHER, next_due=NINE)]
    digest, unconcerned = batch({ONE: PaperSet({3})}).digests(both, {}, {both[0].key: (perhaps, never)})
    assert (digest.missed, ids(digest)) == ((perhaps, never), [PAPERS[1].id, PAPERS[2].id])
    assert (unconcerned.missed, ids(unconcerned)) == ((), [paper.id for paper in PAPERS])


def test_a_channels_profile_orders_its_own_digest_alone():
    shared = batch()
    corpus = Corpus(shared.shortlist.documents.bags)
    match = ProfileMatch(learn_profile([Example(PAPERS[3], 1.0)], corpus, people=2), corpus)
    match.influence[:] = [0, 0, 0, 9]
    ours, theirs = shared.digests([Subscription(ONE), Subscription(OTHER)], {ONE: match})
    assert (ids(ours)[0], ids(theirs)[0]) == (PAPERS[3].id, PAPERS[0].id)
