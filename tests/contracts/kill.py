"""Contract of every platform when real processes are killed at every step of a thread.

A world is a run of a module that tells stories as `tests.processes.delivery_process`
does: no opener twice, no reply and no paper lost, by
what the platform has and not by what the ledger says. A subclass gives `worlds`, one for each kind of `Finding`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

import pytest

from bot.model import Channel, delivery_key
from tests.harness.delivery import TODAY
from tests.processes.crash_points import Finding
from tests.processes.delivery_process import PAPERS

Story = dict[str, Any]
Post = dict[str, str]
TOMORROW = TODAY + timedelta(days=1)


def uncounted() -> dict[str, str]:
    """An environment in which coverage is not measured: who is killed reports none, and counting doubles its time."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


class World:
    """A run of a module of stories, and what it told. It tells files: a full pipe would hold it up."""

    def __init__(self, module: str, finding: Finding, folder: Path, *more: str) -> None:
        self.finding = finding
        command = [sys.executable, "-m", module, finding, str(folder), *more]
        self._told, self._problems = folder / "told", folder / "problems"
        with self._told.open("w") as out, self._problems.open("w") as problems:
            root = Path(__file__).parents[2]
            self._process = subprocess.Popen(command, stdout=out, stderr=problems, cwd=root, env=uncounted())
        self._stories: list[Story] = []

    @property
    def stories(self) -> list[Story]:
        """Everything that happened."""
        if not self._stories:
            assert self._process.wait(timeout=180) == 0, self._problems.read_text(encoding="utf-8")
            self._stories = [json.loads(line) for line in self._told.read_text(encoding="utf-8").splitlines()]
        return self._stories

    @property
    def channels(self) -> list[tuple[Story, Channel]]:
        """Every channel in every story."""
        return [(story, Channel(channel)) for story in self.stories for channel in story["shown"]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def side_by_side(
    module: str, findings: tuple[Finding, ...], folder: Path, *more: str
) -> Iterator[dict[Finding, World]]:
    """A world of each kind, all at once."""
    with ExitStack() as stack:
        started = {}
        for finding in findings:
            own = folder / finding.replace(" ", "-")
            own.mkdir()
            started[finding] = stack.enter_context(World(module, finding, own, *more))
        yield started


def openers(story: Story, channel: Channel, day: date) -> list[Post]:
    """The day's root messages of a channel."""
    key = delivery_key(channel, day, 0)
    return [post for post in story["posts"] if post["key"] == key and post["channel"] == channel and not post["under"]]


def replies(story: Story, channel: Channel, day: date, slot: int) -> list[Post]:
    """The replies of a slot that stand under the day's opener."""
    refs = {post["ref"] for post in openers(story, channel, day)}
    key = delivery_key(channel, day, slot)
    return [post for post in story["posts"] if post["key"] == key and post["under"] in refs]


def vouched_for(story: Story, channel: Channel) -> bool:
    """Whether the ledger counts the day's papers as shown: all of them or none."""
    papers = story["shown"][channel]
    assert papers in ([], [each.id for each in PAPERS])
    return bool(papers)


class KillContract:
    """Promises that hold in each world."""

    steps_of_a_message = 6
    """Before and after claim, post and record; more where a process may die in the middle of a post."""

    other_steps = 2
    """Before and after the digest is closed."""

    @pytest.fixture
    def world(self) -> World:
        """The stories of one kind of platform."""
        raise NotImplementedError

    def test_a_process_died_at_every_step_of_a_thread(self, world: World) -> None:
        lived, *killed = world.stories
        steps = (1 + len(PAPERS)) * self.steps_of_a_message + self.other_steps
        assert len(lived["steps"]) == steps
        first = [story["deaths"] for story in killed if len(story["deaths"]) == 1]
        assert [[step] for step in range(1, steps + 1)] == first[:steps]
        assert sum(len(story["deaths"]) == 2 for story in killed) >= 10

    def test_no_opener_is_ever_doubled(self, world: World) -> None:
        for story, channel in world.channels:
            assert len(openers(story, channel, TODAY)) <= 1, story["deaths"]
            assert len(openers(story, channel, TOMORROW)) == 1, story["deaths"]

    def test_no_reply_is_lost_and_none_doubled_where_the_platform_can_tell(self, world: World) -> None:
        for story, channel in world.channels:
            if not vouched_for(story, channel):
                continue
            for slot in range(1, len(PAPERS) + 1):
                count = len(replies(story, channel, TODAY, slot))
                most = 1 + len(story["deaths"]) * (world.finding == "cannot tell")
                assert 1 <= count <= most, (story["deaths"], channel, slot)

    def test_no_paper_is_lost_those_of_an_opener_nobody_can_vouch_for_return_the_next_day(self, world: World) -> None:
        for story, channel in world.channels:
            day, other = (TODAY, TOMORROW) if vouched_for(story, channel) else (TOMORROW, TODAY)
            [opener] = openers(story, channel, day)
            for slot, each in enumerate(PAPERS, start=1):
                assert each.title in opener["text"], story["deaths"]
                assert replies(story, channel, day, slot), (story["deaths"], channel, slot)
                assert not replies(story, channel, other, slot), (story["deaths"], channel, slot)

    def test_nothing_is_given_up_and_nothing_said_where_the_platform_can_tell(self, world: World) -> None:
        if world.finding != "cannot tell":
            for story in world.stories:
                channels = story["shown"]
                assert all(vouched_for(story, channel) for channel in channels), story["deaths"]
                assert len(story["posts"]) == len(channels) * (1 + len(PAPERS) + 1), story["deaths"]

    def test_an_opener_is_given_up_only_if_a_process_died_between_claim_and_record_and_that_is_said_once(
        self, world: World
    ) -> None:
        given_up = 0
        for story, channel in world.channels:
            notices = [post for post in story["posts"] if post["channel"] == story["setters"][channel]]
            unsure = any("notice" in step or "keeps" in step for step in story["died_at"][1:])
            lost = not vouched_for(story, channel)
            assert lost - unsure <= len(notices) <= lost, (story["deaths"], story["died_at"])
            given_up += lost
        assert (given_up > 10) == (world.finding == "cannot tell")
