"""The bundled sample: a week of Daily Papers (20 to 26 October 2025), for a preview without network and for tests.

Ids, titles, authors, dates, links and vote series are those of the public list; the abstracts were written for this
project.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

NOW = datetime(2025, 10, 24, 9, 0, tzinfo=UTC)
"""Time at which the sample is read: Friday morning, with the week's last list half-filled."""


def read() -> bytes:
    """The sample as JSON Lines."""
    return files(__package__).joinpath("week.jsonl").read_bytes()
