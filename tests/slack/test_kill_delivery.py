"""The engine's kill-at-every-step test through Slack: real processes, real HTTP, a Slack that outlives them.

In one world the app is internal and may read history; in the other nobody granted it the scopes.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.kill import KillContract, World, side_by_side
from tests.processes.crash_points import Finding

FINDINGS: tuple[Finding, ...] = ("knows", "cannot tell")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, World]]:
    with side_by_side("tests.slack.delivery_process", FINDINGS, tmp_path_factory.mktemp("worlds")) as started:
        yield started


class TestSlack(KillContract):
    steps_of_a_message = 7  # one more: Slack has answered, and the answer is unread

    @pytest.fixture(params=FINDINGS)
    def world(self, worlds: dict[Finding, World], request: pytest.FixtureRequest) -> World:
        return worlds[request.param]
