"""One or two sentences of an abstract, and its sentence with figures. Pure, but for reading its own weights.

clean_text, split_sentences ─► abstract ─► rewriting (phrases) ─► faults, features ─► ranker ─► tldr
                                                                           figures ─► key_sentence
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.summaries.extractive.abstract import ParsedAbstract, parse_abstract
from bot.summaries.extractive.figures import figure_sentence
from bot.summaries.extractive.ranker import best_candidates
from bot.summaries.extractive.rewriting import SUMMARY_MAX, abbreviations, spelt_out
from bot.text.analyzer import words
from bot.text.cleaning import clean_text
from bot.text.sentences import shorten, split_sentences

__all__ = ["SUMMARY_MAX", "key_sentence", "tldr"]

_TEXT_MAX = 20_000
"""Characters of a title or abstract that are read; real ones end at about 2,000 (https://info.arxiv.org/help/prep.html)."""
_LABEL = re.compile(r"(?:abstract|summary|摘要)\s*[:.：—–-]\s*", re.IGNORECASE)


@lru_cache(maxsize=1024)  # the same pages are read by several people
def tldr(title: str, abstract: str) -> str:
    """Method and result, in one or two sentences of the abstract; "" without an abstract."""
    title, parsed = _parsed(title, abstract)
    chosen = best_candidates(parsed)
    text = " ".join(each.text for each in chosen)
    return shorten(spelt_out(text, abbreviations(_cleaned(abstract)), title), SUMMARY_MAX)


@lru_cache(maxsize=1024)  # most channels get the same papers, and one takes milliseconds
def key_sentence(title: str, abstract: str, summary: str = "") -> str:
    """The sentence with the main figures beside the summary (default: the extractive one); "" without one."""
    title, parsed = _parsed(title, abstract)
    if not summary:
        if not figure_sentence(parsed, ""):  # most abstracts have none, and a summary takes milliseconds
            return ""
        summary = tldr(title, abstract)
    sentence = figure_sentence(parsed, summary)
    return spelt_out(sentence, abbreviations(_cleaned(abstract)), title)


@lru_cache(maxsize=64)  # tldr and key_sentence are called one after the other
def _parsed(title: str, abstract: str) -> tuple[str, ParsedAbstract]:
    cleaned = clean_text(title[:_TEXT_MAX])
    return cleaned, parse_abstract(cleaned, informative_sentences(title, abstract))


@lru_cache(maxsize=64)
def _cleaned(abstract: str) -> str:
    return clean_text(abstract[:_TEXT_MAX])


def informative_sentences(title: str, abstract: str) -> list[str]:
    """Sentences of the abstract other than the title; those with a word joined from two lines only if all have one."""
    title_words = words(clean_text(title[:_TEXT_MAX]))
    abstract = abstract[:_TEXT_MAX]
    text, written = clean_text(abstract), frozenset(words(abstract))
    label = _LABEL.match(text)
    sentences = [(each, words(each)) for each in split_sentences(text[label.end() :] if label else text)]
    informative = [(each, tokens) for each, tokens in sentences if tokens and tokens != title_words]
    return [each for each, tokens in informative if written.issuperset(tokens)] or [each for each, _ in informative]
