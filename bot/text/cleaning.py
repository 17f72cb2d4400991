"""Cleaning of titles and abstracts: HTML, LaTeX, line breaks, hyphenation and invisible characters undone. Pure.

Every pattern is linear in the text, because abstracts are untrusted.
"""

from __future__ import annotations

import re
from collections import Counter

from bot.text import word_set
from bot.text.entities import without_html
from bot.text.joiners import without_loose_joiners
from bot.text.latex import MARKS, latex_to_text

# Scripts without spaces between words, so that a line break is no space either.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

_MARKUP = ("&", "</", *MARKS)
"""What a text with HTML or LaTeX has."""
# Controls, soft hyphens, zero-width characters but joiners, and the marks that turn the direction of what follows.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_CJK_BREAK = re.compile(rf"(?<=[{_CJK}，。！？；：、])[ \t]*\n\s*(?=[{_CJK}，。！？；：、])")
_HYPHEN_AT_END = re.compile(r"-[ \t]*\n")
_BROKEN_WORD = re.compile(r"(?<![^\W_])([^\W_]+)-[ \t]*\n[ \t]*(?=([^\W_]+))")
# First and last parts of hyphenated compounds in computer science, for breaks at which the text gives no other hint.
_HEADS = word_set(
    """
    self multi non pre post re co cross semi sub super inter intra meta fine long short large small high low
    well real state end zero few one two three four full open data time text image video audio model human task
    vision world general special single double domain cost user object point graph tree type test train deep on
    off in out up down of the to by fast slow best mid top ultra hyper quasi pseudo anti micro macro bi tri uni
    """
)
_TAILS = word_set(
    """
    based aware free wise level driven scale art efficient trained training tuned tuning specific shot modal
    world time source end off of the to by guided agnostic grained quality resolution language dimensional
    centric oriented like order only term form to-end conditioned supervised attention augmented context
    decoding following step head layer
    """
)


def clean_text(text: str) -> str:
    """Text on one line, without HTML and LaTeX markup; numbers stay as written."""
    if text.isprintable() and not any(mark in text for mark in _MARKUP):
        text = text.strip()  # nearly all text; splitting takes three times as long as looking whether it is needed
        return text if "  " not in text else " ".join(text.split())
    text = without_html(text).replace("\u200b", " ").replace("\r\n", "\n")
    text = without_loose_joiners(_INVISIBLE.sub("", text))
    if "\n" in text:
        if _HYPHEN_AT_END.search(text):
            counts = Counter(re.findall(r"[^\W_]+", text.lower()))
            text = _BROKEN_WORD.sub(lambda match: _dehyphenated(match, counts), text)
        text = _CJK_BREAK.sub("", text)
    return " ".join(latex_to_text(" ".join(text.split())).split())


def _dehyphenated(match: re.Match[str], counts: Counter[str]) -> str:
    """First half of a word hyphenated at a line's end, with its hyphen only if both halves look like words."""
    head, tail = match[1], match[2]
    if tail in ("and", "or", "to", "und"):
        return match[0]  # "low- and high-level" loses no space
    if counts[(head + tail).lower()]:
        return head
    letters = head.isalpha() and tail.isalpha() and tail.islower() and len(head) > 1 and head[1:].islower()
    compound = match.string[max(match.start() - 1, 0)] in "-_" or head.lower() in _HEADS or tail in _TAILS
    elsewhere = counts[head.lower()] > 1 or counts[tail.lower()] > 1
    return head if letters and not compound and not elsewhere else f"{head}-"
