"""The sentence with the main figures. Pure."""

from __future__ import annotations

import re

from bot.summaries.extractive.abstract import ParsedAbstract
from bot.summaries.extractive.faults import is_about_code, is_whole, points_back
from bot.summaries.extractive.rewriting import shown_sentence
from bot.text.analyzer import stems

KEY_SENTENCE_MIN = 1.7
"""Least figure score of a key sentence: more than a bare number in a comparison, which may be a name (`SeaLLMs 3`)."""
# A quantity, not a part of a name (GPT-4, 3D, v2) nor a year; with its unit it says more.
_FIGURE = re.compile(
    r"(?<![A-Za-z\d.,/^_:-])[~≈<>≤≥+±$€£]{0,2}(?!(?:19|20)\d\d\b(?!\.\d|[%×x]))\d[\d,]*(?:\.\d+)?"
    r"(?P<unit> ?(?:%|％|×|x\b|percent\b|points?\b|pp\b|times\b|倍)|-?fold\b)?[KMBk]?(?![A-Za-z\d_-]|(?<=[ (]\d)\))"
)
# A size of a model or of its training.
_SIZE = re.compile(
    r"[KMBk]|\d[ -](?:\w+ )?(?:parameters?|params|tokens|hours|models?|layers|epochs|steps|GPUs|iterations"
    r"|seeds|runs)\b"
)
_NAME = re.compile(r"\b[A-Z][\w-]*[a-zA-Z] $")
_SETTING = re.compile(
    r"\b(?:exclud|recruit|enrol|participants (?:were|completed)|collected|recorded|sampl(?:ed|ing) at|epochs?"
    r"|years? old"
    r"|does not|do not|cannot|unable|limited|limiting|previous study|version of)",
    re.IGNORECASE,
)
_LONGEST = 320
_COMPARES = re.compile(
    r"\b(?:outperform|improv|reduc|increas|achiev|surpass|exceed|accelerat|speed-?ups?\b|speeds? up\b|faster|fewer"
    r"|higher|lower|better|gain|only|compared|state-of-the-art|vs|accuracy|results?\b)|提升|提高|达到|超过|降低",
    re.IGNORECASE,
)


def figure_sentence(parsed: ParsedAbstract, summary: str) -> str:
    """The whole sentence with the best figures that the summary lacks; "" without one."""
    summary_stems = frozenset(stems(summary, stop_words=False))
    first = parsed.claims[0].place if parsed.claims else 0
    sentences = [shown_sentence(each.text) for each in parsed.sentences[first:] if not each.question]
    fit = [
        each
        for each in sentences
        if not frozenset(stems(each, stop_words=False)) <= summary_stems and each[:60] not in summary
    ]
    fit = [
        each
        for each in fit
        if is_whole(each) and not points_back(each, title=parsed.title_content) and len(each) <= _LONGEST
    ]
    scored = [(figure_score(each), -place, each) for place, each in enumerate(fit)]
    score, _, best = max(scored, default=(0.0, 0, ""))
    return best if score >= KEY_SENTENCE_MIN else ""


def figure_score(sentence: str) -> float:
    """Points for up to four numbers, more with units, and for a comparison; minus 3 for a link to code."""
    numbers = [
        each for each in _FIGURE.finditer(sentence) if each["unit"] or not _NAME.search(sentence[: each.start()])
    ]
    if not numbers:
        return 0.0
    points = sum(_points(number) for number in numbers[:4])
    points += 1.0 * bool(_COMPARES.search(sentence)) - 1.5 * bool(_SETTING.search(sentence))
    return points - 3.0 * is_about_code(sentence.lower())


def _points(number: re.Match[str]) -> float:
    if number["unit"]:
        return 2.0
    if _SIZE.match(number.string, number.end() - 1):
        return 0.1
    return 1.2 if "." in number[0] else 0.6
