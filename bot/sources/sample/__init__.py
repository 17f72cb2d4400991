"""The bundled sample: a week of Daily Papers (20 to 26 October 2025), for a preview without network and for tests.

Ids, titles, authors, dates, links and vote series are those of the public list; the abstracts are retold for this
project, and wherever the sample is shown it says so.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from bot.model import Paper

NOW = datetime(2025, 10, 24, 9, 0, tzinfo=UTC)
"""Time at which the sample is read: Friday morning, with the week's last list half-filled."""


def read() -> bytes:
    """The sample as JSON Lines."""
    return files(__package__).joinpath("week.jsonl").read_bytes()


def sample_ids() -> frozenset[str]:
    """Ids of its papers."""
    return frozenset(_abstracts())


def is_retold(paper: Paper) -> bool:
    """Whether the abstract of a paper is the sample's, and not its authors'."""
    return bool(paper.abstract) and _abstracts().get(paper.id) == paper.abstract


@cache
def _abstracts() -> dict[str, str]:
    return {record["id"]: record["abstract"] for record in map(json.loads, read().splitlines())}
