"""What a search may cost, in the numbers that bot/search/README.md promises of a million papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import QueryError
from bot.model.segment import PaperFilter
from bot.query.parser import parse
from bot.search.cost import (
    LIMIT,
    STEM,
    Meter,
    condition_cost,
    mask_cost,
    masks_cost,
    per_alternative,
    plan_cost,
    words_cost,
)
from bot.search.plan import make_plan

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass
class Index:
    """As many papers as one likes, of which so many have each stem."""

    room: int
    having: dict[str, int] = field(default_factory=dict)

    @property
    def postings(self) -> Any:
        """The index itself."""
        return self

    def work(self, stem: str) -> int:
        """Postings of a stem; as many as an eighth of the papers at most, as with rows."""
        return min(self.having.get(stem, 0), self.room // 8)


MILLION: Any = Index(1_000_000, {"video": 300_000, "model": 400_000, "diffus": 20_000})


def cost(index: Any, text: str) -> int:
    """Cost of all alternatives of a query."""
    return sum(plan_cost(index, make_plan(terms, NOW)) for terms in parse(text).alternatives)


def fits(costs: Sequence[int]) -> bool:
    """Whether a search may have all of these steps."""
    meter = Meter("video")
    try:
        for each in costs:
            meter.charge(each)
    except QueryError:
        return False
    return True


def test_a_search_may_touch_ten_million_postings_and_what_is_refused_is_not_charged() -> None:
    meter = Meter("video diffusion")
    meter.charge(9_999_999)
    meter.charge(1)
    meter.charge(0)
    with pytest.raises(QueryError, match="too many papers") as caught:
        meter.charge(1)
    assert (caught.value.text, caught.value.position, meter.touched) == ("video diffusion", 0, LIMIT)
    small = Meter("video", 10)
    with pytest.raises(QueryError):
        small.charge(11)
    small.charge(10)


def test_eight_alternatives_of_frequent_words_of_a_million_papers_fit_and_thirty_of_a_hundred_thousand() -> None:
    alternative = cost(MILLION, "video model")
    assert fits([alternative] * 8)
    assert not fits([alternative] * 9)
    smaller = cost(Index(100_000, {"video": 30_000, "model": 40_000}), "video model")
    assert fits([smaller] * 30)
    assert cost(MILLION, "video model diffusion") < LIMIT / 8


def test_a_condition_costs_its_terms_and_a_pass_for_each() -> None:
    nothing = PaperFilter()
    assert condition_cost(MILLION, nothing) == 0
    a_pass = condition_cost(MILLION, PaperFilter(since=NOW))
    assert condition_cost(MILLION, PaperFilter(upvotes=3)) == a_pass == 80_000
    code = condition_cost(MILLION, PaperFilter(has_code=True))
    assert code == mask_cost(MILLION, ["#has:code"]) == a_pass + STEM
    assert condition_cost(MILLION, PaperFilter(organization=("a", "b"), venue=("c",))) == 3 * code
    index: Any = Index(1_000_000, {"#cat:cs.cl": 100_000})
    assert condition_cost(index, PaperFilter(categories=("cs.CL",))) == code + 100_000
    assert fits([condition_cost(index, PaperFilter(categories=("cs.CL",), since=NOW))] * 30)


INDEX: Any = Index(1_000, {"video": 70, "multi": 20, "modal": 30, "multimod": 5, "@video": 2})


def test_words_cost_their_postings_a_pass_over_the_papers_and_something_for_each_pair() -> None:
    (terms,) = parse("video").alternatives
    assert words_cost(INDEX, make_plan(terms, NOW).groups) == cost(INDEX, "video")
    unknown, known = cost(INDEX, "nowhere"), cost(INDEX, "video")
    assert known - unknown == 70 + 2
    assert unknown == per_alternative(1_000) + 2 * STEM  # as a word and as a name
    assert cost(Index(2_000), "elsewhere") > unknown
    pair = cost(INDEX, "nowhere elsewhere") - unknown - 2 * STEM
    assert pair > 0
    assert cost(INDEX, "nowhere elsewhere anywhere") == unknown + 4 * STEM + 2 * pair
    assert cost(INDEX, "multi-modal") == unknown + STEM + pair + 20 + 30 + 5
    assert cost(INDEX, "video video video") == known + 2 * pair  # it is scored once


def test_exclusions_phrases_and_authors_cost_their_postings_and_a_pass_for_each_and_like_no_words() -> None:
    plain = cost(INDEX, "video")
    a_pass = cost(INDEX, "video -nowhere") - plain
    assert a_pass == STEM + 80
    assert cost(INDEX, "nowhere -video") - cost(INDEX, "nowhere") == a_pass + 70
    assert cost(INDEX, "video author:choi") == cost(INDEX, 'video author:"Y. Choi"') == plain + a_pass
    assert cost(INDEX, 'video author:"Yejin Choi"') == plain + 2 * a_pass
    as_words = cost(INDEX, "video nowhere") - 2 - 2 * STEM  # a phrase is no name
    assert cost(INDEX, '"video nowhere"') == as_words + 2 * a_pass + 70
    assert cost(INDEX, "like:2405.14105 video") == 0
    groups = make_plan(parse("video multi-modal").alternatives[0], NOW).groups
    assert masks_cost(INDEX, groups) == masks_cost(INDEX, groups * 2) == 5 * a_pass + 70 + 2 + 20 + 30 + 5
