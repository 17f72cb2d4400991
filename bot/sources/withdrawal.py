"""Whether a paper was withdrawn, by the words of its comment, or of the notice in its abstract. Pure.

A notice says of this paper, in a sentence of its own, that it is withdrawn. Papers about withdrawal speak of others.
"""

from __future__ import annotations

import re

NOTICE_MAX = 600
"""Characters of an abstract in which a notice stands: it is all there is, or comes before the abstract."""
BARE_MAX = 120
"""Characters of an abstract that is no more than a notice, as short as a comment (“Withdrawn.”)."""

_WORK = r"(?:paper|article|submission|manuscript|work|preprint|e-?print|version|note|draft|report|thesis)\b"
_ADVERBS = r"(?:(?:temporarily|hereby|now|since|been|voluntarily|being|therefore|already)\s){0,4}"
_GONE = rf"(?:has|have|had|was|is)\s{_ADVERBS}(?:withdrawn|retracted)\b(?!\sfrom\s(?!arxiv))"
_START = r"(?:^|[.!?;:()\[\]]\s{0,2})(?:note:?\s)?"
_NOTICE = re.compile(
    # Not “an earlier version of this paper was withdrawn”, “whether this paper was withdrawn”.
    rf"(?<!of )(?<!whether )(?<!if )(?<!when )(?<!after )(?<!once )(?<!before )\bthis\s{_WORK}\s{_GONE}"
    rf"|^\W{{0,3}}(?:the\s)?{_WORK}\s{_GONE}"
    rf"|{_START}(?:(?:the|both|all)\s)?(?:(?:co)?authors?|we|i)\s(?:(?:has|have|had|wish(?:es)?\sto|must|would\slike\sto"
    rf"|(?:has\s|have\s)?decided\sto|are|is)\s)?{_ADVERBS}(?:withdrawn|withdrew|withdraws?|withdrawing|retract(?:ed|s)?)"
    rf"\s(?:this|the|our|their|his|her)\s{_WORK}(?!\sfrom\s(?!arxiv))"
    rf"|\barxiv admin note:?\s(?:this\s)?{_WORK}\s(?:(?:has\sbeen|was|is)\s)?(?:withdrawn|removed)\b",
    re.IGNORECASE,
)
_OCCURRING = ("thdr", "retract", "removed")
"""Parts of the words of which every notice has one, without letters that others stand for when case is ignored."""
_AFTER = (
    r"(?:\s(?:by|due|because|from arxiv|as|for|in order|until|pending|since|owing|and|at the request)\b"
    r"|\s?[.;,:!)\]]|\s?$)"
)
_COMMENT = re.compile(
    rf"^\W{{0,3}}(?:(?:this|the)\s)?(?:{_WORK}\s)?(?:temporarily\s)?withdrawn{_AFTER}"
    rf"|[.;,(\[]\s?(?:{_WORK}\s)?withdrawn(?:\sby\s(?:the\s)?authors?)?\s?[.;,)\]]?\s?$",
    re.IGNORECASE,
)


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether the comment, or the beginning of the abstract, is a notice that this paper is withdrawn."""
    text = f"{comment} {abstract[:NOTICE_MAX]}".lower()
    if not any(part in text for part in _OCCURRING):
        return False  # nearly all papers
    bare = (comment, abstract) if len(abstract) <= BARE_MAX else (comment,)
    notices = (comment, abstract[:NOTICE_MAX])
    return any(map(_COMMENT.search, bare)) or any(map(_NOTICE.search, notices))
