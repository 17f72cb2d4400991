"""Directory of a sentence-embedding model, in the layout of Hugging Face and sentence-transformers.

    model.onnx, onnx/model.onnx, or the only .onnx file     the network
    tokenizer.json                                          text -> tokens
    config.json                                             hidden_size, max_position_embeddings
    1_Pooling/config.json, sentence_bert_config.json,       how tokens become one vector, how many are read, and
    modules.json (each may be missing)                      what else the model does

Every fault is a SettingsError of one line that says what to do.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from bot.errors import SettingsError

LONGEST = 512
"""Most tokens read of a text, even if the model takes more: longer ones are slow on a small machine."""
NETWORKS = ("model.onnx", "model_quantized.onnx", "model_int8.onnx")
"""File names tried in the directory and in its `onnx`, in this order; else the only .onnx file is taken."""
POOLINGS = ("mean", "cls", "max", "mean_sqrt_len", "lasttoken")
_KNOWN_MODULES = {"Transformer", "Pooling", "Normalize"}
_WIDTHS = ("hidden_size", "d_model", "dim")


def reject(problem: str) -> NoReturn:
    """Raise a SettingsError about PAPERBOY_EMBEDDINGS."""
    raise SettingsError((f"PAPERBOY_EMBEDDINGS: {problem}",))


@dataclass(frozen=True, slots=True)
class Folder:
    """Files and configuration of a model."""

    path: Path
    network: Path
    tokenizer: Path
    pooling: str
    longest: int
    width: int | None
    only_pools: bool

    @property
    def digest(self) -> str:
        """Checksum of everything that determines a vector; 8 hexadecimal digits."""
        checksum = hashlib.sha256(f"{self.pooling} {self.longest} ".encode())
        for file in (self.network, *sorted(self.network.parent.glob("*.onnx?data")), self.tokenizer):
            with file.open("rb") as content:
                checksum.update(hashlib.file_digest(content, "sha256").digest())
        return checksum.hexdigest()[:8]


def read_folder(path: Path) -> Folder:
    """Read a model's directory. Raises SettingsError when it is not a whole model."""
    if not path.is_dir():
        reject(f"{path} is no directory; name the one that holds the model, like onnx:/srv/minilm")
    network = _network(path)
    for name in ("tokenizer.json", "config.json"):
        if not (path / name).is_file():
            reject(f"{path} has no {name}; copy the model's whole directory")
    config = _json(path / "config.json")
    return Folder(
        path,
        network,
        path / "tokenizer.json",
        _pooling(path / "1_Pooling" / "config.json"),
        _longest(path, config),
        next((_whole(config[key]) for key in _WIDTHS if key in config), None),
        _modules(path / "modules.json") <= _KNOWN_MODULES,
    )


def _network(path: Path) -> Path:
    places = (path, path / "onnx")
    for place in places:
        for name in NETWORKS:
            if (place / name).is_file():
                return place / name
    others = [file for place in places for file in sorted(place.glob("*.onnx"))]
    if not others:
        reject(f"{path} has no model.onnx (nor onnx/model.onnx); copy the model's whole directory, in ONNX form")
    if len(others) > 1:
        reject(f"{path} has several models ({', '.join(file.name for file in others[:4])}); name one model.onnx")
    return others[0]


def _pooling(file: Path) -> str:
    if not file.is_file():
        return "mean"
    config = _json(file)
    poolings = [
        key.removeprefix("pooling_mode_").removesuffix("_token").removesuffix("_tokens")
        for key, value in config.items()
        if key.startswith("pooling_mode_") and value is True
    ]
    if isinstance(config.get("pooling_mode"), str):
        poolings = [config["pooling_mode"]]
    if len(poolings) != 1 or poolings[0] not in POOLINGS:
        reject(f"{file} pools tokens by {' and '.join(poolings) or 'nothing'}; known are {', '.join(POOLINGS)}")
    return poolings[0]


def _longest(path: Path, config: dict[str, Any]) -> int:
    limits = [LONGEST, _whole(config.get("max_position_embeddings"))]
    if (path / "sentence_bert_config.json").is_file():
        limits.append(_whole(_json(path / "sentence_bert_config.json").get("max_seq_length")))
    return min(limit for limit in limits if limit)


def _modules(file: Path) -> set[str]:
    """Class names of the model's steps in sentence-transformers; empty if they are not listed."""
    modules = _parsed(file) if file.is_file() else []
    if not isinstance(modules, list) or not all(isinstance(step, dict) for step in modules):
        reject(f"{file} is no list of modules; copy it again")
    return {str(step.get("type", "")).rpartition(".")[2] for step in modules}


def _json(file: Path) -> dict[str, Any]:
    content = _parsed(file)
    if not isinstance(content, dict):
        reject(f"{file} is not what a model has there; copy it again")
    return content


def _parsed(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        reject(f"{file} can't be read as JSON; copy it again")


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
