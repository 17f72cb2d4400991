"""Cleaned text cut into sentences, or to a length. Pure, and linear in the text."""

from __future__ import annotations

import re

from bot.text import word_set

_CLOSERS = "\"'”’)]»}"
_BOUNDARY = re.compile(
    rf"(?<=[.!?…{re.escape(_CLOSERS)}]) |(?<=[。！？])(?![”’」』）\"')])|(?<=[。！？][”’」』）\"')])"
)
# A full stop without a space, before a usual first word or a name like `MoCam`.
_RUN_ON = re.compile(
    r"[.!?](?<=[a-z)\]]{2}.)(?=(?:We|The|This|These|In|Our|To|However|It|Experiments?|Extensive) )"
    r"|\.(?<=[a-z]{4}.)(?=[A-Z][a-z]+[A-Z]\w*,? [a-z])"
)
_FOLLOWING = re.compile(r"[^\w\s]*(\w[\w'-]{0,20})")
# Never the end of a sentence; of the second list only before a word that usually begins one.
_NEVER = word_set(
    "e.g i.e fig figs eq eqs eqn sec secs ref refs tab vs cf resp dr prof mr mrs ms nos vol pp viz approx ca st w.r.t"
)
_SELDOM = word_set("etc et.al al a.k.a u.s u.k e.u u.n inc ltd co corp jr sr ph.d m.sc a.i i.i.d p.m a.m dept univ")
_BEFORE_NUMBERS = word_set("no jan feb mar apr jun jul aug sep sept oct nov dec p art ch")
_STARTERS = word_set(
    """
    we the this these those our in to it its however here here, for by a an as with on at while when experiments
    extensive results moreover furthermore additionally specifically finally code through using under among both
    """
)


def split_sentences(text: str) -> list[str]:
    """Sentences of cleaned text; handles `e.g.`, `et al.`, `Fig. 2`, `3.5`, initials and Chinese full stops."""
    sentences: list[str] = []
    start = 0
    for boundary in _BOUNDARY.finditer(_RUN_ON.sub(r"\g<0> ", text)):
        text = boundary.string
        if _ends(text, start, boundary):
            sentences.append(text[start : boundary.start()].strip())
            start = boundary.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _ends(text: str, start: int, boundary: re.Match[str]) -> bool:
    """Whether a sentence ends at this boundary, judged by the words on either side of it."""
    if not boundary[0]:
        return True  # after an ideographic full stop
    last = text[max(text.rfind(" ", start, boundary.start()) + 1, start) : boundary.start()].rstrip(_CLOSERS)
    following = _FOLLOWING.match(text, boundary.end())
    if not last.endswith((".", "!", "?", "…")) or not following:
        return False
    word = last.rstrip(".!?…").lstrip("([{\"'“‘").lower()
    starts = following[1].lower() in _STARTERS
    if last.endswith(".") and (
        word in _NEVER or _ends_numeral(word, text, start, boundary.start() - len(last), following[1])
    ):
        return False
    if word in _SELDOM or (len(word) == 1 and word.isalpha() and last.endswith(".")):
        return starts and following[1][0].isupper()
    return not following[1][0].islower()


def _ends_numeral(word: str, text: str, start: int, at: int, following: str) -> bool:
    """Whether the dot belongs to a list's number ("steps: 1. Plan") or to a month or "No." before a number."""
    if following[0].isdigit():
        return word in _BEFORE_NUMBERS
    return len(word) <= 2 and word.isdigit() and (at <= start or text[at - 2] in ":;,")


def shorten(text: str, longest: int) -> str:
    """Text of at most `longest` characters, cut at a word's end with an ellipsis, never inside a number."""
    if len(text) <= longest:
        return text
    end = text.rfind(" ", longest // 2, longest)
    end = longest - 1 if end < 0 else end
    while end and _in_number(text, end):
        end -= 1
    return text[:end].rstrip(" ,;:–—-(.") + "…"


def cut(text: str, longest: int) -> str:
    """Text of at most `longest` characters, cut anywhere, with an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _in_number(text: str, at: int) -> bool:
    """Whether cutting here would part a number, or a number from its unit or sign (`10 000`, `12 %`, `± 0.3`)."""
    before, after = text[:at].rstrip()[-1:], text[at:].lstrip()[:1]
    return (before.isdigit() or before in ".,±×~<>≤≥$") and (after.isdigit() or after in ".,%×±") and bool(after)
