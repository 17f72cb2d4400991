"""Sentences with a fixed meaning: small talk, polite words, and requests that name no command. Pure."""

from __future__ import annotations

import re

from bot.commands.command import typed
from bot.errors import UserError

THANKS = re.compile(
    r"(?:(?:many|ok|okay|great|cool|nice|perfect|awesome|wow)[\s,!.]+)*"
    r"(?:thanks|thank\s+you|thank\s+u|thx|ty|cheers|danke|merci|gracias|obrigad[oa]|grazie)\b[\s,!.:;-]*",
    re.IGNORECASE,
)
PRAISE = re.compile(
    r"(?:ok|okay|great|cool|nice|perfect|awesome|wow|lol|haha|yes|no|good\s+(?:bot|one|job|morning)|\+1|[\s,!.])+",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"(?:hello|hi|hey|good\s+morning)\b[\s,!.]*(?:there|paperboy|all|everyone)?[\s,!.]*", re.IGNORECASE
)
_POLITE_WORDS = re.compile(r"(?:(?:me|us|now|here|please|pls|plz|thanks|thank you|thx)\b|[\s?!.,])+", re.IGNORECASE)
"""Words after a command that change nothing: `unsubscribe me, please`."""
_POLITE_END = re.compile(r"(?:(?:^|[\s,]+)(?:please|pls|plz|thanks)\b[\s?!.]*|[?!]+)$", re.IGNORECASE)
_POLITE_START = re.compile(
    r"(?:(?:please|pls|plz|just|hey|(?:can|could|would|will)\s+you|i\s+want\s+you\s+to)\b[\s,]*)+", re.IGNORECASE
)

_BOT = r"(?:this|you|it|paperboy|(?:this|the)\s+(?:bot|app|thing))"
_STOP_OBJECTS = (
    r"(?:\s+(?:posting|sending|messaging|spamming|writing|bothering|it|this|that|these|those|here|me|us|now|off|to|in|"
    r"the|any|more|all|everything|your|our|daily|channel|messages?|digests?|papers?|posts?|notifications?|please|"
    r"anymore|you|yourself))*"
)
_STOP = re.compile(
    rf"(?:stop|shut\s+up|be\s+quiet|go\s+away|leave|turn\s+off|turn\s+(?:it|this|that|yourself)\s+off|switch\s+off|"
    rf"no\s+more|(?:don't|do\s+not|never)\s+(?:post|send|message|write)){_STOP_OBJECTS}",
    re.IGNORECASE,
)
"""Requests to end the digests. Every word is listed, so that `stop words` and `turn off neurons` are searched."""
_REQUESTS = {
    "about": r"who\s+(?:made|wrote|built|runs)\s+" + _BOT,
    "help": (
        rf"(?:what|who)(?:'s|\s+is|\s+are)\s+{_BOT}|what\s+(?:can|do|does)\s+{_BOT}\s+do(?:\s+for\s+(?:me|us))?|"
        rf"what\s+can\s+(?:i|we)\s+(?:do|ask)(?:\s+(?:you|here))?|how\s+(?:do|does|can)\s+{_BOT}\s+work|"
        rf"how\s+(?:do|can|to)\s+(?:(?:i|we)\s+)?use\s+{_BOT}"
    ),
    "status": (
        r"when(?:'s|\s+is|\s+does|\s+will|\s+do)\s+(?:(?:the|our|my|your)\s+)?(?:next\s+)?(?:digest|list|papers|post)"
        r"(?:\s+(?:come|be|arrive|due|coming|out|posted|here))*"
    ),
    "today": r"(?:what(?:'s|\s+is)|anything)\s+(?:trending|hot|new|popular)(?:\s+(?:today|now|right\s+now|here))?",
    "saved list": (
        r"(?:(?:show|list|see|open|what\s+are|where\s+are)\s+)?(?:me\s+)?my\s+"
        r"(?:saved\s+(?:papers|list)|saved|reading\s+list|bookmarks|bookmarked\s+papers)"
    ),
}
"""By the command that a request means."""
_NUMBERED = re.compile(
    r"(?:(?:what(?:'s|\s+is|\s+was)|tl;?dr|summari[sz]e|tell\s+(?:me\s+)?about|show(?:\s+me)?|open)\s+)?"
    r"(?:(?:paper|number|no\.?)\s+)?#?\s?(\d{1,2})(?:\s+about)?",
    re.IGNORECASE,
)
_END = " \t?!.,"


def is_small_talk(line: str) -> bool:
    """True for thanks, praise and greetings."""
    return any(each.fullmatch(line) for each in (THANKS, PRAISE, GREETING))


def is_polite(words: str) -> bool:
    """True for words after a command that change nothing."""
    return _POLITE_WORDS.fullmatch(words) is not None


def without_polite_end(words: str) -> str:
    """Words without `please` and marks at their end; a full stop stays, as dates have one."""
    return _POLITE_END.sub("", words)


def without_end(sentence: str) -> str:
    """A sentence without `please` and any marks at its end."""
    return without_polite_end(sentence.rstrip(_END)).rstrip(_END)


def without_polite_start(line: str) -> str:
    """A line without `please`, `can you` and the like before it."""
    return _POLITE_START.sub("", line, count=1) if _POLITE_START.match(line) else line


def request(line: str) -> str | None:
    """The command line that a sentence means; None for any other text.

    Raises UserError with the two commands for a request to stop, which ends nothing before it was answered.
    """
    sentence = without_end(line).lstrip(_END)
    wish = without_polite_start(sentence)
    if " " in sentence and _STOP.fullmatch(wish):
        text = f"To stop the digest here for a while: {typed('pause')}. For good: {typed('unsubscribe')}."
        raise UserError(text, lines=(("pause", "pause"), ("unsubscribe", "unsubscribe")))
    matching = (name for name, form in _REQUESTS.items() if re.fullmatch(form, sentence, re.IGNORECASE))
    return next(matching, None)


def numbered(line: str) -> str | None:
    """The line that shows a digest's paper by its number: `what is 2 about` is `paper #2`; None for other text."""
    match = _NUMBERED.fullmatch(line.strip(_END))
    return f"paper #{match[1]}" if match else None
