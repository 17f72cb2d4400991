"""Processes are killed at every step of an edit and of a recap: real HTTP, a Slack that outlives them."""

from __future__ import annotations

from tests.contracts.kill import process_runs
from tests.contracts.kill_recap import RecapKillContract

runs, run = process_runs("tests.slack.delivery_process", "recap")


class TestSlack(RecapKillContract):
    pass
