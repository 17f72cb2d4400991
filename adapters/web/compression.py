"""Compression of bodies that are the same for all readers. Pure."""

from __future__ import annotations

import gzip
from functools import lru_cache

GZIP_FROM = 1_000
"""Bytes of the smallest body that is compressed; a smaller one fits into one packet anyway."""


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header names gzip, or any encoding, with a weight above 0."""
    weights = {}
    for part in header.lower().split(","):
        name, *params = (piece.strip() for piece in part.split(";"))
        weights[name] = next((param[2:] for param in params if param.startswith("q=")), "1")
    return weights.get("gzip", weights.get("*", "0")).strip("0.") != ""


@lru_cache(maxsize=64)
def gzipped(body: bytes) -> bytes:
    """The body compressed; the latest ones are kept, as pages that everybody reads are the same bytes."""
    return gzip.compress(body, 6, mtime=0)
