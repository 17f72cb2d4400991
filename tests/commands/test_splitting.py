"""Options and free words of typed lines."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.commands import COMMANDS, parse_line, read_options
from bot.commands.splitting import split_options
from bot.errors import QueryError, UserError
from bot.query.lexer import tidy
from tests.harness.examples import examples
from tests.query.test_parser import TYPED

TODAY = date(2026, 11, 27)
SEARCH, SUBSCRIBE = COMMANDS["search"], COMMANDS["subscribe"]


def read(line: str) -> dict[str, object]:
    name, raw = parse_line(line)
    return read_options(COMMANDS[name], raw, today=TODAY)


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("at:09:00 timezone:new york", {"at": "09:00", "timezone": "new york"}),
        ("timezone:new york at:9:00 AM size:5", {"timezone": "new york", "at": "9:00 AM", "size": "5"}),
        ("at:09:00 tz:Europe/Berlin", {"at": "09:00", "timezone": "Europe/Berlin"}),
        ("at: 9:00", {"at": "9:00"}),
        ("days: mon - fri at 8", {"days": "mon - fri", "at": "at 8"}),
        ("days:mon, wed and fri", {"days": "mon, wed and fri"}),
        ("timezone:berlin 9am", {"timezone": "berlin", "at": "9am"}),
        ("weekdays at 9 in new york", {"days": "weekdays", "at": "at 9", "timezone": "new york"}),
        ("every friday at 9am", {"days": "every friday", "at": "at 9am"}),
        ("daily", {"days": "daily"}),
        ("size:5 papers", {"size": "5 papers"}),
        ("count:7", {"size": "7"}),
        ('timezone:"Europe/Berlin" 9', {"timezone": "Europe/Berlin", "at": "9"}),
    ],
)
def test_values_of_a_schedule_take_the_words_that_belong_to_them(line, options):
    assert split_options(SUBSCRIBE, line) == options


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("until:tuesday", {"until": "tuesday"}),
        ("until:next monday", {"until": "next monday"}),
        ("until tuesday", {"until": "until tuesday"}),
        ("2 weeks", {"until": "2 weeks"}),
    ],
)
def test_a_pause_takes_every_word(line, options):
    assert split_options(COMMANDS["pause"], line) == options
    read_options(COMMANDS["pause"], options, today=TODAY)


def test_options_after_free_words_are_distinguished_from_fields():
    assert split_options(SEARCH, "video cat:cs.CL diffusion count:5 order:newest") == {
        "query": "video cat:cs.CL diffusion",
        "count": "5",
        "order": "newest",
    }


@pytest.mark.parametrize("title", ["Size: why it matters", "Count: a survey", "Order: newer matters", "limit: the sky"])
def test_a_title_that_begins_like_an_option_stays_a_title(title):
    assert split_options(SEARCH, title) == {"query": title}


def test_quotes_keep_options_and_words_together():
    typed = 'add “count:5 apples” -"case study" count:"5" a|b'
    assert split_options(SEARCH, typed) == {"query": 'add "count:5 apples" -"case study" a | b', "count": "5"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("search x count:", "needs a value"),
        ("search x count:1 count:2", "twice"),
        ("search x cuont:5", "no option"),
        ("subscribe at:9 nowhere", "no hour, day or time zone"),
        ("subscribe timezone:new yrok", "Did you mean America/New_York?"),
    ],
)
def test_a_wrong_option_is_refused_with_a_line_that_works(line, problem):
    with pytest.raises(UserError) as caught:
        read(line)
    assert problem in str(caught.value)
    for _, corrected in caught.value.lines:
        read(corrected)


def test_an_unclosed_quote_is_named():
    with pytest.raises(UserError, match="never closed"):
        parse_line('search "video')


@given(st.one_of(TYPED, st.text(max_size=60)))
@examples(100)
def test_splitting_loses_no_words(text):
    try:
        options = split_options(COMMANDS["tuning forget"], text)
    except (QueryError, UserError):
        return
    assume(options.keys() <= {"item"})
    assert options.get("item", "").replace(" ", "") == tidy(text).replace(" ", "")


@given(
    st.sampled_from(["search", "subscribe", "pause", "catchup", "forget"]),
    st.dictionaries(
        st.sampled_from(["at", "timezone", "days", "size", "count", "query", "until", "what"]),
        st.sampled_from(["9am", "new york", "mon-fri", "2026-12-01", "me", "5"]),
    ),
)
@examples(100)
def test_the_line_of_a_command_is_read_as_the_same_options(name, raw):
    command = COMMANDS[name]
    raw = {option.name: raw[option.name] for option in command.options if option.name in raw}
    try:
        expected = read_options(command, raw, today=TODAY)
    except UserError:
        return
    again, typed = parse_line(command.line(raw))
    assert (again, read_options(command, typed, today=TODAY)) == (name, expected)


@pytest.mark.parametrize("words", ["monday,thursday", '"monday thursday"', '"Mon, Thu"'])
def test_weekly_takes_one_day_and_leads_to_days_for_several(words: str):
    with pytest.raises(UserError, match="For several: `/papers subscribe days:mon") as caught:
        read(f"subscribe weekly:{words}")
    assert read(caught.value.lines[0][1])["days"] == frozenset({0, 3})
    assert read("subscribe weekly:monday")["weekly"] == "mon"


def test_no_days_lead_to_pause_and_unsubscribe():
    with pytest.raises(UserError, match="`/papers pause` for a while, or `/papers unsubscribe`"):
        read("subscribe days:never")


@pytest.mark.parametrize("command", ["topics add", "topics mute", "today"])
def test_a_topic_that_begins_with_not_leads_to_a_mute(command: str):
    with pytest.raises(UserError, match="To leave papers out: `/papers topics mute medical`"):
        read(f"{command} not medical")


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("today 3", {"count": "3"}),
        ("today agents 3", {"topic": "agents", "count": "3"}),
        ("today top 3", {"count": "3"}),
        ("today agents top 3 please", {"topic": "agents", "count": "3"}),
        ("today please", {}),
        ("today papers", {}),
        ("today agents 3 count:4", {"topic": "agents 3", "count": "4"}),
        ('today "3"', {"topic": '"3"'}),
        ("today top models", {"topic": "top models"}),
    ],
)
def test_a_number_at_the_end_of_today_is_its_count(line: str, options: dict[str, str]):
    assert parse_line(line) == ("today", options)


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("size 10", "settings size:10"),
        ("topics", "settings"),
        ("days", "settings days:mon-fri"),
        ("topics video diffusion", 'settings topics:"video diffusion"'),
        ("Style compact size:3", "settings size:3 style:compact"),
    ],
)
def test_a_setting_without_a_colon_is_shown_with_it(words: str, remedy: str):
    with pytest.raises(UserError, match="Write `?[a-z]+:") as caught:
        parse_line(f"settings {words}")
    assert f"`/papers {remedy}`" in str(caught.value)
    parse_line(caught.value.lines[0][1])
