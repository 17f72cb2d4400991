"""A sentence-embedding model of eleven words and four dimensions, in the files that such models come in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "video", "film", "protein", "what", "does", "model", "answer")
WIDTH = 4
VECTORS = np.zeros((len(WORDS), WIDTH), np.float32)
VECTORS[4:] = [[1, 0, 0, 0], [0.8, 0.6, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, 1]]


def network(inputs: tuple[str, ...] = ("input_ids", "attention_mask"), output: str = "last_hidden_state") -> bytes:
    """A model that looks up each token; `sentence_embedding` and `pooler` are means, `score` is a number a text."""
    nodes = [helper.make_node("Gather", ["vectors", "input_ids"], ["last_hidden_state"])]
    shapes = {"last_hidden_state": ["batch", "length", WIDTH], "score": ["batch"]}
    if output == "score":
        nodes.append(helper.make_node("ReduceMean", ["last_hidden_state", "both"], ["score"], keepdims=0))
    elif output != "last_hidden_state":
        nodes.append(helper.make_node("ReduceMean", ["last_hidden_state", "middle"], [output], keepdims=0))
    inputs_info = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs]
    output_info = helper.make_tensor_value_info(output, TensorProto.FLOAT, shapes.get(output, ["batch", WIDTH]))
    constants = {"vectors": VECTORS, "middle": np.array([1]), "both": np.array([1, 2])}
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs_info, [output_info], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    return bytes(onnx.checker.check_model(model) or model.SerializeToString())


def tokenizer(*, framed: bool = True) -> str:
    """One token a word, lower-cased, between [CLS] and [SEP] if `framed`."""
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), Whitespace()
    special = [("[CLS]", WORDS.index("[CLS]")), ("[SEP]", WORDS.index("[SEP]"))]
    if framed:
        tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=special)
    return tokenizer.to_str()


def write(folder: Path, model: bytes | None = None, *, at: str = "model.onnx", **config: object) -> Path:
    """The files of a whole model below `folder`; `config` overrides config.json."""
    (folder / at).parent.mkdir(parents=True, exist_ok=True)
    (folder / at).write_bytes(network() if model is None else model)
    (folder / "tokenizer.json").write_text(tokenizer())
    (folder / "config.json").write_text(json.dumps({"hidden_size": WIDTH, "max_position_embeddings": 64} | config))
    return folder


def put(folder: Path, name: str, content: object) -> None:
    """One more JSON file."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content))
