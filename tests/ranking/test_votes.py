"""Weights of papers from feedback: one gesture by person and paper, bounds by person and paper, position bias."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Channel, Feedback, Gesture, opinion
from bot.ranking.votes import examination, votes
from tests.fakes import MONDAY

ADA, BEN, CY = (Channel(f"fake:T1/U{number}") for number in (1, 2, 3))


def sign(
    paper: str,
    value: int = 1,
    user: Channel = ADA,
    *,
    gesture: Gesture = "reaction",
    at: float = 0,
    place: int | None = None,
) -> Feedback:
    return Feedback(user, paper, gesture, value, MONDAY + timedelta(minutes=at), place)


def test_a_thumb_counts_one_and_a_save_or_a_share_half_of_it():
    assert votes([sign("a"), sign("b", -1), sign("c", gesture="save"), sign("d", gesture="share")]) == {
        "a": 1.0,
        "b": -1.0,
        "c": 0.5,
        "d": 0.5,
    }


def test_what_one_person_does_about_one_paper_counts_once():
    assert votes([sign("a"), sign("a", gesture="save"), sign("a", gesture="share")]) == {"a": 1.0}


def test_a_person_who_saved_a_paper_and_gave_it_a_thumb_down_is_against_it():
    assert votes([sign("a", -1), sign("a", gesture="save", at=5)]) == {"a": -1.0}


def test_of_two_alike_from_one_person_the_later_counts():
    assert votes([sign("a", 1, at=1), sign("a", -1, at=2)]) == {"a": -1.0}


def test_people_who_disagree_cancel_out():
    assert votes([sign("a"), sign("a", -1, BEN)]) == {}


def test_people_who_agree_add_up_to_a_bound():
    people = [Channel(f"fake:T1/U{number}") for number in range(10)]
    assert votes([sign("a", 1, user) for user in people]) == {"a": 3}


def test_one_person_never_outweighs_all_the_others():
    flood = [sign(f"f{number}", -1, ADA, at=number) for number in range(100)]
    others = [sign(f"o{number}", 1, user) for number in range(4) for user in (BEN, CY)]
    counted = votes([*flood, *others])
    assert -sum(weight for weight in counted.values() if weight < 0) == pytest.approx(8.0)
    few = votes([*flood, sign("o1", 1, BEN)])
    assert -sum(weight for weight in few.values() if weight < 0) == pytest.approx(5)


def test_alone_in_a_channel_a_person_counts_in_full():
    assert sum(votes([sign(f"a{number}") for number in range(30)]).values()) == 30


def test_a_paper_further_down_counts_more_but_never_much_more():
    weights = votes([sign("first", place=1), sign("second", place=2), sign("tenth", place=10), sign("elsewhere")])
    assert weights["first"] == weights["elsewhere"] == 1.0
    assert weights["second"] == weights["tenth"] == pytest.approx(1.5)
    assert [examination(place) for place in (None, 1, 2, 20)] == [1, 1, pytest.approx(2 / 3), pytest.approx(2 / 3)]


def test_what_a_person_may_say_in_any_case_and_what_a_paper_may_gather():
    """Five reactions count in any case; three for one paper at most; a second place counts half as much again."""
    flood = [sign(f"f{number}", -1, ADA, at=number) for number in range(100)]
    assert sum(votes([*flood, sign("o", 1, BEN)]).values()) == pytest.approx(1 - 5)
    six = [sign(f"o{number}", 1, BEN) for number in range(6)]
    assert sum(votes([*flood, *six]).values()) == pytest.approx(6 - 6)
    people = [Channel(f"fake:T1/U{number}") for number in range(4)]
    assert votes([sign("a", 1, user) for user in people[:2]])["a"] == 2
    assert votes([sign("a", -1, user) for user in people])["a"] == -3
    assert votes([sign("a", place=2)])["a"] == pytest.approx(1.5)
    assert votes([sign("a", place=3)])["a"] == pytest.approx(1.5)


def test_only_the_latest_papers_count_and_they_come_first():
    weights = votes([sign(f"a{number}", at=number) for number in range(210)])
    assert len(weights) == 200
    assert next(iter(weights)) == "a209"
    assert next(reversed(weights)) == "a10"


@given(
    st.lists(
        st.builds(
            sign,
            st.sampled_from("abcdef"),
            st.sampled_from((1, -1)),
            st.sampled_from((ADA, BEN, CY)),
            at=st.integers(0, 9),
            place=st.none() | st.integers(1, 20),
        ),
        max_size=40,
    )
)
def test_no_paper_counts_beyond_the_bound(signs: list[Feedback]):
    weights = votes(signs)
    assert all(0 < abs(weight) <= 3 for weight in weights.values())
    assert set(weights) <= {each.paper_id for each in signs}


def test_of_several_reactions_by_one_person_what_the_most_say_counts():
    assert [opinion(reactions) for reactions in ((1,), (-1,), (), (1, -1), (1, 1, -1), (0, -1))] == [1, -1, 0, 0, 1, -1]
