"""The kill-at-every-step test of journal clubs through Slack: real processes, real HTTP, a Slack that outlives them.

A Slack that cannot tell what arrived is that of `test_kill_delivery.py`; for clubs a file stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.kill import ScenarioRun, run_in_parallel
from tests.contracts.kill_club import ClubKillContract


@pytest.fixture(scope="module")
def only_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScenarioRun]:
    folder = tmp_path_factory.mktemp("runs")
    with run_in_parallel("tests.slack.delivery_process", ("knows",), folder, "club") as runs_by_finding:
        yield runs_by_finding["knows"]


class TestSlack(ClubKillContract):
    steps_of_a_message = 7  # one more: Slack has answered, and the answer is unread

    @pytest.fixture
    def run(self, only_run: ScenarioRun) -> ScenarioRun:
        return only_run
