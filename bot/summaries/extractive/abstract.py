"""A title and an abstract, read: sentences with their words, what they claim and what is only background. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.text.analyzer import STOP_WORDS, stems

_SOMEBODY = r"\b(?:we|this (?:paper|work|article|study|report|letter)|our (?:paper|work|study)"
# Matched against lower case.
_PROPOSES = re.compile(
    rf"{_SOMEBODY})\b(?: (?!not\b)\w+){{0,3}}? "
    r"(?:propose|present|introduce|develop|design|devise|describe|unveil|formulate)(?:s|d|ed)?\b"
    r"|\b(?:is|are) (?:proposed|presented|introduced)\b"
    r"|(?:本文|我们|我們|本研究).{0,12}(?:提出|介绍|介紹|设计|設計|构建)"
    r"|nous (?:proposons|présentons)|proponemos|presentamos|propomos"
    r"|wir (?:präsentieren|stellen|schlagen)|мы (?:предлагаем|представляем)",
)
_FINDS = re.compile(
    rf"{_SOMEBODY}|our (?:results|experiments|method|approach|model|analysis))\b(?: (?!not\b)\w+){{0,3}}? "
    r"(?:show|demonstrate|find|argue|study|investigate|explore|examine|provide|address|analy[sz]e|extend|build|create"
    r"|release|establish|derive|prove|improve|report|offer|tackle|revisit|consider|evaluate|aim|use|train|learn|apply"
    r"|identify|construct|conduct|observe|achieve|outperform|suggest|reveal|allow|enable)(?:s|es|d|ed)?\b"
    r"|本文|我们|我們|本研究",
)
_OURS = re.compile(r"\b(?:we|our|us|ours|this (?:paper|work|article|study))\b")
_TURNS = re.compile(
    r"(?:however|but|yet|unfortunately|nevertheless|nonetheless|in contrast|contrary|on the contrary|conversely|instead"
    r"|(?:in this (?:paper|work),? )?we (?:\w+ )?(?:challenge|refute|question|disprove))\b"
    r"|但|然而|不过"
)
_CLAIMING = frozenset(stems("we our ours us this propose proposed present presented introduce nous wir"))
_CLAIMING |= frozenset(stems("proponemos presentamos propomos"))
"""No English claim is without one of these; looking for them is faster."""
PROPOSES, FINDS, OURS, NOTHING = 1.0, 0.7, 0.4, 0.0
"""How much of a claim a sentence makes: proposes a thing, tells a finding, is about the authors at all."""
_NAME_WORDS = 3
"""Words of a name before a title's colon; more is a phrase."""
_MOST_SENTENCES = 100
_ENOUGH_SENTENCES = 3
"""Of fewer the first is hardly background."""
_ANNOUNCING = frozenset(
    stems("paper work propose present introduce describe study investigate novel new approach method article develop")
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an abstract, read."""

    text: str
    low: str
    stems: tuple[str, ...]
    place: int
    claim: float
    turns: bool
    """Whether it begins with `however` or its like."""
    question: bool = False
    taken_back: bool = False
    """Whether it is no claim, and the next sentence turns against it."""


@dataclass(frozen=True, slots=True)
class ParsedAbstract:
    """A title and an abstract, read."""

    title: frozenset[str]
    named: frozenset[str]
    """The title's stems that tell something."""
    called: str
    """What the work calls itself, in lower case: `bapo` of `BAPO: Stabilizing …`; "" without such a name."""
    sentences: tuple[Sentence, ...]
    claims: tuple[Sentence, ...]
    """Those that propose or find something; if nobody says `we`, those that name the work, else all but the first."""
    counts: Counter[str] = field(default_factory=Counter)


def parse_abstract(title: str, sentences: Sequence[str]) -> ParsedAbstract:
    """Read a cleaned title and the sentences of a cleaned abstract."""
    heads = [_sentence(text, place) for place, text in enumerate(sentences[:_MOST_SENTENCES])]
    turned = [*(head.turns for head in heads[1:]), False]
    found = tuple(
        replace(head, taken_back=turns and not head.claim) for head, turns in zip(heads, turned, strict=False)
    )
    called = _name(title)
    return ParsedAbstract(
        frozenset(stems(title)),
        frozenset(stems(title, stop_words=False)),
        called,
        found,
        _claims(found, called),
        Counter(stem for each in found for stem in each.stems),
    )


def _claims(found: tuple[Sentence, ...], called: str) -> tuple[Sentence, ...]:
    said = tuple(each for each in found if each.claim >= FINDS)
    named = tuple(each for each in found if called and called in each.low and not each.question)
    return said or named or (found[1:] if len(found) >= _ENOUGH_SENTENCES else ())


def claim_strength(low: str, said: Iterable[str]) -> float:
    """How much of a claim a text in lower case makes; `said` are its stems."""
    if low.isascii() and _CLAIMING.isdisjoint(said):
        return NOTHING
    if _PROPOSES.search(low):
        return PROPOSES
    return FINDS if _FINDS.search(low) else OURS if _OURS.search(low) else NOTHING


def repeats_title(reading: ParsedAbstract, said: Iterable[str]) -> bool:
    """Whether these stems only say the title again, with no more than `we propose` about it."""
    return all(stem in reading.named or stem in _ANNOUNCING or stem in STOP_WORDS for stem in said)


def _sentence(text: str, place: int) -> Sentence:
    low, said = text.lower(), tuple(stems(text))
    return Sentence(
        text,
        low,
        said,
        place,
        claim_strength(low, said),
        turns=bool(_TURNS.match(low)),
        question=low.endswith(("?", "？")),
    )


def _name(title: str) -> str:
    name, colon, _ = title.partition(":")
    return name.lower() if colon and len(name.split()) <= _NAME_WORDS else ""
