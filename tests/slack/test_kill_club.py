"""The kill-at-every-step test of journal clubs through Slack: real processes, real HTTP, a Slack that outlives them.

A Slack that cannot tell what arrived is that of `test_kill_delivery.py`; for clubs a file stands for it.
"""

from __future__ import annotations

from tests.contracts.kill import process_runs
from tests.contracts.kill_club import ClubKillContract

runs, run = process_runs("tests.slack.delivery_process", "club", findings=("knows",))


class TestSlack(ClubKillContract):
    steps_of_a_message = 7  # one more: Slack has answered, and the answer is unread
