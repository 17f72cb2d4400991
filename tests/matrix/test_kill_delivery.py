"""The engine's kill-at-every-step test through Matrix: real processes, a real homeserver that outlives them."""

from __future__ import annotations

from tests.contracts.kill import KillContract, process_runs
from tests.processes.crash_points import Finding

runs, run = process_runs("tests.matrix.delivery_process", findings=("knows",))


class TestMatrix(KillContract):
    steps_of_a_message = 7  # one more: the homeserver has answered, and the answer is unread
    twice: tuple[Finding, ...] = ()  # tried on the platforms whose messages cost a millisecond
