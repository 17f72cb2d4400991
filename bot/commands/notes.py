"""Notes and tags as people type them. Pure; every fault is a UserError."""

from __future__ import annotations

import re

from bot.commands.times import excerpt
from bot.errors import UserError

NOTE_MAX = 1_000
"""Characters of a note."""
TAGS_MAX = 20
"""Tags of one paper."""
TAG_MAX = 30
"""Characters of a tag."""
NOTHING = "-"
"""Typed in the place of a note or of tags: deletes all."""
_TAG = re.compile(rf"[^\W_][\w.+/-]{{0,{TAG_MAX - 1}}}")


def read_note(text: str) -> str:
    """A note as one paragraph; empty for none. Raises UserError for one that is too long."""
    note = " ".join(text.split())
    if len(note) > NOTE_MAX:
        raise UserError(f"A note has at most {NOTE_MAX:,} characters; this one has {len(note):,}. Shorten it.")
    return "" if note == NOTHING else note


def read_tags(text: str) -> tuple[str, ...]:
    """Tags in lower case, each once, those to take off with their `-`; a lone `-` stays. Raises UserError.

    Between commas a tag may be several words: `machine learning, rl` has the tags machine-learning and rl.
    """
    parts = re.split(r"[,;\n]", text) if re.search(r"[,;\n]", text) else text.split()
    typed = ("-".join(part.strip().strip("\"'").split()) for part in parts)
    return tuple(dict.fromkeys(_tag(each) for each in typed if each))


def _tag(typed: str) -> str:
    if typed == NOTHING:
        return typed
    sign = "-" if typed.startswith("-") else ""
    tag = typed.removeprefix("-").lstrip("#").casefold()
    if not _TAG.fullmatch(tag):
        rule = f"letters and digits, with . - _ + / between them, at most {TAG_MAX}, as in to-discuss"
        raise UserError(f"“{excerpt(typed)}” can't be a tag: a tag is {rule}.")
    return f"{sign}{tag}"
