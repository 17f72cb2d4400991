"""A sentence and the shorter ones in it: a lead, brackets, a trailing clause or one half of a pair left out. Pure.

Only whole phrases go, from lists of what may go; a phrase with a negation, a hedge, a condition or the other side of a
comparison never does, and what is left has a verb and closes its brackets. No word is added or changed, but for the
capital at the beginning and the full stop at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MOST = 32
"""Variants of one sentence; more are of a sentence nobody wants."""
_FEWEST_WORDS = 6
_LONGEST = 1_200
"""Characters of a sentence that is worth shortening."""
_ROUNDS = 3
"""How many phrases may go from one end, one after the other."""


_Found = dict[str, frozenset[str]]
"""Text to the kinds of phrase that were left out."""


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


class Variant(NamedTuple):
    """What may be shown of a sentence, and what was done to it."""

    text: str
    dropped: frozenset[str]
    """The kinds of phrase left out: `brackets`, `tail`, `second`, `first`, `that`, `aside`, `announced`."""


_THIS = r"(?:paper|work|article|study|report|letter|research|survey|thesis|note)"
_ENUMERATED = re.compile(r"^\(?(?:\d|[ivx]{1,3})\) ")
_PURPOSE = (
    r"(?:address|tackle|overcome|solve|mitigate|alleviate|bridge|fill|remedy|resolve|achieve|answer|counter|combat"
    r"|close|reduce|handle|deal with|facilitate|meet|enable|support|improve|evaluate|better understand|understand"
    r"|investigate|study|fix|circumvent|relieve|avoid|explore|validate|verify|demonstrate)"
)
# What ties a sentence to the one before, up to its subject.
_LEAD = re.compile(
    r"(?:(?:and )?(?:"
    rf"(?:in|with|through) (?:this|the present|our) {_THIS}"
    rf"|(?:in order )?to (?:this end|that end|do so|do this|{_PURPOSE}\b[^,;:]{{0,120}})"
    r"|here|therefore|thus|hence|consequently|accordingly|specifically|in particular|moreover|furthermore|additionally"
    r"|in addition|finally|lastly|instead|however|in response|as a result|first(?:ly)?|second(?:ly)?|third(?:ly)?"
    r"|concretely|namely|in contrast|more specifically|more concretely|more precisely|more importantly|importantly"
    r"|notably|next|then|overall|in summary|in short|to summarize|also|besides|meanwhile|in this context"
    r"|for this (?:purpose|reason)|toward(?:s)? this (?:end|goal)|with this (?:in mind|goal in mind)|in doing so"
    r"|as a first step(?: [^,;:]{0,60})?|to our knowledge|to the best of our knowledge"
    r"|(?:motivated|inspired) by [^,;:]{0,110}|based on (?:this|these|our|the above) [^,;:]{0,90}"
    r"|in (?:light|view) of (?:this|these) [^,;:]{0,90}|building (?:up)?on (?:this|these) [^,;:]{0,90})"
    r")(?:, | (?=we ))(?:(?:therefore|then|also|further|thus|hence),? )?"
    rf"(?=(?:we|our|this|the|an?|here|in this {_THIS}) )",
    re.IGNORECASE,
)
# A contrast or a reason before what is proposed is background.
_BACKGROUND_LEAD = re.compile(
    r"(?:while|although|though|since|because|whereas) [^,;:]{10,160}, "
    r"(?=we (?:\w+ly )?(?:propose|present|introduce|develop|design|describe|study|investigate|explore)\b)",
    re.IGNORECASE,
)
_AFTER_SUBJECT = re.compile(
    rf"^(we|this {_THIS}|our \w+) "
    r"(?:also|further|furthermore|then|therefore|thus|additionally|moreover|finally|subsequently|hence|next|here"
    rf"|in this {_THIS}|, in this {_THIS},) (?=\w)",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d")
# Never left out, wherever it stands: negations, hedges, conditions.
_GUARDED = (
    r"\b(?:not?|never|none|neither|nor|without|cannot|unable|fails?|failed|lacks?|hardly|rarely|\w+n['’]t"
    r"|may|might|could|some|sometimes|partly|partially|mostly|often|likely|possibly|potentially|presumably|seems?"
    r"|appears?|suggests?|certain|preliminary|limited|hypothes\w+|conjectur\w+"
    r"|if|unless|only|when|whenever|under|assum\w+|given|provided|except|until|as long as|in case|subject to|once"
    r"|whereas|while|but|although|though|unlike|despite|however|yet|albeit|contrary|contrast|opposed"
)
# The other side of a comparison.
_COMPARED = (
    r"|than|compar\w+|versus|vs|instead|rather|relative|even|over|beyond|as (?!well\b)\w+ as"
    r"|roughly|approximately|nearly|almost"
)
_CLAUSE_GUARD = re.compile(_GUARDED + r")\b", re.IGNORECASE)
_GUARD = re.compile(_GUARDED + _COMPARED + r")\b", re.IGNORECASE)
_BRACKETS = re.compile(r" (\([^()]{1,160}\)|\[[^\[\]]{1,160}\])(?=[ ,.;:!?]|$)")
_TAIL = re.compile(
    r"(?:, | [–—] )(?=(?:which|where|whose|in which|for which|of which|such as|including|e\.g\.|i\.e\.|thereby|thus"
    r"|hence|as well as|with|resulting|leading|[a-z]{3,}ing|so that|for example|namely|inspired by|based on|making)\b)"
    r"|(?<!ed)(?<!ly) (?=(?:by (?!means)[a-z]{3,}ing|using|via|through (?:the|an?)|by means of|in order to|such as"
    r"|including|leveraging|utilizing|thereby|for|in|on|from|across|within|with|to|at|when|between|over|while|because"
    r"|since|that)\b)"
)
# Words that are nothing without what follows them.
_UNFINISHED = _set(
    """
    able according achieved acts aim aiming aims applied apply applies argue argues as attempt attempts attributed
    based belong belongs built called capable challenging clear compared conditioned consist consisting consists
    contribute contributes corresponding corresponds depend depending depends designed difficult differ differs
    due easy enough equivalent essential evaluate fail fails focus focused focuses focusing goal hard how
    impossible known lead leading leads learn learned learns led likely method need needed needs not objective
    optimize ought possible prior refer refers related relative relevant relies rely relying required respect
    result resulting results robust seek seeks similar so such suffer suffers superior tend tends the together
    trained tries try trying unable use used useful way ways well whether
    """
)
_SUBORDINATE = re.compile(
    r"(?:while|although|though|since|because|as|if|when|whenever|considering|given|despite|unlike|in order|by|to|for"
    r"|after|before|once|with|without|under|using|whereas|in contrast|compared|based|motivated|inspired)\b",
    re.IGNORECASE,
)
_MANNER_LEAD = re.compile(
    r"(?:using|by|through|leveraging|via|building (?:up)?on|drawing (?:up)?on|drawing inspiration from|inspired by"
    rf"|motivated by|taking inspiration from|based on) [^,;:]{{5,140}}, (?:in this {_THIS},? )?(?=we )",
    re.IGNORECASE,
)
_LISTS = re.compile(r", (?:and|or) (?:[a-z]+ly )?[a-z]+ing\b")
_ASIDE = re.compile(r", (?:which|i\.e\.,?|that is,) [^,;:]{4,90}, (?!and\b|or\b|but\b|which\b)")
_REPORTS = sorted(
    _set(
        """
        show demonstrate propose introduce present prove evaluate apply develop provide analyze analyse describe
        derive discuss explore investigate examine illustrate establish validate verify conduct identify observe
        achieve obtain construct argue confirm empirically experimentally theoretically
        """
    )
)
_BASE = "|".join(_REPORTS)
_THIRD = "|".join(f"{verb}s" for verb in _REPORTS if not verb.endswith("ly")) + "|applies|identifies|verifies"
_SAYS = re.compile(
    rf"(?:{_BASE}|{_THIRD}|shown|found|proven|proved|demonstrated|observed|believe|argues?|hypothesi[sz]e)"
)
_AND_WE = re.compile(r"(?:, and|;| and)(?: then| also| further| finally)? (?=we (?:\w+ly )?[a-z]+)")
_AND_VERB = re.compile(rf",? and (?:then |also |further |finally |subsequently )?(?=(?:{_BASE})\b)")
_AND_MORE = re.compile(
    r", and (?:then |also |further |finally )?(?=(?:use|train|test|release|report|design|build|study|extend|formulate"
    r"|outperform|compare|solve|learn|optimize|offer|highlight|uncover|reveal|give|create|perform|combine|integrate"
    r"|incorporate|address|improve|show|open-source) "
    r"(?:a|an|the|our|its|their|that|how|it|them|this|several|new|for)\b)"
)
_AND_THIRD = re.compile(rf",? and (?:then |also |further |finally |subsequently )?(?=(?:{_THIRD})\b)")
_APART = re.compile(r"; |: (?=(?:a|an|we|the) )|(?<=[a-z)]) [–—] |[.] (?=[(]?(?:i|1)[)] )")
_SUBJECT = re.compile(rf"(?:we|this {_THIS}) (?=[a-z])", re.IGNORECASE)
_BOUND = re.compile(r"\b(?:to|that|can|could|which|will|by|if|whether|how)\b")
_PAIRED = re.compile(r"\b(?:both|either|neither|between|not only|whether)\b", re.IGNORECASE)
# What is said to be shown is simply said; what is argued, believed or suggested keeps its hedge.
_THAT = re.compile(
    r"(?:in (?:extensive |our |several |numerous )?experiments,? )?"
    r"(?:we|(?:our|the|extensive|these|experimental|empirical|numerical|comprehensive|theoretical)(?: \w+){0,2}? "
    r"(?:results?|experiments?|evaluations?|findings?|analys[ie]s|studies|study)(?: on [^,;:]{3,60}?)?|experiments)"
    r" (?:(?:\w+ly|also|then|thus|further|first)(?:,? and \w+ly)? )?"
    r"(?:show|demonstrate|prove|find|observe|shows|demonstrates|proves|discover|reveal|establish|confirm|verify)"
    r"(?:,? (?:both )?(?:theoretically|empirically|experimentally)"
    r"(?: and (?:theoretically|empirically|experimentally))?,?)?"
    r" that ",
    re.IGNORECASE,
)
# What is proposed needs no verb: `We propose a method that …` -> `A method that …`.
_ANNOUNCED = re.compile(
    rf"(?:[Ww]e|[Tt]his {_THIS}) (?:\w+ly )?(?:proposes?|presents?|introduces?|describes?|develops?|designs?|devises?) "
    r"(?=(?:an? |the first |[A-Z]))",
)
_LEANS = re.compile(
    r"(?:it|they|these|those|such|its|their|he|she|both|one|doing|as|if|when|under|in|for|by|with|on|at|using"
    r"|this (?!paper|work|article|study|report))\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:it|its|they|their|them|this|these|those|such)\b", re.IGNORECASE)
_TWO_THAT = re.compile(rf"\b(?:and|or|but)(?: also)? (?:that|we|(?:{_BASE}))\b")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|may|might|will|would|must|should|does|do|did|we (?:\w+ly )?[a-z]+"
    r"|[a-z]{2,}(?:izes?|ises?|ates?|ifies)"
    r"|(?:propos|introduc|describ|analy[sz]|provid|achiev|improv|demonstrat|prov|investigat|examin|reduc|enabl|combin"
    r"|explor|observ|leverag|captur|outperform|show|present|develop|learn|requir|perform|allow|yield|obtain|extend"
    r"|perform|outperform|surpass|exceed|match|stud|offer|address|tackl|establish|depend|help|lead|result|suffer"
    r"|remain|becom|exhibit|exist|explain|predict|generat|produc|contain|consist|rel|treat|train|us|tak|giv|mak"
    r"|find|need)(?:e|es|s|y|ies)?)\b",
    re.IGNORECASE,
)
_HANGING = re.compile(r"(?:,|\b(?:like|and|or|by|as|for|of|than)) \w+ing\.?$")
_DANGLING = _set(
    """
    a an the of to in for with by on at from as and or but nor that which who whose is are was were be been can
    could may might will would than into onto over under between both either such each our their its this these
    more most very not no e.g i.e using via through we show demonstrate new novel based while when if simply only
    just
    """
)


def variants(sentence: str) -> list[Variant]:
    """All that may be shown of a sentence, without its lead; the longest first. At most sixteen."""
    whole = opened(sentence)
    found: dict[str, frozenset[str]] = {whole: frozenset()}
    if len(whole) <= _LONGEST:
        fresh = dict(found)
        for _ in range(_ROUNDS + 1):
            fresh = dict(_shorter(fresh, found))
            found |= fresh
            if len(found) >= MOST:
                break
    return [Variant(text, kinds) for text, kinds in list(found.items())[:MOST]]


def opened(sentence: str) -> str:
    """The sentence without what ties it to the one before: `To this end, we also …` -> `We …`."""
    sentence = _ENUMERATED.sub("", sentence)
    for pattern in (_LEAD, _LEAD, _BACKGROUND_LEAD):
        lead = pattern.match(sentence)
        if lead and not _FIGURE.search(lead[0]):
            sentence = _capital(sentence[lead.end() :])
    return _AFTER_SUBJECT.sub(r"\1 ", sentence)


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
    manner = _MANNER_LEAD.match(text)
    if manner and not _GUARD.search(manner[0]) and not _FIGURE.search(manner[0]):
        yield _capital(text[manner.end() :]), "lead"
    announced = _ANNOUNCED.match(text)
    if announced and not any(joint.search(text) for joint in (_AND_WE, _AND_VERB, _AND_MORE, _AND_THIRD, _APART)):
        yield _capital(text[announced.end() :]), "announced"
    said = _THAT.match(text)
    if said and not _LEANS.match(text, said.end()) and not _TWO_THAT.search(text, said.end()):
        yield _capital(text[said.end() :]), "that"


def _without_brackets(text: str) -> Iterator[tuple[str, str]]:
    def gone(match: re.Match[str]) -> str:
        inner = match[1][1:-1]
        needed = _GUARD.search(inner) or len(re.findall(rf"(?<!\w){re.escape(inner)}(?!\w)", text)) > 1
        return match[0] if needed else ""

    if "(" in text or "[" in text:
        yield _BRACKETS.sub(gone, text), "brackets"


def _without_tail(text: str) -> Iterator[tuple[str, str]]:
    if text.endswith(("?", "？")) or _SUBORDINATE.match(text):
        return
    for tail in _TAIL.finditer(text):
        rest = text[tail.start() :]
        before = text[: tail.start()].rpartition(" ")[2].lower()
        if rest[0] == " " and (before in _UNFINISHED or _SAYS.fullmatch(before)):
            continue
        if not _CLAUSE_GUARD.search(rest) and not _LISTS.search(rest):
            yield _closed(text[: tail.start()]), "tail"


def _without_aside(text: str) -> Iterator[tuple[str, str]]:
    aside = _ASIDE.search(text)
    if aside and not _GUARD.search(aside[0]):
        yield f"{text[: aside.start()]} {text[aside.end() :]}", "aside"


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """The first and the second of two clauses or two verbs of one subject."""
    for joint in [*_AND_WE.finditer(text), *_APART.finditer(text)]:
        first, second = text[: joint.start()], text[joint.end() :]
        if not _CLAUSE_GUARD.search(second):
            yield _closed(first), "second"
        if not _CLAUSE_GUARD.search(first) and not _LEANS.match(second) and not _PRONOUN.search(second[:80]):
            yield _capital(second), "first"
    subject = _SUBJECT.match(text)
    if not subject:
        return
    joints = [*_AND_VERB.finditer(text), *_AND_MORE.finditer(text)]
    for joint in joints if subject[0].lower() == "we " else _AND_THIRD.finditer(text):
        first, second = text[: joint.start()], text[joint.end() :]
        if _PAIRED.search(first) or re.search(r"\bto \w+$", first):
            continue
        if not _CLAUSE_GUARD.search(second):
            yield _closed(first), "second"
        if not _CLAUSE_GUARD.search(first) and not _BOUND.search(first) and not _PRONOUN.search(second[:80]):
            yield subject[0] + second, "first"


def _stands(text: str, *, noun: bool) -> bool:
    """Whether what is left can stand: long enough, with a verb unless it names a thing, brackets and quotes closed."""
    said = text.split()
    if len(said) < _FEWEST_WORDS or not (noun or _VERB.search(text)):
        return False
    last = said[-1].strip(".,;:!?\"'”’)").lower()
    if _HANGING.search(text):
        return False
    balanced = all(text.count(a) == text.count(b) for a, b in ("()", "[]", "“”")) and text.count('"') % 2 == 0
    return balanced and last not in _DANGLING and not _PAIRED.search(" ".join(said[-4:]))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _closed(text: str) -> str:
    """With a full stop, as the sentence had."""
    return text.rstrip(" ,;:–—-") + "."
