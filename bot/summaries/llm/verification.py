"""Whether a written summary says only what the abstract says, as far as its letters tell. Pure.

Strict where a reader would be misled (names, numbers, links, superlatives, negations), lenient in how verbs are put.
What is refused costs nothing: the extractive summary stays.
"""

from __future__ import annotations

import re

from bot.summaries.extractive import SUMMARY_MAX
from bot.text.analyzer import STOP_WORDS, stems, words
from bot.text.cleaning import clean_text
from bot.text.sentences import split_sentences


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


SHORTEST = 25
"""Characters."""
_MOST_SENTENCES = 2
COVERED = 0.6
"""The least share of its telling stems that the abstract or the title must have."""
_READ = 20_000

_FOREIGN = re.compile(r"[<>`|\\{}*#@\[\]\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069]|://|\bwww\.")
_DOMAIN = re.compile(r"\b[\w-]+\.(?:[\w-]+\.)*[A-Za-z]{2,}\b")
_ADDRESSES = re.compile(
    r"\b(?:you|your|yours|please|click|sorry|ignore|disregard|i['’]m|i can(?:not|['’]t)|as an ai|here is|tl;?dr)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:\s*(?:%|×|°|x\b|percent\b|fold\b|[kKMBGT]\b))?")
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LITERAL = _set(
    """
    one two three four five six seven eight nine ten eleven twelve hundred hundreds thousand thousands million millions
    billion billions trillion dozen dozens half third quarter twice thrice double doubles doubling triple triples
    twofold tenfold percent
    no not never none neither nor without cannot only always all every guarantees guaranteed proves proven
    best first largest smallest fastest cheapest strongest highest lowest unprecedented superhuman human perfect
    outperforms outperform surpasses surpass beats state-of-the-art
    """
)
"""Words that claim so much that the abstract must have them too."""
_OPENERS = _set(
    """
    introduces introducing proposes proposing presents presenting shows showing describes describing develops
    developing studies studying explores exploring investigates investigating analyzes analyses examines provides
    offers demonstrates uses using this paper new novel researchers authors
    """
)
"""What a summary may begin with, though the abstract says it otherwise."""


def summary_fault(said: str, title: str, abstract: str) -> str:
    """What is wrong with a summary, in a few words; "" if nothing is."""
    source = f"{clean_text(title[:_READ])} . {clean_text(abstract[:_READ])}"
    return _form(said, source) or _details(said, source) or _gist(said, title, source)


def _details(said: str, source: str) -> str:
    if missing := _numbers(said) - _numbers(source):
        return f"a number that is not in the abstract: {min(missing)}"
    if name := _stranger(said, source):
        return f"a name that is not in the abstract: {name}"
    if claimed := _LITERAL.intersection(_spoken(said)) - _spoken(source):
        return f"a claim that is not in the abstract: {min(claimed)}"
    return ""


def _gist(said: str, title: str, source: str) -> str:
    telling, known = set(stems(said, stop_words=False)), set(stems(source))
    if len(telling & known) < COVERED * len(telling):
        return "it tells of something else"
    if telling <= set(stems(clean_text(title[:_READ]))):
        return "it repeats the title"
    return ""


def _form(said: str, source: str) -> str:
    if not SHORTEST <= len(said) <= SUMMARY_MAX:
        return f"{len(said)} characters instead of {SHORTEST} to {SUMMARY_MAX}"
    if _FOREIGN.search(said):
        return "a link or markup"
    if any(domain not in source for domain in _DOMAIN.findall(said)):
        return "a link that is not in the abstract"
    if _ADDRESSES.search(said):
        return "it speaks to the reader"
    return "" if len(split_sentences(said)) <= _MOST_SENTENCES else "more than two sentences"


def _numbers(text: str) -> set[str]:
    return {"".join(found.split()) for found in _NUMBER.findall(text)}


def _spoken(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())) | frozenset(words(text))


def _stranger(said: str, source: str) -> str:
    """The first word with a capital or a digit in it that the source does not have; "" if there is none."""
    known = frozenset(_TOKEN.findall(source))
    stemmed = frozenset(stems(source))
    for sentence in split_sentences(said):
        for place, token in enumerate(_TOKEN.findall(sentence)):
            if token in known or not any(letter.isupper() or letter.isdigit() for letter in token):
                continue
            low = token.lower()
            usual = low in _OPENERS or low in STOP_WORDS or stemmed.issuperset(stems(low))
            if place or token[1:] != token[1:].lower() or not usual:
                return str(token)
    return ""
