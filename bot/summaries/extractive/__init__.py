"""One or two sentences of an abstract, shortened by whole phrases at most. Pure, but for reading its own weights.

clean_text, split_sentences ─► abstract ─► variants (phrases) ─► features ─► ranker ─► tldr
                                                                 figure_score ─► key_sentence
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.summaries.extractive.abstract import parse_abstract
from bot.summaries.extractive.features import KEY_SENTENCE_MIN, figure_score
from bot.summaries.extractive.ranker import SUMMARY_MAX, Candidate, best_candidate
from bot.summaries.extractive.variants import without_lead
from bot.text.analyzer import STOP_WORDS, stems, words
from bot.text.cleaning import clean_text
from bot.text.sentences import shorten, split_sentences

__all__ = ["SUMMARY_MAX", "key_sentence", "tldr"]

_TEXT_MAX = 20_000
"""Characters of a title or abstract that are read; real ones end at about 2,000 (https://info.arxiv.org/help/prep.html)."""
_LABEL = re.compile(r"(?:abstract|summary|摘要)\s*[:.：—–-]\s*", re.IGNORECASE)


@lru_cache(maxsize=1024)  # the same pages are read by several people
def tldr(title: str, abstract: str) -> str:
    """The sentence of the abstract that says best what was done, at most 320 characters; "" without an abstract."""
    candidate = _best(title, abstract)
    return shorten(candidate.variant.text, SUMMARY_MAX) if candidate else ""


@lru_cache(maxsize=1024)  # most channels get the same papers, and one takes milliseconds
def key_sentence(title: str, abstract: str, summary: str = "") -> str:
    """The sentence with the main figures, other than the summary (default: the extractive one); "" without one."""
    sentences = enumerate(informative_sentences(title, abstract))
    scored = [(figure_score(sentence), -place, sentence) for place, sentence in sentences]
    with_figures = [each for each in scored if each[0] >= KEY_SENTENCE_MIN]
    candidate = _best(title, abstract) if with_figures else None  # most abstracts have none, and it takes milliseconds
    if candidate is None:
        return ""
    summary_stems = _content_stems(summary or candidate.variant.text)
    others = (
        each
        for each in with_figures
        if (summary or each[2] != candidate.sentence.text) and not summary_stems <= _content_stems(each[2])
    )
    _, _, sentence = max(others, default=(0.0, 0, ""))
    return shorten(without_lead(sentence), SUMMARY_MAX)


@lru_cache(maxsize=64)  # tldr and key_sentence are called one after the other
def _best(title: str, abstract: str) -> Candidate | None:
    return best_candidate(parse_abstract(clean_text(title[:_TEXT_MAX]), informative_sentences(title, abstract)))


def informative_sentences(title: str, abstract: str) -> list[str]:
    """Sentences of the abstract other than the title; those with a word joined from two lines only if all have one."""
    title_words = words(clean_text(title[:_TEXT_MAX]))
    abstract = abstract[:_TEXT_MAX]
    text, written = clean_text(abstract), frozenset(words(abstract))
    label = _LABEL.match(text)
    sentences = [(each, words(each)) for each in split_sentences(text[label.end() :] if label else text)]
    informative = [(each, tokens) for each, tokens in sentences if tokens and tokens != title_words]
    return [each for each, tokens in informative if written.issuperset(tokens)] or [each for each, _ in informative]


def _content_stems(text: str) -> frozenset[str]:
    return frozenset(stem for stem in stems(text) if stem not in STOP_WORDS)
