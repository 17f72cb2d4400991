"""Promises of cachetools that the adapters rely on: until when a value is returned, and which entry gives way."""

from __future__ import annotations

from cachetools import TTLCache


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Seconds since the start."""
        return self.seconds


def test_a_value_is_returned_until_its_time_is_over():
    clock = Clock()
    cache: TTLCache[str, int] = TTLCache(10, 60, timer=clock)
    cache["a"] = 1
    clock.seconds = 59
    assert cache.get("a") == 1
    clock.seconds = 60
    assert cache.get("a") is None
    assert "a" not in cache


def test_a_value_put_again_lives_on_from_then():
    clock = Clock()
    cache: TTLCache[str, int] = TTLCache(10, 60, timer=clock)
    cache["a"] = 1
    clock.seconds = 50
    cache["a"] = 2
    clock.seconds = 100
    assert cache.get("a") == 2


def test_reading_a_value_does_not_make_it_live_longer():
    clock = Clock()
    cache: TTLCache[str, int] = TTLCache(10, 60, timer=clock)
    cache["a"] = 1
    for clock.seconds in (30, 59):
        assert cache["a"] == 1
    clock.seconds = 60
    assert "a" not in cache


def test_the_entry_that_was_used_longest_ago_is_dropped_when_the_cache_is_full():
    cache: TTLCache[str, int] = TTLCache(2, 60)
    for number, key in enumerate("aba"):
        cache[key] = number
    cache["c"] = 3
    assert [cache.get(key) for key in "abc"] == [2, None, 3]
