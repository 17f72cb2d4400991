"""Variants of a sentence without a lead, brackets, a trailing clause or one half of a pair. Pure.

Only whole phrases of listed kinds are dropped, never one with a negation, a hedge, a condition or the other side of a
comparison; the rest has a verb and closes its brackets. No word is added or changed, but for the capital at the
beginning and the full stop at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.summaries.extractive import phrases

VARIANTS_MAX = 32
"""Variants of one sentence."""
_WORDS_MIN = 6
_SENTENCE_MAX = 1_200
"""Characters of a sentence that is shortened."""
_ROUNDS = 3
"""Phrases that are dropped one after the other, beyond the first."""

Dropped = frozenset[str]
"""Kinds of the dropped phrases: `brackets`, `tail`, `second`, `first`, `that`, `aside`, `lead`, `announced`."""


class Variant(NamedTuple):
    """A text that may be shown for a sentence."""

    text: str
    dropped: Dropped


def variants(sentence: str) -> list[Variant]:
    """Variants of a sentence, at most 32, first the sentence without its lead."""
    whole = without_lead(sentence)
    texts: dict[str, Dropped] = {whole: frozenset()}
    if len(whole) <= _SENTENCE_MAX:
        latest = dict(texts)
        for _ in range(_ROUNDS + 1):
            latest = dict(_shorter(latest, texts))
            texts |= latest
            if len(texts) >= VARIANTS_MAX:
                break
    return [Variant(text, dropped) for text, dropped in list(texts.items())[:VARIANTS_MAX]]


def without_lead(sentence: str) -> str:
    """Sentence without its connective to the previous one: `To this end, we also …` becomes `We …`."""
    sentence = phrases.ENUMERATED.sub("", sentence)
    for pattern in (phrases.LEAD, phrases.LEAD, phrases.BACKGROUND_LEAD):
        lead = pattern.match(sentence)
        if lead and not phrases.FIGURE.search(lead[0]):
            sentence = _capital(sentence[lead.end() :])
    return phrases.AFTER_SUBJECT.sub(r"\1 ", sentence)


def _shorter(latest: dict[str, Dropped], texts: dict[str, Dropped]) -> Iterator[tuple[str, Dropped]]:
    for text, dropped in latest.items():
        for shorter, kind in _steps(text):
            if shorter not in texts and _is_complete(shorter, noun="announced" in dropped or kind == "announced"):
                yield shorter, dropped | {kind}


def _steps(text: str) -> Iterator[tuple[str, str]]:
    """Texts with one phrase less, each with the kind of phrase."""
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
        for joint in (phrases.AND_WE, phrases.AND_VERB, phrases.AND_MORE, phrases.AND_THIRD, phrases.CLAUSE_BREAK)
    ):
        yield _capital(text[announced.end() :]), "announced"
    that = phrases.THAT.match(text)
    if that and not phrases.ANAPHORA.match(text, that.end()) and not phrases.TWO_THAT.search(text, that.end()):
        yield _capital(text[that.end() :]), "that"


def _without_brackets(text: str) -> Iterator[tuple[str, str]]:
    def replacement(match: re.Match[str]) -> str:
        inner = match[1][1:-1]
        needed = phrases.GUARD.search(inner) or len(re.findall(rf"(?<!\w){re.escape(inner)}(?!\w)", text)) > 1
        return match[0] if needed else ""

    if "(" in text or "[" in text:
        yield phrases.BRACKETS.sub(replacement, text), "brackets"


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
    """Either of two clauses, or of two verbs of one subject."""
    for joint in [*phrases.AND_WE.finditer(text), *phrases.CLAUSE_BREAK.finditer(text)]:
        first, second = text[: joint.start()], text[joint.end() :]
        if not phrases.CLAUSE_GUARD.search(second):
            yield _closed(first), "second"
        if (
            not phrases.CLAUSE_GUARD.search(first)
            and not phrases.ANAPHORA.match(second)
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
            and not phrases.DEPENDENT.search(first)
            and not phrases.PRONOUN.search(second[:80])
        ):
            yield subject[0] + second, "first"


def _is_complete(text: str, *, noun: bool) -> bool:
    """Whether a text can stand alone: long enough, with a verb unless it is a noun phrase, all brackets closed."""
    tokens = text.split()
    if len(tokens) < _WORDS_MIN or not (noun or phrases.VERB.search(text)):
        return False
    last = tokens[-1].strip(".,;:!?\"'”’)").lower()
    if phrases.HANGING.search(text):
        return False
    balanced = all(text.count(a) == text.count(b) for a, b in ("()", "[]", "“”")) and text.count('"') % 2 == 0
    return balanced and last not in phrases.DANGLING and not phrases.PAIRED.search(" ".join(tokens[-4:]))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _closed(text: str) -> str:
    return text.rstrip(" ,;:–—-") + "."
