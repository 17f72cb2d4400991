"""The teacher: sentence vectors of length 1 from an ONNX graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

LONGEST = 256
"""Tokens; the length all-MiniLM-L6-v2 was trained with."""
PER_BATCH = 8_192
"""Tokens of a batch, padding included."""


class Teacher:
    """An ONNX graph of `minilm.build` and its tokenizer."""

    def __init__(self, graph: bytes | str, tokenizer: Path, threads: int = 2) -> None:
        import onnxruntime  # noqa: PLC0415 - only training needs it
        from tokenizers import Tokenizer  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(graph, options)
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.no_padding()

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of the texts, (texts, 384), float32."""
        encoded = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(texts)), key=lambda number: len(encoded[number]))
        rows = np.zeros((len(texts), 384), np.float32)
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and (end - start + 1) * len(encoded[order[end]]) <= PER_BATCH and end - start < 128:
                end += 1
            batch = order[start:end]
            rows[batch] = self._batch([encoded[number] for number in batch])
            start = end
        return rows

    def _batch(self, encoded: list[list[int]]) -> np.ndarray:
        ids = np.zeros((len(encoded), max(map(len, encoded))), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(encoded):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, inputs)[0]
        mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)
