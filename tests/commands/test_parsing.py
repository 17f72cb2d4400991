"""The table of commands, and the parsing of typed lines and options."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import COMMANDS, GROUPS, changes, find, parse_line, read_options, replaces_message, timezones, zones
from bot.commands.dates import read_date, read_duration, read_until
from bot.commands.times import read_days, read_time
from bot.commands.timezones import read_timezone
from bot.errors import UserError

TODAY = date(2026, 11, 22)
VISIBLE = [command for command in COMMANDS.values() if not command.hidden]


def test_every_command_of_the_design_is_there():
    named = (
        "today search paper similar why topics_list topics_add topics_remove topics_mute topics_unmute "
        "subscribe pause resume unsubscribe settings test preview digest catchup save saved_list saved_export "
        "subscriptions status help about forget"
    )
    assert {command.name.replace(" ", "_") for command in VISIBLE} >= {*named.split()}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_discord_takes_every_description_and_option(command):
    assert 0 < len(command.summary) <= 100
    assert all(0 < len(option.help) <= 100 for option in command.options)
    assert len(command.options) <= 25
    assert all(len(option.choices) <= 25 for option in command.options)
    assert sum(option.rest for option in command.options) <= 1


@pytest.mark.parametrize("command", VISIBLE, ids=[command.name for command in VISIBLE])
def test_every_example_in_the_help_works(command):
    assert command.examples
    for example in command.examples:
        name, raw = parse_line(example)
        assert name == command.name
        read_options(find(name), raw, today=TODAY)


def test_every_group_has_a_bare_meaning():
    assert all(COMMANDS[group.bare].group == name for name, group in GROUPS.items())


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
        ("trending", "Did you mean `/papers today`?"),
        ("xyzzy", "`/papers help`"),
        ("video diffusion", "To look for papers: `/papers search video diffusion`."),
        ("topics ad video", "Did you mean `/papers topics add video`?"),
        ("topics video", "Did you mean `/papers topics add video`?"),
        ("tuning video", "Try `/papers tuning`, or `/papers help tuning`"),
        ("like 2405.14105", "Did you mean `/papers similar 2405.14105`?"),
        ("status soon", "`/papers status` takes no words. Leave out “soon”."),
        ("Attention is all you need", "To look for papers: `/papers search Attention is all you need`."),
        ("Pausing large language models", "To look for papers: `/papers search Pausing large language models`."),
        ("serach large language models", "Did you mean `/papers search large language models`?"),
        ("stop words", "To look for papers: `/papers search stop words`."),
        ("unpause", "Did you mean `/papers resume`?"),
        ("what is this", "Did you mean `/papers help`?"),
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
        ("like 2405.14105", "not a command"),
        ("x" * 2_001, "at most 2,000"),
    ],
)
def test_a_line_that_cannot_be_read_gets_one_line_with_the_remedy(line, remedy):
    with pytest.raises(UserError) as caught:
        parse_line(line)
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "raw", "remedy"),
    [
        ("search", {}, "A query is missing. Try `/papers search video diffusion count:5`."),
        ("catchup", {}, "The number of days is missing. Try `/papers catchup 5`."),
        ("search", {"query": "x", "count": "50"}, "At most 20 papers."),
        ("subscribe", {"size": "99"}, "At most 20 papers."),
        ("search", {"query": "x", "count": "0"}, "At least 1 paper."),
        ("search", {"query": "x", "count": "many"}, "“many” is not a number from 1 to 20."),
        ("search", {"query": "x", "order": "newset"}, "Did you mean `newest`?"),
        ("search", {"query": "x", "order": "?"}, "`order:` takes `best`, `newest` or `trending`."),
        ("forget", {"what": "everything"}, "`/papers forget` takes `me` or `channel`."),
        ("subscribe", {"at": "25"}, "Try `/papers subscribe 09:00`."),
        ("paper", {"paper": "that one"}, "2405.14105"),
        ("why", {"paper": "1706.03762 and 1810.04805"}, "These are 2 papers: 1706.03762 and 1810.04805"),
        ("subscribe", {"att": "9"}, "Did you mean at?"),
        ("status", {"count": "3"}, "There is no option “count”."),
        ("topics add", {"topic": "-medical"}, "leaves nothing to look for"),
        ("topics add", {"topic": "x" * 501}, "at most 500"),
        ("settings", {"topics": "\n".join(f"topic{i}" for i in range(51))}, "At most 50"),
        ("settings", {"topics": "fine\ncat:!!"}, "Write cat: with an arXiv category"),
        ("catchup", {"days": "50"}, "At most"),
        ("tuning forget", {"item": "x" * 2_001}, "at most 2,000"),
    ],
)
def test_an_option_that_cannot_be_read_gets_one_line_with_the_remedy(command, raw, remedy):
    with pytest.raises(UserError) as caught:
        read_options(COMMANDS[command], raw, today=TODAY)
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("command", ["why", "paper", "save", "similar"])
@pytest.mark.parametrize(
    "pasted",
    [
        "arXiv:1706.03762v5 [cs.CL] 2 Aug 2023",
        "<https://arxiv.org/abs/1706.03762|Attention…>",
        "[1706.03762] Attention",
    ],
)
def test_a_pasted_paper_is_read_by_every_command_that_takes_one(command: str, pasted: str):
    name, raw = parse_line(f"/papers {command} {pasted}")
    assert read_options(COMMANDS[name], raw, today=TODAY)["paper"] == "1706.03762"


def test_options_come_out_as_values_with_defaults():
    read = read_options(COMMANDS["search"], {"query": " video ", "count": "7"}, today=TODAY)
    assert read == {"query": "video", "count": 7, "order": "best", "page": 1, "share": "no"}
    assert read_options(COMMANDS["subscribe"], {"at": "9pm", "style": " "}, today=TODAY) == {"at": time(21)}
    assert read_options(COMMANDS["settings"], {"topics": "Video  AI\n\nvideo\nVideo AI"}, today=TODAY) == {
        "topics": ("Video AI", "video")
    }
    assert read_options(COMMANDS["settings"], {"topics": "", "size": ""}, today=TODAY) == {"topics": ()}
    assert read_options(COMMANDS["paper"], {"paper": "https://arxiv.org/pdf/2405.14105v2"}, today=TODAY)["paper"] == (
        "2405.14105"
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9", time(9)), ("9am", time(9)), ("9 PM", time(21)), ("12am", time(0)), ("12pm", time(12)), ("09:00", time(9)),
        ("21.30", time(21, 30)), ("9h30", time(9, 30)), ("0930", time(9, 30)), ("noon", time(12)),
        ("9:05 a.m.", time(9, 5)),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(typed, expected):
    assert read_time(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9:00 AM", time(9)), ("at 9", time(9)), ("9 o'clock", time(9)), ("21h", time(21)), ("0930 h", time(9, 30)),
        ("9 in the evening", time(21)), ("12:30 pm", time(12, 30)), ("09:00:00", time(9)), ("9 Uhr", time(9)),
    ],
)  # fmt: skip
def test_hours_may_have_words_around_them(typed, expected):
    assert read_time(typed) == expected


@pytest.mark.parametrize("typed", ["25", "9:75", "13pm", "0am", "nine", "24:00", "9:0", "-1", "٩"])
def test_what_is_no_hour_says_how_to_write_one(typed):
    with pytest.raises(UserError, match=r"09:00, 9am or 21\.30"):
        read_time(typed)


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
    ("typed", "expected"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}), ("weekdays", {0, 1, 2, 3, 4}), ("mon,wed,fri", {0, 2, 4}),
        ("Mon to Fri", {0, 1, 2, 3, 4}),
        ("daily", set(range(7))), ("weekly", {0}), ("weekly fri", {4}), ("weekly-fri", {4}), ("fridays", {4}),
        ("every friday", {4}), ("each day", set(range(7))), ("fri - mon", {4, 5, 6, 0}),
        ("monday and friday", {0, 4}), ("tues thurs", {1, 3}), ("weekends", {5, 6}),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(typed, expected):
    assert read_days(typed) == expected


@pytest.mark.parametrize("typed", ["frday", "", "weekly mon,tue", "mo", "1-5", "mon-", ",", "daiyl"])
def test_what_names_no_days_says_how_to(typed):
    with pytest.raises(UserError, match="Write daily, weekdays"):
        read_days(typed)


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


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("tuesday", date(2026, 11, 24)), ("next monday", date(2026, 11, 23)), ("until fri", date(2026, 11, 27)),
        ("sunday", date(2026, 11, 29)), ("next week", date(2026, 11, 23)), ("next month", date(2026, 12, 1)),
        ("1 dec", date(2026, 12, 1)), ("Dec 1st", date(2026, 12, 1)), ("1.12.", date(2026, 12, 1)),
        ("december", date(2026, 12, 1)), ("1 Feb", date(2027, 2, 1)), ("Tue 1 Dec", date(2026, 12, 1)),
        ("12/24", date(2026, 12, 24)), ("24/12/2026", date(2026, 12, 24)), ("for 2 weeks", date(2026, 12, 6)),
        ("a month", date(2026, 12, 22)), ("2026/12/01", date(2026, 12, 1)), ("3 days", date(2026, 11, 25)),
    ],
)  # fmt: skip
def test_coming_days_are_read_as_people_write_them(typed, day):
    assert read_until(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("sunday", TODAY), ("last sunday", date(2026, 11, 15)), ("friday", date(2026, 11, 20)),
        ("Sun 22 Nov", TODAY), ("Sat 22 Nov 2025", date(2025, 11, 22)), ("november 2", date(2026, 11, 2)),
        ("24 Dec", date(2025, 12, 24)), ("29 feb", date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_past_days_are_read_as_digests_show_them(typed, day):
    assert read_date(typed, TODAY) == day


def test_a_day_that_could_be_two_is_asked_about():
    with pytest.raises(UserError) as caught:
        read_until("1/2", TODAY)
    assert caught.value.values == ("2027-01-02", "2027-02-01")


def test_a_catchup_can_start_on_a_day():
    assert read_duration("since monday", 1, 14, date(2026, 11, 27)).days == 4
    assert read_duration("yesterday", 1, 14, TODAY).days == 1
    assert read_duration("last week", 1, 14, TODAY).days == 7
    assert read_duration("the last 3 days", 1, 14, TODAY).days == 3


def test_dates_and_spans_count_from_the_askers_today():
    assert read_date("yesterday", TODAY) == date(2026, 11, 21)
    assert read_date("2026-11-02", TODAY) == date(2026, 11, 2)
    assert read_until("2w", TODAY) == date(2026, 12, 6)
    assert read_until("tomorrow", TODAY) == date(2026, 11, 23)
    assert read_duration("a week", 1, 14) == read_duration("7", 1, 14) == timedelta(days=7)


@pytest.mark.parametrize("typed", ["yesterday", "2026-11-22", "0d", "soon", "2026-02-30", "99999d"])
def test_a_pause_ends_on_a_coming_day(typed):
    with pytest.raises(UserError):
        read_until(typed, TODAY)


def test_pages_and_confirmations_take_the_place_of_what_was_pressed_and_what_is_shared_does_not():
    assert replaces_message({"page": "2"})
    assert replaces_message({"topic": "video", "confirm": "yes"})
    assert not replaces_message({"page": "2", "share": "yes"})
    assert not replaces_message({"paper": "2510.00001"})


def test_only_lines_that_change_something_need_the_writers_lock():
    assert changes("subscribe at:9")
    assert changes("save 2405.14105")
    assert not changes("search video")
    assert not changes("topics")
    assert not changes("no such command")


WORDS = ["search", "topics", "add", "subscribe", "at:9", "count:", "x:y", '"', "|", "-", "/papers", "cat:cs.CL"]


def fault_of(read, *args):
    """The error message of a reader, or None."""
    try:
        read(*args)
    except UserError as error:
        return str(error)
    return None


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)))
def test_any_line_is_read_or_refused_in_one_line(line):
    def read():
        name, raw = parse_line(line)
        read_options(COMMANDS[name], raw, today=TODAY)

    fault = fault_of(read)
    assert fault is None or (fault and "\n" not in fault)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(text):
    for read in (read_time, read_timezone, read_days, lambda t: read_date(t, TODAY), lambda t: read_until(t, TODAY)):
        fault = fault_of(read, text)
        assert fault is None or (fault and "\n" not in fault)


def test_a_number_of_inches_stays_one_word_of_a_line():
    assert parse_line('/papers search 5" screens count:3') == ("search", {"query": '5" screens', "count": "3"})
