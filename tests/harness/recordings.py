"""Recorded answers of sources: short ones in the tree, and long ones in PAPERBOY_DATA, if it is there."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

RECORDED = Path(__file__).parents[1] / "recorded"
DATA = Path(os.environ.get("PAPERBOY_DATA", Path(__file__).parents[3] / "shared" / "data"))


def recorded(name: str) -> bytes:
    """A fixture's bytes."""
    return (RECORDED / name).read_bytes()


def real(folder: str) -> list[Path]:
    """The long answers of a folder; none without PAPERBOY_DATA."""
    return sorted((DATA / "api_responses" / folder).glob("*"))


def unpacked(path: Path) -> bytes:
    """A file's bytes, unzipped."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
