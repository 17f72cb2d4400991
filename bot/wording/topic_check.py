"""Sentences about topics and mutes that can be read, but cannot work as meant. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.text import joined
from bot.wording.parts import category_server


def other_script(line: str) -> str:
    """The fault of a line that is in no Latin alphabet."""
    return f"Papers are indexed in English: write “{line}” in English."


def common_words(line: str) -> str:
    """The fault of a line of stop words."""
    return f"“{line}” is in nearly every paper: add a word that tells more."


def no_category(category: str, near: Sequence[str]) -> str:
    """The fault of a category that there is not, with those that may be meant."""
    return f"{category_server(category)} has no category “{category}”. Did you mean {joined(near, 'or')}?"


def misspelt(corrections: Sequence[tuple[str, str]]) -> str:
    """The fault of words that no stored paper has, by pairs of typed and corrected words."""
    typed = joined([f"“{each}”" for each, _ in corrections], "or")
    corrected = joined([f"“{each}”" for _, each in corrections])
    quotes = joined([f'"{each}"' for each, _ in corrections])
    return f"No paper has {typed}. Did you mean {corrected}? If not, write {quotes} with the quotes."


def muted_topic(topic: str, mute: str) -> str:
    """The fault of a mute that leaves nothing of a topic."""
    if topic.casefold() == mute.casefold():
        return f"“{topic}” is wanted too: keep it in one of the two lists."
    return f"“{mute}” leaves nothing of “{topic}”: take one of them out."
