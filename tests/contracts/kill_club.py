"""Contract of every platform when real processes are killed at every step of a journal club.

By the messages that the platform has: no vote is lost, and none of the five messages is doubled or lost where the
platform can tell. Where it cannot, no vote is opened twice, and the result and the reminder come all the same.
"""

from __future__ import annotations

from bot.model import Channel
from tests.contracts.kill import Post, Scenario, ScenarioRun

MESSAGES = (
    "Thu 27 Nov, 15:00: which paper?",
    "We read: ",
    "Ada presents.",
    "Journal club at ",
    "4 Dec, 15:00: which paper?",
)
"""Words of the vote, the result, the presenter's offer, the reminder, the next vote."""
REPLIES = MESSAGES[1:4]


def messages(scenario: Scenario, channel: Channel, words: str) -> list[Post]:
    """The messages of a channel with these words; the reminder, which names the presenter too, is no offer."""
    here = [post for post in scenario["posts"] if post["channel"] == channel and words in post["text"]]
    return [post for post in here if words != MESSAGES[2] or MESSAGES[3] not in post["text"]]


class ClubKillContract:
    """Promises that hold for each kind of platform."""

    steps_of_a_message = 6
    """As in `tests.contracts.kill`."""

    def test_a_process_died_at_every_step_of_a_club(self, run: ScenarioRun) -> None:
        undisturbed, *crashed = run.scenarios
        steps = len(undisturbed["steps"])
        changes = 2 * (3 + 3 + len(MESSAGES))  # votes and the presenter; closing, deciding, ending; what is posted
        assert steps >= changes + len(MESSAGES) * self.steps_of_a_message
        assert [[step] for step in range(1, steps + 1)] == [scenario["crashes"] for scenario in crashed][:steps]

    def test_no_vote_is_lost(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            for result in messages(scenario, channel, "We read: "):
                assert "It got 2 of 2 votes." in result["text"], scenario["crashes"]

    def test_each_message_is_there_once_where_the_platform_can_tell(self, run: ScenarioRun) -> None:
        if run.finding == "cannot tell":
            return
        for scenario, channel in run.channels:
            for words in MESSAGES:
                assert len(messages(scenario, channel, words)) == 1, (scenario["crashes"], channel, words)
            [vote] = messages(scenario, channel, MESSAGES[0])
            for words in REPLIES:
                [reply] = messages(scenario, channel, words)
                assert reply["under"] == vote["ref"], (scenario["crashes"], words)
            assert len([post for post in scenario["posts"] if post["channel"] == channel]) == len(MESSAGES)

    def test_nothing_that_opens_a_thread_is_doubled(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            openers = [post["key"] for post in scenario["posts"] if post["channel"] == channel and not post["under"]]
            assert len(openers) == len(set(openers)), scenario["crashes"]

    def test_result_and_reminder_come_whatever_a_platform_cannot_tell(self, run: ScenarioRun) -> None:
        for scenario, channel in run.channels:
            for words in (MESSAGES[1], MESSAGES[3]):
                assert 1 <= len(messages(scenario, channel, words)) <= 1 + len(scenario["crashes"]), scenario["crashes"]
