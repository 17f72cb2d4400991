"""How many examples Hypothesis tries: the same ones in each run of the suite, random ones while exploring.

load_profile()  called once, before any test is imported; HYPOTHESIS_PROFILE=explore chooses the other profile
examples(75)    settings of a test: 75 examples, while exploring ten times as many
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

USUAL, EXPLORING = 50, 500
"""Examples of a test that names no number, by profile."""
TIMED = (HealthCheck.too_slow, HealthCheck.data_too_large)
"""Checks that depend on how busy the machine is, or on how large messages are meant to be."""


def load_profile() -> None:
    """Register both profiles and load the one that the environment names."""
    settings.register_profile(
        "suite", max_examples=USUAL, derandomize=True, database=None, deadline=None, suppress_health_check=TIMED
    )
    settings.register_profile(
        "explore",
        max_examples=EXPLORING,
        derandomize=False,
        deadline=None,
        print_blob=True,
        suppress_health_check=TIMED,
    )
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def examples(count: int, *allowed: HealthCheck) -> settings:
    """Settings of a test with this many examples in the suite; `allowed` are the health checks it may fail."""
    return settings(max_examples=count * (settings().max_examples // USUAL), suppress_health_check=(*TIMED, *allowed))
