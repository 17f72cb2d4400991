"""Abstract -> one or two sentences taken from it, no word of which is not in it. Pure, but for reading its own weights.

prose (clean, sentences) ─► variants (shorter ones) ─► reading ─► features ─► ranker ─► tldr
                                                              └─► figures ─► key_sentence

A sentence may be shortened by whole phrases (`variants`); which one is shown a small trained ranker says (`ranker`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.summaries.extractive.abstract import parse_abstract
from bot.summaries.extractive.figures import ENOUGH, figure_score
from bot.summaries.extractive.ranker import SUMMARY_MAX, Candidate, best_candidate
from bot.summaries.extractive.variants import without_lead
from bot.text import sentences as prose
from bot.text.analyzer import STOP_WORDS, stems, words
from bot.text.cleaning import clean_text
from bot.text.sentences import split_sentences

__all__ = ["SUMMARY_MAX", "clean_text", "key_sentence", "shortened", "tldr"]

_READ = 20_000
"""Characters of an abstract that are read; real ones end at about 2,000 (https://info.arxiv.org/help/prep.html)."""
_LABEL = re.compile(r"(?:abstract|summary|摘要)\s*[:.：—–-]\s*", re.IGNORECASE)


@lru_cache(maxsize=1024)  # a page that is turned back, or shown to the next person, is not summed up again
def tldr(title: str, abstract: str) -> str:
    """The one sentence of the abstract that says what was done, at most 320 characters; "" without an abstract."""
    chosen = _chosen(title, abstract)
    return shortened(chosen.variant.text) if chosen else ""


@lru_cache(maxsize=1024)  # a day's papers are the same in most channels, and looking at one takes milliseconds
def key_sentence(title: str, abstract: str, told: str = "") -> str:
    """A second sentence, the one with the main figures; "" if none has figures.

    Never the TL;DR again, nor what `told` says, if another TL;DR is shown.
    """
    chosen = _chosen(title, abstract)
    if chosen is None:
        return ""
    said = _content(told or chosen.variant.text)
    scored = [
        (figure_score(sentence), -place, sentence)
        for place, sentence in enumerate(shown_sentences(title, abstract))
        if (told or sentence != chosen.sentence.text) and not said <= _content(sentence)
    ]
    score, _, sentence = max(scored, default=(0.0, 0, ""))
    return shortened(without_lead(sentence)) if score >= ENOUGH else ""


def shortened(text: str, longest: int = SUMMARY_MAX) -> str:
    """The text, or its beginning up to a word's end and an ellipsis; never ends inside a number."""
    return prose.shorten(text, longest)


@lru_cache(maxsize=64)  # the two questions are asked one after the other
def _chosen(title: str, abstract: str) -> Candidate | None:
    return best_candidate(parse_abstract(clean_text(title[:_READ]), shown_sentences(title, abstract)))


def shown_sentences(title: str, abstract: str) -> list[str]:
    """The sentences that may be shown: all but those that only repeat the title.

    One with a word that is not in the abstract as written (its halves stood on two lines) only for want of others.
    """
    named = words(clean_text(title[:_READ]))
    abstract = abstract[:_READ]
    text, written = clean_text(abstract), frozenset(words(abstract))
    label = _LABEL.match(text)
    found = [(each, words(each)) for each in split_sentences(text[label.end() :] if label else text)]
    telling = [(each, said) for each, said in found if said and said != named]
    return [each for each, said in telling if written.issuperset(said)] or [each for each, _ in telling]


def _content(text: str) -> frozenset[str]:
    return frozenset(stem for stem in stems(text) if stem not in STOP_WORDS)
