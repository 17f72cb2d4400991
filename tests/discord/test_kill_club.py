"""The kill-at-every-step test of clubs through Discord: real processes, real HTTP, a Discord that outlives them.

A Discord that cannot tell what arrived is that of `test_kill_delivery.py`; for clubs a file stands for it.
"""

from __future__ import annotations

from tests.contracts.kill import process_runs
from tests.contracts.kill_club import ClubKillContract

runs, run = process_runs("tests.discord.delivery_process", "club", findings=("knows",))


class TestDiscord(ClubKillContract):
    steps_of_a_message = 7  # one more: Discord has answered, and the answer is unread
