"""👍 and 👎 on a topic's papers move its threshold a little, up to a bound."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.model import Channel, Feedback, Gesture, Lessons, Subscription, TopicThreshold, TopicVotes
from bot.ranking.topic_votes import followed_votes, topic_votes, with_votes
from tests.fakes import MONDAY

HERE = Channel("fake:T1/C1")


def sign(paper: int, value: int, user: int = 1, gesture: Gesture = "reaction", *topics: str) -> Feedback:
    at = MONDAY + timedelta(minutes=paper)
    return Feedback(Channel(f"fake:T1/U{user}"), str(paper), gesture, value, at, 1, topics or ("video",))


def moved(feedback: Sequence[Feedback], own: float | None = None) -> float | None:
    thresholds = {} if own is None else {"video": TopicThreshold(own)}
    subscription = Subscription(HERE, topics=("video", "agents"), thresholds=thresholds)
    return with_votes(subscription, Lessons(tuple(feedback))).threshold("video")


@pytest.mark.parametrize(
    ("liked", "disliked", "threshold"),
    [
        (0, 1, 0.525),
        (1, 0, 0.475),
        (1, 1, None),
        (0, 4, 0.5987),
        (0, 5, 0.6225),
        (0, 50, 0.6225),
        (50, 0, 0.3775),
        (3, 5, 0.5498),
    ],
)
def test_each_paper_moves_a_topic_a_fifth_of_a_step_and_all_of_them_one_step(
    liked: int, disliked: int, threshold: float | None
):
    feedback = [sign(n, 1) for n in range(liked)] + [sign(100 + n, -1) for n in range(disliked)]
    assert moved(feedback) == threshold


def test_votes_add_to_what_managers_did():
    assert moved([sign(1, -1)], own=0.6225) == 0.6457
    assert moved([sign(n, 1) for n in range(9)], own=0.6225) == 0.5
    assert moved([sign(n, -1) for n in range(9)], own=0.8176) == 0.8808


def test_a_paper_counts_once_by_its_majority():
    assert topic_votes(Lessons((sign(1, 1), sign(1, 1, 2), sign(1, -1, 3)))) == {"video": TopicVotes(1, 0)}
    assert topic_votes(Lessons((sign(1, 1), sign(1, -1, 2)))) == {"video": TopicVotes(0, 0)}


def test_saves_shares_and_papers_that_were_struck_out_move_nothing():
    lessons = Lessons((sign(1, 1, 1, "save"), sign(2, 1, 1, "share"), sign(3, -1)), papers=frozenset({"3"}))
    assert topic_votes(lessons) == {}


def test_a_paper_of_two_topics_moves_both_and_topics_that_are_gone_are_left_out():
    lessons = Lessons((sign(1, -1, 1, "reaction", "video", "agents", "gone"),))
    subscription = with_votes(Subscription(HERE, topics=("video", "agents")), lessons)
    assert set(subscription.thresholds) == {"video", "agents"}


@pytest.mark.parametrize("topic", ["cat:cs.RO", '"world models"', 'cat:"'])
def test_topics_that_are_exact_or_unreadable_are_not_moved(topic: str):
    subscription = Subscription(HERE, topics=(topic, "video"))
    votes = followed_votes(subscription, Lessons((sign(1, -1, 1, "reaction", topic, "video"),)))
    assert votes == {"video": TopicVotes(0, 1)}


def test_channels_whose_votes_differ_do_not_share_a_selection():
    plain = Subscription(HERE, topics=("video",))
    voted = with_votes(plain, Lessons((sign(1, -1),)))
    assert voted.selection_key != plain.selection_key
    assert with_votes(plain, None) is plain
    assert with_votes(plain, Lessons((sign(1, 1, 1, "save"),))) is plain
