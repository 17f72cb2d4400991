"""Records as Kaggle's snapshot of arXiv has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WORDS = (
    "graph", "neural", "quantum", "entropy", "lattice", "vision", "speech", "proof", "galaxy", "plasma", "robot",
    "kernel", "prior", "sparse", "tensor", "cell",
)  # fmt: skip


def snapshot_record(number: int, **changes: Any) -> dict[str, Any]:
    """A record of one of 120,000 papers; all differ."""
    year, month = 8 + number // 12_000, 1 + number // 1_000 % 12
    words = [WORDS[(number * 7 + at * at) % len(WORDS)] for at in range(30)]
    return {
        "id": f"{year:02d}{month:02d}.{number % 1_000 + 1:04d}"
        if year < 15
        else f"{year}{month:02d}.{number % 1_000:05d}",
        "submitter": "A. Person",
        "authors": f"Ada Author{number}, B. Writer",
        "title": f"On {words[0]} and\n  {words[1]} number{number}",
        "comments": None,
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": ("cs.CL stat.ML", "hep-th", "math.CO cs.DM")[number % 3],
        "license": None,
        "abstract": f"  We study {' '.join(words)}\nof \\alpha_{number}.\n",
        "versions": [{"version": "v1", "created": f"Mon, 2 Apr 20{year:02d} 19:18:42 GMT"}],
        "update_date": f"20{year:02d}-11-26",
        "authors_parsed": [[f"Author{number}", "Ada", ""], ["Writer", "B.", ""]],
    } | changes


def write_snapshot(path: Path, numbers: range, changes: Mapping[int, Mapping[str, Any]] | None = None) -> None:
    """Write the records of some papers, a line each."""
    with path.open("w") as file:
        for number in numbers:
            file.write(json.dumps(snapshot_record(number, **(changes or {}).get(number, {}))) + "\n")
