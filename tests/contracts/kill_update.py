"""Contract of every platform when real processes are killed at every step of a second look.

A paper that was shown is accepted on one day and withdrawn on the next. By the messages that the platform has, both are
told in the thread where it was shown, and once where the platform can tell what it has.
"""

from __future__ import annotations

from bot.model import Channel, delivery_key
from tests.contracts.kill import Post, Scenario, ScenarioRun
from tests.processes.update_process import SHOWN

NEWS = {f"update {SHOWN.id} change 1": "Accepted at ICLR 2026", f"update {SHOWN.id} withdrawn 1": "Withdrawn"}
"""Words of each reply, by what its key is made of."""


def replies(scenario: Scenario, channel: Channel, words: str) -> list[Post]:
    """The replies of a kind under the channel's only opener."""
    here = [post for post in scenario["posts"] if post["channel"] == channel]
    [opener] = [post for post in here if not post["under"]]
    return [post for post in here if post["key"] == delivery_key(channel, words, 0) and post["under"] == opener["ref"]]


class UpdateKillContract:
    """Promises that hold for each kind of platform."""

    steps_of_a_message = 6
    """As in `tests.contracts.kill`."""

    def test_a_process_died_at_every_step_of_a_look(self, run: ScenarioRun) -> None:
        undisturbed, *crashed = run.scenarios
        steps = len(undisturbed["steps"])
        assert steps >= len(NEWS) * self.steps_of_a_message
        assert [scenario["crashes"] for scenario in crashed] == [[step] for step in range(1, steps + 1)]

    def test_nothing_is_lost_and_nothing_doubled_where_the_platform_can_tell(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            for words, text in NEWS.items():
                posts = replies(scenario, channel, words)
                most = 1 + len(scenario["crashes"]) * (run.finding == "cannot tell")
                assert 1 <= len(posts) <= most, (scenario["crashes"], scenario["crashed_at"], channel, words)
                assert all(text in post["text"] for post in posts)

    def test_nothing_else_is_posted(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            here = [post["key"] for post in scenario["posts"] if post["channel"] == channel]
            assert len(set(here)) == 2 + len(NEWS), (scenario["crashes"], here)
