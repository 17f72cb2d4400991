"""Typed lines and the commands they are."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS, parse_line, read_options, replaces_message, typed_command
from bot.commands.dates import read_date, read_until
from bot.commands.times import read_days, read_time
from bot.commands.timezones import read_timezone
from bot.errors import UserError
from tests.harness.examples import examples

TODAY = date(2026, 11, 22)
WORDS = ["search", "topics", "add", "subscribe", "at:9", "count:", "x:y", '"', "|", "-", "/papers", "cat:cs.CL"]


@pytest.mark.parametrize(
    ("line", "command", "options"),
    [
        ("search video diffusion count:5", "search", {"query": "video diffusion", "count": "5"}),
        ("/papers search “speculative decoding”", "search", {"query": '"speculative decoding"'}),
        ("/search cat:cs.CL", "search", {"query": "cat:cs.CL"}),
        ("papers today", "today", {}),
        ("topics", "topics list", {}),
        ("topics page:2", "topics list", {"page": "2"}),
        ("TOPICS Add Video", "topics add", {"topic": "Video"}),
        ("saved", "saved list", {}),
        ("saved export csv", "saved export", {"format": "csv"}),
        ("subscribe at:09:00 days:mon-fri", "subscribe", {"at": "09:00", "days": "mon-fri"}),
        ("subscribe 9am timezone:berlin", "subscribe", {"at": "9am", "timezone": "berlin"}),
        ("pause 2w", "pause", {"until": "2w"}),
        ("help topics add", "help", {"command": "topics add"}),
        ("", "help", {}),
        ("/papers", "help", {}),
        ("/papers thanks", "help", {}),
        ("hello paperboy!", "help", {}),
        ("help me", "help", {}),
        ("today!", "today", {}),
        ("today please", "today", {}),
        ("status?", "status", {}),
        ("status now", "status", {}),
        ("Unsubscribe!", "unsubscribe", {}),
        ("unsubscribe me", "unsubscribe", {}),
        ("please unsubscribe", "unsubscribe", {}),
        ("can you pause?", "pause", {}),
        ("resume please", "resume", {}),
        ("subscribe now", "subscribe", {}),
        ("subscribe 9am, please!", "subscribe", {"at": "9am"}),
        ("pause 1.12.", "pause", {"until": "1.12."}),
        ("pause 2w please", "pause", {"until": "2w"}),
        ("forget me", "forget", {"what": "me"}),
        ("2405.14105", "search", {"query": "2405.14105"}),
        ("/papers https://arxiv.org/abs/2405.14105v2", "search", {"query": "https://arxiv.org/abs/2405.14105v2"}),
        ("trending", "today", {}),
        ("like 2405.14105", "similar", {"paper": "2405.14105"}),
        ("unpause", "resume", {}),
        ("mute medical", "topics mute", {"topic": "medical"}),
        ("catch up 3 days", "catchup", {"days": "3 days"}),
        ("catch-up 3", "catchup", {"days": "3"}),
        ("un subscribe", "unsubscribe", {}),
        ("topics delete video", "topics remove", {"topic": "video"}),
        ("papers of the week", "catchup", {"days": "week"}),
        ("search save and pause", "search", {"query": "save and pause"}),
        ("doi:10.1145/3292500.3330701", "search", {"query": "doi:10.1145/3292500.3330701"}),
        ("arXiv:1706.03762v5 [cs.CL] 2 Aug 2023", "search", {"query": "arXiv:1706.03762v5 [cs.CL] 2 Aug 2023"}),
    ],
)
def test_a_typed_line_becomes_a_command_and_its_options(line, command, options):
    assert parse_line(line) == (command, options)


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("serch video", "Did you mean `/papers search video`?"),
        ("xyzzy", "`/papers help`"),
        ("video diffusion", "To look for papers: `/papers search video diffusion`."),
        ("topics ad video", "Did you mean `/papers topics add video`?"),
        ("topics video", "Did you mean `/papers topics add video`?"),
        ("tuning video", "Try `/papers tuning`, or `/papers help tuning`"),
        ("status soon", "`/papers status` takes no words. Leave out “soon”."),
        ("Attention is all you need", "To look for papers: `/papers search Attention is all you need`."),
        ("Pausing large language models", "To look for papers: `/papers search Pausing large language models`."),
        ("serach large language models", "Did you mean `/papers search large language models`?"),
        ("stop words", "To look for papers: `/papers search stop words`."),
        ("saerch", "Did you mean `/papers help search`?"),
        ("topics remote sensing", "`/papers topics remove sensing` or `/papers topics add remote sensing`?"),
        ("attest", "To look for papers: `/papers search attest`."),
        ("cause analysis", "To look for papers: `/papers search cause analysis`."),
        ("wher is it", "To look for papers: `/papers search wher is it`."),
        (
            "subscribe 9am; topics add video",
            "at a time: `/papers subscribe 9am` and `/papers topics add video`.",
        ),
        ("subscribe at 9 and follow video", "`/papers subscribe at 9` and `/papers follow video`."),
        ("today, search video", "`/papers today` and `/papers search video`."),
        ("please serch video", "Did you mean `/papers search video`?"),
        ("stop sending me this", "for a while: `/papers pause`. For good: `/papers unsubscribe`."),
        ("search video cuont:5", "Try `/papers search video count:5`."),
        ("search video count:", "`count:` needs a value. Try `/papers search video count:5`."),
        ("search video count:5 count:6", "given twice: “5” and “6”. Keep one."),
        ("pause 2w until:3w", "given twice"),
        ("subscribe tme:9", "Try `/papers subscribe at:9`."),
        ("subscribe hue:9", "There is no option “hue:”. It takes at:, timezone:, days:"),
        ("subscribe video diffusion", "for a topic, `/papers topics add video diffusion`."),
        ("subscribe 9 foo", "“foo” is no hour, day or time zone. Try `/papers subscribe at:09:00"),
        ('search "video', "never closed"),
        ("x" * 2_001, "at most 2,000"),
    ],
)
def test_a_line_that_cannot_be_read_gets_one_line_with_the_remedy(line, remedy):
    with pytest.raises(UserError) as caught:
        parse_line(line)
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pages_and_confirmations_take_the_place_of_what_was_pressed_and_what_is_shared_does_not():
    assert replaces_message({"page": "2"})
    assert replaces_message({"topic": "video", "confirm": "yes"})
    assert replaces_message({"topic": "video", "strictness": "stricter"}), "it is pressed again and again"
    assert not replaces_message({"topic": "video"})
    assert not replaces_message({"page": "2", "share": "yes"})
    assert not replaces_message({"paper": "2510.00001"})


@pytest.mark.parametrize(
    ("line", "writes"),
    [("subscribe at:9", True), ("save 2405.14105", True), ("search video", False), ("topics", False)],
)
def test_only_lines_that_change_something_need_the_writers_lock(line, writes):
    command = typed_command(line)
    assert command is not None
    assert command.writes is writes


def test_a_line_that_is_no_command_has_none():
    assert typed_command("no such command") is None


def fault_of(read, *args):
    """The error message of a reader, or None."""
    try:
        read(*args)
    except UserError as error:
        return str(error)
    return None


@examples(100)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)))
def test_any_line_is_read_or_refused_in_one_line(line):
    def read():
        name, raw = parse_line(line)
        read_options(COMMANDS[name], raw, today=TODAY)

    fault = fault_of(read)
    assert fault is None or (fault and "\n" not in fault)


@examples(100)
@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(text):
    for read in (read_time, read_timezone, read_days, lambda t: read_date(t, TODAY), lambda t: read_until(t, TODAY)):
        fault = fault_of(read, text)
        assert fault is None or (fault and "\n" not in fault)


def test_a_number_of_inches_stays_one_word_of_a_line():
    assert parse_line('/papers search 5" screens count:3') == ("search", {"query": '5" screens', "count": "3"})
