"""Which liked papers a pick is close to, and what counts as liked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from bot.digest.memory import Closeness, Example, public_likes
from bot.model import Channel, Feedback, Gesture, Lessons, Paper
from bot.query.matcher import bag_of
from tests.fakes import MONDAY
from tests.fakes import paper as invented

ADA, BEN, CY = (Channel(f"fake:T1/U{n}") for n in (1, 2, 3))


def sign(user: Channel, paper_id: str, gesture: Gesture = "reaction", value: int = 1, days: float = 0) -> Feedback:
    return Feedback(user, paper_id, gesture, value, MONDAY + timedelta(days=days))


def likes(*feedback: Feedback, struck_out: tuple[str, ...] = ()) -> dict[str, tuple[int, str]]:
    found = public_likes(Lessons(feedback, papers=frozenset(struck_out)))
    return {paper_id: (each.people, each.how) for paper_id, each in found.items()}


def test_likes_shares_and_wishes_count_by_person():
    several = (
        sign(ADA, "a"),
        sign(ADA, "a", "share"),
        sign(BEN, "a"),
        sign(CY, "b", "share"),
        sign(CY, "c", "discuss"),
    )
    assert likes(*several) == {
        "a": (2, "liked or shared"),
        "b": (1, "shared"),
        "c": (1, "wanted to discuss"),
    }


def test_a_save_is_private_and_counts_nowhere():
    assert likes(sign(ADA, "a", "save")) == {}
    assert likes(sign(ADA, "a", "save"), sign(BEN, "a")) == {"a": (1, "liked")}


def test_what_as_many_disliked_or_a_manager_struck_out_does_not_count():
    assert likes(sign(ADA, "a"), sign(BEN, "a", value=-1)) == {}
    assert likes(sign(ADA, "a"), sign(BEN, "a", value=-1), sign(CY, "a")) == {"a": (2, "liked")}
    assert likes(sign(ADA, "a"), struck_out=("a",)) == {}


def test_the_first_and_the_last_of_them_are_remembered():
    found = public_likes(Lessons((sign(ADA, "a"), sign(BEN, "a", days=2), sign(CY, "a", days=1, value=-1))))["a"]
    assert (found.first_at, found.last_at) == (MONDAY, MONDAY + timedelta(days=2))


def test_the_hundred_that_were_liked_last_are_compared():
    found = likes(*(sign(ADA, str(n), days=n) for n in range(101)))
    assert len(found) == 100
    assert "0" not in found
    assert "1" in found


CORPUS = [bag_of(invented(n)) for n in range(1, 40)]
LIKED = Paper("1", "Sparse attention for long video", "We prune attention between far frames of long video.")


def at_cosine(paper: Paper, cosine: float) -> Example:
    """A paper whose vector has this cosine with that of `LIKED`."""
    return Example(paper, np.array([cosine, (1 - cosine**2) ** 0.5], np.float32))


def test_a_pick_is_close_from_a_sum_of_both_cosines_of_1_07():
    pick = replace(LIKED, id="2", abstract="A robot folds towels.")
    words = Closeness(CORPUS).words(pick, LIKED)
    assert 0.3 < words < 0.9
    for more, expected in ((0.001, LIKED), (-0.001, None)):
        closest = Closeness(CORPUS).closest(at_cosine(pick, 1.07 - words + more), [at_cosine(LIKED, 1.0)])
        assert closest == expected


def test_a_word_of_the_title_weighs_more_than_one_of_the_abstract():
    closeness = Closeness(CORPUS)
    in_titles = closeness.words(Paper("1", "Quokka", "Heron."), Paper("2", "Quokka", "Ibis."))
    in_abstracts = closeness.words(Paper("3", "Heron", "Quokka."), Paper("4", "Ibis", "Quokka."))
    assert in_titles == pytest.approx(0.89, abs=0.15)
    assert in_abstracts < in_titles / 2


def test_of_several_the_closest_is_named_and_never_the_paper_itself():
    pick, other = replace(LIKED, id="2"), replace(LIKED, id="3", title="Sparse attention for video of a street")
    liked = [at_cosine(pick, 1.0), at_cosine(other, 0.9), at_cosine(LIKED, 0.9)]
    assert Closeness(CORPUS).closest(at_cosine(pick, 1.0), liked) == LIKED
    assert Closeness(CORPUS).closest(at_cosine(pick, 1.0), liked[:1]) is None


def test_without_a_vector_nothing_is_close():
    pick = Example(replace(LIKED, id="2"), np.zeros(2, np.float32))
    assert Closeness(CORPUS).closest(pick, [at_cosine(LIKED, 1.0)]) is None
