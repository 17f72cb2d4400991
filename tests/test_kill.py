"""Real processes, killed by SIGKILL at every step of a thread: no opener twice, no reply and no paper lost.

`tests/mortal.py` lives the stories, in one world for each kind of platform: one whose `find` knows, one that cannot
tell, one that is slow. Here they are judged, by what the platform has and not by what the ledger says.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.model import Channel, delivery_key
from tests.delivery import TODAY
from tests.mortal import CHANNELS, PAPERS, setter
from tests.outside import Finding

Story = dict[str, Any]
Post = dict[str, str]
TOMORROW = TODAY + timedelta(days=1)
FINDINGS: tuple[Finding, ...] = get_args(Finding)
STEPS_OF_A_THREAD = 38
"""Six messages: before and after claim, post and record each; and before and after the digest is closed."""


class World:
    """A run of `tests.mortal`, and what it told once it has ended. It tells files: a full pipe would hold it up."""

    def __init__(self, finding: Finding, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.mortal", finding, str(folder)]
        self._told, self._problems = folder / "told", folder / "problems"
        with self._told.open("w") as out, self._problems.open("w") as problems:
            self._process = subprocess.Popen(command, stdout=out, stderr=problems, cwd=Path(__file__).parents[1])
        self._stories: list[Story] = []

    def stories(self) -> list[Story]:
        """Everything that happened."""
        if not self._stories:
            assert self._process.wait(timeout=120) == 0, self._problems.read_text(encoding="utf-8")
            self._stories = [json.loads(line) for line in self._told.read_text(encoding="utf-8").splitlines()]
        return self._stories

    def end(self) -> None:
        """Whatever is still going on."""
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, World]]:
    """The three worlds, living side by side."""
    started = {finding: World(finding, tmp_path_factory.mktemp("world")) for finding in FINDINGS}
    yield started
    for world in started.values():
        world.end()


def openers(story: Story, channel: Channel, day: date) -> list[Post]:
    key = delivery_key(channel, day, 0)
    return [post for post in story["posts"] if post["key"] == key and post["channel"] == channel and not post["under"]]


def replies(story: Story, channel: Channel, day: date, slot: int) -> list[Post]:
    """The replies of a slot that stand under the day's opener."""
    refs = {post["ref"] for post in openers(story, channel, day)}
    key = delivery_key(channel, day, slot)
    return [post for post in story["posts"] if post["key"] == key and post["under"] in refs]


def vouched_for(story: Story, channel: Channel) -> bool:
    """Whether the ledger counts the day's papers as shown: all of them or none."""
    shown = story["shown"][channel]
    assert shown in ([], [each.id for each in PAPERS])
    return bool(shown)


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_process_died_at_every_step_of_a_thread(worlds: dict[Finding, World], finding: Finding) -> None:
    lived, *killed = worlds[finding].stories()
    assert len(lived["steps"]) == STEPS_OF_A_THREAD
    first = [story["deaths"] for story in killed if len(story["deaths"]) == 1]
    assert [[step] for step in range(1, STEPS_OF_A_THREAD + 1)] == first[:STEPS_OF_A_THREAD]
    assert sum(len(story["deaths"]) == 2 for story in killed) >= 10


@pytest.mark.parametrize("finding", FINDINGS)
def test_no_opener_is_ever_doubled(worlds: dict[Finding, World], finding: Finding) -> None:
    for story in worlds[finding].stories():
        for channel in CHANNELS:
            assert len(openers(story, channel, TODAY)) <= 1, story["deaths"]
            assert len(openers(story, channel, TOMORROW)) == 1, story["deaths"]


@pytest.mark.parametrize("finding", FINDINGS)
def test_no_reply_is_lost_and_none_doubled_where_the_platform_can_tell(
    worlds: dict[Finding, World], finding: Finding
) -> None:
    for story in worlds[finding].stories():
        for channel in (each for each in CHANNELS if vouched_for(story, each)):
            for slot in range(1, len(PAPERS) + 1):
                found = len(replies(story, channel, TODAY, slot))
                most = 1 + len(story["deaths"]) * (finding == "cannot tell")
                assert 1 <= found <= most, (story["deaths"], channel, slot)


@pytest.mark.parametrize("finding", FINDINGS)
def test_no_paper_is_lost_those_of_an_opener_nobody_can_vouch_for_return_the_next_day(
    worlds: dict[Finding, World], finding: Finding
) -> None:
    for story in worlds[finding].stories():
        for channel in CHANNELS:
            day, other = (TODAY, TOMORROW) if vouched_for(story, channel) else (TOMORROW, TODAY)
            [opener] = openers(story, channel, day)
            for slot, each in enumerate(PAPERS, start=1):
                assert each.title in opener["text"], story["deaths"]
                assert replies(story, channel, day, slot), (story["deaths"], channel, slot)
                assert not replies(story, channel, other, slot), (story["deaths"], channel, slot)


@pytest.mark.parametrize("finding", ["knows", "slow"])
def test_nothing_is_given_up_and_nothing_said_where_the_platform_can_tell(
    worlds: dict[Finding, World], finding: Finding
) -> None:
    for story in worlds[finding].stories():
        assert all(vouched_for(story, channel) for channel in CHANNELS), story["deaths"]
        assert len(story["posts"]) == len(CHANNELS) * (1 + len(PAPERS) + 1), story["deaths"]


def test_an_opener_is_given_up_only_if_a_process_died_between_claim_and_record_and_that_is_said_once(
    worlds: dict[Finding, World],
) -> None:
    given_up = 0
    for story in worlds["cannot tell"].stories():
        for channel in CHANNELS:
            said = [post for post in story["posts"] if post["channel"] == setter(channel)]
            unsure = any("notice" in step or "keeps" in step for step in story["died_at"][1:])
            lost = not vouched_for(story, channel)
            assert lost - unsure <= len(said) <= lost, (story["deaths"], story["died_at"])
            given_up += lost
    assert given_up > 10
