"""Real processes, killed by SIGKILL at every step of a watch: 0 lost, 0 doubled where the platform can tell."""

from __future__ import annotations

from tests.contracts.kill import process_runs
from tests.contracts.kill_watch import WatchKillContract

runs, run = process_runs("tests.processes.watch_process")


class TestAFile(WatchKillContract):
    pass
