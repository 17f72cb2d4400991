"""Parsing of a title and an abstract: sentences with their stems, claims, and background. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.summaries.extractive.phrases import THIS
from bot.summaries.extractive.quality import adds
from bot.text.analyzer import STOP_WORDS, stems

_AUTHORS = rf"\b(?:we|this {THIS}|our (?:paper|work|study|survey)"
# Matched against lower case.
_PROPOSES = re.compile(
    rf"{_AUTHORS})\b(?: (?!not\b)\w+){{0,3}}? "
    r"(?:propose|present|introduce|develop|design|devise|describe|unveil|formulate|collect|curate|construct"
    r"|build)(?:s|d|ed)?\b"
    r"|\bwe\b.{5,120}\band (?:\w+ )?(?:propose|introduce|present|develop|design)\b"
    r"|\b(?:is|are|was|were) (?:proposed|presented|introduced|developed|designed)\b"
    r"|(?:本文|我们|我們|本研究).{0,12}(?:提出|介绍|介紹|设计|設計|构建)"
    r"|nous (?:proposons|présentons)|proponemos|presentamos|propomos"
    r"|wir (?:präsentieren|stellen|schlagen)|мы (?:предлагаем|представляем)",
)
_FINDS = re.compile(
    rf"{_AUTHORS}|our (?:results|experiments|method|approach|model|analysis))\b(?: (?!not\b)\w+){{0,3}}? "
    r"(?:show|demonstrate|find|argue|challenge|ask|formalize|report|analyse|compare|systematically|study|investigate"
    r"|explore|examine|provide|address|analy[sz]e|extend|build|create"
    r"|organi[sz]e|summari[sz]e|review|survey|release|establish|derive|prove|improve|report|offer|tackle"
    r"|revisit|consider|evaluate|aim|use|train|learn|apply"
    r"|advocate|put forward|adopt|employ|leverage|exploit|formulate|rethink|recast|re-?examine|replace|discard"
    r"|treat|cast"
    r"|frame|identify|construct|conduct|observe|achieve|outperform|suggest|reveal|allow|enable)(?:s|es|d|ed)?\b"
    r"|本文|我们|我們|本研究",
)
_OURS = re.compile(
    r"\b(?:we (?!need|have|can|live|often|must|know|humans|are|use language)|our|us|ours|this (?:paper|work|article"
    r"|study))\b"
)
_CONTRAST = re.compile(
    r"(?:however|but|yet|unfortunately|nevertheless|nonetheless|in contrast|contrary|on the contrary|conversely"
    r"|instead"
    r"|(?:in this (?:paper|work),? )?we (?:\w+ )?(?:challenge|refute|question|disprove))\b"
    r"|但|然而|不过"
)
_CLAIMING = frozenset(stems("we our ours us this propose proposed present presented introduce nous wir"))
_CLAIMING |= frozenset(stems("proponemos presentamos propomos"))
"""Stems of which every English claim has one; a set is faster than the patterns."""
PROPOSES, FINDS, OURS, NOTHING = 1.0, 0.7, 0.4, 0.0
"""Strength of a claim: a proposal, a finding, any other statement about the authors' work, none."""
_NAME_WORDS = 4
"""Words of a name before a title's colon, at most; more are a phrase."""
_SENTENCES_MAX = 100
_BACKGROUND_FROM = 3
"""Sentences of an abstract whose first one counts as background."""
_ANNOUNCING = frozenset(
    stems("paper work propose present introduce describe study investigate novel new approach method article develop")
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an abstract; `low` is its text in lower case, `place` its index."""

    text: str
    low: str
    stems: tuple[str, ...]
    place: int
    claim: float
    contrasts: bool
    """Whether the sentence begins with a contrast (`however`)."""
    question: bool = False
    contradicted: bool = False
    """Whether the sentence is no claim and the next one begins with a contrast."""


@dataclass(frozen=True, slots=True)
class ParsedAbstract:
    """A parsed title and abstract."""

    title: str
    title_stems: frozenset[str]
    title_content: frozenset[str]
    """Stems of the title without stop words."""
    name: str
    """The work's name, in lower case: `bapo` of `BAPO: Stabilizing …`; "" without one."""
    sentences: tuple[Sentence, ...]
    claims: tuple[Sentence, ...]
    """Sentences that propose or find something, else those that name the work, else all but the first."""
    proposals: tuple[Sentence, ...] = ()
    """Claims that propose something, but for further things (`Moreover, we propose …`)."""
    counts: Counter[str] = field(default_factory=Counter)


def parse_abstract(title: str, sentences: Sequence[str]) -> ParsedAbstract:
    """Parse a cleaned title and the sentences of a cleaned abstract."""
    heads = [_sentence(text, place) for place, text in enumerate(sentences[:_SENTENCES_MAX])]
    next_contrasts = [*(sentence.contrasts for sentence in heads[1:]), False]
    parsed = tuple(
        replace(sentence, contradicted=contrast and not sentence.claim)
        for sentence, contrast in zip(heads, next_contrasts, strict=False)
    )
    head, colon, _ = title.partition(":")
    name = head.lower().removeprefix("the ") if colon and len(head.split()) <= _NAME_WORDS else ""
    parsed = tuple(replace(each, claim=PROPOSES) if name and _defines(each.low, name) else each for each in parsed)
    claims = tuple(sentence for sentence in parsed if sentence.claim >= FINDS)
    claims = claims or tuple(sentence for sentence in parsed if sentence.claim >= OURS)
    naming = tuple(sentence for sentence in parsed if name and name in sentence.low and not sentence.question)
    return ParsedAbstract(
        title,
        frozenset(stems(title)),
        frozenset(stems(title, stop_words=False)),
        name,
        parsed,
        claims or naming or (parsed[1:] if len(parsed) >= _BACKGROUND_FROM else ()),
        tuple(each for each in claims if each.claim >= PROPOSES and not adds(each.text)),
        Counter(stem for sentence in parsed for stem in sentence.stems),
    )


def claim_strength(low: str, text_stems: Iterable[str]) -> float:
    """Strength of the claim of a text in lower case with these stems: PROPOSES, FINDS, OURS or NOTHING."""
    if low.isascii() and _CLAIMING.isdisjoint(text_stems):
        return NOTHING
    if _PROPOSES.search(low):
        return PROPOSES
    return FINDS if _FINDS.search(low) else OURS if _OURS.search(low) else NOTHING


def _defines(low: str, name: str) -> bool:
    """Whether a sentence says what the named work is: `bapo is a …`."""
    return low.removeprefix("the ").startswith((f"{name} is a", f"{name} is the ", f"{name} are a"))


def repeats_title(parsed: ParsedAbstract, text_stems: Iterable[str]) -> bool:
    """Whether a text with these stems repeats the title, with no more than `we propose` around it."""
    return all(stem in parsed.title_content or stem in _ANNOUNCING or stem in STOP_WORDS for stem in text_stems)


def _sentence(text: str, place: int) -> Sentence:
    low, text_stems = text.lower(), tuple(stems(text))
    return Sentence(
        text,
        low,
        text_stems,
        place,
        claim_strength(low, text_stems),
        contrasts=bool(_CONTRAST.match(low)),
        question=low.endswith(("?", "？")),
    )
