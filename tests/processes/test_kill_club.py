"""Real processes, killed by SIGKILL at every step of a journal club: 0 lost, 0 doubled where the platform can tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.kill import ScenarioRun, run_in_parallel
from tests.contracts.kill_club import ClubKillContract
from tests.processes.crash_points import Finding

FINDINGS: tuple[Finding, ...] = ("knows", "cannot tell")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, ScenarioRun]]:
    with run_in_parallel("tests.processes.club_process", FINDINGS, tmp_path_factory.mktemp("runs")) as runs_by_finding:
        yield runs_by_finding


class TestAFile(ClubKillContract):
    @pytest.fixture(params=FINDINGS)
    def run(self, runs: dict[Finding, ScenarioRun], request: pytest.FixtureRequest) -> ScenarioRun:
        return runs[request.param]
