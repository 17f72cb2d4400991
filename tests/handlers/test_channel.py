"""Answers about a channel's digest: schedule, settings, previews, past digests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.errors import Failure
from bot.model import EVERY_DAY, Caller, Channel, Findings, Subscription, SubscriptionChanges
from bot.model.source import listing_days
from bot.model.subscription import WORKDAYS
from bot.wording.notices import paused_notice
from tests.fakes import digest, paper
from tests.harness.desk import ADA, BEN, HERE, NOW, listed, options_of


async def test_subscribing_says_when_the_first_digest_comes_and_posts_nothing(desk):
    message = await desk.ask("subscribe at:9 timezone:new_york days:mon-fri size:3")
    assert "Subscribed: 3 papers at 09:00 (America/New_York), Mon–Fri, as a thread." in message.text
    assert "The first digest comes Fri 24 Oct, 09:00." in message.text
    subscription = await desk.subscription()
    assert subscription.next_due == datetime(2025, 10, 24, 13, 0, tzinfo=UTC)
    assert (subscription.set_by, subscription.set_at) == (ADA.user, NOW)


@pytest.mark.parametrize(
    ("change", "later", "promise"),
    [
        ("size:3", timedelta(0), "comes in a moment."),
        ("at:08:30", timedelta(minutes=-30), "comes in a moment."),
        ("at:18:00", timedelta(hours=9), "comes Sat 25 Oct, 18:00."),
        ("at:02:00", timedelta(hours=17), "comes Sun 26 Oct, 02:00."),
        ("days:mon", timedelta(days=2), "comes Mon 27 Oct, 09:00."),
    ],
)
async def test_a_change_while_a_digest_is_due_does_not_cancel_it(desk, change: str, later: timedelta, promise: str):
    """It may have been due while Paperboy was not running, or since the last look at who is due."""
    await desk.ask("subscribe at:9 timezone:utc")
    due = (await desk.subscription()).next_due
    desk.clock.set(due + timedelta(seconds=1))
    message = await desk.ask(f"subscribe {change}")
    assert (await desk.subscription()).next_due == due + later
    assert promise in message.text


async def test_a_digest_that_is_due_still_comes_after_a_change_and_once(desk):
    await desk.ask("subscribe at:9 timezone:utc")
    due = (await desk.subscription()).next_due
    desk.clock.set(due + timedelta(minutes=2))
    await desk.ask("subscribe size:3")
    await desk.engine.tick()
    digest = await desk.store.ledger.digest(HERE, due.date())
    assert digest is not None
    assert len(digest.picks) <= 3
    await desk.ask("subscribe size:4")
    assert (await desk.subscription()).next_due == due + timedelta(days=1)


async def test_subscribing_again_changes_only_what_is_named_and_not_who_set_it(desk):
    await desk.ask("subscribe at:9 size:3 style:compact")
    ben = replace(BEN, may_manage=True)
    message = await desk.ask("subscribe weekly:fri", ben)
    assert message.text.startswith("Changed the days: 3 papers at 09:00 (Europe/Berlin), Fridays, in one message.")
    subscription = await desk.subscription()
    assert (subscription.size, subscription.style) == (3, "compact")
    assert (subscription.days, subscription.set_by) == (frozenset({4}), ADA.user)


@pytest.mark.parametrize(
    ("sources", "days"),
    [
        (("huggingface", "arxiv", "hackernews"), WORKDAYS),
        (("huggingface", "file"), EVERY_DAY),
        (("hackernews",), EVERY_DAY),
        ((), EVERY_DAY),
    ],
)
async def test_a_new_digest_comes_on_the_days_on_which_the_sources_list_papers(desk, monkeypatch, sources, days):
    assert listing_days(sources) == days
    monkeypatch.setattr(desk.engine, "listing_days", days)
    await desk.ask("subscribe size:3")
    assert (await desk.subscription()).days == days
    await desk.ask("subscribe days:sat")
    await desk.ask("subscribe size:4")
    assert (await desk.subscription()).days == {5}


@pytest.mark.parametrize(
    ("place", "style"), [({"direct": True}, "compact"), ({"threads": False}, "compact"), ({}, "thread")]
)
async def test_a_digest_without_a_place_for_threads_is_compact_unless_said_otherwise(desk, place, style):
    here = replace(ADA, **place)
    await desk.ask("subscribe", here)
    assert (await desk.subscription()).style == style
    await desk.ask("subscribe style:thread", here)
    assert (await desk.subscription()).style == "thread"


async def test_days_and_weekly_exclude_each_other(desk):
    assert "exclude each other" in (await desk.ask("subscribe days:daily weekly:fri")).text


async def test_the_zone_of_somebody_unknown_is_utc_and_that_is_said(desk):
    message = await desk.ask("subscribe", Caller(HERE, ADA.user, may_manage=True, timezone="Mars/Olympus"))
    assert "The hour is UTC" in message.text


async def test_a_later_hour_brings_no_second_digest_on_the_same_day(desk):
    await desk.ask("subscribe at:11:00")
    await desk.deliver()
    message = await desk.ask("subscribe at:23:00")
    assert "The next digest comes Sat 25 Oct, 23:00." in message.text


@pytest.mark.parametrize(
    "line",
    [
        "subscribe",
        "subscribe size:3",
        "resume",
        "topics",
        "topics add x confirm:yes",
        "test",
        "status",
        "subscriptions",
    ],
)
async def test_the_time_of_the_next_digest_is_a_moment_wherever_it_is_named(desk, line):
    await desk.ask("subscribe")
    answer = await desk.ask(line)
    due = (await desk.subscription()).next_due
    [moment] = [span for block in answer.blocks for span in block.spans if span.at]
    assert moment.at == due
    assert moment.text.removesuffix(" (Europe/Berlin)") == "Sat 25 Oct, 09:00"


async def test_a_pause_ends_at_midnight_where_the_channel_is(desk):
    await desk.ask("subscribe")
    message = await desk.ask("pause until:2025-12-01")
    assert "Paused until Mon 1 Dec." in message.text
    subscription = await desk.subscription()
    assert (subscription.paused_at, subscription.paused_until) == (NOW, datetime(2025, 11, 30, 23, 0, tzinfo=UTC))
    resumed = await desk.press(message, "Resume")
    assert "next digest Sat 25 Oct, 09:00" in resumed.text
    assert (await desk.subscription()).paused_at is None


async def test_changing_a_setting_does_not_end_a_pause_but_subscribing_does(desk):
    await desk.ask("subscribe")
    assert "until somebody resumes" in (await desk.ask("pause")).text
    await desk.ask("subscribe size:7")
    assert (await desk.subscription()).paused_at is not None
    await desk.ask("subscribe")
    assert (await desk.subscription()).paused_at is None


async def test_unsubscribing_asks_before_topics_are_lost_and_keeps_the_past(desk):
    await desk.ask("subscribe")
    await desk.deliver()
    await desk.run("topics add", topic="video", confirm="yes")
    question = await desk.ask("unsubscribe")
    assert "1 topic would be deleted" in question.text
    await desk.press(question, "Unsubscribe")
    assert await desk.store.subscriptions.get(HERE) is None
    assert "Trending papers · Fri 24 Oct" in (await desk.ask("digest today")).text
    assert "gets no digest yet" in (await desk.ask("unsubscribe")).text


@pytest.mark.parametrize("line", ["pause", "resume", "unsubscribe", "topics", "topics remove x"])
async def test_a_channel_without_a_digest_is_offered_one(desk, line):
    message = await desk.ask(line)
    assert "gets no digest yet" in message.text
    assert options_of(message, "Subscribe at 09:00") == {"at": "09:00"}


async def test_settings_is_a_form_that_saves_what_is_filled_in(desk):
    await desk.ask("subscribe")
    form = await desk.form()
    filled = {field.name: field.value for field in form.fields} | {
        "topics": "video\ncat:cs.CL",
        "size": "8",
        "at": "7pm",
    }
    saved = await desk.run("settings", **filled)
    assert "Changed the topics, the size and the hour" in saved.text
    subscription = await desk.subscription()
    assert (subscription.topics, subscription.size, subscription.at) == (("video", "cat:cs.CL"), 8, time(19))
    again = {field.name: field.value for field in (await desk.form()).fields} | {"topics": ""}
    await desk.run("settings", **again)
    assert (await desk.subscription()).topics == ()


async def test_every_fault_of_a_form_stands_under_its_field_and_nothing_is_saved(desk):
    form = await desk.form("settings", topics="fine\n-medical", size="99", at="25", timezone="berlim", days="mon-fri")
    errors = {field.name: field.error for field in form.fields if field.error}
    assert set(errors) == {"topics", "size", "at", "timezone"}
    assert "Did you mean Europe/Berlin?" in errors["timezone"]
    assert (form.fields[0].value, form.fields[0].shown) == ("fine\n-medical", "")
    assert form.refusal == "Nothing was saved: 4 answers need another look."
    assert [field.shown for field in form.fields[2:7]] == ["5", "auto", "any", "09:00", "Europe/Berlin"]
    assert await desk.store.subscriptions.get(HERE) is None
    assert form.faults
    right = replace(form, fields=(replace(form.fields[0], value="video"),))
    assert await desk.handlers.read(right, HERE) == SubscriptionChanges(topics=("video",))


BLOCKED = replace(ADA, obstacle="Paperboy is no member of the channel: invite it with /invite @Paperboy")
NOT_HERE = "nothing can be posted here yet: Paperboy is no member of the channel: invite it with /invite @Paperboy."


async def test_the_test_says_that_it_works_and_when_the_digest_is_due(desk):
    await desk.ask("subscribe")
    text = (await desk.ask("test")).text
    assert "It works: Paperboy can post here, and reply in threads." in text
    assert "The next digest is due Sat 25 Oct, 09:00 (Europe/Berlin)." in text
    await desk.ask("subscribe style:compact quiet:skip")
    text = (await desk.ask("test")).text
    assert "It works: Paperboy can post here." in text
    assert "On a day without papers nothing is posted." in text


async def test_the_test_of_a_channel_without_a_digest_offers_to_subscribe_it(desk):
    message = await desk.ask("test")
    assert "Paperboy can post here" in message.text
    assert "It works" not in message.text
    assert "This channel gets no digest yet" in message.text
    await desk.press(message, "Subscribe at 09:00")
    assert "It works" in (await desk.ask("test")).text


@pytest.mark.parametrize(("reason", "shown"), [(None, "is paused."), ("it was archived", "it was archived.")])
async def test_the_test_of_a_paused_channel_offers_to_resume_it(desk, reason, shown):
    await desk.ask("subscribe")
    await desk.ask("pause")
    await desk.store.subscriptions.put(replace(await desk.subscription(), pause_reason=reason))
    message = await desk.ask("test")
    assert "It works" not in message.text
    assert f"{shown} No digest comes before it is resumed." in message.text
    await desk.press(message, "Resume")
    assert "It works" in (await desk.ask("test")).text


async def test_the_test_names_what_is_missing_whatever_the_subscription_says(desk):
    await desk.ask("subscribe")
    desk.outlet.fails_next(Failure.CHANNEL_GONE, "the bot is not in this channel: invite it", times=2)
    message = await desk.ask("test")
    assert "No digest can be posted here: the bot is not in this channel: invite it." in message.text
    assert "is due Sat 25 Oct, 09:00 (Europe/Berlin), if that is put right before." in message.text
    again = await desk.press(message, "Test again")
    assert "No digest can be posted here" in again.text
    assert "It works" in (await desk.press(again, "Test again")).text


async def test_the_test_says_that_a_digest_comes_without_replies_where_they_are_forbidden(desk):
    await desk.ask("subscribe")
    desk.outlet.fails_next(Failure.THREAD_FORBIDDEN, "the channel takes no replies", times=2)
    text = (await desk.ask("test")).text
    assert "Paperboy can post here, but not reply: the channel takes no replies. So the digest comes as one" in text
    await desk.ask("subscribe style:compact")
    assert "but not reply" not in (await desk.ask("test")).text


@pytest.mark.parametrize("kind", [Failure.LATER, Failure.UNKNOWN])
async def test_a_test_that_could_not_be_made_is_no_verdict(desk, kind):
    await desk.ask("subscribe")
    desk.outlet.fails_next(kind, "Slack is not available")
    text = (await desk.ask("test")).text
    assert "That cannot be tested now: Slack is not available." in text
    assert "It works" not in text
    assert "No digest can" not in text


async def test_what_keeps_paperboy_from_posting_is_said_beside_what_is_saved(desk):
    message = await desk.ask("subscribe", BLOCKED)
    assert f"This is saved, but {NOT_HERE}" in message.text
    assert "The first digest is due Sat 25 Oct, 09:00." in message.text
    assert "comes Fri" not in message.text
    assert await desk.subscription()
    assert "Test" in [action.label for action in message.actions]
    form = {field.name: field.value for field in (await desk.form()).fields} | {"size": "8"}
    assert NOT_HERE in (await desk.run("settings", BLOCKED, **form)).text
    assert NOT_HERE in (await desk.handlers.apply(SubscriptionChanges(size=9), BLOCKED)).text
    assert "posted here yet" not in (await desk.ask("subscribe size:7")).text


async def test_a_topic_that_subscribes_a_channel_says_so_and_what_is_in_the_way(desk):
    answer = await desk.run("topics add", BLOCKED, topic="video", confirm="yes")
    assert NOT_HERE in answer.text
    assert "Subscribed: 5 papers at 09:00" in answer.text
    second = await desk.run("topics add", BLOCKED, topic="audio", confirm="yes")
    assert "Subscribed" not in second.text


async def test_digests_come_again_is_said_only_where_they_do(desk):
    await desk.ask("subscribe")
    assert (await desk.ask("resume")).text.startswith("The digest was not paused: next digest Sat 25 Oct")
    await desk.ask("pause")
    blocked = await desk.ask("resume", BLOCKED)
    assert blocked.text.startswith("No longer paused: next digest Sat 25 Oct, 09:00 (Europe/Berlin).")
    assert NOT_HERE in blocked.text
    await desk.store.subscriptions.put(
        replace(await desk.subscription(), paused_at=NOW, pause_reason="it was archived.")
    )
    resumed = await desk.ask("resume")
    assert resumed.text.startswith("Digests come again: next digest Sat 25 Oct, 09:00 (Europe/Berlin).")
    assert "It was paused because it was archived: test whether that is put right." in resumed.text
    assert "It works" in (await desk.press(resumed, "Test")).text


async def test_a_change_of_a_paused_digest_promises_none(desk):
    await desk.ask("subscribe")
    await desk.ask("pause")
    message = await desk.ask("subscribe size:7")
    assert "Changed the size" in message.text
    assert "The digest is paused. No digest comes before it is resumed." in message.text
    assert "next digest" not in message.text
    assert "Digests come again" in (await desk.press(message, "Resume")).text


async def test_a_pause_with_an_end_is_not_said_to_last_until_somebody_resumes(desk):
    await desk.ask("subscribe")
    await desk.ask("pause until:2025-12-01")
    for line in ("test", "subscribe size:7"):
        assert "The digest is paused until Mon 1 Dec. No digest comes before then." in (await desk.ask(line)).text


async def test_the_preview_is_the_next_digest_with_reasons(desk):
    await desk.run("topics add", topic="diffusion", confirm="yes")
    message = await desk.ask("preview")
    assert "if it were chosen now" in message.text
    assert "Chosen: matches “diffusion”" in message.text
    assert listed(message) == [pick.paper.id for pick in (await desk.deliver()).picks]


async def test_a_channel_without_subscription_has_a_preview_too(desk):
    assert "This channel is not subscribed." in (await desk.ask("preview", BEN)).text


async def test_a_past_digest_reads_as_it_was(desk):
    await desk.ask("subscribe")
    digest = await desk.deliver()
    desk.clock.advance(days=1)
    assert listed(await desk.ask("digest yesterday")) == [pick.paper.id for pick in digest.picks]
    days = await desk.ask("digest")
    assert listed(await desk.press(days, "Fri 24 Oct")) == [pick.paper.id for pick in digest.picks]
    assert "The latest: /papers digest 2025-10-24." in (await desk.ask("digest 2025-10-01")).text


async def test_subscriptions_are_those_of_ones_own_workspace(desk):
    await desk.ask("subscribe")
    other = Caller(Channel("slack:T2/C9"), Channel("slack:T2/U9"), may_manage=True)
    await desk.ask("subscribe", other)
    text = (await desk.ask("subscriptions")).text
    assert "1 channel with a digest" in text
    assert "slack:T1/C1" in text
    assert "set by slack:T1/U1 on Fri 24 Oct" in text
    assert "T2" not in text
    operator = Caller(Channel("console:local"), Channel("console:local"), may_manage=True)
    assert "2 channels with a digest" in (await desk.ask("subscriptions", operator)).text


async def test_many_subscriptions_are_paged(desk):
    subscriptions = [Subscription(Channel(f"slack:T1/C{i:02}"), next_due=NOW) for i in range(35)]
    await desk.store.subscriptions.put(*subscriptions)
    first = await desk.ask("subscriptions")
    assert sum(block.role == "item" for block in first.blocks) == 10
    second = await desk.press(first, "More")
    assert "slack:T1/C10" in second.text
    assert (first.first, second.first) == (1, 11), "numbers go on"


async def unreachable(desk, *days: int) -> None:
    """Pause the channel for a day each, in a way that nobody could be told of."""
    await desk.ask("subscribe")
    for day in days:
        at = NOW + timedelta(days=day)
        text = paused_notice(await desk.subscription(), f"it was archived {day} times")
        await desk.store.people.queue_notice(None, HERE, "paused", at.date(), text, at)
    await desk.store.subscriptions.pause(HERE, NOW, until=None, reason="it was archived")


async def test_a_pause_that_nobody_was_told_of_is_shown_once_to_the_next_manager_who_types_anything(desk):
    await unreachable(desk, 0)
    assert "Not told" not in (await desk.ask("today", BEN)).text
    assert "Not told" not in (await desk.run("today", share="yes")).text, "everybody would read it"
    first = (await desk.ask("today")).blocks[0].text
    assert first.startswith(
        "Not told before, of Fri 24 Oct: The paper digest for this channel is paused, because it was"
    )
    assert "Not told" not in (await desk.ask("today")).text


async def test_the_latest_three_of_many_untold_notices_are_shown_and_settings_show_them_too(desk):
    await unreachable(desk, 0, 1, 2, 3)
    answer = await desk.handlers.apply(SubscriptionChanges(size=9), ADA)
    assert [f"archived {n} times" in answer.text for n in range(4)] == [False, True, True, True]
    assert "Changed the size" in answer.text


async def test_a_pause_that_is_over_is_not_told_any_more(desk):
    await unreachable(desk, 0)
    assert "Not told" not in (await desk.ask("resume")).text
    assert await desk.store.people.untold_notices(HERE) == []


async def test_the_overview_says_where_a_notice_reached_nobody(desk):
    await unreachable(desk, 0)
    elsewhere = Caller(Channel("slack:T1/C2"), ADA.user, may_manage=True)
    overview = (await desk.ask("subscriptions", elsewhere)).text
    assert "paused: it was archived" in overview
    assert "a notice about it reached nobody" in overview
    await desk.ask("today")
    assert "reached nobody" not in (await desk.ask("subscriptions", elsewhere)).text


@pytest.mark.parametrize("line", ["unsubscribe", "pause"])
async def test_a_digest_that_waits_to_be_posted_does_not_come_after_the_answer(desk, line):
    await desk.ask("subscribe")
    waiting = digest(HERE, [paper(1)], at=NOW)
    await desk.store.papers.add(Findings((paper(1),)), "file", NOW)
    await desk.store.ledger.keep([waiting], {})
    assert await desk.store.ledger.open_posts(NOW)
    await desk.ask(line)
    assert await desk.store.ledger.open_posts(NOW) == []


async def test_only_a_new_subscription_promises_that_nothing_is_posted_before(desk):
    assert "No papers come here before that" in (await desk.ask("subscribe")).text
    assert "No papers come here before that" not in (await desk.ask("subscribe at:23:00")).text
