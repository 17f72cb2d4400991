"""Outcomes of changes that a thread made for event loops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TypeAlias

Outcome: TypeAlias = tuple["asyncio.Future[Any]", object, BaseException | None]
"""A future, and its result or its exception."""


def resolve(outcomes: Iterable[Outcome]) -> None:
    """Resolve the futures of a batch, with one call to each loop; a loop that has ended is passed over."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome[0].get_loop(), []).append(outcome)
    for loop, loop_outcomes in by_loop.items():
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_set_results, loop_outcomes)


def _set_results(outcomes: list[Outcome]) -> None:
    for done, answer, fault in outcomes:
        if done.done():
            continue
        if fault is None:
            done.set_result(answer)
        else:
            done.set_exception(fault)
