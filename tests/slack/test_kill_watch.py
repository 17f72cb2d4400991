"""The kill-at-every-step test of watches through Slack: real processes, real HTTP, a Slack that outlives them.

A platform that cannot tell what arrived is tried with a file.
"""

from __future__ import annotations

from tests.contracts.kill import process_runs
from tests.contracts.kill_watch import WatchKillContract

runs, run = process_runs("tests.slack.delivery_process", "watch", findings=("knows",))


class TestSlack(WatchKillContract):
    steps_of_a_message = 7  # one more: Slack has answered, and the answer is unread
