"""Real processes, killed by SIGKILL at every step of a thread: no opener twice, no reply and no paper lost.

`tests/processes/delivery_process.py` runs the scenarios on three kinds of platform: one whose `find` knows, one that
cannot tell, one that is slow.
"""

from __future__ import annotations

from typing import get_args

from tests.contracts.kill import KillContract, process_runs
from tests.processes.crash_points import Finding

FINDINGS: tuple[Finding, ...] = get_args(Finding)

runs, run = process_runs("tests.processes.delivery_process", findings=FINDINGS)


class TestAFile(KillContract):
    twice = FINDINGS
