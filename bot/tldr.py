"""Abstract -> one or two sentences taken from it, by a rule with a dozen weights and no model. Pure.

The rule is Edmundson's (H. P. Edmundson, "New Methods in Automatic Extracting", JACM 16(2), 1969): cue phrases, words
of the title, and place, added up; length keeps it to what a reader can take in. The weights were chosen by trying three
to five values of each on the development part of SciTLDR. ROUGE-1/2/L there is 41.9/21.3/34.8, so a little flattered
(41.4/20.8/34.3 with the first guess at the weights); the first sentence has 29.8/11.1/23.5, the first with a cue
38.6/18.5/31.6 and the best one 46.9/26.8/39.6.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.analysis import stems, words
from bot.prose import clean, sentences

__all__ = ["LONGEST", "clean", "cut", "key_sentence", "tldr"]

LONGEST = 320
"""Characters of a sentence that is shown."""
_READ = 20_000
"""Characters of an abstract that are read; real ones end at about 2,000 (https://info.arxiv.org/help/prep.html)."""
_READABLE = (8, 30)
"""Words of a sentence that is neither a fragment nor a mouthful."""
_NAME_WORDS = 3
"""Words of a name before a title's colon; more is a phrase."""
_ENOUGH_FIGURES = 1.7
"""More than one bare number in a sentence that compares: that may be a name (`SeaLLMs 3`)."""

# Matched against lower case.
_SOMEBODY = r"\b(?:we|this (?:paper|work|article|study|report|letter)|our (?:paper|work|study)"
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
_HERE = re.compile(r"\b(?:in|this) (?:this )?(?:paper|work|article|study)\b")
_BACKGROUND_WORDS = (
    "existing previous prior traditional conventional recent recently typically often usually commonly despite"
    " unfortunately however challenge challenging remain remains"
)
_BACKGROUND = frozenset(_BACKGROUND_WORDS.split())
_LEANS = re.compile(r"(?:it|they|these|those|such|its|their|this (?!paper|work|article|study|report))\b")
_CODE = re.compile(r"https?:|\bcodes?\b.{0,80}\b(?:available|released?|public)\b|\bavailable at\b|project page|代码")
_LABEL = re.compile(r"(?:abstract|summary|摘要)\s*[:.：—–-]\s*", re.IGNORECASE)
_ENUMERATED = re.compile(r"^\(?(?:\d|[ivx]{1,3})\) ")
_LEAD = re.compile(
    r"(?:(?:in|with|through) this (?:paper|work|article|study|report|letter|research)"
    r"|(?:in order )?to (?:this end|that end|do so|do this|(?:address|tackle|overcome|solve|mitigate|alleviate|bridge"
    r"|fill|remedy|resolve|achieve|answer|counter|combat|close|reduce|handle|deal with)\b[^,;:]{0,120})"
    r"|here|therefore|thus|hence|consequently|accordingly|specifically|in particular|moreover|furthermore|additionally"
    r"|in addition|finally|instead|however|in response|as a result|first|concretely|namely|in contrast"
    r"|more specifically|for this (?:purpose|reason)"
    r"|(?:motivated by|inspired by|based on (?:this|these|our)|in light of|building (?:up)?on) [^,;:]{0,90})"
    r"(?:, | (?=we ))(?:(?:therefore|then|also|further|thus|hence),? )?(?=(?:we|our|this|the|an?) )",
    re.IGNORECASE,
)
# A quantity, not a part of a name (GPT-4, 3D, v2) nor a year; with its unit it says more.
_FIGURE = re.compile(
    r"(?<![A-Za-z\d.,/^_-])[~≈<>≤≥+±$€£]{0,2}(?!(?:19|20)\d\d\b(?!\.\d|[%×x]))\d[\d,]*(?:\.\d+)?"
    r"(?P<unit> ?(?:%|％|×|x\b|percent\b|points?\b|pp\b|times\b|倍)|-?fold\b)?[KMBk]?(?![A-Za-z\d_-]|(?<=[ (]\d)\))"
)
_COMPARES = re.compile(
    r"\b(?:outperform|improv|reduc|increas|achiev|surpass|exceed|accelerat|speed|faster|fewer|higher|lower|better|gain|only"
    r"|compared|state-of-the-art|vs|accuracy|results?)|提升|提高|达到|超过|降低",
    re.IGNORECASE,
)


def tldr(title: str, abstract: str) -> str:
    """The one sentence of the abstract that says what was done, at most 320 characters; "" without an abstract."""
    best = _best(title, _candidates(title, abstract))
    return cut(_opened(best))


@lru_cache(maxsize=1024)  # a day's papers are the same in most channels, and looking at one takes milliseconds
def key_sentence(title: str, abstract: str) -> str:
    """A second sentence, the one with the main figures; never the TL;DR again; "" if none has figures."""
    found = _candidates(title, abstract)
    told = _best(title, found)
    scored = [(_figures(sentence), place, sentence) for place, sentence in enumerate(found) if sentence != told]
    score, _, sentence = max(scored, default=(0.0, 0, ""))
    return cut(_opened(sentence)) if score >= _ENOUGH_FIGURES else ""


def cut(text: str, longest: int = LONGEST) -> str:
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


def _candidates(title: str, abstract: str) -> list[str]:
    """The sentences that may be shown: all but those that only repeat the title."""
    named = words(clean(title[:_READ]))
    text = clean(abstract[:_READ])
    label = _LABEL.match(text)
    found = sentences(text[label.end() :] if label else text)
    return [sentence for sentence in found if (said := words(sentence)) and said != named]


def _best(title: str, candidates: list[str]) -> str:
    named = frozenset(stems(clean(title[:_READ]), stop_words=False))
    called = _name(title)
    last = max(len(candidates) - 1, 1)
    scores = [
        _score(sentence, named, place / last) + (0.8 if called and sentence.lower().startswith(called) else 0)
        for place, sentence in enumerate(candidates)
    ]
    return candidates[scores.index(max(scores))] if scores else ""


def _name(title: str) -> str:
    """What the work calls itself, in lower case: `BAPO` of `BAPO: Stabilizing …`; "" without such a name."""
    name, colon, _ = clean(title[:_READ]).partition(":")
    return name.lower() if colon and len(name.split()) <= _NAME_WORDS else ""


def _score(sentence: str, named: frozenset[str], place: float) -> float:
    said, low = words(sentence), sentence.lower()
    claim = 1.5 if _PROPOSES.search(low) else 1.2 if _FINDS.search(low) else 0.0
    about = len(named.intersection(stems(sentence))) / max(len(named), 1)
    # Scripts without spaces: two characters count as a word.
    length = max(low.count(" ") + 1, len(said) / 2)
    shortest, longest = _READABLE
    return (
        claim
        + (0.5 if _HERE.search(low) else 0)
        + 3 * about
        - place
        - (0.3 if place == 0 else 0)
        - 0.3 * min(len(_BACKGROUND.intersection(said)), 2)
        - (0.5 if _LEANS.match(low) else 0)
        - (0.5 if low.endswith(("?", "？")) else 0)
        - (1.5 if _CODE.search(low) else 0)
        - (1 if length < shortest else 0.03 * max(0, length - longest))
    )


def _opened(sentence: str) -> str:
    """The sentence without what ties it to the one before: `To this end, we …` -> `We …`."""
    sentence = _ENUMERATED.sub("", sentence)
    lead = _LEAD.match(sentence)
    if not lead or _FIGURE.search(lead[0]):
        return sentence
    rest = sentence[lead.end() :]
    return rest[:1].upper() + rest[1:]


def _figures(sentence: str) -> float:
    found = list(_FIGURE.finditer(sentence))
    if not found:
        return 0.0
    telling = sum(2.0 if figure["unit"] else 1.2 if "." in figure[0] else 0.6 for figure in found[:4])
    return telling + (1.0 if _COMPARES.search(sentence) else 0) - (3 if _CODE.search(sentence.lower()) else 0)
