"""Real processes, killed by SIGKILL at every step of a thread: no opener twice, no reply and no paper lost.

`tests/processes/delivery_process.py` lives the stories, in one world for each kind of platform: one whose `find`
knows, one that cannot tell, one that is slow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest

from tests.contracts.kill import KillContract, World, side_by_side
from tests.processes.crash_points import Finding

FINDINGS: tuple[Finding, ...] = get_args(Finding)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, World]]:
    with side_by_side("tests.processes.delivery_process", FINDINGS, tmp_path_factory.mktemp("worlds")) as started:
        yield started


class TestAFile(KillContract):
    @pytest.fixture(params=FINDINGS)
    def world(self, worlds: dict[Finding, World], request: pytest.FixtureRequest) -> World:
        return worlds[request.param]
