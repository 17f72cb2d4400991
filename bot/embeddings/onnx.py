"""Any sentence-embedding model in ONNX form, run by onnxruntime on a few threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bot.embeddings.folder import Folder, look, wrong
from bot.embeddings.wordpiece import LONGEST_TEXT

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

THREADS = 2
MOST_TEXTS, MOST_TOKENS = 32, 4_096
"""Of one run of the network, padding included: bounds its memory, and how long a query may have to wait."""
DENSE_WEIGHT = 0.5
"""Measured for all-MiniLM-L6-v2: `../shared/facts.md`, section 6."""
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_UNKNOWN = ("[UNK]", "<unk>")
_ASKED = "What does this model answer?"

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


def _mean(hidden: Floats, mask: Floats) -> Floats:
    return np.asarray((hidden * mask).sum(1) / mask.sum(1))


def _mean_sqrt_len(hidden: Floats, mask: Floats) -> Floats:
    return np.asarray((hidden * mask).sum(1) / np.sqrt(mask.sum(1)))


def _max(hidden: Floats, mask: Floats) -> Floats:
    return np.asarray(np.where(mask > 0, hidden, -np.inf).max(1))


def _cls(hidden: Floats, mask: Floats) -> Floats:  # noqa: ARG001 - one shape for all
    return np.asarray(hidden[:, 0])


def _last(hidden: Floats, mask: Floats) -> Floats:
    return np.asarray(hidden[np.arange(len(hidden)), mask.sum(1).astype(np.int64)[:, 0] - 1])


_POOLING: dict[str, Callable[[Floats, Floats], Floats]] = {
    "mean": _mean,
    "mean_sqrt_len": _mean_sqrt_len,
    "max": _max,
    "cls": _cls,
    "lasttoken": _last,
}


class Model:
    """A network with its tokenizer; asked once when made, so that what does not fit is known at once."""

    dense_weight = DENSE_WEIGHT

    def __init__(self, folder: Folder, session: InferenceSession, tokenizer: Tokenizer) -> None:
        self.name = f"onnx:{folder.path.resolve().name}:{folder.digest}"
        self._session, self._tokenizer = session, tokenizer
        self._pool = _POOLING[folder.pooling]
        self._inputs = {given.name for given in session.get_inputs()}
        self._output = _output(session, folder)
        self._unknown = {tokenizer.token_to_id(token) for token in _UNKNOWN}
        self._tried(folder)

    def embed(self, texts: Sequence[str]) -> Floats:
        """A row a text, of length 1; all zero where no token of a text is known."""
        encoded = [self._tokenizer.encode(_readable(text)) for text in texts]
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        known = [number for number, found in enumerate(encoded) if self._tells(found)]
        for batch in _batches(sorted(known, key=lambda number: len(encoded[number])), encoded):
            rows[batch] = self._run([encoded[number] for number in batch])
        rows[~np.isfinite(rows).all(1)] = 0
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows

    def _tells(self, found: Encoding) -> bool:
        pairs = zip(found.ids, found.special_tokens_mask, strict=True)
        return any(not special and token not in self._unknown for token, special in pairs)

    def _run(self, encoded: list[Encoding]) -> Floats:
        ids: Numbers = np.zeros((len(encoded), max(map(len, encoded))), np.int64)
        mask = np.zeros_like(ids)
        for row, found in enumerate(encoded):
            ids[row, : len(found)] = found.ids
            mask[row, : len(found)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        found = self._session.run([self._output], {name: given[name] for name in self._inputs})[0]
        answer = np.asarray(found, np.float32)
        return self._pool(answer, mask[:, :, None].astype(np.float32)) if answer.ndim == 3 else answer

    def _tried(self, folder: Folder) -> None:
        """Ask once; what comes back must be a vector of the width the configuration promises."""
        try:
            found = self._run([self._tokenizer.encode(_ASKED)])
        except Exception:  # noqa: BLE001 - onnxruntime has no error of its own to name
            wrong(f"{folder.network} does not run with the tokenizer beside it; copy the model's whole directory")
        if found.ndim != 2 or len(found) != 1 or not np.isfinite(found).all():
            wrong(f"{folder.network} does not answer with a vector a text; it is no sentence-embedding model")
        self.dimensions = int(found.shape[1])
        if folder.only_pools and folder.width not in {None, self.dimensions}:
            wrong(
                f"{folder.network} makes {self.dimensions} dimensions where config.json says {folder.width};"
                " the files are of two models, copy the model's whole directory"
            )


def load(path: Path) -> Model:
    """The model in a directory. Raises SettingsError with what is wrong there, or what must be installed."""
    folder = look(path)
    try:
        import onnxruntime  # noqa: PLC0415 - an extra, wanted here only
        import tokenizers  # noqa: PLC0415
    except ImportError as error:
        wrong(f"onnx: needs {error.name}; pip install 'paperboy[onnx]'")
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
        wrong(f"{folder.network} is no ONNX model, or only part of one; copy it again")
    strange = sorted({given.name for given in session.get_inputs()} - _INPUTS)
    if strange:
        wrong(f"{folder.network} also wants {', '.join(strange)}; it is no sentence-embedding model")
    return session


def _tokenizer(tokenizers: Any, folder: Folder) -> Tokenizer:
    try:
        tokenizer: Tokenizer = tokenizers.Tokenizer.from_file(str(folder.tokenizer))
    except Exception:  # noqa: BLE001 - tokenizers raises Exception itself
        wrong(f"{folder.tokenizer} can't be read; copy it again")
    tokenizer.enable_truncation(folder.longest)
    tokenizer.no_padding()
    return tokenizer


def _output(session: InferenceSession, folder: Folder) -> str:
    """What the network calls the vector of a text, or else of each token."""
    outputs: dict[str, int] = {made.name: len(made.shape or ()) for made in session.get_outputs()}
    if "sentence_embedding" in outputs:
        return "sentence_embedding"
    if not folder.only_pools:
        wrong(f"{folder.path / 'modules.json'} has steps after pooling; export the model with its sentence_embedding")
    for name in ("last_hidden_state", "token_embeddings", *outputs):
        if outputs.get(name) == 3:
            return name
    return next(iter(outputs))


def _readable(text: str) -> str:
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")


def _batches(order: list[int], encoded: list[Encoding]) -> Iterator[list[int]]:
    """Texts of like length together."""
    batch: list[int] = []
    for number in order:
        if batch and (len(batch) == MOST_TEXTS or (len(batch) + 1) * len(encoded[number]) > MOST_TOKENS):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch
