"""Contract of every platform when real processes are killed at every step of an edit and of a weekly recap.

By the messages that the platform has, no recap is doubled, none lost where the platform can tell, and the card of the
paper shows the counts in every case.
"""

from __future__ import annotations

from bot.model import Channel, delivery_key
from tests.contracts.kill import Post, Scenario, ScenarioRun
from tests.fakes import MONDAY
from tests.processes.recap_process import FRIDAY, PAPERS

EDIT_STEPS, KEEP_STEPS, MESSAGE_STEPS = 4, 2, 7
COUNTS = "👍 1 · 💬 1 wants to discuss"


def with_key(scenario: Scenario, channel: Channel, key: str) -> list[Post]:
    """The messages of a channel with a key."""
    return [post for post in scenario["posts"] if (post["channel"], post["key"]) == (channel, key)]


def recaps(scenario: Scenario, channel: Channel) -> list[Post]:
    """The recaps in a channel."""
    return with_key(scenario, channel, delivery_key(channel, f"recap {FRIDAY.date()}", 0))


class RecapKillContract:
    """Promises that hold for each kind of platform."""

    def test_a_process_died_at_every_step_of_the_edit_and_of_the_recap(self, run: ScenarioRun) -> None:
        undisturbed, *crashed = run.scenarios
        steps = EDIT_STEPS + KEEP_STEPS + MESSAGE_STEPS
        assert len(undisturbed["steps"]) == steps, undisturbed["steps"]
        assert [[step] for step in range(1, steps + 1)] == [scenario["crashes"] for scenario in crashed]

    def test_no_recap_is_doubled_and_none_lost_where_the_platform_can_tell(self, run: ScenarioRun) -> None:
        lost = 0
        for scenario, channel in run.channels:
            count = len(recaps(scenario, channel))
            assert count <= 1, (scenario["crashes"], channel)
            lost += count == 0
            if count:
                assert "Papers of the week" in recaps(scenario, channel)[0]["text"]
        assert lost == 0 or run.finding == "cannot tell"
        assert lost < len(run.channels) / 2, "a process died between the claim and the record"

    def test_the_card_shows_the_counts_once_and_stays_one_message(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            [card] = with_key(scenario, channel, delivery_key(channel, MONDAY.date(), 1))
            assert card["text"].count(COUNTS) == 1, (scenario["crashes"], channel)
            assert PAPERS[0].title in card["text"]

    def test_nothing_else_is_in_the_channels(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            posts = [post for post in scenario["posts"] if post["channel"] == channel]
            assert len(posts) == 2 + len(recaps(scenario, channel)), scenario["crashes"]
