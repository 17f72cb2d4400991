"""Embedding models: text -> vectors, for the search by meaning.

static.py   the default: a table of word pieces that comes with Paperboy; numpy is all it needs
onnx.py     a directory (folder.py) with any sentence-embedding model in ONNX form
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from bot.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFAULT = "static"
_ONNX = "onnx:"


class Embedder(Protocol):
    """Model of texts -> vectors whose dot product is their similarity in meaning. Thread-safe."""

    name: str
    """Model and version; vectors of another name are not comparable and are computed again."""
    dimensions: int
    """Length of each vector."""
    dense_weight: float
    """Weight of the cosine in a fused search score, 0 to 1; chosen on data that is not reported."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1, (texts, dimensions); zero for a text without a known token."""


@runtime_checkable
class PieceEmbedder(Embedder, Protocol):
    """Embedder whose vectors depend on the word pieces of a text alone, which are found between spaces."""

    def pieces(self, text: str) -> tuple[int, ...]:
        """Word pieces of a part of a text between spaces, which is in lower case, without accents and markup."""

    def embed_pieces(self, texts: Sequence[NDArray[np.intp]]) -> NDArray[np.float32]:
        """`embed` of texts whose word pieces are known, (pieces,) each."""


def load(setting: str) -> Embedder:
    """The model that `PAPERBOY_EMBEDDINGS` names: `static` or `onnx:DIR`. Raises SettingsError with the remedy."""
    if setting == DEFAULT:
        from bot.embeddings import static  # noqa: PLC0415 - numpy waits until somebody searches

        return static.load()
    if setting.startswith(_ONNX) and setting != _ONNX:
        from bot.embeddings import onnx  # noqa: PLC0415

        return onnx.load(Path(setting.removeprefix(_ONNX)))
    raise SettingsError((f"PAPERBOY_EMBEDDINGS: there is no model “{setting[:80]}”; write static or onnx:DIR",))


def embedding_text(title: str, abstract: str) -> str:
    """Text of a paper that is embedded."""
    return f"{title}. {abstract}"
