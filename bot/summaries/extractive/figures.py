"""How many telling numbers a sentence has. Pure."""

from __future__ import annotations

import re

ENOUGH = 1.7
"""More than one bare number in a sentence that compares: that may be a name (`SeaLLMs 3`)."""
_CODE = re.compile(r"https?:|\bcodes?\b.{0,80}\b(?:available|released?|public)\b|\bavailable at\b|project page|代码")
# A quantity, not a part of a name (GPT-4, 3D, v2) nor a year; with its unit it says more.
_FIGURE = re.compile(
    r"(?<![A-Za-z\d.,/^_-])[~≈<>≤≥+±$€£]{0,2}(?!(?:19|20)\d\d\b(?!\.\d|[%×x]))\d[\d,]*(?:\.\d+)?"
    r"(?P<unit> ?(?:%|％|×|x\b|percent\b|points?\b|pp\b|times\b|倍)|-?fold\b)?[KMBk]?(?![A-Za-z\d_-]|(?<=[ (]\d)\))"
)
_COMPARES = re.compile(
    r"\b(?:outperform|improv|reduc|increas|achiev|surpass|exceed|accelerat|speed|faster|fewer|higher|lower|better|gain|only"
    r"|compared|state-of-the-art|vs|accuracy|results?)|提升|提高|达到|超过|降低",
    re.IGNORECASE,
)


def figure_score(sentence: str) -> float:
    """Points for numbers, more with units, one for a comparison; a link to code is none of these."""
    found = list(_FIGURE.finditer(sentence))
    if not found:
        return 0.0
    telling = sum(2.0 if figure["unit"] else 1.2 if "." in figure[0] else 0.6 for figure in found[:4])
    return telling + (1.0 if _COMPARES.search(sentence) else 0) - (3 if _CODE.search(sentence.lower()) else 0)
