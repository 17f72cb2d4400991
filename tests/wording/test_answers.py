"""Texts of answers, notices, help, and overviews without hidden channels."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS, GROUPS
from bot.model import (
    Block,
    Channel,
    Form,
    Message,
    Outcome,
    SourceReport,
    Span,
    Subscription,
    SubscriptionChanges,
    Trend,
)
from bot.wording.cards import rank_explanation
from bot.wording.channel import schedule_text
from bot.wording.channel_form import settings_form
from bot.wording.digest import digest_thread
from bot.wording.help import THANKS_TO_ARXIV, about_paperboy, help_all, help_group, help_on
from bot.wording.notices import GREETING, paused_notice, problem, skipped_notice
from bot.wording.parts import ago, block, byline, weekdays_text, weekdays_typed
from bot.wording.status import status_report
from bot.wording.topics import TopicPreview, topic_preview
from bot.wording.visibility import addresses_in, channels_in, without_hidden
from tests.harness.examples import examples
from tests.harness.samples import HERE, SUNDAY, digest, paper, points, upvotes


def test_why_tells_value_before_weight_source_and_time():
    trend = Trend(paper(), 3.21, -0.5, (upvotes(132, 91), points(1)), "rule-1")
    now = SUNDAY.astimezone(ZoneInfo("Europe/Berlin"))
    text = rank_explanation(trend, now, rule="how it works", here="In this channel: shown.").text
    assert "132 upvotes on Hugging Face, 91 on Sat 21 Nov, 09:00 · adds +1.50 · read Sun 22 Nov, 09:00" in text
    assert "1 point on Hacker News · read" in text
    assert "adds nothing" not in text
    assert text.index("132 upvotes, 41 more than on") < text.index("132 upvotes on Hugging Face"), "plain words first"
    assert "Score 3.21, 0.50 below what is usual" in text
    assert "Rule rule-1: how it works" in text
    assert "Times are those of Europe/Berlin." in text
    later = rank_explanation(trend, now.replace(year=2027)).text
    assert "91 on Sat 21 Nov 2026, 09:00 · adds +1.50 · read Sun 22 Nov 2026, 09:00" in later


@pytest.mark.parametrize(("days", "said"), [(6.99, "About 12 more upvotes expected"), (7, "Its first week is over")])
def test_why_expects_more_upvotes_of_a_papers_first_week_only(days, said):
    trend = Trend(paper(listed_at=SUNDAY - timedelta(days=days)), 3.21, 0.5, (upvotes(132),), "rule-1", 12.4)
    text = rank_explanation(trend, SUNDAY).text
    assert said in text
    assert ("upvotes expected" in text) == (days < 7)
    unknown = rank_explanation(replace(trend, paper=paper()), SUNDAY).text
    assert "upvotes expected" not in unknown
    assert "first week" not in unknown


def test_a_topic_preview_tells_how_much_it_would_bring():
    examples = tuple(paper(f"2511.{i:05d}") for i in range(5))
    preview = TopicPreview("video", mute=False, matched=44, noticed=12, days=14, examples=examples)
    text = topic_preview(preview).text
    assert "44 papers over the last 14 days (3.1 a day), 12 of them noticed by somebody; five of them:" in text
    assert "Nothing of the last 14 days" in topic_preview(replace(preview, matched=0, examples=())).text


def test_the_settings_form_shows_everything_as_it_could_be_typed():
    subscription = Subscription(
        HERE, ("a", "b"), ("c",), 7, days=frozenset({4}), timezone="Europe/Berlin", style="compact"
    )
    form = settings_form(subscription)
    assert isinstance(form, Form)
    assert {field.name: field.value for field in form.fields} == {
        "topics": "a\nb", "mutes": "c", "size": "7", "at": "09:00", "timezone": "Europe/Berlin", "days": "weekly fri",
        "style": "compact", "quiet": "say", "early": "auto", "summaries": "any",
    }  # fmt: skip
    options = {option.name for option in COMMANDS["settings"].options}
    assert {field.name for field in form.fields} == options - {"name", "new"}
    assert form.options == {}
    assert settings_form(subscription, digests=[subscription]).options == {"name": "main"}
    kinds = {field.name: field.kind for field in form.fields}
    assert (kinds["at"], kinds["timezone"], kinds["days"]) == ("time", "timezone", "days")
    assert all(label for field in form.fields for _, label in field.labelled_choices)


@pytest.mark.parametrize("early", [None, 0, 1, 2, 3])
def test_the_places_for_early_picks_are_in_the_form_as_stored_and_in_words_where_somebody_chose_them(early):
    subscription = Subscription(HERE, early=early)
    (field,) = [field for field in settings_form(subscription).fields if field.name == "early"]
    assert dict(field.labelled_choices)[field.value]
    assert SubscriptionChanges(early=field.value).apply(replace(subscription, early=9)) == subscription
    assert ("nobody has noticed yet" in schedule_text(subscription)) == (early is not None)


def test_the_settings_form_offers_the_time_zone_of_who_opens_it():
    fields = {field.name: field for field in settings_form(Subscription(HERE), "Asia/Tokyo").fields}
    assert (fields["timezone"].value, fields["timezone"].choices) == ("UTC", ("Asia/Tokyo",))


@pytest.mark.parametrize(
    ("days", "text", "typed"),
    [
        (set(range(7)), "every day", "daily"),
        ({0, 1, 2, 3, 4}, "Mon–Fri", "mon-fri"),
        ({4}, "Fridays", "weekly fri"),
        ({0, 2, 4}, "Mon, Wed and Fri", "mon,wed,fri"),
        ({5, 6}, "Sat and Sun", "sat,sun"),
    ],
)
def test_weekdays_read_well_and_type_well(days, text, typed):
    assert weekdays_text(frozenset(days)) == text
    assert weekdays_typed(frozenset(days)) == typed


def test_status_names_the_last_success_and_the_fault():
    reports = [
        SourceReport("arxiv", SUNDAY, SUNDAY - timedelta(minutes=12), 40, 0),
        SourceReport("huggingface", SUNDAY, SUNDAY - timedelta(hours=5), fault="HTTP 503"),
        SourceReport("hackernews", SUNDAY, None, fault="timed out"),
        SourceReport("file", SUNDAY, SUNDAY, 5, 0, None, 2, ("paper 2511.1 has no title", "paper 2511.2 has no title")),
        SourceReport("other", SUNDAY, SUNDAY, 5, 0, None, 1, (f"a paper has no id: “{'x' * 200}”",)),
    ]
    text = status_report(reports, (), papers=1, observations=2_000, now=SUNDAY).text
    assert "arXiv: fine, last answered 12 minutes ago, 40 papers" in text
    assert "Hugging Face: down, HTTP 503; last answered 5 hours ago" in text
    assert "Hacker News: down, timed out; has not answered yet" in text
    assert "5 papers, 0 new observations; 2 items left out: paper 2511.1 has no title …" in text
    assert "; 1 item left out: a paper has no id: “xxx" in text
    assert "x" * 150 not in text
    assert "1 paper and 2,000 observations stored." in text


def test_times_ago_are_plain():
    spans = [timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=2), timedelta(days=3)]
    assert [ago(SUNDAY - span, SUNDAY) for span in spans] == ["just now", "1 minute ago", "2 hours ago", "3 days ago"]


def test_the_acknowledgement_is_arxivs_own_wording():
    assert THANKS_TO_ARXIV in about_paperboy("").text
    assert THANKS_TO_ARXIV == (
        "Thank you to arXiv for use of its open access interoperability. This service was not reviewed or approved by, "
        "nor does it necessarily express or reflect the policies or opinions of, arXiv."
    )


def test_help_lists_every_command_and_explains_each():
    everything = help_all().text
    for command in COMMANDS.values():
        if not command.hidden:
            assert command.summary in (help_group(command.group).text if command.group else everything)
            one = help_on(command).text
            assert all(option.help in one for option in command.shown_options)
            assert all(example in one for example in command.examples)
            hidden = [option for option in command.options if option.hidden]
            assert all((f"{option.name}: {option.help}" in one) == command.form for option in hidden)
    for name in GROUPS:
        assert f"{name} " in help_group(name).text


def test_notices_say_what_happened_why_and_what_to_do():
    subscription = Subscription(HERE, set_by=Channel("slack:T1/U1"))
    paused = paused_notice(subscription, "the channel was archived.")
    assert "slack:T1/C1 is paused, because the channel was archived" in paused
    assert "/papers resume" in paused_notice(subscription, "x")
    skipped = skipped_notice(subscription, date(2026, 11, 22), "Paperboy was not running at that time")
    assert "of Sun 22 Nov 2026 for" in skipped, "it may be read next year"
    assert "not running" in skipped
    assert "\n" not in skipped
    before = skipped_notice(subscription, date(2026, 11, 22), "Paperboy was not running", before=1)
    assert "did not come as it should, nor the one before it: Paperboy was not running." in before
    assert ", nor the 3 before it: " in skipped_notice(subscription, date(2026, 11, 22), "it slept", before=3)


def test_the_greeting_offers_to_subscribe_in_the_clickers_own_zone():
    subscribe = GREETING.actions[0]
    assert (subscribe.command, dict(subscribe.options)) == ("subscribe", {"at": "09:00"})


@given(st.text(max_size=120))
@examples(60)
def test_foreign_text_stays_text(text):
    """A backtick, a line break or markup in a title or topic styles nothing."""
    message = problem(text)
    assert len(message.blocks) == 1
    assert not any(span.code or span.bold for span in message.blocks[0].spans)
    opener = digest_thread(digest(outcome=Outcome.NOTHING_MATCHED, topics=(text,))).opener
    assert all(not span.code for block in opener.blocks for span in block.spans)


def test_an_overview_is_shown_without_what_one_may_not_see_and_with_names():
    address = re.compile(r"here:(\d)")
    paragraphs = {each: Block("item", (Span(each, code=True), Span(" set by here:7"))) for each in ("here:1", "here:2")}
    message = Message((block("here:3 is not what this is about"), *paragraphs.values()))
    assert dict(channels_in(message, address)) == paragraphs
    assert set(addresses_in(message, address)) == {"here:1", "here:2", "here:7"}
    visible = without_hidden(message, address, {"here:2"}, {"here:1": "#one", "here:7": ""}.__getitem__)
    assert [each.text for each in visible.blocks] == [
        "here:3 is not what this is about",
        "#one set by here:7",
        "Channels that you cannot see are left out.",
    ]
    assert [span.code for span in visible.blocks[1].spans] == [False, False], "a name is no code"
    unchanged = without_hidden(message, address, (), lambda _: "")
    assert unchanged == message, "and nothing changes where nothing is hidden or has a name"


def test_a_fourth_author_is_named_in_place_of_one_more():
    four = replace(paper(1), authors=("Ada A", "Bo B", "Cy C", "Di D"), organization=None)
    assert byline(four) == "Ada A, Bo B, Cy C, Di D"
    assert byline(replace(four, more_authors=1)) == "Ada A, Bo B, Cy C + 2 more"
