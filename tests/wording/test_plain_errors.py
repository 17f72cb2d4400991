"""Errors name what is accepted, quote what was typed once, and offer something that works."""

from __future__ import annotations

import pytest

from bot.delivery.mail.addresses import read_address
from bot.errors import QueryError, UserError
from bot.model.form import FormField
from bot.query.parser import parse


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("video since:7", "Write since:24h, since:7d or since:2w, not “since:7”. Try: video since:7d"),
        ("since:soon", "Write since:24h, since:7d or since:2w, not “since:soon”. Try: since:7d"),
        ("has:data", "Write has:code or has:project, not “has:data”. Try: has:code"),
        (
            "https://example.com/paper",
            "This link is to no paper that Paperboy knows; write words of its title. Try: video diffusion",
        ),
    ],
)
def test_a_query_error_is_one_plain_sentence_and_an_example(typed: str, answer: str):
    with pytest.raises(QueryError) as refusal:
        parse(typed)
    assert str(refusal.value) == answer


@pytest.mark.parametrize("saved", ["daily", "mon,tue,wed,thu,fri,sat,sun"])
def test_saved_days_are_named_in_words(saved: str):
    assert FormField("days", "Days", "mon", "days", saved=saved).stored_note == "Saved now: every day"


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("a@b", "domain with a dot"),
        ("ada@example.org, ben@example.org", "write one,"),
        ("Ada <ada@example.org>", "without a name"),
        ("ada", "write it like ada@example.org"),
    ],
)
def test_a_bad_address_is_told_what_is_wrong_with_it(typed: str, remedy: str):
    with pytest.raises(UserError, match=remedy):
        read_address(typed)


def test_a_copied_mail_link_is_read_as_its_address():
    assert read_address("mailto:ada@example.org") == "ada@example.org"
