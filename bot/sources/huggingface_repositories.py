"""Models, datasets and Spaces whose description names a paper: `/api/arxiv/{id}/repos`.

https://huggingface.co/docs/hub/api, "Get all the models, datasets, and Spaces that refer to a paper".
The answer is an object with the lists `models`, `datasets` and `spaces`; of each entry its `id` and `likes` are read.
"""

from __future__ import annotations

import re
from typing import Literal

from bot.errors import SourceError
from bot.model import LinkedRepository
from bot.sources import untrusted
from bot.sources.huggingface_parse import NAME

SHOWN = 5
"""Entries of each kind, the most liked; a popular model is named by thousands."""
READ = 2_000
"""Entries of each kind that are looked at."""
_Kind = Literal["model", "dataset", "demo"]
_LISTS: tuple[tuple[str, _Kind, str], ...] = (
    ("models", "model", ""),
    ("datasets", "dataset", "datasets/"),
    ("spaces", "demo", "spaces/"),
)
"""Name of a list, what it lists, and where that stands on the site."""
_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[\w.-]{1,96})?", re.ASCII)


def parse_repositories(body: bytes) -> tuple[LinkedRepository, ...]:
    """The most liked ones of each kind; an entry without a name is left out. Raises SourceError if it is no object."""
    answer = untrusted.decoded_json(body, NAME)
    if not isinstance(answer, dict):
        raise SourceError(NAME, f"{untrusted.json_type(answer)} instead of lists of repositories")
    return tuple(each for key, kind, folder in _LISTS for each in _most_liked(answer.get(key), kind, folder))


def _most_liked(entries: object, kind: _Kind, folder: str) -> list[LinkedRepository]:
    repositories = []
    for entry in entries[:READ] if isinstance(entries, list) else ():
        fields = entry if isinstance(entry, dict) else {"id": entry}  # older answers list names alone
        name = untrusted.text_line(fields.get("id"), 200)
        if _ID.fullmatch(name):
            likes = int(untrusted.nonnegative(fields.get("likes")) or 0)
            repositories.append(LinkedRepository(kind, name, f"https://huggingface.co/{folder}{name}", likes))
    return sorted(repositories, key=lambda each: -each.likes)[:SHOWN]
