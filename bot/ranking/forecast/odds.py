"""Probability that a paper is still to be listed, after it has waited for some time without being. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np

HOURS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 24.0, 27.0, 30.0, 48.0, 72.0, 96.0, 120.0, 168.0, 336.0)
"""Since 00 UTC of the day on which arXiv announced a paper."""
STILL_TO_COME = (0.94, 0.73, 0.56, 0.49, 0.44, 0.39, 0.33, 0.32, 0.21, 0.19, 0.19, 0.15, 0.10, 0.07, 0.04, 0.0)
"""Share of the listed papers that were listed later than that: 259 papers of whole arXiv days of 2025."""


def odds_after(listed: float, waited: timedelta) -> float:
    """Probability to be listed yet, of a paper that was forecast to be and has not been for so long."""
    left = float(np.interp(waited / timedelta(hours=1), HOURS, STILL_TO_COME))
    return listed * left / (1 - listed + listed * left)


def announced_at(first_seen: datetime) -> datetime:
    """When arXiv announced a paper: at 00 UTC of the day on which it was first seen, as far as is known."""
    return datetime.combine(first_seen.astimezone(UTC), time(0), UTC)
