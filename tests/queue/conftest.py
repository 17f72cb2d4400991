"""The queues that the contract is tested with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.ports.queue import Queue, Work
from bot.queue.in_process import InProcessQueue
from bot.queue.procrastinate import ProcrastinateQueue
from tests.contracts.queue import MakeQueue
from tests.harness.postgres import clear_databases, database


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    yield database(tmp_path).reveal()
    clear_databases()


@pytest.fixture(params=["in process", "procrastinate"])
def make_queue(request: pytest.FixtureRequest) -> MakeQueue:
    if request.param == "procrastinate":
        url: str = request.getfixturevalue("url")
        return lambda work: ProcrastinateQueue(url, work, ["fake"])

    @asynccontextmanager
    async def in_process(work: Work) -> AsyncIterator[Queue]:
        yield InProcessQueue(work)

    return in_process
