"""What a search may cost, in the numbers that bot/search/README.md promises of 100,000 papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import QueryError
from bot.model.segment import PaperFilter
from bot.query.parser import parse
from bot.search.cost import NEIGHBOURS, Meter, plan_cost, scan_cost, words_cost
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

    def holders(self, stem: str) -> int:
        """Papers that have a stem."""
        return self.having.get(stem, 0)


FREQUENT = Index(100_000, {"video": 100_000, "model": 100_000})


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


def test_a_search_may_touch_eight_million_postings_and_what_is_refused_is_not_charged():
    meter = Meter("video diffusion")
    meter.charge(7_999_999)
    meter.charge(1)
    meter.charge(0)
    with pytest.raises(QueryError, match="too many papers") as caught:
        meter.charge(1)
    assert (caught.value.text, caught.value.position, meter.touched) == ("video diffusion", 0, 8_000_000)
    small = Meter("video", 10)
    with pytest.raises(QueryError):
        small.charge(11)
    small.charge(10)


def test_some_thirteen_alternatives_of_frequent_words_fit_and_three_words_of_a_million_papers():
    alternative = cost(FREQUENT, "video model")
    assert fits([alternative] * 13)
    assert not fits([alternative] * 14)
    million = cost(Index(1_000_000, {"video": 300_000, "model": 100_000, "diffus": 20_000}), "video model diffusion")
    assert 4_000_000 <= million <= 4_500_000


def test_five_papers_to_be_like_fit_and_one_condition_that_no_paper_meets():
    assert fits([NEIGHBOURS * 100_000] * 5)
    assert not fits([NEIGHBOURS * 100_000] * 6)
    nobody = scan_cost(PaperFilter(organization=("zzz",))) * 100_000
    assert fits([nobody])
    assert not fits([nobody] * 2)


def test_a_condition_costs_what_its_columns_and_its_words_take():
    assert scan_cost(PaperFilter()) == scan_cost(PaperFilter(has_code=True, upvotes=3)) == 40
    assert [scan_cost(PaperFilter(organization=words)) for words in (("a",), ("a", "b"))] == [50, 55]
    assert scan_cost(PaperFilter(venue=("a",))) == 65
    assert scan_cost(PaperFilter(organization=("a",), venue=("b", "c"))) == 75


INDEX = Index(1_000, {"video": 70, "multi": 20, "modal": 30, "multimod": 5, "@video": 2})


def test_words_cost_their_postings_a_pass_over_the_papers_and_something_for_each_pair():
    (terms,) = parse("video").alternatives
    assert words_cost(INDEX, make_plan(terms, NOW).groups) == cost(INDEX, "video")
    unknown, known = cost(INDEX, "nowhere"), cost(INDEX, "video")
    assert known - unknown == 70 + 2
    assert unknown == cost(Index(1_000), "elsewhere") == cost(Index(2_000), "elsewhere") // 2
    pair = cost(INDEX, "nowhere elsewhere") - unknown
    assert pair > 0
    assert cost(INDEX, "nowhere elsewhere anywhere") == unknown + 2 * pair
    assert cost(INDEX, "multi-modal") == unknown + pair + 20 + 30 + 5


def test_exclusions_phrases_and_authors_cost_their_postings_and_a_pass_for_each_and_like_no_words():
    plain = cost(INDEX, "video")
    a_pass = cost(INDEX, "video -nowhere") - plain
    assert a_pass >= 1_000
    assert cost(INDEX, "nowhere -video") - cost(INDEX, "nowhere") == a_pass + 70
    assert cost(INDEX, "video author:choi") == cost(INDEX, 'video author:"Y. Choi"') == plain + a_pass
    assert cost(INDEX, 'video author:"Yejin Choi"') == plain + 2 * a_pass
    as_words = cost(INDEX, "video nowhere") - 2  # a phrase is no name
    assert cost(INDEX, '"video nowhere"') == as_words + 2 * a_pass + 70
    assert cost(INDEX, "like:2405.14105 video") == 0
