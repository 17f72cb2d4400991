"""Queries that are each as dear as their kind gets in 500 characters, or are refused."""

from __future__ import annotations

_FREQUENT = (
    *("model", "data", "method", "results", "paper", "learning", "approach", "performance"),
    *("show", "using", "based", "propose", "training", "large", "language", "image", "network", "tasks"),
)
"""Words of which each is in up to a third of all papers."""
_PAIRS = tuple(f'"{first} {second}"' for first in _FREQUENT[:6] for second in _FREQUENT[6:10])
_LIKE = tuple(f"like:10.1000/{number}" for number in range(30))

_PHRASES = (
    '"a a a a a a a a a a"',
    '"models the learning"',
    '"state to the art"',
    '"of the model of the"',
    '"the of a" model',
    " | ".join(f'"{left} the {right}"' for left in ("model", "data", "method") for right in ("paper", "learning")),
    " ".join(_PAIRS),
    " | ".join(_PAIRS),
    '-"model the learning" -"state of the art" data',
    '"state art" -cat:cs "large language" -has:code',
    '"language models" venue:accepted -"large language"',
    '"model data" | "data model" venue:nowhere',
    " ".join(f'"{word}"' for word in _FREQUENT * 2),
)
_WORDS = (
    " ".join(_FREQUENT[:8] * 7),
    " | ".join(_FREQUENT[:8] * 6),
    " | ".join(_FREQUENT[:15]),
    " | ".join(f"{left} {right}" for left in _FREQUENT[:8] for right in _FREQUENT[8:14]),
    "model " * 80,
    "-".join(_FREQUENT[:8]),
    "model " + " ".join(f"-{word}" for word in _FREQUENT[1:]),
    "(model | data) (method | results) (paper | learning) (approach | performance)",
    "(" * 60 + "model" + ")" * 60,
    "mod* dat* learn* *",
    " ".join(f"xq{left}zv{right}w" for left in "abcdefgh" for right in "abcdefgh"),
    "modle daat lerning metohd",
    "a" * 500,
    "é" * 500,
    "日本" * 200,
)
_CONDITIONS = (
    "org:nobody",
    "venue:nowhere",
    "min:1000000",
    "since:1h model data method results",
    "venue:1999 | org:2999 | min:99999",
    " | ".join(f"org:nobody{number}" for number in range(40)),
    " | ".join(f"model venue:nowhere{number}" for number in range(25)),
    " | ".join(["cat:cs.CL -cat:cs"] * 20),
    "cat:cs.CL -cat:cs.CL model",
    "min:5 " + " ".join(_FREQUENT),
    "org:a " + " ".join(_FREQUENT),
    " | ".join(["org:o venue:s has:code min:1 model"] * 12),
    "org:o org:r org:g venue:accepted venue:in venue:pages venue:nowhere",
    " | ".join(f"has:code {word}" for word in _FREQUENT),
    "-has:code -org:a -venue:a model data",
    " | ".join(f"author:nobody{number}" for number in range(30)),
    'author:"a b c d e f g h" | author:zz model',
    "model " + " ".join(f"-author:x{number}" for number in range(30)),
)
_SIMILAR = (
    " | ".join(_LIKE),
    " ".join(_LIKE),
    "like:10.1000/9 " + " ".join(f"-{like}" for like in _LIKE[:20]),
    " | ".join(f"{like} model data" for like in _LIKE[:4]),
    "model | " + " | ".join(_LIKE[:5]),
)
HOSTILE = (*_PHRASES, *_WORDS, *_CONDITIONS, *_SIMILAR)
