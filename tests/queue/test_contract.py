"""Both queues keep the contract."""

from __future__ import annotations

from tests.contracts.queue import QueueContract


class TestQueue(QueueContract):
    pass
