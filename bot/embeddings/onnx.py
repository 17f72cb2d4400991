"""Sentence-embedding models in ONNX form, run by onnxruntime on a few threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bot.embeddings.folder import Folder, read_folder, reject
from bot.embeddings.wordpiece import LONGEST_TEXT
from bot.errors import pip_install

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

THREADS = 2
MOST_TEXTS, MOST_TOKENS = 32, 4_096
"""Per run of the network, padding included: bounds its memory and the waiting time of a query."""
DENSE_WEIGHT = 0.5
"""Measured for all-MiniLM-L6-v2: `../shared/facts.md`, section 6."""
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_UNKNOWN = ("[UNK]", "<unk>")
_PROBE = "What does this model answer?"

Floats = NDArray[np.float32]


_POOLING: dict[str, Callable[[Floats, Floats], Floats]] = {
    "mean": lambda hidden, mask: (hidden * mask).sum(1) / mask.sum(1),
    "mean_sqrt_len": lambda hidden, mask: (hidden * mask).sum(1) / np.sqrt(mask.sum(1)),
    "max": lambda hidden, mask: np.where(mask > 0, hidden, -np.inf).max(1),
    "cls": lambda hidden, _: hidden[:, 0],
    "lasttoken": lambda hidden, mask: hidden[np.arange(len(hidden)), mask.sum(1).astype(np.int64)[:, 0] - 1],
}
"""Vectors of texts (texts, dimensions) from those of tokens (texts, tokens, dimensions) and their mask."""


class Model:
    """Network with its tokenizer; run once on creation, so that a mismatch is reported at once."""

    dense_weight = DENSE_WEIGHT

    def __init__(self, folder: Folder, session: InferenceSession, tokenizer: Tokenizer) -> None:
        self.name = f"onnx:{folder.path.resolve().name}:{folder.digest}"
        self._session, self._tokenizer = session, tokenizer
        self._pool = _POOLING[folder.pooling]
        self._inputs = {node.name for node in session.get_inputs()}
        self._output = _output(session, folder)
        self._unknown = {tokenizer.token_to_id(token) for token in _UNKNOWN}
        self._check_output(folder)

    def embed(self, texts: Sequence[str]) -> Floats:
        """Vectors of length 1, (texts, dimensions); zero for a text without a known token."""
        readable = (text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8") for text in texts)
        encoded = list(map(self._tokenizer.encode, readable))
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        nonzero = [number for number, encoding in enumerate(encoded) if self._has_known_token(encoding)]
        for batch in _batches(sorted(nonzero, key=lambda number: len(encoded[number])), encoded):
            rows[batch] = self._run([encoded[number] for number in batch])
        rows[~np.isfinite(rows).all(1)] = 0
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows

    def _has_known_token(self, encoding: Encoding) -> bool:
        pairs = zip(encoding.ids, encoding.special_tokens_mask, strict=True)
        return any(not special and token not in self._unknown for token, special in pairs)

    def _run(self, encoded: list[Encoding]) -> Floats:
        ids: NDArray[np.int64] = np.zeros((len(encoded), max(map(len, encoded))), np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encoded):
            ids[row, : len(encoding)] = encoding.ids
            mask[row, : len(encoding)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output = self._session.run([self._output], {name: inputs[name] for name in self._inputs})[0]
        vectors = np.asarray(output, np.float32)
        return self._pool(vectors, mask[:, :, None].astype(np.float32)) if vectors.ndim == 3 else vectors

    def _check_output(self, folder: Folder) -> None:
        """Run once; the result must be a vector of the width in the configuration."""
        try:
            vectors = self._run([self._tokenizer.encode(_PROBE)])
        except Exception:  # noqa: BLE001 - onnxruntime has no error of its own to name
            reject(f"{folder.network} does not run with the tokenizer beside it; copy the model's whole directory")
        if vectors.ndim != 2 or len(vectors) != 1 or not np.isfinite(vectors).all():
            reject(f"{folder.network} does not answer with a vector a text; it is no sentence-embedding model")
        self.dimensions = int(vectors.shape[1])
        if folder.only_pools and folder.width not in {None, self.dimensions}:
            reject(
                f"{folder.network} makes {self.dimensions} dimensions where config.json says {folder.width};"
                " the files are of two models, copy the model's whole directory"
            )


def load(path: Path) -> Model:
    """Model of a directory. Raises SettingsError with the fault, or the package to install."""
    folder = read_folder(path)
    try:
        import onnxruntime  # noqa: PLC0415 - an optional extra
        import tokenizers  # noqa: PLC0415
    except ImportError as error:
        reject(f"onnx: needs {error.name}; {pip_install('onnx')}")
    return Model(folder, _session(onnxruntime, folder), _tokenizer(tokenizers, folder))


def _session(onnxruntime: Any, folder: Folder) -> InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads leave the cores alone
    options.enable_cpu_mem_arena = False  # it would keep the memory of the longest batch for ever
    options.log_severity_level = 4
    try:
        session: InferenceSession = onnxruntime.InferenceSession(
            str(folder.network), options, providers=["CPUExecutionProvider"]
        )
    except Exception:  # noqa: BLE001 - onnxruntime's errors share no class
        reject(f"{folder.network} is no ONNX model, or only part of one; copy it again")
    unsupported = sorted({node.name for node in session.get_inputs()} - _INPUTS)
    if unsupported:
        reject(f"{folder.network} also wants {', '.join(unsupported)}; it is no sentence-embedding model")
    return session


def _tokenizer(tokenizers: Any, folder: Folder) -> Tokenizer:
    try:
        tokenizer: Tokenizer = tokenizers.Tokenizer.from_file(str(folder.tokenizer))
    except Exception:  # noqa: BLE001 - tokenizers raises Exception itself
        reject(f"{folder.tokenizer} can't be read; copy it again")
    tokenizer.enable_truncation(folder.longest)
    tokenizer.no_padding()
    return tokenizer


def _output(session: InferenceSession, folder: Folder) -> str:
    """Name of the output with the vector of a text, or else of each token."""
    outputs: dict[str, int] = {node.name: len(node.shape or ()) for node in session.get_outputs()}
    if "sentence_embedding" in outputs:
        return "sentence_embedding"
    if not folder.only_pools:
        reject(f"{folder.path / 'modules.json'} has steps after pooling; export the model with its sentence_embedding")
    for name in ("last_hidden_state", "token_embeddings", *outputs):
        if outputs.get(name) == 3:
            return name
    return next(iter(outputs))


def _batches(order: list[int], encoded: list[Encoding]) -> Iterator[list[int]]:
    """Batches of texts of similar length."""
    batch: list[int] = []
    for number in order:
        if batch and (len(batch) == MOST_TEXTS or (len(batch) + 1) * len(encoded[number]) > MOST_TOKENS):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch
