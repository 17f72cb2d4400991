"""Text of papers and queries: LaTeX and prose cleaned, sentences, stems, tf-idf. Pure."""


def word_set(listed: str) -> frozenset[str]:
    """Words of a literal, parted by spaces or lines."""
    return frozenset(listed.split())
