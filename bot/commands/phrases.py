"""Small talk, and polite words around a command, which change nothing. Pure."""

from __future__ import annotations

import re

THANKS = re.compile(
    r"(?:(?:many|ok|okay|great|cool|nice|perfect|awesome|wow)[\s,!.]+)*"
    r"(?:thanks|thank\s+you|thank\s+u|thx|ty|cheers|danke|merci|gracias|obrigad[oa]|grazie)\b[\s,!.:;-]*",
    re.IGNORECASE,
)
PRAISE = re.compile(
    r"(?:ok|okay|great|cool|nice|perfect|awesome|wow|lol|haha|yes|no|bye|goodbye|good\s+(?:bot|one|job|morning|night)|"
    r"\+1|[\s,!.])+",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"(?:hello|hi|hey|good\s+morning)\b[\s,!.]*(?:there|paperboy|all|everyone)?[\s,!.]*", re.IGNORECASE
)
_POLITE_WORDS = re.compile(r"(?:(?:me|us|now|here|please|pls|plz|thanks|thank you|thx)\b|[\s?!.,])+", re.IGNORECASE)
"""Words after a command that change nothing: `unsubscribe me, please`."""
_POLITE_END = re.compile(r"(?:(?:^|[\s,]+)(?:please|pls|plz|thanks)\b[\s?!.]*|[?!]+)$", re.IGNORECASE)
_POLITE_START = re.compile(
    r"(?:(?:please|pls|plz|just|hey|so|ok|(?:can|could|would|will|may)\s+(?:you|i|we)|let\s+me|"
    r"(?:i|we)(?:'d|\s+would)?\s+(?:want|need|like|wish)(?:\s+you)?(?:\s+to)?)\b[\s,]*)+",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"(?:(?:please|any|some|more|what|what's|which|who|are|is|there|do|does|did|you|we|have|know|can|could|would|"
    r"find|show|give|look|tell|me|us|for|papers?|works?|research|anything|something|about|on|of|the|a|an|recent|latest|"
    r"i|i'm|im|want|need|looking|search|like|to|see|read|in|interested|happened|with|how)\s+)+",
    re.IGNORECASE,
)
"""Words before what somebody asks for."""
END_MARKS = " \t?!.,"
"""Space and marks that may end a sentence."""


def without_asking(sentence: str) -> str:
    """The subject of a request: `video` of `can you find me papers on video?`."""
    asking = _ASKING.match(sentence)
    return sentence[asking.end() :] if asking else sentence


def is_small_talk(line: str) -> bool:
    """True for thanks, praise and greetings."""
    rest = THANKS.sub("", line, count=1)
    return not rest or any(each.fullmatch(rest) for each in (PRAISE, GREETING))


def is_polite(words: str) -> bool:
    """True for words after a command that change nothing."""
    return _POLITE_WORDS.fullmatch(words) is not None


def without_polite_end(words: str) -> str:
    """Words without `please` and marks at their end; a full stop stays, as dates have one."""
    return _POLITE_END.sub("", words)


def without_end(sentence: str) -> str:
    """A sentence without `please` and any marks at its end."""
    return without_polite_end(sentence.rstrip(END_MARKS)).rstrip(END_MARKS)


def without_polite_start(line: str) -> str:
    """A line without `please`, `can you` and the like before it."""
    return _POLITE_START.sub("", line, count=1) if _POLITE_START.match(line) else line
