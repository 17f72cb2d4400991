"""The engine's kill-at-every-step test through Slack: real processes, real HTTP, a Slack that outlives them.

Once the app is internal and may read history; once nobody granted it the scopes.
"""

from __future__ import annotations

from tests.contracts.kill import KillContract, process_runs

runs, run = process_runs("tests.slack.delivery_process")


class TestSlack(KillContract):
    steps_of_a_message = 7  # one more: Slack has answered, and the answer is unread
