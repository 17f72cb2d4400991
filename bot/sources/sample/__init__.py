"""A week of facts (20 to 26 October 2025) for a first look without the network, and for the tests.

Ids, titles, authors, dates, links and vote series are facts of the public list; the abstracts were written for this
project.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

NOW = datetime(2025, 10, 24, 9, 0, tzinfo=UTC)
"""The moment the sample is looked at: Friday morning, the week's last list half-filled."""


def read() -> bytes:
    """The week as JSON Lines."""
    return files(__package__).joinpath("week.jsonl").read_bytes()
