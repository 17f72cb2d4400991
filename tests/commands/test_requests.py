"""Requests in plain words, the same after a slash command and in a message."""

from __future__ import annotations

import pytest

from bot.commands import parse_line, written_line
from bot.commands.requests import LONGEST, request
from bot.errors import UserError


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        ("export to zotero", "saved export"),
        ("download my reading list as csv", "saved export csv"),
        ("export bookmarks to endnote", "saved export ris"),
        ("what did I miss?", "catchup 7"),
        ("catch me up", "catchup 7"),
        ("what have I missed since monday", "catchup since monday"),
        ("best papers of last week", "catchup last week"),
        ("show me the papers from yesterday", "catchup yesterday"),
        ("top 3 papers", "today 3"),
        ("give me 5 papers please", "today 5"),
        ("the latest news", "today"),
        ("whats new today", "today"),
        ("any new papers?", "today"),
        ("topics clear", "topics remove all"),
        ("Delete all my topics", "topics remove all"),
        ("unmute everything", "topics unmute all"),
        ("show my topics", "topics list"),
        ("change the time", "settings"),
        ("change time to 9am", "subscribe 9am"),
        ("send me papers every day at 8", "subscribe every day at 8"),
        ("sign me up", "subscribe"),
        ("I want to unmute", "resume"),
        ("mute for 2 weeks", "pause for 2 weeks"),
        ("stop until friday please", "pause until friday"),
        ("pause this channel", "pause"),
        ("delete my data", "forget me"),
        ("are you there?", "status"),
        ("how do I subscribe?", "help subscribe"),
        ("show commands", "help all"),
        ("yesterday's digest", "digest yesterday"),
        ("?", "help"),
    ],
)
def test_a_request_is_the_command_that_it_means(sentence: str, line: str):
    assert request(sentence) == line
    assert parse_line(sentence) == parse_line(line)


@pytest.mark.parametrize(
    "title",
    [
        "new architectures for vision", "recent advances in robotics", "mute speech detection", "turn off neurons",
        "stop words", "end to end learning", "pause tokens", "catch the wind", "quit smoking apps", "start to end",
        "save the planet", "exit strategies for early exit models", "top k sampling", "the best of both worlds",
        "leave one out", "cancel culture", "never forget", "settings matter", "send more money",
    ],
)  # fmt: skip
def test_words_of_titles_are_no_request(title: str):
    assert request(title) is None


@pytest.mark.parametrize(
    "sentence",
    ["mute this channel", "quit", "exit", "cancel my subscription", "turn notifications off", "how do I stop this?"],
)
def test_every_wish_to_stop_is_a_question(sentence: str):
    for read in (parse_line, written_line):
        with pytest.raises(UserError) as caught:
            read(sentence)
        assert [line for _, line in caught.value.lines] == ["pause", "unsubscribe"]


def test_a_long_sentence_is_no_request():
    assert request("stop " + "it " * LONGEST) is None


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        ("please follow video diffusion", "topics add video diffusion"),
        ("can you subscribe me at 9am?", "subscribe me at 9am"),
        ("could you explain diffusion models", "search explain diffusion models"),
        ("can you find me something about beavers", "search beavers"),
        ("settings size 10", "settings size 10"),
        ("catch up 3", "catch up 3"),
    ],
)
def test_polite_orders_are_commands_and_polite_questions_are_searches(sentence: str, line: str):
    assert written_line(sentence) == line


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        ("papers about LLM agents from last week", "search LLM agents from last week"),
        ("looking for papers on protein folding", "search protein folding"),
        ("set size 8", "subscribe size:8"),
        ("timezone new york", "subscribe timezone:new york"),
        ("how to change timezone", "settings"),
        ("more papers per day", "settings"),
        ("add robotics to my topics", "topics add robotics"),
        ("remove topic video diffusion", "topics remove video diffusion"),
        ("no more medical papers", "topics mute medical"),
        ("why no papers today", "status"),
        ("last week", "catchup last week"),
        ("good morning paperboy, whats new?", "today"),
        ("@paperboy today", "today"),
        ("i want subscribe at 9 hour morning", "subscribe at 9 hour morning"),
        ("topic list", "topics list"),
        ("topic modeling", "search topic modeling"),
        ("search for diffusion models please", "search for diffusion models"),
    ],
)
def test_a_message_of_somebody_tired_is_read(sentence: str, line: str):
    assert parse_line(written_line(sentence) or "") == parse_line(line)


def test_what_a_slash_command_proposes_to_search_is_what_was_asked_for():
    with pytest.raises(UserError, match="`/papers search protein folding`"):
        parse_line("looking for papers on protein folding")
    with pytest.raises(UserError, match=r"`/papers settings style:compact`"):
        parse_line("settings compact")
    assert parse_line("thx bye") == ("help", {})
