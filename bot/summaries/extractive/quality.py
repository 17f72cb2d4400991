"""The worth of a sentence to a reader of the title: findings and means before topics, praise and plans. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.summaries.extractive.phrases import SUBORDINATE

_SURVEY = (
    r"presents? (?:an?|the) (?:[\w-]+,? ){0,3}(?:analysis|study|overview|survey|review|evaluation|investigation"
    r"|exploration|examination|comparison|perspective|summary)\b"
)
_TOPIC = re.compile(
    r"(?:we|this \w+|our \w+|(?:using|by|with|regarding|to|in|for|through) [^,]{5,90}, we) (?:\w+ly )?(?:consider"
    r"|stud(?:y|ies)|investigat|explor|examin|focus|revisit|survey|review|describ|discuss|aim|seek|perform|conduct"
    rf"|(?P<how>address|tackl|analy[sz]|report|evaluat|assess)|{_SURVEY})",
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r"\b(?:show|find(?!ings)|found|prov(?:e|ing)\b|reveal|demonstrat|derive|propos|introduc|identif|uncover"
    r"|discover|observ"
    r"|establish|develop(?:s|ed)?\b)",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"(?:(?:however|but|yet|while|although|unfortunately|currently|recently),? )?(?:most |many |the )?"
    r"(?:existing|previous|prior|recent|traditional|conventional|current|standard|earlier|state-of-the-art|today)\b",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"(?:moreover|furthermore|additionally|in addition|besides|finally|lastly|further|also|beyond that|meanwhile)\b"
    r"|(?:we|this \w+) (?:also|further|additionally)\b",
    re.IGNORECASE,
)
_FINDING = re.compile(
    r"^(?:CONCLUSIONS?|FINDINGS|Conclusions?:|Findings:)|\b(?:[Ww]e|[Rr]esults?|[Ee]xperiments|[Aa]nalys[ei]s"
    r"|[Ff]indings|[Ss]tudy|[Ee]valuations?|[Pp]aper|[Ww]ork)\b"
    r"(?: \w+){0,4} (?:find|found|show|observed?|discover|reveal|demonstrate|prove|identified|conclude)(?:s|ed)?\b"
)
_MEANS = re.compile(r"\b(?:by|via|through|using|with)\b|\d", re.IGNORECASE)
_MEASURED = re.compile(
    r"\d(?: ?%| ?×|x\b|-?fold\b| times\b| points?\b| percent\b)|\b(?:half|twice|double) "
    r"|\b(?:as (?:few|little|low|high|many|much) as|up to|only) \d"
)
_RESULT = re.compile(
    r"\b(?:outperform|improv|reduc|increas|achiev|surpass|exceed|accelerat|speed|faster|fewer|higher|lower|better"
    r"|gains?|cuts?"
    r"|match(?:es|ing)|generaliz|enabl|struggle|fail|reveal|find)",
)
_HOW = re.compile(
    r"\b(?:(?:key|core|main|central) (?:idea|insight|principle|innovation) |by\b|via|using|uses?|through"
    r"|consists?|compris\w+|combin\w+|integrat\w+|leverag\w+|learns?|employs?|based on"
    r"|contains?|spans?|spanning|covers?)\b"
)
_VAGUE = re.compile(
    r"\b(?:strong|robust|superior|enhanced|remarkable|outstanding|exceptional|excellent|impressive|competitive"
    r"|notable"
    r"|significant|substantial|consistent(?:ly)?|effective(?:ly)?|better|more \w+, \w+"
    r"|state-of-the-art|generali[sz]\w+|advantages?|improvements?)\b",
)
_COMPARED = re.compile(
    r"\bthan (?!previous|existing|prior|other|all|the )|\b(?:outperform|surpass|exceed|match)\w* (?!existing"
    r"|previous|prior|state|all|other|strong|baseline|relevant|several|many|a wide|current|recent|the)"
)
_INTRODUCED = re.compile(r"(?:The )?\S+(?: [^\s(]+){0,3}?(?: \([^()]*\))? (?:is|are) an? ")
_SEQUENCE = re.compile(
    r"\b(?:then|next|finally|second|third|first (?!to\b)|the (?:first|second) (?:stage|phase|step)|subsequent\w*"
    r"|at first|moreover|another|as a (?:general )?(?:solution|special case))\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?:we (?:\w+ly )?(?:propose|present|introduce|develop|design|release|construct|curate|collect|build|apply"
    r"|conduct)|[A-Z]\S* (?:\S+ )?(?:is|are) an? )"
)
_WEAK = re.compile(
    r"\bvaluable resource|\bresearch community\b|\bcompelling results\b|\bcatalyz|\bwe expect\b|"
    r"\b(?:two|three|four|five|several|key|main|core) (?:\w+ ){0,2}(?:innovations|components|contributions"
    r"|stages|parts"
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
    r"|\bfeasibility\b|\bhypothesi[sz]ed\b|\bnew lens\b|\bconclude by\b|\bvalidat\w+ (?:the|our|its)|\bwe release\b"
    r"|\b(?:new )?paradigm for\b|\bposition this\b|\broadmap\b|\bbroader interest\b|\bis validated\b"
    r"|\bvalidated (?:in|on|by|through)\b|\breliable, \w+|\bin the spirit\b|\bsuite of experiments\b"
    r"|\bunder-?explored\b|\bsuccessfully\b|\bhope\b|\bas follows\b|\bimportance of\b|\bneed (?:for|to)\b|\bablation"
    r"|\badditional(?:ly)? (?:analys|experiment)|\bextensive experiments (?:on|across|validate|demonstrate the)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def is_topic_only(text: str) -> bool:
    """Whether a text says what was studied, and neither how nor what came out."""
    topic = _TOPIC.match(text)
    if not topic or _OUTCOME.search(text):
        return False
    return not topic["how"] or not _MEANS.search(text)


@lru_cache(maxsize=512)
def is_background(sentence: str) -> bool:
    """Whether a sentence begins with what others do."""
    return bool(_OTHERS.match(sentence))


def adds(sentence: str) -> bool:
    """Whether a sentence of an abstract tells of one thing more: `Moreover, we …`."""
    return bool(_ADDS.match(sentence))


@lru_cache(maxsize=512)
def states_finding(sentence: str) -> bool:
    """Whether a sentence of an abstract reports what was found: `we find that …`."""
    return bool(_FINDING.search(sentence))


def introduces(text: str) -> bool:
    """Whether a text says what a named thing is: `X is a benchmark …`."""
    return bool(_INTRODUCED.match(text))


@lru_cache(maxsize=512)
def quality_of_detail(text: str) -> float:
    """How much a sentence is worth after the one that says what the work is: results first, then how it works."""
    measured = bool(_MEASURED.search(text))
    points = 0.2 * measured + 0.1 * bool(_RESULT.search(text)) + 0.1 * bool(_HOW.search(text))
    points -= (
        0.1 * bool(_SEQUENCE.search(text)) + 0.1 * bool(SUBORDINATE.match(text)) + 0.1 * bool(_ANNOUNCES.match(text))
    )
    vague = not measured and bool(_VAGUE.search(text)) and not _COMPARED.search(text)
    return points - 0.25 * is_weak(text) - 0.12 * vague


@lru_cache(maxsize=512)
def is_weak(text: str) -> bool:
    """Whether a text praises, plans or promises instead of saying what was done or came out."""
    return bool(_WEAK.search(text))
