"""Real processes, killed by SIGKILL at every step of a journal club: 0 lost, 0 doubled where the platform can tell."""

from __future__ import annotations

from tests.contracts.kill import process_runs
from tests.contracts.kill_club import ClubKillContract

runs, run = process_runs("tests.processes.club_process")


class TestAFile(ClubKillContract):
    pass
