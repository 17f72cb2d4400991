"""Journal clubs: which papers are voted on, and who wins."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bot.digest.club import draw, most_wanted
from bot.model import Channel, Feedback, Gesture
from tests.fakes import MONDAY

ADA, BEN, CYD = (Channel(f"fake:T1/U{n}") for n in (1, 2, 3))


def gesture(user: Channel, paper_id: str, kind: Gesture, value: int = 1, *, days: int = 0) -> Feedback:
    return Feedback(user, paper_id, kind, value, MONDAY - timedelta(days=days))


def wanted(*feedback: Feedback, trending: str = "", discussed: str = "") -> list[tuple[str, int, int]]:
    return [tuple(each) for each in most_wanted(feedback, trending.split(), discussed.split(), MONDAY)]


def test_a_wish_to_discuss_counts_most_then_a_like_then_a_save_of_which_nothing_is_said() -> None:
    signs = (gesture(ADA, "saved", "save"), gesture(ADA, "liked", "reaction"), gesture(ADA, "asked", "discuss"))
    assert wanted(*signs) == [("asked", 1, 0), ("liked", 0, 1), ("saved", 0, 0)]


def test_each_person_counts_and_dislikes_count_against() -> None:
    liked = [gesture(user, "liked", "reaction") for user in (ADA, BEN)]
    disliked = [gesture(ADA, "mixed", "discuss"), *(gesture(user, "mixed", "reaction", -1) for user in (BEN, CYD))]
    assert wanted(*liked, *disliked, trending="mixed new") == [("liked", 0, 2), ("new", 0, 0)]


def test_the_list_is_filled_up_with_what_trends_to_five_and_never_with_what_was_read() -> None:
    signs = (gesture(ADA, "liked", "reaction"), gesture(BEN, "read", "discuss"))
    ids = [each[0] for each in wanted(*signs, trending="a read liked b c d e", discussed="read")]
    assert ids == ["liked", "a", "b", "c", "d"]


def test_a_gesture_is_forgotten_after_sixty_days() -> None:
    assert wanted(gesture(ADA, "old", "discuss", days=60)) == [("old", 1, 0)]
    assert wanted(gesture(ADA, "old", "discuss", days=61)) == []


def test_most_votes_win_and_without_any_the_first() -> None:
    assert draw({ADA: 2, BEN: 3, CYD: 3}, "x") == (3, 2, 1, 3)
    assert draw({}, "x") == (1, 0, 1, 0)


def test_a_tie_is_drawn_fairly_and_the_same_for_a_meeting_however_often() -> None:
    votes = {ADA: 1, BEN: 4, CYD: 5}
    drawn = [draw(votes, f"meeting {n}") for n in range(900)]
    assert drawn == [draw(dict(reversed(votes.items())), f"meeting {n}") for n in range(900)]
    assert all((each.votes, each.tied, each.ballots) == (1, 3, 3) for each in drawn)
    assert all(250 < count < 350 for count in Counter(each.number for each in drawn).values())
