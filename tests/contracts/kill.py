"""Contract of every platform when real processes are killed at every step of a thread.

No opener twice, no reply and no paper lost, by the messages that the platform has and not by the ledger. A subclass has
a fixture `run`, a ScenarioRun of a module such as `tests.processes.delivery_process`, for each kind of `Finding`:
`process_runs` makes it.
"""

from __future__ import annotations

import json
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

Scenario = dict[str, Any]
Post = dict[str, str]
FINDINGS: tuple[Finding, ...] = ("knows", "cannot tell")
"""Kinds of platform that are tried unless a test says otherwise."""
TOMORROW = TODAY + timedelta(days=1)


class ScenarioRun:
    """A running module of scenarios and its output, which goes to files: a full pipe would block it."""

    def __init__(self, module: str, finding: Finding, folder: Path, *more: str) -> None:
        self.finding = finding
        command = [sys.executable, "-m", module, finding, str(folder), *more]
        self._output, self._problems = folder / "output", folder / "problems"
        with self._output.open("w") as out, self._problems.open("w") as problems:
            root = Path(__file__).parents[2]
            self._process = subprocess.Popen(command, stdout=out, stderr=problems, cwd=root)
        self._scenarios: list[Scenario] = []

    @property
    def scenarios(self) -> list[Scenario]:
        """The result of every scenario, once the module has ended."""
        if not self._scenarios:
            assert self._process.wait(timeout=900) == 0, self._problems.read_text(encoding="utf-8")
            self._scenarios = [json.loads(line) for line in self._output.read_text(encoding="utf-8").splitlines()]
        return self._scenarios

    @property
    def channels(self) -> list[tuple[Scenario, Channel]]:
        """Every channel of every scenario."""
        return [(scenario, Channel(channel)) for scenario in self.scenarios for channel in scenario["shown"]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def run_in_parallel(
    module: str, findings: tuple[Finding, ...], folder: Path, *more: str
) -> Iterator[dict[Finding, ScenarioRun]]:
    """A run of each kind, at the same time."""
    with ExitStack() as stack:
        runs = {}
        for finding in findings:
            own = folder / finding.replace(" ", "-")
            own.mkdir()
            runs[finding] = stack.enter_context(ScenarioRun(module, finding, own, *more))
        yield runs


def process_runs(module: str, *more: str, findings: tuple[Finding, ...] = FINDINGS) -> tuple[Any, Any]:
    """Fixtures of a test module, to be named `runs` and `run`: all kinds, which run at the same time, and each."""

    @pytest.fixture(scope="module")
    def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Finding, ScenarioRun]]:
        with run_in_parallel(module, findings, tmp_path_factory.mktemp("runs"), *more) as runs_by_finding:
            yield runs_by_finding

    @pytest.fixture(params=findings)
    def run(runs: dict[Finding, ScenarioRun], request: pytest.FixtureRequest) -> ScenarioRun:
        return runs[request.param]

    return runs, run


def openers(scenario: Scenario, channel: Channel, day: date) -> list[Post]:
    """The day's root messages of a channel."""
    key = delivery_key(channel, day, 0)
    return [
        post for post in scenario["posts"] if post["key"] == key and post["channel"] == channel and not post["under"]
    ]


def replies(scenario: Scenario, channel: Channel, day: date, slot: int) -> list[Post]:
    """The replies of a slot that stand under the day's opener."""
    refs = {post["ref"] for post in openers(scenario, channel, day)}
    key = delivery_key(channel, day, slot)
    return [post for post in scenario["posts"] if post["key"] == key and post["under"] in refs]


def counted_as_shown(scenario: Scenario, channel: Channel) -> bool:
    """Whether the ledger counts the day's papers as shown: all of them or none."""
    papers = scenario["shown"][channel]
    assert papers in ([], [each.id for each in PAPERS])
    return bool(papers)


class KillContract:
    """Promises that hold for each kind of platform."""

    steps_of_a_message = 6
    """Before and after claim, post and record; more where a process can be killed in the middle of a post."""

    other_steps = 0
    """The record of the last message closes the digest."""

    twice: tuple[Finding, ...] = ("knows",)
    """Where a second process is killed too, which has to do with the engine more than with the platform."""

    def test_a_process_died_at_every_step_of_a_thread(self, run: ScenarioRun) -> None:
        undisturbed, *crashed = run.scenarios
        steps = (1 + len(PAPERS)) * self.steps_of_a_message + self.other_steps
        assert len(undisturbed["steps"]) == steps
        first = [scenario["crashes"] for scenario in crashed if len(scenario["crashes"]) == 1]
        assert [[step] for step in range(1, steps + 1)] == first[:steps]
        assert (sum(len(scenario["crashes"]) == 2 for scenario in crashed) >= 10) == (run.finding in self.twice)

    def test_no_opener_is_ever_doubled(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            assert len(openers(scenario, channel, TODAY)) <= 1, scenario["crashes"]
            assert len(openers(scenario, channel, TOMORROW)) == 1, scenario["crashes"]

    def test_no_reply_is_lost_and_none_doubled_where_the_platform_can_tell(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            if not counted_as_shown(scenario, channel):
                continue
            for slot in range(1, len(PAPERS) + 1):
                count = len(replies(scenario, channel, TODAY, slot))
                most = 1 + len(scenario["crashes"]) * (run.finding == "cannot tell")
                assert 1 <= count <= most, (scenario["crashes"], channel, slot)

    def test_no_paper_is_lost_those_of_an_opener_nobody_can_vouch_for_are_listed_the_next_day(
        self, run: ScenarioRun
    ) -> None:
        for scenario, channel in run.channels:
            shown = counted_as_shown(scenario, channel)
            [opener] = openers(scenario, channel, TODAY if shown else TOMORROW)
            assert ("may not have reached you" in opener["text"]) != shown, scenario["crashes"]
            for slot, each in enumerate(PAPERS, start=1):
                assert each.title in opener["text"], scenario["crashes"]
                assert bool(replies(scenario, channel, TODAY, slot)) == shown, (scenario["crashes"], channel, slot)
                assert not replies(scenario, channel, TOMORROW, slot), (scenario["crashes"], channel, slot)

    def test_nothing_is_given_up_and_nothing_said_where_the_platform_can_tell(self, run: ScenarioRun) -> None:
        if run.finding != "cannot tell":
            for scenario in run.scenarios:
                channels = scenario["shown"]
                assert all(counted_as_shown(scenario, channel) for channel in channels), scenario["crashes"]
                assert len(scenario["posts"]) == len(channels) * (1 + len(PAPERS) + 1), scenario["crashes"]

    def test_an_opener_is_given_up_only_if_a_process_died_between_claim_and_record_and_that_is_said_once(
        self, run: ScenarioRun
    ) -> None:
        given_up = 0
        for scenario, channel in run.channels:
            notices = [post for post in scenario["posts"] if post["channel"] == scenario["setters"][channel]]
            unsure = any("notice" in step or "keeps" in step for step in scenario["crashed_at"][1:])
            lost = not counted_as_shown(scenario, channel)
            assert lost - unsure <= len(notices) <= lost, (scenario["crashes"], scenario["crashed_at"])
            given_up += lost
        assert (given_up > 2) == (run.finding == "cannot tell")
