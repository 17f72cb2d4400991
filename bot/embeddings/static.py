"""Static model: a text's vector is the normalised sum of its word pieces' vectors.

The table was distilled from a sentence transformer (`table/NOTICE`). The length of a piece's vector is its weight.
Its checksums are compared when it is read: a flipped bit would only make results a little worse, which nobody sees.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.embeddings.wordpiece import MOST_PIECES, WordPieces
from bot.errors import SettingsError, pip_install

FILES = ("card.json", "pieces.txt", "scales.npy", "vectors.npy")
CHECKSUMS = "SHA256SUMS"
"""Name of the file with the checksums of FILES, in the format of `sha256sum`."""


class StaticModel:
    """Static model: int8 vectors of word pieces and the scale of each row.

    Raises SettingsError, one line with the remedy, when a file in `folder` is missing or not as it was made.
    """

    def __init__(self, folder: Path) -> None:
        try:
            _check_sums(folder)
            card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
            self.name, self.dense_weight = str(card["name"]), float(card["dense_weight"])
            pieces = (folder / "pieces.txt").read_text(encoding="utf-8").splitlines()
            vectors = np.asarray(np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False))
            scales = np.load(folder / "scales.npy", allow_pickle=False)
        except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
            raise _damaged(folder, str(error) or "a file is empty") from None
        self._pieces = WordPieces(pieces)
        self._vectors: NDArray[np.int8] = vectors
        self._scales: NDArray[np.float32] = scales.astype(np.float32)
        self.dimensions = int(vectors.shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1, (texts, dimensions); zero for a text without a known word."""
        return self.embed_pieces([np.array(self._pieces.of(text), np.intp) for text in texts])

    def pieces(self, text: str) -> tuple[int, ...]:
        """Word pieces of a part of a text between spaces, which is in lower case, without accents and markup."""
        return self._pieces.of_folded(text)

    def embed_pieces(self, texts: Sequence[NDArray[np.intp]]) -> NDArray[np.float32]:
        """`embed` of texts whose word pieces are known, (pieces,) each; the first ones of each are read."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        # Written over for each text: asking the system for as much memory each time takes longer than the sums.
        bytes_, vectors = (np.empty((MOST_PIECES, self.dimensions), kind) for kind in (np.int8, np.float32))
        for row, text in zip(rows, texts, strict=True):
            numbers = text[:MOST_PIECES]
            if count := len(numbers):
                self._vectors.take(numbers, axis=0, out=bytes_[:count], mode="clip")
                vectors[:count] = bytes_[:count]
                np.matmul(self._scales[numbers], vectors[:count], out=row)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows


def checksums(folder: Path) -> str:
    """Lines of `sha256sum` about a table's files."""
    lines = []
    for name in FILES:
        with (folder / name).open("rb") as content:
            lines.append(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {name}\n")
    return "".join(lines)


def _check_sums(folder: Path) -> None:
    """Raise ValueError naming the files whose checksum is another one."""
    recorded = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    if wrong := [line.split()[-1] for line in checksums(folder).splitlines() if line not in recorded]:
        raise ValueError(f"another checksum: {', '.join(wrong)}")


def _damaged(folder: Path, problem: str) -> SettingsError:
    reason = " ".join(problem.split())[:160]
    return SettingsError((f"the table of word pieces in {folder} is damaged ({reason}); {pip_install()}",))


@lru_cache(maxsize=1)
def load() -> StaticModel:
    """The model shipped with Paperboy, read once."""
    with as_file(files(__package__).joinpath("table")) as folder:
        return StaticModel(folder)
