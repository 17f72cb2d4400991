"""Forecast before votes: what is read off a paper, the past that counts, and what the models add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from math import exp, log, log1p
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Paper
from bot.ranking import forecast
from bot.ranking.forecast.features import plain_features, terms
from bot.ranking.forecast.history import NAMES, PRIOR, History
from bot.ranking.forecast.model import LinearModel, load
from bot.ranking.forecast.odds import announced_at, odds_after
from tests.harness.examples import examples

DAY = date(2025, 11, 10)
PAPER = Paper(
    "2511.00001",
    "OpenAgent-7B: A Reasoning Agent",
    "We introduce OpenAgent-7B, with 40% fewer steps. Code: https://github.com/example/agent",
    authors=("Ada Example", "Ben Example", "Cleo Example"),
    categories=("cs.CL", "cs.AI"),
    comment="12 pages, project page: https://example.org, accepted at ICML",
    organization="An Organisation",
)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def past(paper: Paper, history: History, day: date = DAY) -> dict[str, float]:
    return dict(zip(NAMES, history.features(paper, day), strict=True))


def test_plain_features_are_what_the_paper_says() -> None:
    features = plain_features(PAPER)
    yes = ("title names something", "title coins a name", "GitHub in the abstract", "a percentage", "in cs.AI")
    assert all(features[name] == 1 for name in (*yes, "first in cs.CL", "comment: accepted", "comment: pages"))
    assert all(features[name] == 0 for name in ("one author", "first in cs.AI", "a survey", "comment: a workshop"))
    assert features["number of authors"] == pytest.approx(log1p(3))
    assert features["comment: number of pages"] == pytest.approx(12 / 20)
    assert features["title's length"] == pytest.approx(log(31 / 75))


def test_unknown_authors_and_categories_have_no_feature_and_no_part_in_the_result() -> None:
    unknown = plain_features(replace(PAPER, authors=(), categories=()))
    assert not [name for name in unknown if "author" in name or "cs." in name or "categories" in name]
    model = LinearModel(0.0, {"a": (2.0, 1.0, 0.5), "b": (1.0, 0.0, 1.0)})
    assert model.contributions({"b": 9.0}) == {"b": 4.0}, "bounded at four deviations"
    assert model.contributions({"a": 0.5, "b": 0.0}) == {"a": -2.0, "b": 0.0}


def test_terms_are_words_and_neighbours_and_every_number_is_nought() -> None:
    assert list(terms("A 7B model of 1024")) == ["a", "0b", "model", "of", "0", "a 0b", "0b model", "model of", "of 0"]


def test_the_past_ends_before_the_papers_day_and_votes_count_that_were_cast_by_then() -> None:
    history = History()
    listed = midnight(DAY - timedelta(days=2))
    votes = [(listed + timedelta(hours=8), 20.0), (midnight(DAY), 500.0)]
    history.add(Paper("2511.1", "T", authors=("Ada EXAMPLE", "Dora")), DAY - timedelta(days=2), votes)
    features = past(PAPER, history)
    reception = log1p(20) - 2.2
    assert features["authors' listed papers"] == pytest.approx(log1p(1))
    assert features["authors who were listed before"] == pytest.approx(log1p(1))
    assert features["reception of the authors' papers"] == pytest.approx(reception / (1 + PRIOR))
    assert features["reception of the first author"] == pytest.approx(reception / (1 + PRIOR))
    assert features["reception of the last author"] == 0
    assert past(PAPER, history, DAY - timedelta(days=2)) == past(PAPER, History()), "not on the day it was listed"


def test_the_paper_itself_is_no_past_and_the_organisation_has_one() -> None:
    history = History()
    day = DAY - timedelta(days=3)
    history.add(PAPER, day, [(midnight(day), 100.0)])
    assert past(PAPER, history) == past(PAPER, History())
    history.add(Paper("2511.2", "T", organization_handle="an organisation"), day, [(midnight(day), 100.0)])
    features = past(PAPER, history)
    assert features["listed papers of the organisation"] == pytest.approx(log1p(1))
    assert features["reception of the organisation's papers"] > 0
    assert features["authors' listed papers"] == 0


def test_the_parts_that_why_lists_add_up_to_the_odds() -> None:
    model = load()
    (logit,) = model.logits([PAPER])
    assert model.listed.bias + sum(model.why_listed(PAPER).values()) == pytest.approx(logit)
    (expected,) = model.forecasts([PAPER])
    assert expected.listed == pytest.approx(1 / (1 + exp(-logit)))


@given(title=st.text(max_size=40), abstract=st.text(max_size=200), comment=st.none() | st.text(max_size=40))
@examples(40)
def test_any_text_has_a_forecast(title: str, abstract: str, comment: str | None) -> None:
    (expected,) = load().forecasts([Paper("x", title, abstract, comment=comment)])
    assert 0 < expected.listed < 1
    assert 0 <= expected.low <= expected.upvotes <= expected.high


def test_each_file_of_weights_is_smaller_than_five_megabytes() -> None:
    folder = Path(forecast.__file__).parent
    assert all((folder / name).stat().st_size < 5_000_000 for name in ("forecast.json", "terms.npz"))


@pytest.mark.parametrize(("hours", "left"), [(0, 0.94), (0.5, 0.835), (9, 0.3283), (48, 0.19), (336, 0.0), (999, 0.0)])
def test_the_odds_shrink_while_a_paper_waits(hours: float, left: float) -> None:
    expected = 0.4 * left / (0.6 + 0.4 * left)
    assert odds_after(0.4, timedelta(hours=hours)) == pytest.approx(expected, abs=1e-4)


def test_a_paper_has_waited_since_the_beginning_of_the_day_on_which_it_was_seen() -> None:
    seen = datetime(2025, 11, 10, 1, 30, tzinfo=timezone(timedelta(hours=5)))
    assert announced_at(seen) == midnight(date(2025, 11, 9))
