"""The kill-at-every-step test of second looks through Discord: real processes, a Discord that outlives them.

A platform that cannot tell what arrived is tried with Slack.
"""

from __future__ import annotations

from tests.contracts.kill import process_runs
from tests.contracts.kill_update import UpdateKillContract

runs, run = process_runs("tests.discord.delivery_process", "update", findings=("knows",))


class TestDiscord(UpdateKillContract):
    steps_of_a_message = 7  # one more: Discord has answered, and the answer is unread
