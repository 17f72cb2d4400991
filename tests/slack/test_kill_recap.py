"""Processes are killed at every step of an edit and of a recap: real HTTP, a Slack that outlives them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.kill import ScenarioRun, run_in_parallel
from tests.contracts.kill_recap import RecapKillContract
from tests.processes.crash_points import Finding

FINDINGS: tuple[Finding, ...] = ("knows", "cannot tell")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, ScenarioRun]]:
    folder = tmp_path_factory.mktemp("runs")
    with run_in_parallel("tests.slack.delivery_process", FINDINGS, folder, "recap") as runs_by_finding:
        yield runs_by_finding


class TestSlack(RecapKillContract):
    @pytest.fixture(params=FINDINGS)
    def run(self, runs: dict[Finding, ScenarioRun], request: pytest.FixtureRequest) -> ScenarioRun:
        return runs[request.param]
