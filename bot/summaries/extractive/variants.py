"""A sentence and the shorter ones in it: a lead, brackets, a trailing clause or one half of a pair left out. Pure.

Only whole phrases go, from lists of what may go; a phrase with a negation, a hedge, a condition or the other side of a
comparison never does, and what is left has a verb and closes its brackets. No word is added or changed, but for the
capital at the beginning and the full stop at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.summaries.extractive import phrases

MOST = 32
"""Variants of one sentence; more are of a sentence nobody wants."""
_FEWEST_WORDS = 6
_LONGEST = 1_200
"""Characters of a sentence that is worth shortening."""
_ROUNDS = 3
"""How many phrases may go from one end, one after the other."""


_Found = dict[str, frozenset[str]]
"""Text to the kinds of phrase that were left out."""


class Variant(NamedTuple):
    """What may be shown of a sentence, and what was done to it."""

    text: str
    dropped: frozenset[str]
    """The kinds of phrase left out: `brackets`, `tail`, `second`, `first`, `that`, `aside`, `announced`."""


def variants(sentence: str) -> list[Variant]:
    """All that may be shown of a sentence, without its lead; the longest first. At most sixteen."""
    whole = without_lead(sentence)
    found: dict[str, frozenset[str]] = {whole: frozenset()}
    if len(whole) <= _LONGEST:
        fresh = dict(found)
        for _ in range(_ROUNDS + 1):
            fresh = dict(_shorter(fresh, found))
            found |= fresh
            if len(found) >= MOST:
                break
    return [Variant(text, kinds) for text, kinds in list(found.items())[:MOST]]


def without_lead(sentence: str) -> str:
    """The sentence without what ties it to the one before: `To this end, we also …` -> `We …`."""
    sentence = phrases.ENUMERATED.sub("", sentence)
    for pattern in (phrases.LEAD, phrases.LEAD, phrases.BACKGROUND_LEAD):
        lead = pattern.match(sentence)
        if lead and not phrases.FIGURE.search(lead[0]):
            sentence = _capital(sentence[lead.end() :])
    return phrases.AFTER_SUBJECT.sub(r"\1 ", sentence)


def _shorter(
    texts: dict[str, frozenset[str]], known: dict[str, frozenset[str]]
) -> Iterator[tuple[str, frozenset[str]]]:
    for text, kinds in texts.items():
        for shorter, kind in _steps(text):
            if shorter not in known and _stands(shorter, noun="announced" in kinds or kind == "announced"):
                yield shorter, kinds | {kind}


def _steps(text: str) -> Iterator[tuple[str, str]]:
    """Everything that one phrase less may leave, with the kind of phrase."""
    yield from _without_brackets(text)
    yield from _without_tail(text)
    yield from _halves(text)
    yield from _without_aside(text)
    manner = phrases.MANNER_LEAD.match(text)
    if manner and not phrases.GUARD.search(manner[0]) and not phrases.FIGURE.search(manner[0]):
        yield _capital(text[manner.end() :]), "lead"
    announced = phrases.ANNOUNCED.match(text)
    if announced and not any(
        joint.search(text)
        for joint in (phrases.AND_WE, phrases.AND_VERB, phrases.AND_MORE, phrases.AND_THIRD, phrases.APART)
    ):
        yield _capital(text[announced.end() :]), "announced"
    said = phrases.THAT.match(text)
    if said and not phrases.LEANS.match(text, said.end()) and not phrases.TWO_THAT.search(text, said.end()):
        yield _capital(text[said.end() :]), "that"


def _without_brackets(text: str) -> Iterator[tuple[str, str]]:
    def gone(match: re.Match[str]) -> str:
        inner = match[1][1:-1]
        needed = phrases.GUARD.search(inner) or len(re.findall(rf"(?<!\w){re.escape(inner)}(?!\w)", text)) > 1
        return match[0] if needed else ""

    if "(" in text or "[" in text:
        yield phrases.BRACKETS.sub(gone, text), "brackets"


def _without_tail(text: str) -> Iterator[tuple[str, str]]:
    if text.endswith(("?", "？")) or phrases.SUBORDINATE.match(text):
        return
    for tail in phrases.TAIL.finditer(text):
        rest = text[tail.start() :]
        before = text[: tail.start()].rpartition(" ")[2].lower()
        if rest[0] == " " and (before in phrases.UNFINISHED or phrases.SAYS.fullmatch(before)):
            continue
        if not phrases.CLAUSE_GUARD.search(rest) and not phrases.LISTS.search(rest):
            yield _closed(text[: tail.start()]), "tail"


def _without_aside(text: str) -> Iterator[tuple[str, str]]:
    aside = phrases.ASIDE.search(text)
    if aside and not phrases.GUARD.search(aside[0]):
        yield f"{text[: aside.start()]} {text[aside.end() :]}", "aside"


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """The first and the second of two clauses or two verbs of one subject."""
    for joint in [*phrases.AND_WE.finditer(text), *phrases.APART.finditer(text)]:
        first, second = text[: joint.start()], text[joint.end() :]
        if not phrases.CLAUSE_GUARD.search(second):
            yield _closed(first), "second"
        if (
            not phrases.CLAUSE_GUARD.search(first)
            and not phrases.LEANS.match(second)
            and not phrases.PRONOUN.search(second[:80])
        ):
            yield _capital(second), "first"
    subject = phrases.SUBJECT.match(text)
    if not subject:
        return
    joints = [*phrases.AND_VERB.finditer(text), *phrases.AND_MORE.finditer(text)]
    for joint in joints if subject[0].lower() == "we " else phrases.AND_THIRD.finditer(text):
        first, second = text[: joint.start()], text[joint.end() :]
        if phrases.PAIRED.search(first) or re.search(r"\bto \w+$", first):
            continue
        if not phrases.CLAUSE_GUARD.search(second):
            yield _closed(first), "second"
        if (
            not phrases.CLAUSE_GUARD.search(first)
            and not phrases.BOUND.search(first)
            and not phrases.PRONOUN.search(second[:80])
        ):
            yield subject[0] + second, "first"


def _stands(text: str, *, noun: bool) -> bool:
    """Whether what is left can stand: long enough, with a verb unless it names a thing, brackets and quotes closed."""
    said = text.split()
    if len(said) < _FEWEST_WORDS or not (noun or phrases.VERB.search(text)):
        return False
    last = said[-1].strip(".,;:!?\"'”’)").lower()
    if phrases.HANGING.search(text):
        return False
    balanced = all(text.count(a) == text.count(b) for a, b in ("()", "[]", "“”")) and text.count('"') % 2 == 0
    return balanced and last not in phrases.DANGLING and not phrases.PAIRED.search(" ".join(said[-4:]))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _closed(text: str) -> str:
    """With a full stop, as the sentence had."""
    return text.rstrip(" ,;:–—-") + "."
