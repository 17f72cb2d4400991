"""Faults of a sentence that is to stand alone: words that point elsewhere, missing parts, promises. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.summaries.extractive.phrases import ENUMERATED, THIS
from bot.text import word_set
from bot.text.analyzer import stems

_POINTER_AT_START = re.compile(
    rf"(?:it|its|they|their|he|she|those|these|such|this(?! {THIS}\b)|that|here|then|next|also|both(?! \w+ly\b)"
    rf"|doing|one|another"
    rf"|each|instead|otherwise|as such|for both|(?:in|for|with|by|on|at|from|of|to|under"
    rf"|using) (?:this(?! (?:\w+ )?{THIS}\b)|these|those|such|both)"
    r"|the (?:improvements?|gains?|benefits?|advantages?|effects?)(?! (?:of|in|from)\b)"
    r"|the (?:former|latter|above|aforementioned|resulting|same|other|second|third|remaining|first (?:is|stage|step"
    r"|phase|one|innovation|component|part|two|of these))"
    r"|(?:based|built|building) (?:up)?on (?:it|this|that|these|them)|similar\w*|likewise|again|conversely"
    r"|in contrast|first,|second,|third,|all (?:the )?others?"
    r"|(?:in|at|during) (?:the|its) (?:first|second|third|final|last|next) (?:stage|step|phase)"
    r"|finally|moreover|furthermore|(?:first|second|third)ly)\b",
    re.IGNORECASE,
)
_AFTER_PRONOUN = r"(?:as|that|of|who|with|in|from|into|onto|to|for|and|are|were|by|at|on|a way|way)"
_POINTER = re.compile(
    rf"\b(?:(?P<noun>(?:this|(?:these|those|such)(?! {_AFTER_PRONOUN}\b)) (?!{THIS}\b)"
    r"(?P<first>[\w-]+)(?: (?P<second>[\w-]+))?)"
    r"|(?P<always>the (?:former|latter|above|aforementioned|opposite|remaining|said)\b|aforementioned|above-mentioned"
    r"|mentioned above"
    r"|the (?:gap|challenges?|limitations?|shortcomings?|drawbacks?|concept|idea|dilemma|issues?|problems?"
    r"|question)s?(?=[,.;]| (?:and|by|with|through|via|we)\b)"
    r"|both [\w-]+s(?=[.,;]| (?:are|were|have|can|in|of|with|to|for)\b)|these two|both of these|as before"
    r"|to this end|do so|doing so))",
    re.IGNORECASE,
)
_ANY_POINTER = re.compile(r"[Tt]h(?:is|ese|ose|e) |[Ss]uch |[Bb]oth |mention|before|do(?:ing)? so")
_GENERIC = frozenset(
    stems(
        "approach method framework model system strategy technique paradigm algorithm pipeline architecture mechanism"
    )
)
_PLURAL = re.compile(r"[^\Ws]s$")
_LISTED_AS = _GENERIC | frozenset(
    stems("component aspect factor task capability benchmark property element dimension module domain feature two")
)
"""What a list is called."""
_CLAUSE_AS_NOUN = re.compile(r"this (?:is|was|can|enables|allows|leads|results|holds|may|does|yields)\b", re.IGNORECASE)
_CLAUSE = 8
"""Words of a clause that `this` may stand for, more than; or in which the noun of `these` is named in other words."""
_TROUBLE = frozenset(
    stems(
        "challenge issue limitation problem finding insight observation result gap shortcoming concern"
        " difficulty obstacle constraint barrier question weakness drawback bottleneck hypothesis phenomenon assumption"
        " deficiency dilemma task setting"
    )
)
"""What abstracts speak of before they say what was done."""
_IT = re.compile(r"\b(?P<many>they|their|them|themselves)\b|\b(?:it|its|itself)\b", re.IGNORECASE)
_ANY_IT = re.compile(r"\b[Ii]t|\b[Tt]he[iym]")
_EXPLETIVE = re.compile(
    r"\b(?:makes?|making|made|render\w*|finds?|found|consider\w*|keep\w*) it\b|\bit (?:is|was|can be|remains"
    r"|becomes) \w+ (?:to|that|for|whether)\b",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?!(?:this|is|was|has|does|its|thus|as|across|various|towards|always|perhaps)\b)\w*(?:[^s\W]s|data|people"
    r"|children|media)\b|\band\b",
    re.IGNORECASE,
)
_OURS = re.compile(r"(?:we|our \w+|this \w+) (?:\w+ly )?\w+ ?", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|may|might|will|would|must|should|does|do|did"
    r"|\w{2,}(?:izes?|ises?|ates?|ifies|ows?|eeds?|ains?|eves?|ides?|uces?|oves?|oses?|ents?|ines?|ings?)"
    r"|[a-z]{3,}(?:s|ed)|propose|show|find|use|study|prove|learn|give|take|make|train|build|derive|develop|exist"
    r"|outperform)\b",
)
_BROKEN_LIST = re.compile(r"(?:\(?\b(?:1|i)\)|\(a\)) ")
_FOLLOWING = re.compile(r"\b(?:the following\b[^:]*|as follows)[.…]$")
_SECOND = re.compile(r"(?:\(?\b(?:2|ii)\)|\(b\)) ")
_CODE = re.compile(
    r"https?:|\bwarning: |\bmay be offensive|\b(?:codes?|weights|models?|datasets?|data|demo|videos?|implementation"
    r"|project)\b[^.]{0,90}\b(?:available|released?|releasing"
    r"|publicly|public|open-sourced?|accessible|found)\b|\bavailable at\b|\b(?:be|are|is) (?:made )?(?:publicly"
    r"|freely|fully|open|released|available|accessible|open-sourced)|open-?sourced?\b.{0,40}$|make it publicly"
    r"|project (?:page|website)|arxiv:\d|\bversion of (?:the|a|our) (?:previous|earlier)"
    r"|\bgithub\.|\b(?:on|at|via|in) (?:our )?github\b|代码",
)
_OF_CODE = (
    *("http", "warning", "offensive", "avail", "releas", "public", "open", "access", "found", "free", "fully"),
    *("project", "github", "arxiv", "version of", "代码"),
)
"""Parts of words, of which each match of the pattern has one; looking for them is faster."""
_NEVER_LAST = word_set(
    "a an the of to in for with by on at from as and or that which is are our its their e.g i.e via than through using"
    " including into"
)
_PARTICIPLE = re.compile(
    r"(?:\w+ly, )?(?:achiev|demonstrat|show|outperform|surpass|reach|obtain|yield|result|enabl|includ|lead)ing\b",
    re.IGNORECASE,
)
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|can|we|it|requires?|remains?|ours?)\b")
_MIN = 5
_CONTRASTS = re.compile(
    r"(?:instead(?= of this|,)|in contrast(?=,)|by contrast|conversely|otherwise|similarly|likewise|still|rather"
    r"|on the (?:other hand|contrary)"
    r"|even so|nevertheless|nonetheless|yet|(?:despite|under) (?:this|these)|the same|while this),? (?!(?:we"
    r"|this paper|our)\b)",
    re.IGNORECASE,
)
_DEFINITE = re.compile(
    r"The (?P<noun>(?:[\w-]+ ){0,3}(?:agent|framework|model|system|dataset|leaderboard|benchmark|method|approach|tool"
    r"|pipeline|algorithm"
    r"|architecture|corpus|platform|SDK|module|network)|[A-Z][a-z]+(?= [a-z]+s\b))\b(?! of)"
)
_COINED = re.compile(r"(?:The |Our )?(?=[A-Z][\w-]{0,60}[A-Z0-9])[A-Z][\w-]{1,60} ")
_IS_A = re.compile(r"(?:\([^()]*\) )?(?:is|are) ")


def points_back(text: str, before: str = "", title: frozenset[str] = frozenset()) -> bool:
    """Whether the text points to something that neither it nor the text shown before it names."""
    if not before and (_POINTER_AT_START.match(text) or "the proposed" in text or _unclear_it(text)):
        return True
    if not _ANY_POINTER.search(text):
        return False
    for pointer in _POINTER.finditer(text):
        if pointer["always"]:
            return True
        if not _is_named(pointer, f"{before} {text[: pointer.start()]}", title):
            return True
    return False


def _is_named(pointer: re.Match[str], earlier: str, title: frozenset[str]) -> bool:
    earlier_stems = frozenset(stems(earlier, stop_words=False))
    plural = pointer["second"] or ""
    nouns = frozenset(stems(plural if _PLURAL.search(plural) else pointer["noun"], stop_words=False))
    if pointer["noun"].lower().startswith(("such", "these", "those")):
        listed = not nouns.isdisjoint(_LISTED_AS) and (", " in earlier or " and " in earlier)
        return listed or not earlier_stems.isdisjoint(nouns)
    if not earlier_stems.isdisjoint(nouns) or not (title - _GENERIC).isdisjoint(stems(pointer["first"])):
        return True
    if len(earlier.split()) > _CLAUSE and _TROUBLE.isdisjoint(nouns):
        return True
    if _CLAUSE_AS_NOUN.match(pointer["noun"]):
        return len(earlier.split()) > _CLAUSE
    singular = pointer["noun"].lower().startswith("this")
    return singular and not nouns.isdisjoint(_GENERIC) and not earlier_stems.isdisjoint(_GENERIC)


def _unclear_it(text: str) -> bool:
    """Whether a pronoun stands before any noun that it may mean."""
    pronoun = _IT.search(text) if _ANY_IT.search(text) else None
    if not pronoun or _EXPLETIVE.search(text[max(0, pronoun.start() - 12) : pronoun.end() + 30]):
        return False
    earlier = text[: pronoun.start()]
    subject = _OURS.match(earlier)
    earlier = earlier[subject.end() :] if subject else earlier
    if pronoun["many"]:
        return not _MANY.search(earlier)
    return not stems(earlier, stop_words=False)


@lru_cache(maxsize=512)  # like those below, asked of one abstract's sentences several times
def is_whole(text: str) -> bool:
    """Whether a text is a sentence: with a verb, brackets and quotes closed, no list begun and not ended."""
    words = text.split()
    if len(words) < _MIN and text.isascii():
        return False
    balanced = all(text.count(a) == text.count(b) for a, b in ("()", "[]", "“”")) and text.count('"') % 2 == 0
    if "()" in text or not balanced or _is_broken_off(text) or text.endswith((":", "?")):
        return False
    if _PARTICIPLE.match(text) and not _FINITE.search(text.partition(" that ")[0]):
        return False
    if "follow" in text and _FOLLOWING.search(text):
        return False
    if ")" in text and _BROKEN_LIST.search(text) and not _SECOND.search(text):
        return False
    return not text.isascii() or bool(_VERB.search(text))


def _is_broken_off(text: str) -> bool:
    end = text.removesuffix(".").removesuffix("…")
    return end.endswith((",", ":", ";", "(", "–", "—", "-")) or end.rpartition(" ")[2].lower() in _NEVER_LAST


def is_loose(sentence: str) -> bool:
    """Whether a sentence is a list's item without a subject (`(2) A method …`) or contrasts with the one before."""
    item = ENUMERATED.match(sentence)
    if item:
        return not sentence.startswith(("We ", "we ", "Our ", "This "), item.end())
    return bool(_CONTRASTS.match(sentence))


@lru_cache(maxsize=512)
def is_about_code(low: str) -> bool:
    """Whether a text in lower case says where code or data is."""
    return any(word in low for word in _OF_CODE) and bool(_CODE.search(low))


def has_known_subject(text: str, before: str) -> bool:
    """Whether a text begins with a coined name that is written before."""
    subject = _COINED.match(text)
    return subject is not None and subject[0].rstrip(" '’s") in before


def has_unknown_subject(text: str, before: str) -> bool:
    """Whether a text begins with a coined name, or `the model`, that is neither introduced by it nor written before."""
    definite = _DEFINITE.match(text)
    if definite and not frozenset(stems(definite["noun"], stop_words=False)) <= frozenset(stems(before)):
        return True
    subject = _COINED.match(text)
    if not subject or subject[0].rstrip(" '’s") in before:
        return False
    return not _IS_A.match(text, subject.end())
