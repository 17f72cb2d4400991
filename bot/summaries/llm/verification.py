"""Verification of a written summary against the abstract, by its words. Pure.

Strict on names, numbers, links, superlatives and negations, which would mislead a reader; lenient on verbs. After a
rejection the extractive summary stays.
"""

from __future__ import annotations

import re

from bot.summaries.extractive import SUMMARY_MAX
from bot.summaries.llm.claims import unsupported_claim
from bot.text import word_set
from bot.text.analyzer import STOP_WORDS, stems
from bot.text.cleaning import clean_text
from bot.text.sentences import split_sentences

SUMMARY_MIN = 25
"""Characters of a summary, at least."""
_SENTENCES_MAX = 2
COVERED_MIN = 0.6
"""Share of a summary's content stems that must be in the title or the abstract."""
_TEXT_MAX = 20_000

_MARKUP = re.compile(
    r"[<>`|\\{}*#\[\]\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069]|://|\bwww\.|(?<![A-Za-z0-9])@|@(?![A-Za-z0-9])"
)
_DOMAIN = re.compile(r"\b[\w-]+\.(?:[\w-]+\.)*[A-Za-z]{2,}\b")
_ADDRESSES = re.compile(
    r"\b(?:you|your|yours|please|click|sorry|ignore|disregard|i['’]m|i can(?:not|['’]t)|as an ai|here is|tl;?dr)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:\s*(?:%|×|°|x\b|percent\b|fold\b|[kKMBGT]\b))?")
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_OPENERS = word_set(
    """
    introduces introducing proposes proposing presents presenting shows showing describes describing develops
    developing studies studying explores exploring investigates investigating analyzes analyses examines provides
    offers demonstrates uses using this paper new novel researchers authors
    """
)
"""Words that a summary may begin with although the abstract has others."""


def summary_fault(summary: str, title: str, abstract: str) -> str:
    """The first fault of a summary, in a few words; "" if it has none."""
    source = f"{clean_text(title[:_TEXT_MAX])} . {clean_text(abstract[:_TEXT_MAX])}"
    return _form_fault(summary, source) or _detail_fault(summary, source) or _subject_fault(summary, title, source)


def _detail_fault(summary: str, source: str) -> str:
    if missing := _numbers(summary) - _numbers(source):
        return f"a number that is not in the abstract: {min(missing)}"
    if name := _unknown_name(summary, source):
        return f"a name that is not in the abstract: {name}"
    return unsupported_claim(summary, source)


def _subject_fault(summary: str, title: str, source: str) -> str:
    content, covered = set(stems(summary, stop_words=False)), set(stems(source))
    if len(content & covered) < COVERED_MIN * len(content):
        return "it tells of something else"
    if content <= set(stems(clean_text(title[:_TEXT_MAX]))):
        return "it repeats the title"
    return ""


def _form_fault(summary: str, source: str) -> str:
    if not SUMMARY_MIN <= len(summary) <= SUMMARY_MAX:
        return f"{len(summary)} characters instead of {SUMMARY_MIN} to {SUMMARY_MAX}"
    if _MARKUP.search(summary):
        return "a link or markup"
    if any(domain not in source for domain in _DOMAIN.findall(summary)):
        return "a link that is not in the abstract"
    if _ADDRESSES.search(summary):
        return "it speaks to the reader"
    return "" if len(split_sentences(summary)) <= _SENTENCES_MAX else "more than two sentences"


def _numbers(text: str) -> set[str]:
    return {"".join(number.split()) for number in _NUMBER.findall(text)}


def _unknown_name(summary: str, source: str) -> str:
    """The first word with a capital or a digit that is not in the source; "" if there is none."""
    source_tokens = frozenset(_TOKEN.findall(source))
    lower_tokens = frozenset(token.lower() for token in source_tokens)
    stemmed = frozenset(stems(source))
    for sentence in split_sentences(summary):
        for place, token in enumerate(_TOKEN.findall(sentence)):
            if not any(letter.isupper() or letter.isdigit() for letter in token):
                continue
            if {token, token.removesuffix("s"), f"{token}s", token.removesuffix("'s")} & source_tokens:
                continue
            low, is_plain = token.lower(), token[1:] == token[1:].lower()
            usual = low in _OPENERS or low in STOP_WORDS or stemmed.issuperset(stems(low))
            if not is_plain or not (low in lower_tokens if place else usual):
                return str(token)
    return ""
