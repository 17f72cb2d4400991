"""Forecasts of the candidates: whose, and how often one is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import forecasts
from bot.app.forecasts import Forecasts
from bot.model import Paper
from tests.fakes import MONDAY, paper


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the papers that were forecast, in turn; each is as likely as not to be listed."""
    ids: list[str] = []

    class _Model:
        def probabilities(self, papers: Sequence[Paper]) -> list[float]:
            ids.extend(each.id for each in papers)
            return [0.5] * len(papers)

    monkeypatch.setattr(forecasts, "load", _Model)
    return ids


def unlisted(number: int) -> Paper:
    return replace(paper(number), listed_at=None, first_seen=MONDAY)


def test_papers_that_are_listed_or_noticed_have_no_odds(computed: list[str]) -> None:
    papers = [unlisted(1), unlisted(2), paper(3)]
    assert Forecasts().odds(papers, {papers[1].id}, MONDAY) == {papers[0].id: pytest.approx(0.247, abs=1e-3)}


def test_a_paper_that_is_not_on_arxiv_has_no_odds_of_being_listed(computed: list[str]) -> None:
    assert Forecasts().odds([replace(unlisted(1), id="10.1101/2026.06.12.1")], (), MONDAY) == {}


def test_a_forecast_is_computed_once_and_again_when_the_text_changes(computed: list[str]) -> None:
    kept, first = Forecasts(), unlisted(1)
    kept.odds([first], (), MONDAY)
    assert kept.odds([first], (), MONDAY + timedelta(days=1))[first.id] < 0.2, "it has waited for a day"
    kept.odds([first, unlisted(2)], (), MONDAY)
    assert computed == [first.id, unlisted(2).id]
    kept.odds([replace(first, comment="Accepted")], (), MONDAY)
    assert computed[2:] == [first.id]


def test_one_ranking_forecasts_the_newest_five_hundred_and_the_next_one_the_others(computed: list[str]) -> None:
    kept, papers = Forecasts(), [replace(unlisted(1), id=f"2511.{n:05d}") for n in range(501)]
    assert len(kept.odds(papers, (), MONDAY)) == 500
    assert len(kept.odds(papers, (), MONDAY)) == 501
    assert computed == [each.id for each in papers]
