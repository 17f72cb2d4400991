"""The kill-at-every-step test of clubs through Discord: real processes, real HTTP, a Discord that outlives them.

A Discord that cannot tell what arrived is that of `test_kill_delivery.py`; for clubs a file stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.kill import ScenarioRun, run_in_parallel
from tests.contracts.kill_club import ClubKillContract


@pytest.fixture(scope="module")
def only_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScenarioRun]:
    folder = tmp_path_factory.mktemp("runs")
    with run_in_parallel("tests.discord.delivery_process", ("knows",), folder, "club") as runs_by_finding:
        yield runs_by_finding["knows"]


class TestDiscord(ClubKillContract):
    steps_of_a_message = 7  # one more: Discord has answered, and the answer is unread

    @pytest.fixture
    def run(self, only_run: ScenarioRun) -> ScenarioRun:
        return only_run
