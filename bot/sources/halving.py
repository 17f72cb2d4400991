"""Find the few items for which a call about many fails, so that one bad item does not fail its batch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=Exception)

FAULTS_MAX = 5
"""Items at fault, with none accepted: from then on it is taken for a fault of the callee."""


async def in_parts(
    items: Sequence[T], call: Callable[[Sequence[T]], Awaitable[None]], *, refusal: type[E]
) -> list[tuple[T, E]]:
    """Call with all items; a part that raises `refusal` is halved until what is at fault stands alone.

    Returns the items at fault with their errors. Raises the last error if more than FAULTS_MAX are at fault and no
    part was accepted. Finding one bad item of 100 takes at most 15 calls.
    """
    faults: list[tuple[T, E]] = []
    accepted = False
    waiting = [items] if items else []
    while waiting:
        part = waiting.pop()
        try:
            await call(part)
        except refusal as error:
            if len(part) > 1:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]
                continue
            faults.append((part[0], error))
            if not accepted and len(faults) > FAULTS_MAX:
                raise
        else:
            accepted = True
    return faults
