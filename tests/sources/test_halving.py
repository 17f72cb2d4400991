"""Halving a batch until the items at fault stand alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.sources.halving import FAULTS_MAX, in_parts


class Picky:
    """A call that refuses a batch with a bad item."""

    def __init__(self, *bad: int) -> None:
        self.bad, self.accepted, self.calls = set(bad), [], 0

    async def __call__(self, part: Sequence[int]) -> None:
        self.calls += 1
        if refused := self.bad & set(part):
            raise ValueError(f"{min(refused)} is bad")
        self.accepted += part


@pytest.mark.parametrize(("bad", "calls"), [((), 1), ((0,), 15), ((63,), 15), ((99,), 15), ((3, 4, 97), 39)])
async def test_all_good_items_are_accepted_in_order_and_the_bad_ones_named(bad: tuple[int, ...], calls: int) -> None:
    call = Picky(*bad)
    faults = await in_parts(range(100), call, refusal=ValueError)
    assert call.accepted == [n for n in range(100) if n not in bad]
    assert [(item, str(error)) for item, error in faults] == [(n, f"{n} is bad") for n in bad]
    assert call.calls <= calls


async def test_of_few_items_all_may_be_bad_of_many_it_is_the_callee() -> None:
    assert len(await in_parts(range(FAULTS_MAX), Picky(*range(99)), refusal=ValueError)) == FAULTS_MAX
    call = Picky(*range(99))
    with pytest.raises(ValueError, match="5 is bad"):
        await in_parts(range(99), call, refusal=ValueError)
    assert call.calls < 20
    one_good = Picky(*range(1, 99))
    assert len(await in_parts(range(99), one_good, refusal=ValueError)) == 98


async def test_nothing_is_called_with_nothing_and_other_errors_pass() -> None:
    call = Picky(0)
    assert await in_parts([], call, refusal=ValueError) == []
    assert call.calls == 0
    with pytest.raises(ValueError, match="0 is bad"):
        await in_parts([0, 1], call, refusal=KeyError)
