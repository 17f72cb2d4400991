"""The papers that somebody's message is about: links in its text, its blocks, and what Slack unfurled. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot import wording
from bot.arxiv_id import find_ids, paper_id
from bot.model import Action, Message

MOST = 10
"""Papers to choose from."""
DEEPEST = 20
_WORD = re.compile(r"[^\s<>|\"]+")

NONE = "No paper is linked in this message, as far as I can see. I look for arXiv ids and links, and for DOIs."


def answer(message: dict[str, Any]) -> str | Message:
    """The id of the only paper in a message; else what to say instead."""
    found = papers(message)
    if not found:
        return wording.problem(NONE)
    if len(found) == 1:
        return found[0]
    return wording.say("Which of them?", actions=[Action(each, "paper", {"paper": each}) for each in found[:MOST]])


def papers(message: dict[str, Any]) -> tuple[str, ...]:
    """Every paper, each once, in order of appearance."""
    found: dict[str, None] = {}
    for text in _texts({name: message.get(name) for name in ("text", "blocks", "attachments")}):
        ids = find_ids(text)
        dois = filter(None, map(paper_id, _WORD.findall(text))) if "10." in text else ()
        found |= dict.fromkeys((*ids, *dois))
    return tuple(found)


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < DEEPEST:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each, depth + 1)
