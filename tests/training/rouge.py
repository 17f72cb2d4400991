"""ROUGE-1 as the package `rouge-score` has it, stemmed, against the best of several references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from rouge_score.tokenizers import DefaultTokenizer

_tokenizer = DefaultTokenizer(use_stemmer=True)


@lru_cache(maxsize=50_000)
def _token_counts(text: str) -> Counter[str]:
    return Counter(_tokenizer.tokenize(text))


def rouge1(text: str, references: Sequence[str]) -> float:
    """F-measure, 0 to 1; tokens of each reference are counted once, which is most of the time (Lin, 2004)."""
    tokens = _token_counts(text)
    return max((_f1(tokens, _token_counts(reference)) for reference in references), default=0.0)


def _f1(tokens: Counter[str], reference_tokens: Counter[str]) -> float:
    shared = sum((tokens & reference_tokens).values())
    return 2 * shared / (tokens.total() + reference_tokens.total()) if shared else 0.0
