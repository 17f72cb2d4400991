"""Real processes, killed by SIGKILL at every step of a thread: no opener twice, no reply and no paper lost.

`tests/processes/delivery_process.py` runs the scenarios on three kinds of platform: one whose `find` knows, one that
cannot tell, one that is slow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest

from tests.contracts.kill import KillContract, ScenarioRun, run_in_parallel
from tests.processes.crash_points import Finding

FINDINGS: tuple[Finding, ...] = get_args(Finding)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, ScenarioRun]]:
    with run_in_parallel(
        "tests.processes.delivery_process", FINDINGS, tmp_path_factory.mktemp("runs")
    ) as runs_by_finding:
        yield runs_by_finding


class TestAFile(KillContract):
    twice = FINDINGS

    @pytest.fixture(params=FINDINGS)
    def run(self, runs: dict[Finding, ScenarioRun], request: pytest.FixtureRequest) -> ScenarioRun:
        return runs[request.param]
