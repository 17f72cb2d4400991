"""The cache whose entries expire: what is returned when, and which entry gives way."""

from __future__ import annotations

import pytest

from adapters.ttl_cache import TtlCache


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Seconds since the start."""
        return self.seconds


def test_a_value_is_returned_until_its_time_is_over():
    clock = Clock()
    cache: TtlCache[str, int] = TtlCache(60, clock=clock)
    assert cache.put("a", 1) is None
    clock.seconds = 59
    assert cache.get("a") == 1
    clock.seconds = 60
    assert cache.get("a") is None
    assert cache.put("a", 2) is None


def test_a_value_put_again_lives_on_from_then():
    clock = Clock()
    cache: TtlCache[str, int] = TtlCache(60, clock=clock)
    cache.put("a", 1)
    clock.seconds = 50
    assert cache.put("a", 2) == 1
    clock.seconds = 100
    assert cache.get("a") == 2


def test_the_oldest_entry_is_dropped_when_the_cache_is_full():
    cache: TtlCache[str, int] = TtlCache(60, max_entries=2)
    for number, key in enumerate("aba"):
        cache.put(key, number)
    cache.put("c", 3)
    assert [cache.get(key) for key in "abc"] == [2, None, 3]


async def test_a_value_is_loaded_once_and_a_failed_load_is_not_stored():
    cache: TtlCache[str, int] = TtlCache(60)
    loads = []

    async def load() -> int:
        loads.append(1)
        if len(loads) == 1:
            raise ConnectionError
        return len(loads)

    with pytest.raises(ConnectionError):
        await cache.get_or_load("a", load)
    assert [await cache.get_or_load("a", load) for _ in range(3)] == [2, 2, 2]
