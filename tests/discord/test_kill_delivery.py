"""The engine's kill-at-every-step test through Discord: real processes, real HTTP, a Discord that outlives them.

Once Paperboy may read message history; once the permission is missing. Where it may, also in forums.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.kill import KillContract, ScenarioRun, process_runs, run_in_parallel
from tests.processes.crash_points import Finding

runs, run = process_runs("tests.discord.delivery_process")


@pytest.fixture(scope="module")
def forums(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, ScenarioRun]]:
    with run_in_parallel(
        "tests.discord.delivery_process", ("knows",), tmp_path_factory.mktemp("forums"), "forum"
    ) as runs_by_finding:
        yield runs_by_finding


class TestDiscord(KillContract):
    steps_of_a_message = 7  # one more: Discord has answered, and the answer is unread


class TestForums(KillContract):
    twice = ()
    steps_of_a_message = 7
    other_steps = 1  # that the channel is a forum is learnt from what Discord answers to the first message

    @pytest.fixture
    def run(self, forums: dict[Finding, ScenarioRun]) -> ScenarioRun:
        return forums["knows"]
