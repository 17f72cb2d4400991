"""Text of papers and queries: LaTeX and prose cleaned, sentences, stems, tf-idf. Pure."""

from collections.abc import Iterable


def word_set(listed: str) -> frozenset[str]:
    """Words of a string literal, separated by white space."""
    return frozenset(listed.split())


def joined(words: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final
