"""What watches bring and what is posted of it, at the edges: hours, days, bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.digest.shortlist import Shortlist
from bot.digest.watch import Hit, came_at, find_hits, last_of_failed, next_at, plan, rest_hour
from bot.model import Channel, PostKey, PostRecord, QuietHours, Ref, Trend, Watch
from tests.fakes import MONDAY, paper

HERE = Channel("fake:T1/C1")
WATCH = Watch(HERE, "cat:cs.CL", set_at=MONDAY - timedelta(days=9))
NOON = MONDAY.replace(hour=12)


def hours(start: str, end: str) -> QuietHours:
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end))


def hits(count: int, *watches: Watch) -> list[Hit]:
    return [Hit(Trend(paper(number), 1.0, 1.0), watches or (WATCH,)) for number in range(1, count + 1)]


def record(
    key: str, state: str = "done", *, days: int = 0, ref: str | None = "r", under: str | None = None
) -> PostRecord:
    at = MONDAY + timedelta(days=days)
    parts = (
        None if under is None else Ref(under),
        None if ref is None else Ref(ref),
        (key.split(maxsplit=1)[0],),
        "why",
    )
    return PostRecord(PostKey(HERE, "watch", key), at.date(), at, state, *parts)


@pytest.mark.parametrize(
    ("quiet", "covered", "free"),
    [
        (hours("22:00", "08:00"), ("22:00", "23:59", "00:00", "07:59"), ("08:00", "12:00", "21:59")),
        (hours("12:00", "14:00"), ("12:00", "13:59"), ("11:59", "14:00", "00:00")),
    ],
)
def test_quiet_hours_begin_and_end_by_the_clock(quiet: QuietHours, covered: tuple[str, ...], free: tuple[str, ...]):
    assert all(quiet.cover(time.fromisoformat(each)) for each in covered)
    assert not any(quiet.cover(time.fromisoformat(each)) for each in free)


@pytest.mark.parametrize(
    ("quiet", "hour"),
    [
        (None, "18:00"),
        (hours("22:00", "08:00"), "18:00"),
        (hours("17:30", "08:00"), "16:30"),
        (hours("18:00", "08:00"), "17:00"),
        (hours("08:00", "18:00"), "18:00"),
        (hours("00:30", "23:30"), "23:30"),
    ],
)
def test_the_rest_comes_at_six_or_an_hour_before_it_gets_quiet(quiet: QuietHours | None, hour: str):
    assert rest_hour(replace(WATCH, quiet=quiet)) == time.fromisoformat(hour)


@pytest.mark.parametrize(
    ("now", "hour", "then"),
    [
        ("2025-11-24T12:00", "18:00", "2025-11-24T18:00+01:00"),
        ("2025-11-24T18:00", "18:00", "2025-11-25T18:00+01:00"),
        ("2026-03-28T12:00", "02:30", "2026-03-29T03:30+02:00"),
        ("2026-10-24T12:00", "02:30", "2026-10-25T02:30+02:00"),
    ],
)
def test_the_next_time_of_an_hour_is_found_where_the_clock_changes(now: str, hour: str, then: str):
    local = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert next_at(local, time.fromisoformat(hour)) == datetime.fromisoformat(then)


def test_a_paper_is_new_for_seven_days_after_it_came_and_only_after_its_watch_was_set():
    seen, listed = MONDAY - timedelta(days=8), MONDAY - timedelta(days=1)
    both, old = (replace(paper(n), first_seen=seen, listed_at=at) for n, at in ((1, listed), (2, None)))
    assert (came_at(both), came_at(old), came_at(replace(old, first_seen=None))) == (listed, seen, None)
    shortlist = Shortlist([Trend(each, 1.0, 1.0) for each in (both, old)], MONDAY)

    def found(now: datetime, watch: Watch = WATCH) -> list[str]:
        return [hit.paper_id for each in find_hits([watch], shortlist, now).values() for hit in each]

    assert found(MONDAY) == [both.id]
    assert found(listed + timedelta(days=7) - timedelta(seconds=1)) == [both.id]
    assert found(listed + timedelta(days=7)) == []
    assert sorted(found(seen + timedelta(days=6))) == [both.id, old.id]
    assert found(MONDAY, replace(WATCH, set_at=listed)) == []
    assert found(MONDAY, replace(WATCH, set_at=listed - timedelta(seconds=1))) == [both.id]


def test_the_first_opens_and_the_others_wait_for_its_handle():
    planned = plan(hits(5), (), (), NOON)
    assert [(card.key, card.under) for card in planned.cards] == [(paper(1).id, None)]
    assert (planned.rest, planned.again_at) == (None, NOON)
    on_its_way = [record(paper(1).id, "open", ref=None)]
    assert plan(hits(5), {paper(1).id}, on_its_way, NOON).cards == []
    posted = plan(hits(5), {paper(1).id}, [record(paper(1).id)], NOON)
    assert [(card.key, card.under) for card in posted.cards] == [(paper(2).id, "r"), (paper(3).id, "r")]
    assert posted.again_at == MONDAY.replace(hour=18)


def test_a_paper_that_two_watches_match_has_room_while_one_of_them_has():
    both = (replace(WATCH, most=1), replace(WATCH, line="diffusion", most=2))
    shown = {paper(1).id}
    planned = plan(hits(3, *both), shown, [record(paper(1).id)], NOON)
    assert [card.hit.paper_id for card in planned.cards] == [paper(2).id]


def test_the_rest_has_at_most_twenty_and_what_is_over_waits_for_tomorrow():
    shown = {paper(n).id for n in (1, 2, 3)}
    records = [record(paper(n).id, under=None if n == 1 else "r") for n in (1, 2, 3)]
    evening = MONDAY.replace(hour=18)
    planned = plan(hits(24), shown, records, evening)
    assert planned.rest is not None
    assert (planned.rest.key, planned.rest.under, len(planned.rest.hits)) == ("rest 2025-11-24", "r", 20)
    assert planned.again_at == datetime(2025, 11, 25, tzinfo=UTC)
    again = plan(hits(24), shown, [*records, record("rest 2025-11-24")], evening)
    assert (again.cards, again.rest, again.again_at) == ([], None, planned.again_at)
    assert plan(hits(24), shown, records, evening - timedelta(seconds=1)).rest is None


def test_a_paper_is_tried_twice_and_then_no_more():
    failed = record(paper(1).id, "abandoned", ref=None, days=-1)
    [card] = plan(hits(1), (), [failed], NOON).cards
    assert (card.key, card.under) == (f"{paper(1).id} 2", None)
    again = replace_key(failed, f"{paper(1).id} 2")
    planned = plan(hits(1), (), [failed, again], NOON)
    assert (planned.cards, planned.rest, planned.again_at) == ([], None, None)


def replace_key(record: PostRecord, key: str) -> PostRecord:
    return record._replace(key=PostKey(HERE, "watch", key))


def test_three_in_a_row_that_were_given_up_since_the_watch_was_set_are_too_many():
    failed = [record(paper(n).id, "abandoned", days=n) for n in (1, 2, 3)]
    assert last_of_failed(failed, [WATCH]) == failed[-1]
    assert last_of_failed(failed[:2], [WATCH]) is None
    assert last_of_failed([*failed[:2], record("x", days=2), failed[2]], [WATCH]) is None
    assert last_of_failed(failed, [WATCH, replace(WATCH, set_at=MONDAY + timedelta(days=1))]) == failed[-1]
    assert last_of_failed(failed, [replace(WATCH, set_at=MONDAY + timedelta(days=1, seconds=1))]) is None
