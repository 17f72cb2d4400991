"""A digest by mail: its subject, its layout, and two links a paper at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Channel, Evidence
from bot.model.mailbox import READER
from bot.wording.mail_digest import SUBJECT_MAX, digest_message, short_name
from tests.harness.samples import digest, paper, pick, upvotes


def titled(*titles: str):
    return digest(*(pick(paper(f"2511.{n:05}", title=title), upvotes(9 - n)) for n, title in enumerate(titles, 1)))


@pytest.mark.parametrize(
    ("titles", "subject"),
    [
        (
            (
                "DataFlow: An LLM-Driven Framework",
                "Seed-Prover 1.5: Mastering",
                "InfCam – Infinite",
                "A: b",
                "C",
            ),
            "DataFlow, Seed-Prover 1.5, InfCam, A, C",
        ),
        (("LoongRL:Reinforcement Learning",), "LoongRL"),
        (("A 3:1 Ratio Is Enough",), "A 3:1 Ratio Is Enough"),
        (
            ("On the Unreasonable Effectiveness of Very Long Titles Without Any Name",),
            "On the Unreasonable Effectiveness…",
        ),
        (
            ("Every Attention Matters: X", "On the Unreasonable Effectiveness of Titles", "Third", "Fourth"),
            "Every Attention Matters + 3",
        ),
        (("x" * 100, "Second"), f"{'x' * 33}…, Second"),
        ((": starts with a colon",), ": starts with a colon"),
    ],
)
def test_the_subject_names_papers_in_sixty_characters(titles: tuple[str, ...], subject: str):
    assert digest_message(titled(*titles)).title == subject
    assert len(subject) <= SUBJECT_MAX


def test_a_short_name_is_never_empty():
    for title in (":", ": ", " – ", "a" * 34, "a" * 35, "ab " * 30):
        assert short_name(paper(title=title))


def test_the_first_paper_leads_and_each_has_two_links_at_most():
    message = digest_message(titled("One: a", "Two: b", "Three: c"))
    roles = [block.role for block in message.blocks]
    assert roles[:4] == ["preheader", "masthead", "dateline", "lead"]
    assert roles.count("title") == 2
    links = [span.url for block in message.blocks for span in block.spans if span.url]
    assert all(link.startswith(f"{READER}/") for link in links)
    assert [link.removeprefix(READER) for link in links[1:3]] == ["/paper/2511.00001", "/pick/2511.00001"]
    assert len(links) == 1 + 2 * 3


def test_a_doi_in_a_link_is_quoted():
    message = digest_message(digest(pick(paper("10.1000/a b?c#d"), upvotes(1))))
    assert f"{READER}/paper/10.1000/a%20b%3Fc%23d" in {span.url for block in message.blocks for span in block.spans}


def test_a_paper_is_worded_once_for_all_channels_that_read_it_at_the_same_time():
    """A fifth of the time of a process that delivers went there."""
    first = titled("Gulls", "Terns")
    here, there = (digest_message(replace(first, channel=Channel(channel))) for channel in ("mail:1", "mail:2"))
    assert [
        a for a, b in zip(here.blocks, there.blocks, strict=True) if a.role in {"lead", "note"} and a is not b
    ] == []


def test_one_moment_is_worded_by_the_clock_of_each_time_zone():
    at = datetime(2025, 11, 24, 4, 0, tzinfo=UTC)
    signal = Evidence("huggingface", "upvotes", 9.0, at, 4.0, at - timedelta(hours=9))
    first = replace(digest(pick(paper("2511.00001"), signal)), chosen_at=at)
    notes = [digest_message(replace(first, timezone=zone)).blocks[-1].text for zone in ("UTC", "Asia/Tokyo")]
    assert "since Sun" in notes[0]
    assert "in 9 hours" in notes[1]
