"""The engine's kill-at-every-step test through Discord: real processes, real HTTP, a Discord that outlives them.

In one world Paperboy may read message history; in the other the permission is missing. Where it may, also in forums.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.kill import KillContract, World, side_by_side
from tests.processes.crash_points import Finding

FINDINGS: tuple[Finding, ...] = ("knows", "cannot tell")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, World]]:
    with side_by_side("tests.discord.delivery_process", FINDINGS, tmp_path_factory.mktemp("worlds")) as started:
        yield started


@pytest.fixture(scope="module")
def forums(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, World]]:
    with side_by_side(
        "tests.discord.delivery_process", ("knows",), tmp_path_factory.mktemp("forums"), "forum"
    ) as started:
        yield started


class TestDiscord(KillContract):
    steps_of_a_message = 7  # one more: Discord has answered, and the answer is unread

    @pytest.fixture(params=FINDINGS)
    def world(self, worlds: dict[Finding, World], request: pytest.FixtureRequest) -> World:
        return worlds[request.param]


class TestForums(KillContract):
    steps_of_a_message = 7
    other_steps = 3  # that the channel is a forum is learnt from what Discord answers to the first message

    @pytest.fixture
    def world(self, forums: dict[Finding, World]) -> World:
        return forums["knows"]
