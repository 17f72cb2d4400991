"""Every date of another year than the reader's carries its year, whatever is asked; hours name their time zone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import MissedDigest
from bot.wording.digest import digest_preview, digest_thread
from bot.wording.mail import mail_saved
from bot.wording.mail_digest import digest_message
from bot.wording.notices import skipped_notice
from tests.harness.desk import HERE, NOW, OMNI, Desk

DATE = re.compile(r"\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b(?: (\d{4}))?")
NEXT_YEAR = datetime(2026, 1, 5, 8, tzinfo=UTC)


def years(text: str) -> set[str]:
    """The years of all dates in a text; "" for a date without one."""
    return {match[1] or "" for match in DATE.finditer(text)}


async def last_years(desk: Desk) -> None:
    """A channel that was set up, sent a digest and told of a fault last year."""
    await desk.ask("subscribe timezone:europe/berlin")
    await desk.deliver()
    text = skipped_notice(await desk.subscription(), NOW.date(), "it was late")
    await desk.store.people.queue_notice(None, HERE, "skipped", NOW.date(), text, NOW)
    desk.clock.set(NEXT_YEAR)


@pytest.mark.parametrize("line", ["subscriptions", "digest", "digest 2025-10-24", f"why {OMNI}", "status"])
async def test_a_date_of_last_year_carries_it_in_every_answer_and_notice(desk: Desk, line: str):
    await last_years(desk)
    text = (await desk.ask(line)).text
    assert years(text) == {"2025"}, text


@pytest.mark.parametrize("line", ["subscriptions", "digest", "digest 2025-10-24", f"why {OMNI}"])
async def test_a_date_of_the_readers_own_year_has_none(desk: Desk, line: str):
    await desk.ask("subscribe")
    await desk.deliver()
    text = (await desk.ask(line)).text
    assert years(text) == {""}, text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("pause until:2026-02-01", "Paused until Sun 1 Feb 2026."),
        ("test", "The digest is paused until Sun 1 Feb 2026."),
        ("subscribe size:7", "The digest is paused until Sun 1 Feb 2026."),
        ("status", "paused until Sun 1 Feb 2026"),
        ("topics", "paused until Sun 1 Feb 2026"),
        ("subscriptions", "paused until Sun 1 Feb 2026"),
    ],
)
async def test_a_pause_until_next_year_names_it(desk: Desk, line: str, text: str):
    await desk.ask("subscribe")
    await desk.ask("pause until:2026-02-01")
    assert text in (await desk.ask(line)).text


@pytest.mark.parametrize("line", ["resume", "test", "status", "topics", "subscriptions", "subscribe size:7"])
async def test_a_digest_that_is_due_next_year_names_it(desk: Desk, line: str):
    desk.clock.set(datetime(2025, 12, 31, 9, tzinfo=UTC))
    await desk.ask("subscribe")
    text = (await desk.ask(line)).text
    assert "Thu 1 Jan 2026, 09:00" in text
    assert "Europe/Berlin" in text, "hours name their time zone"
    desk.clock.set(datetime(2025, 12, 31, 23, 30, tzinfo=UTC))  # in Berlin it is next year already
    assert "Thu 1 Jan, 09:00" in (await desk.ask(line)).text


async def test_a_topic_that_is_saved_and_a_mail_name_the_year_too(desk: Desk):
    desk.clock.set(datetime(2025, 12, 31, 9, tzinfo=UTC))
    saved = await desk.run("topics add", topic="video", confirm="yes")
    assert "Thu 1 Jan 2026, 09:00" in saved.text
    assert (
        "Thu 1 Jan 2026, 09:00"
        in mail_saved("Saved", await desk.subscription(), desk.clock(), "https://example.org/preferences/x").text
    )


async def test_a_digest_names_the_year_of_a_missed_one(desk: Desk):
    await desk.ask("subscribe")
    digest = await desk.engine.preview(await desk.subscription())
    new_year = datetime(2026, 1, 2, 9, tzinfo=UTC)
    missed = (MissedDigest(new_year.date() - timedelta(days=3), (digest.picks[0].paper,), certain=True),)
    late = replace(digest, day=new_year.date(), chosen_at=new_year, missed=missed)
    for message in (digest_thread(late).opener, digest_message(late), digest_preview(late, subscribed=True)):
        assert "The digest of Tue 30 Dec 2025 did not arrive." in message.text
        assert ("Friday 2 January ·" if message == digest_message(late) else "Fri 2 Jan\n") in message.text
    eve = replace(late, day=missed[0].day + timedelta(days=1))
    assert "Wednesday 31 December 2025 ·" in digest_message(eve).text
    quiet = replace(late, picks=(), day=missed[0].day + timedelta(days=2))
    assert "No papers on Thu 1 Jan: " in digest_message(quiet).text
    assert "No papers on Wed 31 Dec 2025: " in digest_message(replace(quiet, day=missed[0].day + timedelta(1))).text


async def test_today_is_the_channels_day_for_its_past_digests(desk: Desk):
    await desk.ask("subscribe timezone:pacific/auckland")
    await desk.deliver()
    desk.clock.set(datetime(2025, 12, 31, 12, tzinfo=UTC))  # in Auckland it is next year already
    assert "Fri 24 Oct 2025" in (await desk.ask("digest")).text
    assert (await desk.ask("digest 2025-10-24")).title.endswith("Fri 24 Oct 2025")
