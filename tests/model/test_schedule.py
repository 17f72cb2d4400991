"""Due times: an hour and weekdays in a zone, whatever the zone does to its clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import EVERY_DAY, Channel, Subscription
from bot.model.schedule import (
    MAX_DUE_AHEAD,
    TOO_LATE,
    digest_expired,
    due_times,
    latest_due,
    local_day,
    next_due,
    pending_due,
)
from tests.harness.examples import examples

# Zones that move by an hour, by half an hour, at midnight, not at all, by 45 minutes off, and across the date line.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
)


def subscription(at: str = "09:00", zone: str = "UTC", days: frozenset[int] = EVERY_DAY) -> Subscription:
    return Subscription(Channel("fake:T1/C1"), at=time.fromisoformat(at), timezone=zone, days=days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "2025-11-24T09:00"),
        ("Europe/Berlin", "2025-11-24T08:00"),
        ("America/New_York", "2025-11-24T14:00"),
        ("Asia/Kolkata", "2025-11-24T03:30"),
        ("Asia/Kathmandu", "2025-11-24T03:15"),
        ("Asia/Tokyo", "2025-11-24T00:00"),
    ],
)
def test_nine_o_clock_is_nine_where_the_channel_is(zone: str, expected: str) -> None:
    assert next_due(subscription(zone=zone), utc("2025-11-23T23:59")) == utc(expected)


def test_the_next_due_time_is_after_this_one_to_the_second() -> None:
    assert next_due(subscription(), utc("2025-11-24T08:59:59")) == utc("2025-11-24T09:00")
    assert next_due(subscription(), utc("2025-11-24T09:00")) == utc("2025-11-25T09:00")


def test_the_latest_due_time_may_be_now() -> None:
    assert latest_due(subscription(), utc("2025-11-24T09:00")) == utc("2025-11-24T09:00")
    assert latest_due(subscription(), utc("2025-11-24T08:59:59")) == utc("2025-11-23T09:00")


def test_weekdays_are_those_of_the_zone() -> None:
    monday = subscription("07:00", "Asia/Tokyo", frozenset({0}))
    assert next_due(monday, utc("2025-11-22T00:00")) == utc("2025-11-23T22:00"), "Sunday in UTC, Monday in Tokyo"


def test_a_weekly_digest_comes_after_seven_days() -> None:
    friday = subscription(days=frozenset({4}))
    assert next_due(friday, utc("2025-11-28T09:00")) == utc("2025-12-05T09:00")


@pytest.mark.parametrize(
    ("zone", "at", "day", "expected"),
    [
        ("Europe/Berlin", "09:00", "2025-03-29", "2025-03-29T08:00"),  # the day before summer time
        ("Europe/Berlin", "09:00", "2025-03-30", "2025-03-30T07:00"),
        ("Europe/Berlin", "09:00", "2025-10-25", "2025-10-25T07:00"),
        ("Europe/Berlin", "09:00", "2025-10-26", "2025-10-26T08:00"),  # the day it ends
        ("Europe/Berlin", "02:30", "2025-03-30", "2025-03-30T01:30"),  # does not exist: 03:30 by the wall clock
        ("Europe/Berlin", "02:30", "2025-10-26", "2025-10-26T00:30"),  # comes twice: the first time
        ("Australia/Lord_Howe", "02:15", "2025-10-05", "2025-10-04T15:45"),  # half an hour is skipped
        ("America/Santiago", "00:00", "2025-09-07", "2025-09-07T04:00"),  # midnight itself is skipped
    ],
)
def test_a_change_of_summer_time_skips_no_day_and_repeats_none(zone: str, at: str, day: str, expected: str) -> None:
    weekly = subscription(at, zone, frozenset({date.fromisoformat(day).weekday()}))
    assert next_due(weekly, utc(expected) - timedelta(days=1)) == utc(expected)


@pytest.mark.parametrize(
    ("zone", "at", "start"),
    [
        ("Europe/Berlin", "02:30", "2025-03-28"),
        ("Europe/Berlin", "02:30", "2025-10-24"),
        ("America/New_York", "01:30", "2025-10-31"),
        ("Australia/Lord_Howe", "02:15", "2025-10-03"),
        ("America/Santiago", "00:00", "2025-09-05"),
    ],
)
def test_across_a_change_every_day_has_exactly_one_due_time(zone: str, at: str, start: str) -> None:
    now, days = utc(f"{start}T00:00"), []
    for _ in range(6):
        now = next_due(subscription(at, zone), now)
        days.append(now.astimezone(ZoneInfo(zone)).date())
    assert days == [days[0] + timedelta(days=n) for n in range(6)]


def test_a_day_that_a_zone_left_out_is_passed_over() -> None:
    """Samoa had no 30 December 2011. Due times go on, each later than the one before."""
    now = utc("2011-12-28T00:00")
    dues = [now := next_due(subscription(zone="Pacific/Apia"), now) for _ in range(5)]
    assert dues == sorted(set(dues))
    assert dues[-1] - dues[0] <= timedelta(days=5)


def test_the_missed_due_times_are_those_from_the_first_up_to_the_last() -> None:
    first, end = utc("2025-11-19T09:00"), utc("2025-11-24T09:00")
    assert due_times(subscription(), first, end) == [first + timedelta(days=n) for n in range(5)]
    assert due_times(subscription(), end, end) == []


def test_missed_due_times_go_back_a_month_at_most() -> None:
    assert len(due_times(subscription(), utc("2024-01-01T09:00"), utc("2025-11-24T09:00"))) == 31


def test_six_hours_are_not_too_late_and_a_second_more_is() -> None:
    due = utc("2025-11-24T09:00")
    assert not digest_expired(due, due + timedelta(hours=6))
    assert digest_expired(due, due + timedelta(hours=6, seconds=1))


subscriptions = st.builds(
    lambda zone, at, days: subscription(at.isoformat("minutes"), zone, days),
    st.sampled_from(ZONES),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.frozensets(st.integers(0, 6), min_size=1),
)
moments = st.integers(0, 6 * 366 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@examples(100)
@given(subscriptions, moments)
def test_the_next_due_time_is_later_on_a_wanted_day_and_at_most_eight_days_away(
    some: Subscription, now: datetime
) -> None:
    due = next_due(some, now)
    assert now < due <= now + MAX_DUE_AHEAD
    assert due.utcoffset() == timedelta(0)
    local = due.astimezone(ZoneInfo(some.timezone))
    assert local.weekday() in some.days
    late_by_the_wall = local.replace(tzinfo=None) - datetime.combine(local.date(), some.at)
    assert timedelta(0) <= late_by_the_wall <= timedelta(hours=1), "later only where the hour is skipped"
    assert local.fold == 0, "the first time where it comes twice"


@examples(100)
@given(subscriptions, moments)
def test_the_latest_due_time_is_not_later_than_now_and_nothing_lies_between(some: Subscription, now: datetime) -> None:
    latest = latest_due(some, now)
    assert now - MAX_DUE_AHEAD <= latest <= now
    assert latest.astimezone(ZoneInfo(some.timezone)).weekday() in some.days
    assert next_due(some, latest) == next_due(some, now)


@examples(50)
@given(subscriptions, moments)
def test_going_from_due_time_to_due_time_never_stands_still_nor_repeats_a_day(
    some: Subscription, now: datetime
) -> None:
    days = []
    for _ in range(10):
        now = next_due(some, now)
        days.append(now.astimezone(ZoneInfo(some.timezone)).date())
    assert days == sorted(set(days))


@examples(100)
@given(subscriptions, subscriptions, moments, st.integers(-86_400, 86_400))
def test_a_change_keeps_the_day_of_a_digest_that_is_due_or_nothing(
    before: Subscription, after: Subscription, now: datetime, seconds: int
) -> None:
    before = replace(before, next_due=latest_due(before, now) + timedelta(seconds=seconds))
    due = pending_due(before, after, now)
    if before.next_due > now:
        assert due is None
    elif due is not None and due != before.next_due:
        assert due <= now <= due + TOO_LATE
        assert local_day(after, due) == local_day(before, before.next_due)
    assert pending_due(before, replace(before, size=7), now) == (before.next_due if before.next_due <= now else None)
    assert pending_due(replace(before, paused_at=now), after, now) is None
