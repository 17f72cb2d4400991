"""The kill-at-every-step test of second looks through Slack: real processes, real HTTP, a Slack that outlives them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.kill import ScenarioRun, run_in_parallel
from tests.contracts.kill_update import UpdateKillContract
from tests.processes.crash_points import Finding

FINDINGS: tuple[Finding, ...] = ("knows", "cannot tell")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, ScenarioRun]]:
    folder = tmp_path_factory.mktemp("runs")
    with run_in_parallel("tests.slack.delivery_process", FINDINGS, folder, "update") as runs_by_finding:
        yield runs_by_finding


class TestSlack(UpdateKillContract):
    steps_of_a_message = 7  # one more: Slack has answered, and the answer is unread

    @pytest.fixture(params=FINDINGS)
    def run(self, runs: dict[Finding, ScenarioRun], request: pytest.FixtureRequest) -> ScenarioRun:
        return runs[request.param]
