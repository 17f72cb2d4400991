"""Faults of a sentence that is to stand alone: words that point elsewhere, missing parts, promises. Pure."""

from __future__ import annotations

import re

from bot.summaries.extractive.phrases import ENUMERATED, SUBORDINATE, THIS
from bot.text.analyzer import stems

_POINTER_AT_START = re.compile(
    rf"(?:it|its|they|their|he|she|those|these|such|this(?! {THIS}\b)|that|here|then|next|also|both|doing|one|another"
    rf"|each|instead|otherwise|as such|for both|(?:in|for|with|by|on|at|from|of|to|under"
    rf"|using) (?:this(?! (?:\w+ )?{THIS}\b)|these|those|such|both)"
    r"|the (?:former|latter|above|aforementioned|resulting|same|other|second|third|remaining|first (?:is|stage|step"
    r"|phase|one|innovation|component|part|two|of these))"
    r"|(?:based|built|building) (?:up)?on (?:it|this|that|these|them)|similar\w*|likewise|again|conversely"
    r"|in contrast|first,|second,|third,"
    r"|finally|moreover|furthermore|(?:first|second|third)ly)\b",
    re.IGNORECASE,
)
_POINTER = re.compile(
    rf"\b(?:(?P<noun>(?:this|these|those|such) (?!{THIS}\b|as\b|that\b|of\b|who\b|with\b|in\b|from\b|a way\b|way\b)"
    r"(?P<first>[\w-]+)(?: (?P<second>[\w-]+))?)"
    r"|(?P<always>the (?:former|latter|above|aforementioned|opposite|remaining|said)\b|aforementioned|above-mentioned"
    r"|mentioned above"
    r"|the (?:gap|challenges?|limitations?|shortcomings?|drawbacks?|concept|idea|dilemma|issues?|problems?"
    r"|question)s?(?=[,.;]| (?:and|by|with|through|via|we)\b)"
    r"|these two|both of these|as before|to this end|do so|doing so))",
    re.IGNORECASE,
)
_ANY_POINTER = re.compile(r"[Tt]h(?:is|ese|ose|e) |[Ss]uch |mention|before|do(?:ing)? so")
_GENERIC = frozenset(
    stems(
        "approach method framework model system strategy technique paradigm algorithm pipeline architecture mechanism"
    )
)
_CLAUSE_AS_NOUN = re.compile(r"this (?:is|was|can|enables|allows|leads|results|holds|may|does|yields)\b", re.IGNORECASE)
_CLAUSE = 8
"""Words of a clause that `this` may stand for, more than; or in which the noun of `these` is named in other words."""
_TROUBLE = frozenset(
    stems(
        "challenge issue limitation problem finding insight observation result gap shortcoming concern"
        " difficulty obstacle barrier question weakness drawback bottleneck hypothesis phenomenon assumption"
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
_SECOND = re.compile(r"(?:\(?\b(?:2|ii)\)|\(b\)) ")
_CODE = re.compile(
    r"https?:|\bwarning: |\bmay be offensive|\b(?:codes?|weights|models?|datasets?|data|demo|videos?|implementation"
    r"|project)\b[^.]{0,90}\b(?:available|released?|releasing"
    r"|publicly|public|open-sourced?|accessible|found)\b|\bavailable at\b|\b(?:be|are|is) (?:made )?(?:publicly"
    r"|freely|fully|open|released|available|accessible|open-sourced)|open-?sourced?\b.{0,40}$|make it publicly"
    r"|project (?:page|website)|\bgithub\b|代码",
)
_LAST = re.compile(
    r"(?:\b(?:a|an|the|of|to|in|for|with|by|on|at|from|as|and|or|that|which|is|are|our|its|their|e\.g|i\.e|via|than"
    r"|through|using|including|into)|[,:;(–—-])[.…]?$",
    re.IGNORECASE,
)
_MIN = 6
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
_TOPIC = re.compile(
    r"(?:we|this \w+|our \w+) (?:\w+ly )?(?:consider|stud(?:y|ies)|investigat|explor|examin|address|tackl|focus"
    r"|revisit|analy[sz]|survey|review|describ|discuss|report|perform|conduct|aim)",
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r"\b(?:show|find|prove|reveal|demonstrat|derive|propos|introduc|by|via|through|using)", re.IGNORECASE
)
_COINED = re.compile(r"(?:The |Our )?(?=[A-Z][\w-]{0,60}[A-Z0-9])[A-Z][\w-]{1,60} ")
_IS_A = re.compile(r"(?:\([^()]*\) )?(?:is|are) ")
_MEASURED = re.compile(r"\d(?: ?%| ?×|x\b|-?fold\b| times\b| points?\b| percent\b)|\b(?:half|twice|double) ")
_RESULT = re.compile(
    r"\b(?:outperform|improv|reduc|increas|achiev|surpass|exceed|accelerat|speed|faster|fewer|higher|lower|better"
    r"|gains?|cuts?"
    r"|match(?:es|ing)|generaliz|enabl|struggle|fail|reveal|find)",
)
_HOW = re.compile(
    r"\b(?:by|via|using|uses?|through|consists?|compris\w+|combin\w+|integrat\w+|leverag\w+|learns?|employs?|based on"
    r"|contains?|spans?|spanning|covers?)\b"
)
_INTRODUCED = re.compile(r"(?:The )?\S+(?: [^\s(]+){0,3}?(?: \([^()]*\))? (?:is|are) an? ")
_SEQUENCE = re.compile(
    r"\b(?:then|next|finally|second|third|first (?!to\b)|the (?:first|second) (?:stage|phase|step)|subsequent\w*"
    r"|moreover|another|as a (?:general )?(?:solution|special case))\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?:we (?:\w+ly )?(?:propose|present|introduce|develop|design|release|construct|curate|collect|build|apply"
    r"|conduct)|[A-Z]\S* (?:\S+ )?(?:is|are) an? )"
)
_WEAK = re.compile(
    r"\bvaluable resource|\bresearch community\b|\bcompelling results\b|\bcatalyz|\bwe expect\b|"
    r"\b(?:two|three|four|five|several|key|main|core) (?:\w+ ){0,2}(?:innovations|components|contributions|stages|parts"
    r"|modules|principles|designs|steps|insights|ideas|findings|techniques|strategies|factors|issues|challenges)\.$|"
    r"\beffectiveness of (?:our|the|this)\b|\bpromising\b|\bpav(?:es?|ing) the way\b|\bfuture (?:work|research"
    r"|directions?)\b"
    r"|\bopen(?:s|ing)? (?:up )?(?:new|the|a)\b|\bcontribut(?:e|es|ing|ions?)\b|\binsights?\b"
    r"|\bfoundations?\b(?! models?)|\bwe (?:hope|believe)\b"
    r"|\bpotential (?:of|to|for)\b|\bstep toward|\bgeneralizab\w+ of our\b|\bsuperiority\b|\bwe aim\b"
    r"|\baims? to (?:bridge|address|improve|enhance|provide|advance|promote|find)\b|\b(?:study|studies|consider"
    r"|focus(?:es)? on|describe|report|explore|investigate|address|tackle)s? (?:the )?(?:\w+ )?(?:problem|challenge"
    r"|question|task|development|issue|potential|use|possibility|feasibility)\b|\bhighlight|\bunderscor"
    r"|\bwe (?:conduct|perform|evaluate|validate|discuss|provide)\b|\bbridges? (?:the )?gap|\bdiscuss"
    r"|\bvalidat\w+ (?:the|our|its)|\bwe release\b"
    r"|\b(?:new )?paradigm for\b|\bposition this\b|\broadmap\b|\bbroader interest\b|\bis validated\b"
    r"|\bvalidated (?:in|on|by|through)\b|\breliable, \w+|\bin the spirit\b|\bsuite of experiments\b"
    r"|\bunder-?explored\b|\bsuccessfully\b|\bhope\b|\bas follows\b|\bimportance of\b|\bneed (?:for|to)\b|\bablation"
    r"|\badditional(?:ly)? (?:analys|experiment)|\bextensive experiments (?:on|across|validate|demonstrate the)\b",
    re.IGNORECASE,
)


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
    if pointer["noun"][0] in "sS":
        title = frozenset()
    known = frozenset(stems(earlier, stop_words=False))
    nouns = frozenset(stems(pointer["noun"], stop_words=False))
    if not known.isdisjoint(nouns) or not (title - _GENERIC).isdisjoint(stems(pointer["first"])):
        return True
    if len(earlier.split()) > _CLAUSE and _TROUBLE.isdisjoint(nouns):
        return True
    if _CLAUSE_AS_NOUN.match(pointer["noun"]):
        return len(earlier.split()) > _CLAUSE
    singular = pointer["noun"].lower().startswith("this")
    return singular and not nouns.isdisjoint(_GENERIC) and not known.isdisjoint(_GENERIC)


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


def is_whole(text: str) -> bool:
    """Whether a text is a sentence: with a verb, brackets and quotes closed, no list begun and not ended."""
    words = text.split()
    if len(words) < _MIN and text.isascii():
        return False
    balanced = all(text.count(a) == text.count(b) for a, b in ("()", "[]", "“”")) and text.count('"') % 2 == 0
    if not balanced or _LAST.search(text[-12:]) or text.endswith((":", "?")):
        return False
    if _BROKEN_LIST.search(text) and not _SECOND.search(text):
        return False
    return not text.isascii() or bool(_VERB.search(text))


def is_loose(sentence: str) -> bool:
    """Whether a sentence is a list's item without a subject (`(2) A method …`) or contrasts with the one before."""
    item = ENUMERATED.match(sentence)
    if item:
        return not sentence.startswith(("We ", "we ", "Our ", "This "), item.end())
    return bool(_CONTRASTS.match(sentence))


def is_about_code(low: str) -> bool:
    """Whether a text in lower case says where code or data is."""
    return bool(_CODE.search(low))


def is_topic_only(text: str) -> bool:
    """Whether a text says what was studied, and neither how nor what came out."""
    return bool(_TOPIC.match(text)) and not _OUTCOME.search(text)


def has_unknown_subject(text: str, before: str) -> bool:
    """Whether a text begins with a coined name, or `the model`, that is neither introduced by it nor written before."""
    definite = _DEFINITE.match(text)
    if definite and not frozenset(stems(definite["noun"], stop_words=False)) <= frozenset(stems(before)):
        return True
    subject = _COINED.match(text)
    if not subject or subject[0].rstrip(" '’s") in before:
        return False
    return not _IS_A.match(text, subject.end())


def introduces(text: str) -> bool:
    """Whether a text says what a named thing is: `X is a benchmark …`."""
    return bool(_INTRODUCED.match(text))


def quality_of_detail(text: str) -> float:
    """How much a sentence is worth after the one that says what the work is: results first, then how it works."""
    points = 0.15 * bool(_MEASURED.search(text)) + 0.1 * bool(_RESULT.search(text)) + 0.05 * bool(_HOW.search(text))
    points -= (
        0.1 * bool(_SEQUENCE.search(text)) + 0.1 * bool(SUBORDINATE.match(text)) + 0.1 * bool(_ANNOUNCES.match(text))
    )
    return points - 0.25 * is_weak(text)


def is_weak(text: str) -> bool:
    """Whether a text praises, plans or promises instead of saying what was done or came out."""
    return bool(_WEAK.search(text))
