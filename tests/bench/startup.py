"""Whole processes, from the start of Python to its end; the commands take turns."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.bench.cold_process import ROOT
from tests.bench.figures import Row, Times, timed, times_as_long
from tests.bench.scale import Scale

HELP = ("-m", "bot", "--help")
SAMPLE = ("-m", "bot", "preview", "--sample")
PEER = ("-c", "import httpx")
NOTHING = ("-c", "pass")


def measure(scale: Scale) -> Iterator[Row]:
    """Help beside the import of httpx, the sample's digest beside help."""
    times = {command: Times() for command in (HELP, SAMPLE, PEER, NOTHING)}
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        for _ in range(scale.starts):
            for command, runs in times.items():
                with timed(runs):
                    subprocess.run(
                        [sys.executable, *command], cwd=folder, env=environment, check=True, capture_output=True
                    )
    peer = f'`python -c "import httpx"`: {times[PEER]}'
    yield Row("startup", "`paperboy --help`", str(times[HELP]), "≤ 3×", peer, _ratio(times[HELP], times[PEER]))
    bare = f'`python -c "pass"`: {times[NOTHING]}'
    yield Row(
        "startup",
        "`paperboy preview --sample`",
        str(times[SAMPLE]),
        "≤ 2 s",
        bare,
        _ratio(times[SAMPLE], times[NOTHING]),
    )


def _ratio(own: Times, peer: Times) -> str:
    return times_as_long(own.median, peer.median)
