"""Processes are killed at every step of an edit and of a recap: real HTTP, a Discord that outlives them.

A platform that cannot tell what arrived is tried with Slack.
"""

from __future__ import annotations

from tests.contracts.kill import process_runs
from tests.contracts.kill_recap import RecapKillContract

runs, run = process_runs("tests.discord.delivery_process", "recap", findings=("knows",))


class TestDiscord(RecapKillContract):
    pass
