"""Text of papers and queries: LaTeX and prose cleaned, sentences, stems, tf-idf. Pure."""


def word_set(listed: str) -> frozenset[str]:
    """Words of a string literal, separated by white space."""
    return frozenset(listed.split())
