"""Time zones as people type them."""

from __future__ import annotations

import pytest

from bot.commands import timezones, zones
from bot.commands.timezones import read_timezone
from bot.errors import UserError


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("europe/berlin", "Europe/Berlin"), ("berlin", "Europe/Berlin"), ("New York", "America/New_York"), ("utc", "UTC")],
)
def test_a_zone_may_be_named_by_its_city(typed, expected):
    assert read_timezone(typed) == expected


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("berlim", "Did you mean Europe/Berlin?"),
        ("louisville", "America/Kentucky/Louisville or America/Louisville"),
        ("xyz", "Name a place: Europe/Berlin"),
        ("Europe/Nowhere", "time zone I know"),
        ("../../etc/passwd", "time zone I know"),
    ],
)
def test_what_is_no_zone_gets_the_nearest(typed, hint):
    with pytest.raises(UserError) as caught:
        read_timezone(typed)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("CEST", "Europe/Berlin"), ("MSK", "Europe/Moscow"), ("China", "Asia/Shanghai"), ("PST", "America/Los_Angeles"),
        ("Pacific Time", "America/Los_Angeles"), ("pt", "America/Los_Angeles"), ("JST", "Asia/Tokyo"),
        ("uk", "Europe/London"),
        ("San Francisco", "America/Los_Angeles"), ("Bangalore", "Asia/Kolkata"), ("UTC+0", "UTC"), ("CET", "CET"),
        ("eastern time", "America/New_York"), ("us/pacific", "US/Pacific"), ("Etc/GMT+5", "Etc/GMT+5"),
        ("München", "Europe/Berlin"),
    ],
)  # fmt: skip
def test_countries_and_unambiguous_abbreviations_are_zones(typed, zone):
    assert read_timezone(typed) == zone


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("EST", ("America/New_York", "America/Panama")),
        ("GMT", ("Europe/London", "UTC")),
        ("CST", ("America/Chicago", "Asia/Shanghai")),
        ("IST", ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem")),
        ("AEST", ("Australia/Sydney", "Australia/Brisbane")),
        ("UTC+2", ("Europe/Berlin", "Europe/Helsinki", "Africa/Johannesburg")),
        ("gmt -5", ("America/New_York", "America/Chicago", "America/Bogota")),
        ("+05:30", ("Asia/Kolkata",)),
        ("USA", ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")),
    ],
)
def test_a_name_of_several_clocks_and_an_offset_are_asked_about(typed, places):
    with pytest.raises(UserError) as caught:
        read_timezone(typed)
    assert caught.value.values == places
    assert all(place in str(caught.value) for place in places)


def test_the_question_about_a_zone_says_which_clock_keeps_summer_time():
    with pytest.raises(UserError, match=r"America/New_York \(with summer time\) or America/Panama \(without\)"):
        read_timezone("EST")
    with pytest.raises(UserError, match=r"Europe/Berlin \(in summer\), Europe/Helsinki \(in winter\)"):
        read_timezone("UTC+2")


def test_no_hint_is_a_zone_with_another_offset():
    """“China” was answered “Did you mean Asia/Chita?”, “AEST” “EST”."""
    for typed in ("XST", "ABC", "UTC+13:37", "Chinaa", "CESTT"):
        with pytest.raises(UserError) as caught:
            read_timezone(typed)
        assert not {"Asia/Chita", "EST", "UTC", "CET"} & {*caught.value.values}


def test_every_zone_that_is_named_exists():
    assert {zone for listed in timezones._names().values() for zone in listed} <= {*zones().values()}
