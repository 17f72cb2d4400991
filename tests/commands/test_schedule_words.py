"""Free words after `subscribe`."""

from __future__ import annotations

from datetime import date, time

import pytest

from bot.commands import COMMANDS, parse_line, read_options
from bot.errors import UserError

TODAY = date(2026, 11, 27)
RHYTHMS = ["days:daily", "days:mon,thu", "weekly:fri"]


def read(words: str) -> dict[str, object]:
    name, raw = parse_line(f"subscribe {words}")
    assert name == "subscribe"
    return read_options(COMMANDS[name], raw, today=TODAY)


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("me at 8am", {"at": time(8)}),
        ("at=9", {"at": time(9)}),
        ("AT = 9, size=3", {"at": time(9), "size": 3}),
        ("10 papers at 8am", {"size": 10, "at": time(8)}),
        ("now", {}),
        ("here every day 9h30", {"days": frozenset(range(7)), "at": time(9, 30)}),
        ("kl. 9", {"at": time(9)}),
        ("um 9 Uhr berlin", {"at": time(9), "timezone": "Europe/Berlin"}),
        ("à 9h", {"at": time(9)}),
        ("a las 21:30", {"at": time(21, 30)}),
        ("9 o clock", {"at": time(9)}),
        ("8 in the evening", {"at": time(20)}),
        ("19 Uhr abends", {"at": time(19)}),
        ("7.30 PM", {"at": time(19, 30)}),
        ("once a week", {"days": frozenset({0})}),
    ],
)
def test_words_as_people_type_them(words: str, options: dict[str, object]):
    assert read(words) == options


@pytest.mark.parametrize(
    ("words", "text", "lines"),
    [
        ("biweekly", "A digest comes once a day", RHYTHMS),
        ("monthly at 9", "A digest comes once a day", RHYTHMS),
        ("every two weeks", "A digest comes once a day", RHYTHMS),
        ("days:monthly", "A digest comes once a day", RHYTHMS),
        ("UTC+5:30", "knows no summer time", ["timezone:Asia/Kolkata"]),
        ("9am berlim", "Did you mean Europe/Berlin?", ["9am timezone:Europe/Berlin"]),
        ("9am frday", "Did you mean friday?", ["9am days:friday"]),
        ("me@example.com", "digests by e-mail are set up on Paperboy's web page", [""]),
    ],
)
def test_words_that_cannot_be_meant_lead_to_what_can(words: str, text: str, lines: list[str]):
    with pytest.raises(UserError, match=text) as caught:
        read(words)
    assert [line for _, line in caught.value.lines] == [f"subscribe {line}".strip() for line in lines]
    for _, line in caught.value.lines:
        read(line.removeprefix("subscribe"))


def test_off_leads_to_pause_and_unsubscribe():
    with pytest.raises(UserError, match="`/papers pause` for a while, or `/papers unsubscribe`"):
        read("off")
