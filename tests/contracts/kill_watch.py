"""Contract of every platform when real processes are killed at every step of a watch.

Four papers come for one watch: three one by one in a thread, one with the rest of the day. By the messages that the
platform has, no paper is lost, and none comes twice unless nobody can tell whether it came.
"""

from __future__ import annotations

from datetime import timedelta

from bot.model import Channel, delivery_key
from tests.contracts.kill import Post, Scenario, ScenarioRun
from tests.fakes import MONDAY
from tests.processes.watch_process import PAPERS

DAYS = (MONDAY.date(), MONDAY.date() + timedelta(days=1))


def messages(scenario: Scenario, channel: Channel, title: str) -> list[Post]:
    """The messages of a channel that name a paper."""
    return [post for post in scenario["posts"] if post["channel"] == channel and title in post["text"]]


def openers(scenario: Scenario, channel: Channel) -> list[Post]:
    """The root messages of a channel."""
    return [post for post in scenario["posts"] if post["channel"] == channel and not post["under"]]


class WatchKillContract:
    """Promises that hold for each kind of platform."""

    steps_of_a_message = 6
    """As in `tests.contracts.kill`."""
    other_steps = 0

    def test_a_process_died_at_every_step_of_a_watch(self, run: ScenarioRun) -> None:
        undisturbed, *crashed = run.scenarios
        kept = undisturbed["steps"].count("before the posts are stored")
        assert kept == 3
        steps = 2 * kept + len(PAPERS) * self.steps_of_a_message + self.other_steps
        assert len(undisturbed["steps"]) == steps
        first = [scenario["crashes"] for scenario in crashed if len(scenario["crashes"]) == 1]
        assert [[step] for step in range(1, steps + 1)] == first[:steps]

    def test_no_paper_is_lost(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            for each in PAPERS:
                assert messages(scenario, channel, each.title), (scenario["crashes"], channel, each.title)

    def test_no_paper_comes_twice_where_the_platform_can_tell(self, run: ScenarioRun) -> None:
        if run.finding == "cannot tell":
            return
        for scenario, channel in run.channels:
            for each in PAPERS:
                assert len(messages(scenario, channel, each.title)) == 1, (scenario["crashes"], channel, each.title)
            assert scenario["shown"][channel] == [each.id for each in PAPERS], scenario["crashes"]
            assert len([post for post in scenario["posts"] if post["channel"] == channel]) == len(PAPERS)

    def test_no_message_that_opens_a_thread_is_ever_doubled(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            keys = [post["key"] for post in openers(scenario, channel)]
            assert len(keys) == len(set(keys)), scenario["crashes"]
            texts = [post["text"] for post in openers(scenario, channel)]
            assert len(texts) == len(set(texts)), scenario["crashes"]
            assert len(keys) == 1 or run.finding == "cannot tell", scenario["crashes"]

    def test_one_that_nobody_can_tell_about_is_repeated_once_a_crash_at_most(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            for each in PAPERS:
                count = len(messages(scenario, channel, each.title))
                assert count <= 1 + len(scenario["crashes"]), (scenario["crashes"], channel, each.title)

    def test_keys_are_those_of_the_papers_and_of_the_rest(self, run: ScenarioRun) -> None:
        words = [f"watch {key}" for key in (*(each.id for each in PAPERS), *(f"rest {day}" for day in DAYS))]
        for scenario, channel in run.channels:
            known = {delivery_key(channel, word, 0) for word in words}
            assert {post["key"] for post in scenario["posts"] if post["channel"] == channel} <= known
