"""Thresholds of topics: steps in odds from the usual one, levels by name, and which topics have one."""

from __future__ import annotations

import pytest

from bot.query.strictness import LEVELS, beside, is_movable, level_of, steps_of, threshold_at, threshold_of


def test_a_step_is_half_a_unit_of_log_odds_and_three_lead_to_either_end():
    assert [threshold_of(level) for level in LEVELS] == [0.1824, 0.2689, 0.3775, 0.5, 0.6225, 0.7311, 0.8176]
    assert [steps_of(threshold_of(level)) for level in LEVELS] == [-3, -2, -1, 0, 1, 2, 3]
    assert [level_of(threshold_of(level)) for level in LEVELS] == list(LEVELS)


def test_votes_move_by_parts_of_a_step():
    assert (threshold_at(0.2), threshold_at(-0.2)) == (0.525, 0.475)
    assert steps_of(threshold_at(3.8)) == 3.8
    assert (level_of(0.05), level_of(0.95), level_of(0.6)) == ("widest", "strictest", "stricter")


def test_there_is_nothing_beyond_the_ends():
    assert (beside("usual", 1), beside("usual", -1)) == ("stricter", "wider")
    assert (beside("strictest", 1), beside("widest", -1)) == (None, None)


@pytest.mark.parametrize(
    ("topic", "can_move"),
    [
        ("robotics", True),
        ("robotics -medical", True),
        ("cat:cs.RO | robotics", True),
        ("cat:cs.RO", False),
        ('"world models"', False),
        ('"world models" -video', False),
        ("the of", False),
        ('"never closed', False),
        ("like:2405.14105 has:code", False),
    ],
)
def test_words_can_match_more_or_less_strictly_and_nothing_else_can(topic: str, can_move: bool):
    assert is_movable(topic) is can_move
