"""Requests in plain words and the command lines that they mean: `what did I miss?` is `catchup 7`. Pure."""

from __future__ import annotations

import re

from bot.commands.command import typed
from bot.commands.phrases import END_MARKS, without_end, without_polite_start
from bot.errors import UserError

LONGEST = 120
"""Characters; a longer sentence is none of these."""
_PARTS = {
    "BOT": r"(?:this|that|you|it|paperboy|(?:this|the) (?:bot|app|thing))",
    "IS": r"(?:'s|s| is| are| was)",
    "WE": r"(?:i|we|you)",
    "MY": r"(?:(?:me|us|my|our|your|the|all|of|these|this|channel|digest) )*",
    "SHOW": r"(?:(?:show|give|send|get|tell|bring|list|see|read|open|what are|where are|where is) )?",
    "ANY": r"(?:(?:me|us|the|some|any|all|more|what(?:'s|s| is| are)) )*",
    "NEW": r"(?:latest|newest|new|recent|hot|hottest|top|best|trending|popular|todays|today's|current|most)",
    "PAPERS": r"(?:papers?|articles?|publications?|preprints?|news)",
    "TODAY": r"(?:today|now|right now|here|(?:of|for|from) today|of the day|this morning)",
    "SPAN": (
        r"(?P<days>(?:(?:the|this|last|past) )*(?:(?:\d{1,2}|an?|one|two|three|four|five|six|seven|ten) )?"
        r"(?:days|weeks?|months?)|yesterday|\d{1,2} ?[dw]|since \w+)"
    ),
    "LIST": r"(?:(?:my|the|saved|papers|reading|list|all|everything|it|them|bookmarks|to|into|in|as|an?|for) )*",
    "HERE": (
        r"(?: (?:posting|sending|messaging|spamming|writing|bothering|annoying|it|this|that|these|those|here|me|us|now|"
        r"off|on|down|to|in|for|from|the|any|more|all|everything|your|our|my|daily|channel|group|room|server|bot|app|"
        r"paperboy|messages?|digests?|papers?|posts?|notifications?|e?mails?|updates?|spam|subscription|please|anymore|"
        r"again|you|yourself|forever|stuff))*"
    ),
}
"""Parts of the phrases below: `<WE>` stands for its part there."""
_STOPS = r"""
(?:how (?:do|can|to) (?:<WE> )?)?(?:stop|quit|exit|cancel|end|leave|mute|silence|snooze|disable|deactivate)<HERE>
(?:shut up|be quiet|go away|enough|no more|(?:don't|dont|do not|never) (?:post|send|message|write))<HERE>
(?:turn|switch|shut)(?=.* (?:off|down)$)<HERE>
how (?:do|can|to) (?:<WE> )?(?:unsubscribe|pause)<HERE>
"""
"""Requests to end the digests. Every word is listed, so that `stop words` and `turn off neurons` are searched."""
_LINES = r"""
pause \g<until>: (?:pause|mute|snooze|silence|stop|be quiet)<HERE> (?P<until>(?:for|until|untill|till) \S.*)
pause: pause (?:it|this|the|my|our|digests?|papers|posting|channel|everything)<HERE>
resume: unmute|continue|(?:unmute|unpause|resume|restart|start)(?: (?:posting|sending|again|it|this|the|digests?))+
about: who (?:made|built|created|runs|owns) <BOT>|who wrote (?:you|paperboy|this bot)
about: are you (?:an? )?(?:bot|ai|human|robot)
help: (?:what|who)<IS> <BOT>
help: what (?:can|do|does) (?:<BOT>|<WE>) (?:do|ask)(?: (?:for|here|with|me|us|you|this))*
help: how (?:do|does|can|to) (?:<BOT> works?|(?:<WE> )?use <BOT>)
help: \?+|h|usage|manual|instructions|need help|i need help
help all: <SHOW><MY>(?:available )?(?:commands|menu)
help \g<name>: how (?:do|can|to) (?:<WE> )?(?P<name>subscribe|search|resume|save)
status: when(?:<IS>| does| will)? <MY>(?:next )?(?:digest|list|papers|post)(?: (?:come|comes|is|due|here))*
status: ping|(?:are )?you (?:there|alive|ok|working)|is it working|how many papers.{0,40}
status: (?:where<IS>|why)(?: (?:is|are)(?: there)?)? (?:no |<MY>)(?:digest|papers|posts?)(?: (?:today|here))*
preview: <SHOW><MY>next digest
digest: <SHOW><MY>(?:old|past|previous|last) digests?
digest yesterday: <SHOW><MY>yesterday'?s? digest
today \g<count>: <SHOW><ANY>(?:<NEW> )*(?P<count>\d{1,2}) (?:<NEW> )*<PAPERS>(?: <TODAY>)?
today \g<count>: <SHOW><ANY><NEW> (?P<count>\d{1,2})(?: <TODAY>)?
catchup \g<days>: catch(?: (?:me|us))?[ -]?up(?: (?:me|us|on|with|for|the|of|from))* <SPAN>
catchup \g<days>: what(?: (?:did|have|has|do))? <WE> miss(?:ed)?(?: (?:in|for|of|from))* <SPAN>
catchup \g<days>: <SHOW><ANY>(?:<NEW> )*(?:<NEW>|<PAPERS>) (?:(?:of|from|for|in) )*<SPAN>
catchup \g<days>: <SPAN>
catchup 7: catch(?: (?:me|us))?[ -]?up(?: (?:me|us|here))*|what(?: (?:did|have|has|do))? <WE> miss(?:ed)?(?: here)?
today: (?:<SHOW><ANY>|anything )<NEW>(?: <NEW>)*(?: <PAPERS>)?(?: <TODAY>)?
today: (?:show|give|send|bring|any) <ANY><PAPERS>(?: <TODAY>)?|<PAPERS> <TODAY>|any <PAPERS>|news|what's up
saved list: <SHOW><MY>(?:saved (?:papers|list|items)|reading list|bookmarks|bookmarked papers|favou?rites)
saved list: <SHOW>(?:me )?my (?:saved|saves|list|papers)
saved list unread: saved unread(?: (?:papers?|list|ones))?|<SHOW><MY>unread(?: <MY>(?:papers|list))?
saved export ris: (?:saved )?(?:export|download) <LIST>(?:endnote|refworks)
saved export csv: (?:saved )?(?:export|download) <LIST>(?:excel|spreadsheet|google sheets?)
saved export \g<format>: (?:saved )?(?:export|download) <LIST>(?P<format>csv|ris|bibtex)(?: files?)?
saved export: (?:saved )?(?:export|download) <LIST>(?:zotero|mendeley|jabref|latex|overleaf|all|everything|list|papers)
topics remove all: topics? (?:(?:clear|reset|empty|clean)(?: all| everything)?|(?:remove|delete) (?:all|everything))
topics remove all: (?:clear|reset|delete|remove|empty|unfollow|clean) <MY>(?:topics|everything|all)
topics unmute all: (?:clear|reset|delete|remove|empty) <MY>mutes|unmute (?:all|everything)
topics add \g<topic>: add (?:topic )?(?P<topic>.+?) to <MY>topics
topics \g<verb> \g<topic>: (?P<verb>add|remove|mute) (?:the |this )?topic (?P<topic>.+)
topics mute \g<topic>: no more (?P<topic>.+) papers
topics \g<rest>: topic (?P<rest>(?:list|add|remove|mute|unmute)\b.*)
topics list: <SHOW><MY>(?:topics|followed topics|mutes|muted)|what (?:do|are) <WE> (?:follow|following)
settings: <SHOW><MY>(?:settings?|preferences|configuration|schedule)
settings: (?:more|less|fewer) papers(?: (?:per|a|every|each) day)?
settings: (?:how (?:do|can|to) (?:<WE> )?)?(?:change|edit|wrong) <MY>(?:settings|time|hour|days|schedule|time ?zone)
subscribe \g<when>: (?:change|set|move) <MY>(?:time|hour|digest|it) (?:to|at|for) (?P<when>.+)
subscribe \g<when>: (?:send|post)(?: (?:me|us|it|papers?|the|digests?|here|new))* (?P<when>(?:at \d|every |daily).*)
subscribe size:\g<size>: (?:(?:set|change|make) )?<MY>(?:size|count) (?:to |is )?(?P<size>\d{1,2})
subscribe timezone:\g<zone>: (?:(?:set|change) )?<MY>time ?zone (?:to |is )?(?P<zone>\S.+)
search \g<query>: <SHOW><ANY>(?:<NEW> )*<PAPERS> (?:about|on|regarding) (?P<query>.+)
subscribe: sign (?:(?:me|us) )?up|register|join|start (?:posting|sending|digests?)<HERE>
subscribe: subscribe (?:to )?(?:this channel|<MY>digests?|it|everything)
forget me: (?:delete|erase|remove|forget) (?:(?:all|everything|about) )*my (?:data|account|profile)|gdpr
"""
"""A command line, and a phrase that means it; the first that fits counts."""


def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<([A-Z]+)>", lambda name: _PARTS[name[1]], phrase), re.IGNORECASE)


_STOP_PATTERNS = tuple(map(_pattern, _STOPS.strip().splitlines()))
_REQUESTS = tuple(
    (line, _pattern(phrase)) for line, _, phrase in (each.partition(": ") for each in _LINES.strip().splitlines())
)
_NUMBERED = re.compile(
    r"(?:(?:what(?:'s|\s+is|\s+was)|tl;?dr|summari[sz]e|tell\s+(?:me\s+)?about|show(?:\s+me)?|open)\s+)?"
    r"(?:(?:paper|number|no\.?)\s+)?#?\s?(\d{1,2})(?:\s+about)?",
    re.IGNORECASE,
)


def request(line: str) -> str | None:
    """The command line that a sentence means; None for any other text.

    Raises UserError with the two commands for a request to stop, which ends nothing before it was answered.
    """
    if len(line) > LONGEST:
        return None
    sentence = " ".join(without_end(line).lstrip(END_MARKS).split()) or line.strip()
    for wish in dict.fromkeys((sentence, without_polite_start(sentence))):
        if sentence.casefold() != "stop" and any(pattern.fullmatch(wish) for pattern in _STOP_PATTERNS):
            text = f"To stop the digest here for a while: {typed('pause')}. For good: {typed('unsubscribe')}."
            raise UserError(text, lines=(("pause", "pause"), ("unsubscribe", "unsubscribe")))
        matches = ((meaning, pattern.fullmatch(wish)) for meaning, pattern in _REQUESTS)
        meaning = next((match.expand(meaning) for meaning, match in matches if match), None)
        if meaning is not None:
            return meaning
    return None


def numbered(line: str) -> str | None:
    """The line that shows a digest's paper by its number: `what is 2 about` is `paper #2`; None for other text."""
    match = _NUMBERED.fullmatch(line.strip(END_MARKS))
    return f"paper #{match[1]}" if match else None
