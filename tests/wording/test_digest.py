"""Texts of digests, papers and evidence; golden files of a digest of the sample."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.commands import COMMANDS
from bot.model import (
    Digest,
    DigestRecord,
    Evidence,
    Outage,
    Outcome,
    Pick,
    Reason,
    Span,
    Subscription,
    Trend,
)
from bot.sources import sample
from bot.sources.jsonl import parse_lines
from bot.wording import evidence
from bot.wording.cards import paper_card, rank_explanation
from bot.wording.channel import unsubscribe_question
from bot.wording.digest import digest_preview, digest_thread, matched_topics
from bot.wording.help import about_paperboy, help_all
from bot.wording.history import Total, past_digests, record_text, subscription_list
from bot.wording.mail_digest import digest_message
from bot.wording.notices import GREETING
from bot.wording.parts import byline, compact, outage_text, signed_count, stale_note
from bot.wording.results import match_note
from bot.wording.status import erase_question
from bot.wording.topics import topic_list
from tests.harness.samples import GOLDEN, HERE, MONDAY, SUNDAY, digest, paper, pick, points, stars, upvotes, written


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (7, "7"), (999, "999"), (1_000, "1k"), (1_234, "1.2k"), (1_999, "1.9k"), (12_345, "12k"),
        (999_999, "999k"), (3_400_000, "3.4M"), (2.5, "2.5"),
    ],
)  # fmt: skip
def test_counts_are_short_and_never_rounded_up(number, text):
    assert compact(number) == text


def test_growth_has_its_sign():
    assert (signed_count(41), signed_count(-3), signed_count(0)) == ("+41", "−3", "+0")


@pytest.mark.parametrize(
    ("signals", "short", "long"),
    [
        (
            [upvotes(132, 91)],
            "132 upvotes (+41 since Sat)",
            "132 upvotes on Hugging Face (+41 since Sat)",
        ),
        ([upvotes(132)], "132 upvotes", "132 upvotes on Hugging Face"),
        ([upvotes(132, 132)], "132 upvotes", "132 upvotes on Hugging Face"),
        ([upvotes(1, 0, 72)], "1 upvote (+1 since Thu)", "1 upvote on Hugging Face (+1 since Thu)"),
        ([upvotes(9, 12, 7)], "9 upvotes (−3 in 7 hours)", "9 upvotes on Hugging Face (−3 in 7 hours)"),
        ([upvotes(0)], "0 upvotes", "0 upvotes on Hugging Face"),
        ([stars(1_234)], "GitHub 1.2k stars", "GitHub 1.2k stars"),
        ([stars(1)], "GitHub 1 star", "GitHub 1 star"),
        ([stars(498, 312)], "GitHub 498 stars (+186 since Sat)", "GitHub 498 stars (+186 since Sat)"),
        ([stars(2_540, 2_510)], "GitHub 2.5k stars (+30 since Sat)", "GitHub 2.5k stars (+30 since Sat)"),
        ([stars(498, 498)], "GitHub 498 stars", "GitHub 498 stars"),
        ([stars(0)], "code", "code"),
        ([points(210)], "Hacker News 210 points", "Hacker News 210 points"),
        ([points(1)], "Hacker News 1 point", "Hacker News 1 point"),
        ([Evidence("huggingface", "comments", 2, SUNDAY)], "new, no signals yet", "2 comments on Hugging Face"),
        ([Evidence("x", "downloads", 1, SUNDAY)], "1 download on x", "1 download on x"),
        ([Evidence("huggingface", "position", 7, SUNDAY)], *["trending #7 on Hugging Face"] * 2),
        (
            [Evidence("hackernews", "comments", 1, SUNDAY), points(9)],
            "Hacker News 9 points",
            "Hacker News 9 points · Hacker News 1 comment",
        ),
        ([Evidence("x", "downloads", 1_500, SUNDAY)], "1.5k downloads on x", "1.5k downloads on x"),
        ([], "new, no signals yet", "new, no signals yet"),
    ],
)  # fmt: skip
def test_evidence_reads_as_promised(signals, short, long):
    assert evidence.short_evidence(signals, paper(listed_at=SUNDAY), SUNDAY) == short
    assert evidence.long_evidence(Trend(paper(listed_at=SUNDAY), 1.0, 1.0, tuple(signals)), SUNDAY) == long


CITED = Evidence("semanticscholar", "citations", 12, SUNDAY)
INFLUENTIAL = replace(CITED, kind="influential_citations", value=3)
MENTIONED = Evidence("feeds", "mentioned in Import AI", 1, SUNDAY)


@pytest.mark.parametrize(
    ("signals", "short", "long"),
    [
        ([CITED], "cited 12×", "cited 12×"),
        ([replace(CITED, before=9, before_at=SUNDAY - timedelta(days=1))], "cited 12× (+3 since Sat)", None),
        ([replace(CITED, value=0)], "new, no signals yet", "new, no signals yet"),
        ([MENTIONED, CITED, upvotes(3)], "3 upvotes · in Import AI · cited 12×", None),
        ([INFLUENTIAL], "new, no signals yet", "3 influential citations on Semantic Scholar"),
        ([stars(40), Evidence("github", "github_stars", 55, SUNDAY)], "GitHub 55 stars", "GitHub 55 stars"),
    ],
)  # fmt: skip
def test_citations_mentions_and_githubs_own_stars_read_as_promised(signals, short, long):
    assert evidence.short_evidence(signals, paper(listed_at=SUNDAY), SUNDAY) == short
    if long:
        assert evidence.long_evidence(Trend(paper(listed_at=SUNDAY), 1.0, 1.0, tuple(signals)), SUNDAY) == long


def test_the_title_of_a_feed_is_italic():
    spans = evidence.short_spans([MENTIONED], paper(), SUNDAY)
    assert [(span.text, span.italic) for span in spans] == [("in ", False), ("Import AI", True)]


def test_why_names_a_mention_and_says_that_nobody_noticed_a_paper_with_nothing_else():
    text = rank_explanation(Trend(paper(), 0.0, 0.0, (MENTIONED, CITED)), SUNDAY).text
    assert "mentioned in Import AI · read" in text
    assert "12 citations on Semantic Scholar · read" in text
    assert "Nobody has noticed it yet" in text
    assert "Score" not in text
    elsewhere = Trend(replace(paper(), id="10.1101/700001"), 0.0, 0.0)
    text = rank_explanation(elsewhere, SUNDAY, forecast={"a survey": 0.5}).text
    assert "Daily Papers lists papers of arXiv alone" in text
    assert "a survey" not in text
    own = Evidence("github", "github_stars", 1_204, SUNDAY)
    assert "1.2k GitHub stars, by GitHub itself · read" in rank_explanation(Trend(paper(), 0, 0, (own,)), SUNDAY).text


@pytest.mark.parametrize(
    ("days", "text"),
    [(0, "new, no signals yet"), (6.9, "new, no signals yet"), (7, "no votes known"), (270, "no votes known")],
)
def test_a_paper_without_signals_is_new_for_a_week_only(days: float, text: str):
    old = replace(paper(), listed_at=SUNDAY - timedelta(days=days))
    assert evidence.short_evidence([], old, SUNDAY) == text
    assert evidence.long_evidence(Trend(old, 0.0, 0.0), SUNDAY) == text
    assert evidence.short_evidence([], old) == "no votes known", "a feed is read at an unknown time"


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        (0.0, "new, no signals yet"),
        (0.049, "new, no signals yet"),
        (0.05, "new · about 1 in 20 such papers gets noticed"),
        (0.31, "new · about 1 in 3 such papers gets noticed"),
        (0.45, "new · about 1 in 2 such papers gets noticed"),
        (0.7, "new · about 2 in 3 such papers get noticed"),
        (0.99, "new · about 9 in 10 such papers get noticed"),
    ],
)
def test_a_forecast_is_told_as_simple_odds(listed: float, text: str):
    new = paper(listed_at=SUNDAY)
    assert evidence.short_evidence([], new, SUNDAY, listed) == text
    assert evidence.long_evidence(Trend(new, 0.0, 0.0, listed=listed), SUNDAY) == text
    assert evidence.short_evidence([upvotes(3)], new, SUNDAY, listed) == "3 upvotes"


def test_a_digest_with_odds_says_what_they_are_odds_of():
    new = Pick(Trend(paper(listed_at=SUNDAY), 0.0, 0.0, listed=0.3), Reason.NEW)
    voted = Pick(Trend(paper("2511.00002"), 1.0, 0.0, (upvotes(3),)), Reason.TRENDING)
    unlikely = replace(new, trend=replace(new.trend, listed=0.01))
    for picks, is_told in (([voted, new], True), ([voted], False), ([voted, unlikely], False)):
        for text in (digest_thread(digest(*picks)).opener.text, digest_message(digest(*picks)).text):
            assert ("“Noticed” means listed on Hugging Face’s Daily Papers" in text) is is_told


def test_why_lists_what_speaks_for_a_forecast_and_against_it():
    parts = {"number of authors": 0.8, "in cs.CV": -0.3, "a survey": 0.01} | {f"feature {n}": 0.1 for n in range(9)}
    text = rank_explanation(Trend(paper(), 0.0, 0.0, listed=0.3), SUNDAY, forecast=parts).text
    assert "Forecast: about 1 in 3 such papers gets noticed." in text
    assert "For it: number of authors +0.80 · feature 0 +0.10 · feature 1 +0.10 · feature 2 +0.10" in text
    assert "Against it: in cs.CV −0.30" in text
    assert "survey" not in text
    assert "feature 3" not in text
    assert "Forecast" not in rank_explanation(Trend(paper(), 0.0, 0.0, (upvotes(3),)), SUNDAY, forecast=parts).text


def test_evidence_stands_in_the_same_order_whatever_weighs_most():
    signals = [points(210), stars(1_200), upvotes(132, 91)]
    assert evidence.short_evidence(signals, paper(), SUNDAY) == (
        "132 upvotes (+41 since Sat) · GitHub 1.2k stars · Hacker News 210 points"
    )


WEDNESDAY, THURSDAY = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (18, 19))


def grown(before_at: datetime, seen_at: datetime, now: datetime) -> str:
    return evidence.growth(Evidence("huggingface", "upvotes", 74, seen_at, 50, before_at), now)


@pytest.mark.parametrize(
    ("before_at", "seen_at", "now", "text"),
    [
        (WEDNESDAY, THURSDAY, THURSDAY + timedelta(hours=2), "+24 since Wed"),
        (WEDNESDAY, THURSDAY, THURSDAY + timedelta(hours=2, seconds=1), "+24 from Wed to Thu"),
        (WEDNESDAY, THURSDAY, THURSDAY + timedelta(hours=12), "+24 from Wed to Thu"),
        (WEDNESDAY, THURSDAY, THURSDAY + timedelta(hours=12, seconds=1), ""),
        (WEDNESDAY, THURSDAY, THURSDAY + timedelta(days=2), ""),
        (THURSDAY - timedelta(hours=7), THURSDAY, THURSDAY, "+24 in 7 hours"),
        (THURSDAY - timedelta(days=6), THURSDAY, THURSDAY, "+24 since Fri"),
        (THURSDAY - timedelta(days=7), THURSDAY, THURSDAY, "+24 since 12 Nov"),
        (datetime(2025, 12, 28, 9, tzinfo=UTC), THURSDAY, THURSDAY, "+24 since 28 Dec 2025"),
    ],
)
def test_growth_names_its_own_two_readings_and_old_growth_is_not_mentioned(before_at, seen_at, now, text):
    assert grown(before_at, seen_at, now) == text


def test_days_of_growth_are_those_of_the_readers_time_zone():
    before_at, seen_at = WEDNESDAY.replace(hour=16), THURSDAY.replace(hour=16)
    assert grown(before_at, seen_at, seen_at.astimezone(ZoneInfo("Asia/Tokyo"))) == "+24 since Thu"
    there = replace(digest(pick(paper(), upvotes(9, 3, 16)), at=SUNDAY), timezone="Asia/Tokyo")
    assert "9 upvotes (+6 in 16 hours)" in digest_thread(there).opener.text
    assert "9 upvotes (+6 since Sat)" in digest_thread(replace(there, timezone="UTC")).opener.text


def test_an_opener_has_the_first_three_signals_with_their_growth():
    signals = [points(9), stars(498, 312), upvotes(132, 91), Evidence("huggingface", "position", 2, SUNDAY)]
    grown = "132 upvotes (+41 since Sat) · GitHub 498 stars (+186 since Sat) · Hacker News 9 points"
    assert evidence.short_evidence(signals, paper(), SUNDAY) == grown
    assert evidence.short_evidence(signals, paper()) == "132 upvotes · GitHub 498 stars · Hacker News 9 points"


@pytest.mark.parametrize(
    ("place", "signals", "sentence"),
    [
        (1, [upvotes(81, 57)], "First of the last three days: 81 upvotes, 24 more than on Sat 21 Nov, 08:00."),
        (3, [upvotes(1, 3)], "Third of the last three days: 1 upvote, 2 fewer than on Sat 21 Nov, 08:00."),
        (10, [upvotes(9, 9)], "Tenth of the last three days: 9 upvotes."),
        (11, [points(9)], "Number 11 of the last three days."),
        (None, [upvotes(0)], "0 upvotes."),
        (None, [upvotes(2, 1)], "2 upvotes, 1 more than on Sat 21 Nov, 08:00."),
        (None, [], ""),
    ],
)  # fmt: skip
def test_the_lead_of_why_is_the_place_and_the_upvotes(place, signals, sentence):
    assert evidence.lead_sentence(Trend(paper(), 1.0, 1.0, tuple(signals)), place, SUNDAY) == sentence


@pytest.mark.parametrize(
    ("signal", "text"),
    [
        (upvotes(40), "40 upvotes on Hugging Face"),
        (upvotes(1), "1 upvote on Hugging Face"),
        (stars(1), "1 GitHub star"),
        (points(1_234), "1.2k points on Hacker News"),
        (Evidence("huggingface", "position", 2, SUNDAY), "place 2 in the trending list on Hugging Face"),
        (Evidence("x", "some_views", 2, SUNDAY), "2 some views on x"),
    ],
)
def test_a_count_is_named_with_its_source_one_or_many(signal, text):
    assert evidence.counted_text(signal) == text
    assert evidence.series_name("huggingface", "github_stars") == "GitHub stars"


@pytest.mark.parametrize(("votes", "text"), [(1.49, ""), (1.5, ", likely to reach about 10")])
def test_fewer_than_one_and_a_half_expected_votes_are_not_mentioned(votes, text):
    listed = paper(listed_at=SUNDAY)
    trend = Trend(listed, 1.0, 1.0, (upvotes(9), points(3)), "rule-1", votes)
    assert evidence.long_evidence(trend, SUNDAY) == f"9 upvotes on Hugging Face{text} · Hacker News 3 points"


def test_nothing_is_said_of_growth_where_the_moment_of_reading_is_unknown():
    assert evidence.short_evidence([upvotes(132, 91), stars(498, 312)], paper()) == "132 upvotes · GitHub 498 stars"


@pytest.mark.parametrize(("days", "expected"), [(0, True), (6.99, True), (7, False), (30, False)])
def test_more_votes_are_expected_of_a_papers_first_week_only(days, expected):
    listed = paper(listed_at=SUNDAY - timedelta(days=days))
    trend = Trend(listed, 1.0, 1.0, (upvotes(9),), "rule-1", 12.4)
    assert ("likely to reach about 21" in paper_card(listed, trend, now=SUNDAY).text) == expected
    assert "likely" not in paper_card(paper(), replace(trend, paper=paper()), now=SUNDAY).text


def test_a_date_of_another_year_carries_the_year():
    old = digest(pick(paper(), upvotes(1)), at=SUNDAY, since=SUNDAY - timedelta(days=330))
    assert "This looks back to Sat 27 Dec 2025." in digest_thread(old).opener.text
    assert digest_preview(old, subscribed=True, past=True, today=date(2027, 1, 2)).title.endswith("Sun 22 Nov 2026")
    assert digest_preview(old, subscribed=True, past=True, today=date(2026, 12, 31)).title.endswith("Sun 22 Nov")
    days = [DigestRecord(day, Outcome.PICKED, "done", 5) for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert [each.label for each in past_digests(days, SUNDAY.replace(2027, 1, 2)).actions] == [
        "Thu 31 Dec 2026",
        "Fri 1 Jan",
    ]


def test_a_match_by_meaning_alone_is_close_to_its_topic_wherever_it_is_said():
    chosen = digest(replace(pick(paper(), upvotes(3), topics=("video", "robots")), close_to=("robots",)), topics=("x",))
    reply, preview = digest_thread(chosen).replies[0], digest_preview(chosen, subscribed=True)
    assert "Matches “video”, close to “robots”" in reply.text
    assert "matches “video”, close to “robots”" in digest_message(chosen).text
    assert "Chosen: matches “video”, close to “robots”" in preview.text
    assert matched_topics((), ("robots",)) == "close to “robots”"
    assert match_note(partial=True, by_meaning=True) == "close to your words"
    assert match_note(partial=True, by_meaning=False) == "some of your words"


def test_evidence_stands_on_a_grey_line_under_each_title():
    chosen = digest(pick(paper(tldr="It is faster."), upvotes(3), topics=("x",)), topics=("x",))
    [item] = [block for block in digest_thread(chosen).opener.blocks if block.role == "item"]
    assert (item.text, item.note) == ("A Plain Title\n3 upvotes", (Span("3 upvotes"),))
    [item] = [block for block in digest_preview(chosen, subscribed=True).blocks if block.role == "item"]
    assert item.note == (Span("3 upvotes\nChosen: matches “x”"),)


def test_no_mark_has_to_be_explained():
    """▲, ★ and HF are words, in whatever reads evidence."""
    signals = (upvotes(132, 91), stars(498, 312), points(9), Evidence("huggingface", "position", 2, SUNDAY))
    trend = Trend(paper(listed_at=SUNDAY), 1.0, 1.0, signals, "rule-1", 30)
    texts = (evidence.short_evidence(signals, paper(), SUNDAY), evidence.long_evidence(trend, SUNDAY))
    texts += (rank_explanation(trend, SUNDAY).text,)
    assert not re.search(r"[▲★]|\bHF\b|\bHN\b", "\n".join(texts))


BERLIN = SUNDAY.astimezone(ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (DigestRecord(SUNDAY.date(), Outcome.PICKED, "done", 6, SUNDAY), "6 papers, posted 09:00"),
        (DigestRecord(SUNDAY.date(), Outcome.PICKED, "open", 1, SUNDAY), "1 paper, posted 09:00"),
        (
            DigestRecord(SUNDAY.date(), Outcome.PICKED, "done", 6, SUNDAY + timedelta(hours=16)),
            "6 papers, posted Mon 23 Nov, 01:00",
        ),
        (DigestRecord(SUNDAY.date(), Outcome.PICKED, "open", 6, None, "HTTP 503"), "6 papers, not posted yet"),
        (
            DigestRecord(SUNDAY.date(), Outcome.PICKED, "abandoned", 6, None, "Paperboy was not there: invite it"),
            "not posted: Paperboy was not there",
        ),
        (DigestRecord(SUNDAY.date(), Outcome.PICKED, "abandoned", 6, None, "paused"), "not posted: it was paused"),
        (DigestRecord(SUNDAY.date(), Outcome.LATE, "done"), "not posted: Paperboy was not running"),
        (DigestRecord(SUNDAY.date(), Outcome.NOTHING_NEW, "done", 0, SUNDAY), "no papers: nothing was new"),
        (DigestRecord(SUNDAY.date(), Outcome.SOURCES_DOWN, "done"), "no papers: the sources did not answer"),
    ],
)
def test_what_became_of_a_digest_is_said_without_the_words_of_the_ledger(record, text):
    assert record_text(record, BERLIN) == f"Sun 22 Nov: {text}"
    assert (
        f"last digest Sun 22 Nov: {text} · "
        in subscription_list([(Subscription(HERE, timezone="Europe/Berlin"), record)], 1, Total(1, 1), SUNDAY).text
    )
    assert [action.label for action in past_digests([record], BERLIN).actions] == ["Sun 22 Nov"] * bool(record.papers)


def test_a_source_is_named_with_its_last_answer_and_not_with_its_error():
    at_nine, friday = SUNDAY - timedelta(hours=7), SUNDAY - timedelta(days=2, hours=6)
    assert stale_note((Outage("huggingface", at_nine),), BERLIN) == (
        "Hugging Face has not answered since 02:00 (Europe/Berlin); figures are from then."
    )
    assert outage_text((Outage("huggingface", friday), Outage("arxiv")), BERLIN) == (
        "Hugging Face has not answered since Fri 20 Nov, 03:00 (Europe/Berlin) and arXiv has not answered yet"
    )
    assert stale_note((Outage("arxiv"),), BERLIN) == "arXiv has not answered yet."
    fresh = Outage("huggingface", SUNDAY - timedelta(hours=2))
    assert stale_note((fresh,), BERLIN) == "", "figures of two hours ago are as good as new"
    assert stale_note((fresh._replace(answered_at=SUNDAY - timedelta(hours=2, seconds=1)),), BERLIN)


def test_missing_signals_are_never_shown_as_zero():
    message = paper_card(paper(), None)
    assert "0" not in message.text.replace("2511.00001", "")


def sample_digest() -> Digest:
    """Three papers of the bundled week, with evidence as it might be on Sunday 22 November."""
    papers = {p.id: p for p in parse_lines(sample.read()).papers}
    picked = [replace(papers[i], tldr="") for i in ("2510.15870", "2510.19338", "2510.18866")]
    return digest(
        pick(picked[0], upvotes(132, 91), stars(1_234), points(210), topics=("omni-modal", "org:nvidia")),
        pick(picked[1], upvotes(75, 51, 72), stars(498, 312), topics=("attention",)),
        pick(picked[2], topics=("memory",)),
        at=SUNDAY,
        topics=("omni-modal", "org:nvidia", "attention", "memory"),
        thinned=2,
        faults=(Outage("hackernews", SUNDAY - timedelta(hours=7)),),
    )


@pytest.mark.parametrize("name", ["thread", "compact", "single"])
def test_a_digest_of_the_sample_reads_as_recorded(name):
    digest = sample_digest()
    thread = digest_thread(replace(digest, style="compact" if name == "compact" else "thread"))
    messages = (digest_message(digest),) if name == "single" else thread.messages
    text = "\n\n".join(map(written, messages)) + "\n"
    assert text == (GOLDEN / f"digest_{name}.txt").read_text(encoding="utf-8")


def test_the_opener_is_titled_by_the_channels_own_day():
    thread = digest_thread(digest(pick(paper(), upvotes(3)), at=SUNDAY))
    assert thread.opener.title == thread.opener.blocks[0].text == "Trending papers · Sun 22 Nov"


def test_a_thread_has_a_reply_a_paper_that_reactions_can_be_counted_for():
    thread = digest_thread(digest(pick(paper("2511.00001"), upvotes(3)), pick(paper("2511.00002"), upvotes(2))))
    assert [reply.paper_id for reply in thread.replies] == ["2511.00001", "2511.00002"]
    assert not any(message.private for message in thread.messages)
    for reply in thread.replies:
        buttons = [action.label for action in reply.actions if not action.in_menu]
        assert buttons == ["Save", "👍", "👎", "Let's discuss"]
        assert [action.label for action in reply.actions if action.in_menu] == [
            "Similar",
            "Why?",
            "Follow this…",
            "Less of this…",
        ]
        assert all(action.options == {"paper": reply.paper_id} for action in reply.actions)


def test_every_button_leads_to_a_command_with_options_it_has():
    messages = [
        *digest_thread(sample_digest()).messages,
        GREETING,
        help_all(),
        about_paperboy("1"),
        topic_list(Subscription(HERE, topics=("a",), mutes=("b",)), 1, SUNDAY),
        unsubscribe_question([Subscription(HERE, topics=("a",))]),
        erase_question("me"),
        paper_card(paper(), None),
        past_digests([DigestRecord(date(2026, 11, 22), Outcome.PICKED, "done", 5)], SUNDAY),
    ]
    for message in messages:
        for action in message.actions:
            options = COMMANDS[action.command].options
            assert set(action.options) <= {option.name for option in options}, action


def test_a_compact_digest_is_one_message_with_every_summary():
    thread = digest_thread(digest(pick(paper(tldr="It is faster."), upvotes(3)), style="compact"))
    assert not thread.replies
    assert "It is faster." in thread.opener.text


def test_mail_gets_everything_in_one_message_without_buttons():
    message = digest_message(sample_digest())
    assert not message.actions
    assert "132 upvotes on Hugging Face (+41 since Sat)" in message.text
    assert "75 upvotes (+24 since Thu)" in message.text
    assert "Sunday 22 November · 3 papers · Read in the browser" in message.text


def test_a_long_window_and_everything_unusual_is_said():
    text = digest_thread(digest(pick(paper(), upvotes(1)), since=MONDAY - timedelta(days=10), thinned=1)).opener.text
    assert "This looks back to Fri 13 Nov." in text
    assert "1 near-duplicate left out." in text
    assert "weekend" not in text


@pytest.mark.parametrize(
    ("quiet", "sentence"),
    [
        (digest(at=SUNDAY), "No papers on Sun 22 Nov: the lists are empty on weekends."),
        (digest(), "No papers on Mon 23 Nov: nothing new was listed since the last digest."),
        (
            digest(outcome=Outcome.NOTHING_MATCHED, topics=("video", "cat:cs.CL")),
            "No papers on Mon 23 Nov: new ones came in, but none matched “video” and “cat:cs.CL”.",
        ),
        (
            digest(outcome=Outcome.NOTHING_MATCHED, topics=tuple("abcdefghi")),
            "No papers on Mon 23 Nov: new ones came in, but none matched “a”, “b”, “c”, “d”, “e”, “f” and 3 more.",
        ),
        (
            digest(outcome=Outcome.NOTHING_MATCHED),
            "No papers on Mon 23 Nov: new ones came in, but nobody has noticed them yet, or they are muted here.",
        ),
        (
            digest(outcome=Outcome.SOURCES_DOWN, faults=(Outage("huggingface", MONDAY - timedelta(hours=6)),)),
            "No papers on Mon 23 Nov: Hugging Face has not answered since 02:00 (UTC). They come with the next digest.",
        ),
        (
            digest(outcome=Outcome.LATE),
            "The digest of Mon 23 Nov was skipped: Paperboy was not running at that time.",
        ),
    ],
)
def test_a_quiet_day_is_one_line_with_the_reason(quiet, sentence):
    thread = digest_thread(quiet)
    assert thread.opener.text == sentence
    assert not thread.replies
    assert not thread.opener.private
    assert digest_message(quiet).text.endswith(f"no papers · Read in the browser\n{sentence}")
    assert digest_message(quiet).title.startswith("No papers · "), "the subject of a mail without papers says so"


def test_many_authors_are_three_and_a_count():
    of_nine = paper(authors=tuple(f"Author {i}" for i in range(9)), organization="nvidia")
    assert "Author 0, Author 1, Author 2 + 6 more · nvidia" in paper_card(of_nine, None).text


def test_a_withdrawn_paper_says_so():
    assert "Withdrawn by its authors." in paper_card(paper(withdrawn=True), None).text


def test_a_paper_without_title_or_arxiv_page_still_has_a_link():
    message = paper_card(paper("10.1000/x", title=" "), None)
    assert message.blocks[0].spans[-1].text == "10.1000/x"
    assert [span.text for span in message.blocks[-1].spans] == ["Publisher"]


def test_the_organisation_of_a_card_leads_to_its_page_and_in_a_digest_it_is_a_name():
    listed = paper(authors=("Ada Lovelace",), organization="Ant Group", organization_handle="antgroup")
    people = paper_card(listed, None).blocks[1]
    assert people.text == byline(listed) == "Ada Lovelace · Ant Group"
    assert [span.url for span in people.spans] == [None, None, "https://huggingface.co/antgroup"]
    reply = digest_thread(digest(pick(listed, upvotes(3)), at=SUNDAY)).replies[0]
    assert not [span for block in reply.blocks for span in block.spans if span.url == listed.organization_url]
