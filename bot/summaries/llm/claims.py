"""Strong claims of a written summary that its abstract does not make: superlatives, comparisons, negations. Pure."""

from __future__ import annotations

import re

from bot.text import word_set
from bot.text.analyzer import STOP_WORDS, stems, words

_LITERAL = word_set(
    """
    one two three four five six seven eight nine ten eleven twelve hundred hundreds thousand thousands million millions
    billion billions trillion dozen dozens half third quarter twice thrice double doubles doubling triple triples
    twofold tenfold percent
    only always all every guarantees guaranteed proves proven most least
    first unprecedented superhuman human perfect perfectly entirely completely fully unable
    """
)
"""Words of strong claims, which must be in the abstract too."""
_SUPERLATIVE = re.compile(r"best|worst|[a-z]{3,}est")
_NO_SUPERLATIVES = word_set(
    "test latest request interest invest digest suggest contest honest modest forest harvest guest quest arrest protest"
)
_FAMILIES = {
    "better than others": re.compile(
        r"\b(?:out-?perform\w*|surpass\w*|exceed\w*|beat(?:s|ing)?|superior\w*|better|best|sota|higher|stronger|ahead"
        r"|state[- ]of[- ]the[- ]art|outstanding|win(?:s|ning)?|improv\w+|highest|gains?|leads?|leading|top)\b"
    ),
    "significant": re.compile(
        r"\b(?:signific\w+|substantial\w*|dramatic\w*|remarkabl\w+|considerabl\w+|drastic\w*|notabl\w+|marked\w*"
        r"|great\w*|critical\w*|severe\w*|vast\w*|consistent\w*)\b"
    ),
    "minimal": re.compile(
        r"\b(?:minim\w+|minor|small\w*|negligibl\w+|little|few\w*|tiny|slight\w*|modest\w*|low\w*|light\w*|limited"
        r"|without|no|just|only|cheap\w*|marginal\w*|near\w*|less)\b"
    ),
}
"""Claims that may be said in other words: an abstract that has none of them does not make the claim."""
_NAMES = {
    "better than others": re.compile(r"\b(?:out-?perform\w*|surpass\w*|exceed\w*|beat(?:s|ing)?|superior\w*)\b"),
    "significant": re.compile(r"\b(?:signific\w+|substantial\w*|dramatic\w*|drastic\w*|considerabl\w+)\b"),
    "minimal": re.compile(r"\b(?:minim(?:al|um)\w*|negligibl\w+)\b"),
}
"""The words of a summary that make these claims."""
_NEGATION = word_set("no not never none neither nor without cannot")
_DISMISSAL = word_set(
    "abandon abandons abandoning unlike instead rather discard discards discarding forgo forgoes without"
)
"""Words before what a work does without: the abstract names it, the summary must not say that the work has it."""
_REACH, _DENIED = 6, 3
"""Words after a negation within which the abstract, and a summary, names what it denies."""
_DISMISSED = 4
"""Words after a dismissal that belong to it."""
_TOKEN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*|[.;:!?]")


def unsupported_claim(summary: str, source: str) -> str:
    """The first strong claim of a summary that is not in its source, in a few words; "" if there is none."""
    return _literal(summary, source) or _family(summary, source) or _denied(summary, source) or _turned(summary, source)


def _literal(summary: str, source: str) -> str:
    there = _lower_words(source)
    claims = _lower_words(summary) - there
    strong = _LITERAL & claims | {word for word in claims - _NO_SUPERLATIVES if _SUPERLATIVE.fullmatch(word)}
    return f"a claim that is not in the abstract: {min(strong)}" if strong else ""


def _family(summary: str, source: str) -> str:
    for name, claim in _NAMES.items():
        if (made := claim.search(summary.lower())) and not _FAMILIES[name].search(source.lower()):
            return f"a claim that is not in the abstract: {made[0]}"
    return ""


def _denied(summary: str, source: str) -> str:
    """A negation in the summary whose object the abstract does not deny."""
    tokens = _tokens(source)
    denied = [set(_objects(tokens, at)) for at in _places(tokens, _NEGATION)]
    tokens = _tokens(summary)
    for at in _places(tokens, _NEGATION):
        objects = set(_objects(tokens, at, _DENIED))
        if objects and not any(objects & each for each in denied):
            return f"a negation that is not in the abstract: {tokens[at]}"
    return ""


def _turned(summary: str, source: str) -> str:
    """Two words of the summary side by side that the abstract says only of what the work does without."""
    source_tokens, tokens = _tokens(source), _tokens(summary)
    dismissed, elsewhere = _pairs(source_tokens)
    turned = _pairs(tokens)[1] & dismissed - elsewhere
    return f"the abstract says that it does without: {' '.join(min(turned))}" if turned else ""


def _pairs(tokens: list[str]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Neighbouring stems shortly after a dismissal, and those elsewhere."""
    near = {place for at in _places(tokens, _DISMISSAL) for place in range(at + 1, _end(tokens, at, _DISMISSED))}
    dismissed: set[tuple[str, str]] = set()
    elsewhere: set[tuple[str, str]] = set()
    for at in range(len(tokens) - 1):
        pair = tokens[at : at + 2]
        if any(each in STOP_WORDS or not each[0].isalpha() for each in pair):
            continue
        first, second = (" ".join(stems(each)) for each in pair)
        (dismissed if at in near else elsewhere).add((first, second))
    return dismissed, elsewhere


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def _places(tokens: list[str], kind: frozenset[str]) -> list[int]:
    return [at for at, token in enumerate(tokens) if token in kind]


def _end(tokens: list[str], at: int, reach: int = _REACH) -> int:
    """End of the clause after a word, at most `reach` words on."""
    last = min(len(tokens), at + 1 + reach)
    return next((place for place in range(at + 1, last) if tokens[place] in ".;:!?"), last)


def _objects(tokens: list[str], at: int, reach: int = _REACH) -> list[str]:
    """Stems of the content words after a negation."""
    return stems(" ".join(tokens[at + 1 : _end(tokens, at, reach)]), stop_words=False)


def _lower_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())) | frozenset(words(text))
