"""Which of a topic's words one paper says, and where: the reason of a match in plain words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Paper
from bot.query.analysis import Analyses
from bot.query.topic_words import read_words
from bot.query.word_places import WordPlaces
from bot.text.analyzer import content_compounds


@dataclass(frozen=True, slots=True)
class WordsSaid:
    """The words of a topic as they are typed, by where a paper says them first; stop words are left out."""

    title: tuple[str, ...] = ()
    abstract: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    in_a_row: str = ""
    """`title` or `abstract`, where all of several words stand in a row; else empty."""


def words_said(text: str, paper: Paper) -> WordsSaid:
    """The words of `text` that a paper says."""
    places = WordPlaces(*Analyses().of([paper]))
    title, abstract, missing = list[str](), list[str](), list[str]()
    for word in filter(content_compounds, text.split()):
        words = read_words(places, word)
        (title if words.title_phrases[0] else abstract if words.phrase[0] else missing).append(word)
    together = read_words(places, text)
    row = "title" if together.title_phrases[0] else "abstract" if together.phrase[0] else ""
    several = len(together.rarity) > 1
    return WordsSaid(tuple(title), tuple(abstract), tuple(missing), row if several else "")
