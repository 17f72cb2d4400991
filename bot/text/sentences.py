"""Foreign prose made readable: LaTeX and line breaks undone, text cut into sentences. Pure.

All of it is linear in the text, whatever the text: abstracts come from anybody.
"""

from __future__ import annotations

import re
from collections import Counter

from bot.text import latex


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Written without spaces between words, so that a line break inside is no space either.
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

# Controls, soft hyphens, zero-width characters and the marks that turn the direction of what follows.
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CJK_BREAK = re.compile(rf"(?<=[{CJK}，。！？；：、])[ \t]*\n\s*(?=[{CJK}，。！？；：、])")
_HYPHEN_AT_END = re.compile(r"-[ \t]*\n")
_BROKEN_WORD = re.compile(r"(?<![^\W_])([^\W_]+)-[ \t]*\n[ \t]*(?=([^\W_]+))")
# What stands before or after a real hyphen in our field, when the other half gives no hint.
_HEADS = _set(
    """
    self multi non pre post re co cross semi sub super inter intra meta fine long short large small high low
    well real state end zero few one two three four full open data time text image video audio model human task
    vision world general special single double domain cost user object point graph tree type test train deep on
    off in out up down of the to by fast slow best mid top ultra hyper quasi pseudo anti micro macro bi tri uni
    """
)
_TAILS = _set(
    """
    based aware free wise level driven scale art efficient trained training tuned tuning specific shot modal
    world time source end off of the to by guided agnostic grained quality resolution language dimensional
    centric oriented like order only term form to-end conditioned supervised attention augmented context
    decoding following step head layer
    """
)

_CLOSERS = "\"'”’)]»}"
_BOUNDARY = re.compile(
    rf"(?<=[.!?…{re.escape(_CLOSERS)}]) |(?<=[。！？])(?![”’」』）\"')])|(?<=[。！？][”’」』）\"')])"
)
_RUN_ON = re.compile(r"[.!?](?<=[a-z)\]]{2}.)(?=(?:We|The|This|These|In|Our|To|However|It|Experiments?|Extensive) )")
_FOLLOWING = re.compile(r"[^\w\s]*(\w[\w'-]{0,20})")
# Never the end of a sentence; of the second list only before a word that usually begins one.
_NEVER = _set(
    """
    e.g i.e fig figs eq eqs eqn sec secs ref refs tab vs cf resp dr prof mr mrs ms nos vol pp viz approx ca st
    w.r.t
    """
)
_SELDOM = _set(
    """
    etc et.al al a.k.a u.s u.k e.u u.n inc ltd co corp jr sr ph.d m.sc a.i i.i.d p.m a.m dept univ
    """
)
_BEFORE_NUMBERS = _set(
    """
    no jan feb mar apr jun jul aug sep sept oct nov dec p art ch
    """
)
_STARTERS = _set(
    """
    we the this these those our in to it its however here here, for by a an as with on at while when experiments
    extensive results moreover furthermore additionally specifically finally code through using under among both
    """
)


def clean(text: str) -> str:
    """The text on one line, without LaTeX markup; numbers stay as written. For titles and abstracts alike."""
    text = _INVISIBLE.sub("", text.replace("\u200b", " ").replace("\r\n", "\n"))
    if "\n" in text:
        text = _joined(text)
    return " ".join(latex.plain(" ".join(text.split())).split())


def _joined(text: str) -> str:
    if _HYPHEN_AT_END.search(text):
        seen = Counter(re.findall(r"[^\W_]+", text.lower()))
        text = _BROKEN_WORD.sub(lambda match: _mended(match, seen), text)
    return _CJK_BREAK.sub("", text)


def _mended(match: re.Match[str], seen: Counter[str]) -> str:
    """A word hyphenated at a line's end: one word, unless its halves look like words of their own."""
    head, tail = match[1], match[2]
    if tail in ("and", "or", "to", "und"):
        return match[0]  # "low- and high-level" loses no space
    if seen[(head + tail).lower()]:
        return head
    letters = head.isalpha() and tail.isalpha() and tail.islower() and len(head) > 1 and head[1:].islower()
    compound = match.string[max(match.start() - 1, 0)] in "-_" or head.lower() in _HEADS or tail in _TAILS
    elsewhere = seen[head.lower()] > 1 or seen[tail.lower()] > 1
    return head if letters and not compound and not elsewhere else f"{head}-"


def sentences(text: str) -> list[str]:
    """The sentences of cleaned text; survives `e.g.`, `et al.`, `Fig. 2`, `3.5`, initials and Chinese full stops."""
    found: list[str] = []
    start = 0
    for boundary in _BOUNDARY.finditer(_RUN_ON.sub(r"\g<0> ", text)):
        text = boundary.string
        if _ends(text, start, boundary):
            found.append(text[start : boundary.start()].strip())
            start = boundary.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]


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
        word in _NEVER or _counts(word, text, start, boundary.start() - len(last), following[1])
    ):
        return False
    if word in _SELDOM or (len(word) == 1 and word.isalpha() and last.endswith(".")):
        return starts and following[1][0].isupper()
    return not following[1][0].islower()


def _counts(word: str, text: str, start: int, at: int, following: str) -> bool:
    """Whether the dot belongs to a list's number ("steps: 1. Plan") or to a month or "No." before a number."""
    if following[0].isdigit():
        return word in _BEFORE_NUMBERS
    return len(word) <= 2 and word.isdigit() and (at <= start or text[at - 2] in ":;,")


def cut(text: str, longest: int) -> str:
    """The text, or its beginning up to a word's end and an ellipsis; never ends inside a number."""
    if len(text) <= longest:
        return text
    end = text.rfind(" ", longest // 2, longest)
    end = longest - 1 if end < 0 else end
    while end and _in_number(text, end):
        end -= 1
    return text[:end].rstrip(" ,;:–—-(.") + "…"


def _in_number(text: str, at: int) -> bool:
    """Whether cutting here would part a number, or a number from its unit or sign (`10 000`, `12 %`, `± 0.3`)."""
    before, after = text[:at].rstrip()[-1:], text[at:].lstrip()[:1]
    return (before.isdigit() or before in ".,±×~<>≤≥$") and (after.isdigit() or after in ".,%×±") and bool(after)
