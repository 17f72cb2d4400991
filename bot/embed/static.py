"""A table of word pieces: a text's vector is the sum of its pieces' vectors, made as long as 1.

The table imitates a sentence transformer; `table/NOTICE` says from what it was made. How much a piece tells is the
length of its vector.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.embed.wordpiece import WordPieces


class Table:
    """The vectors, a signed byte a number, and the scale of each row."""

    def __init__(self, folder: Path) -> None:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        self.name: str = card["name"]
        self.dense_weight: float = card["dense_weight"]
        self._pieces = WordPieces((folder / "pieces.txt").read_text(encoding="utf-8").splitlines())
        self._vectors: NDArray[np.int8] = np.load(folder / "vectors.npy")
        self._scales: NDArray[np.float32] = np.load(folder / "scales.npy").astype(np.float32)
        self.dimensions = self._vectors.shape[1]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A row a text, of length 1; all zero where no word of a text is known."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            if pieces := self._pieces.of(text):
                np.matmul(self._scales[pieces], self._vectors[pieces].astype(np.float32), out=row)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows


@lru_cache(maxsize=1)
def load() -> Table:
    """The table that comes with Paperboy, read once."""
    with as_file(files(__package__).joinpath("table")) as folder:
        return Table(folder)
