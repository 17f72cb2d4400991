"""A library as one vector, which stands for its owner's interests, and how close papers are to it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_Vectors = NDArray[np.float32]


def weights(count: int) -> NDArray[np.float64]:
    """Weights by recency, the latest item first, as in zotero-arxiv-daily: 1 / (1 + log10(place)), which sum to 1."""
    decay = 1 / (1 + np.log10(np.arange(count) + 1))
    return np.asarray(decay / decay.sum() if count else decay, dtype=np.float64)


def profile_of(vectors: _Vectors) -> bytes:
    """The weighted mean of items' vectors (the latest first) as float32; empty if none has a known word.

    A paper's weighted sum of cosines to all items is its product with this one vector, so the items need not be kept.
    """
    embedded = vectors[np.any(vectors != 0, axis=1)]
    return (weights(len(embedded)) @ embedded).astype(np.float32).tobytes() if len(embedded) else b""


def closest(profile: bytes, vectors: _Vectors) -> Sequence[int]:
    """Positions of papers by closeness to a profile, the closest first; papers without a vector are left out.

    Both are taken as differences from the papers' mean: what all of them share says nothing about one reader.
    """
    places = np.flatnonzero(np.any(vectors != 0, axis=1))
    if not len(places) or not profile:
        return ()
    mean = vectors[places].mean(axis=0)
    scores = (vectors[places] - mean) @ (np.frombuffer(profile, np.float32) - mean)
    return tuple(int(at) for at in places[np.argsort(-scores, kind="stable")])
