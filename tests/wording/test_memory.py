"""What a channel liked before, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.model import LikedNeighbour, PublicLikes, Ref, ShownPaper, Span
from bot.wording.digest import digest_preview, digest_thread
from bot.wording.memory import neighbour_spans, shown_spans
from tests.contracts.store.ledger import HERE
from tests.fakes import MONDAY, digest, paper

FIRST = datetime(2026, 3, 3, 10, tzinfo=UTC)
NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
X = LikedNeighbour(
    "2401.00001", "Sparse Things", 3, "liked", FIRST, FIRST + timedelta(hours=1), url="https://x.example/m"
)


def text(neighbour: LikedNeighbour, now: datetime = NOW) -> str:
    return "".join(span.text for span in neighbour_spans(neighbour, now))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Close to Sparse Things, which three of you liked on 3 March."),
        ({"people": 1}, "Close to Sparse Things, which one of you liked on 3 March."),
        ({"people": 11, "how": "shared"}, "Close to Sparse Things, which 11 of you shared on 3 March."),
        (
            {"last_at": FIRST + timedelta(days=6)},
            "Close to Sparse Things, which three of you liked between 3 and 9 March.",
        ),
        (
            {"last_at": FIRST + timedelta(days=29), "how": "liked or wanted to discuss"},
            "Close to Sparse Things, which three of you liked or wanted to discuss between 3 March and 1 April.",
        ),
        (
            {"first_at": FIRST - timedelta(days=365)},
            "Close to Sparse Things, which three of you liked between 3 March 2025 and 3 March.",
        ),
    ],
)
def test_a_neighbour_in_words(changes: dict[str, object], expected: str):
    assert text(replace(X, **changes)) == expected  # type: ignore[arg-type]  # fields of a LikedNeighbour


def test_the_days_are_those_of_the_readers_clock():
    late = replace(
        X, first_at=datetime(2026, 3, 3, 23, 30, tzinfo=UTC), last_at=datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    )
    assert "on 4 March" in text(late, NOW.astimezone(ZoneInfo("Europe/Berlin")))


def test_the_date_leads_to_the_message_and_a_long_title_is_cut():
    spans = neighbour_spans(replace(X, title="word " * 60), NOW)
    assert [(span.text, span.url) for span in spans if span.url] == [("on 3 March", "https://x.example/m")]
    assert len(spans[1].text) <= 120
    assert spans[1].text.endswith("…")


@pytest.mark.parametrize("style", ["thread", "compact"])
def test_a_digest_says_so_under_the_pick_alone(style: str):
    chosen = digest(HERE, [paper(1), paper(2)], style=style)  # type: ignore[arg-type]  # one of the two styles
    close = replace(chosen, picks=(chosen.picks[0], replace(chosen.picks[1], neighbour=X)))
    before, after = (digest_thread(each) for each in (chosen, close))
    assert before.messages[1:2] == after.messages[1:2]  # the first paper's reply
    sentence = text(X, MONDAY)
    assert sum(sentence in message.text for message in after.messages) == 1
    assert sentence not in "".join(message.text for message in before.messages)
    assert sentence in digest_preview(close, subscribed=True).text


def test_where_a_paper_was_shown_and_by_whom_it_was_liked():
    shown = ShownPaper(date(2026, 3, 3), Ref("1"), None)
    likes = PublicLikes(2, "liked", FIRST, FIRST)
    assert shown_spans(shown, likes, "https://x.example", NOW) == (
        Span(" · "),
        Span("shown on 3 March", url="https://x.example"),
        Span(" · "),
        Span("two of you liked it"),
    )
    assert shown_spans(None, likes, None, NOW) == (Span(" · "), Span("two of you liked it"))
    assert shown_spans(None, None, None, NOW) == ()
