"""Queries in plain words -> the query they mean: `latest papers on agents by Ada Lovelace` and the like. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from bot.errors import QueryError
from bot.query.parser import canonical
from bot.text import word_set
from bot.text.analyzer import STOP_WORDS, words

_ASKING = (
    r"(?:(?:what|which|what's|who|where|are|is|there|do|does|can|could|would|find|search|look|show|give|get|list|tell|"
    r"please|you|me|us|for|have|i|i'm|im|we|want|need|like|to|see|read|"
    r"know|any|some|the|all|more|good|interesting)\s+)*"
)
_RANK = r"(?:latest|newest|new|recent|best|top|hot|hottest|trending|popular|most\s+\w+ed|must-read)\s+"
_KIND = r"(?:research\s+)?(?:papers?|articles?|preprints?|publications?)"
_PAPERS = re.compile(
    rf"{_ASKING}(?P<rank>{_RANK})?(?:\d+\s+)?{_KIND}(?:\s+(?:about|on|of|in|for|regarding|related\s+to)\b|"
    r"(?=\s+(?:by|from|at|with|without|since|last|this|that\s+have)\b)|$)\s*",
    re.IGNORECASE,
)
"""`show me the latest papers on`; without a word such as `on`, `paper mills` are a subject."""
_LATEST = re.compile(
    rf"{_ASKING}(?P<rank>latest|newest|most\s+recent)\s+(?!advances|progress|trends|developments)(?:in\s+|on\s+)?",
    re.IGNORECASE,
)
_NEW = re.compile(r"latest|newest|new|recent", re.IGNORECASE)
_LAST_PAPERS = re.compile(r"\s+(?:papers|articles|preprints)$", re.IGNORECASE)
_WITHOUT_MEANING = re.compile(
    r"(?:[\s,]+(?:please|pls|plz|thanks)|(?:\s+published)?(?:\s+(?:from|in|since|of))?\s+20\d\d)$", re.IGNORECASE
)
"""Polite ends, and years, which no field is for."""
_NAMES = r"((?:[^\W\d_][\w.'-]*\s+){0,3}[^\W\d_][\w.'-]*)"
_HOURS = {"day": "1d", "week": "7d", "month": "30d", "year": "52w"}
_VENUES = word_set("neurips nips icml iclr cvpr iccv eccv acl emnlp naacl aaai ijcai kdd icra corl interspeech")
_Reader = Callable[[re.Match[str], Collection[str]], str]


def _span(match: re.Match[str], _organizations: Collection[str]) -> str:
    number, unit = match["number"], match["unit"].lower()
    return f"since:{number}{unit}s" if number else f"since:{_HOURS[unit]}"


def _name(match: re.Match[str], organizations: Collection[str]) -> str:
    """`org:` for a known organisation, else `author:` for a name after `by`; empty for `learning by doing`."""
    name = match["name"]
    value = f'"{name}"' if " " in name else name
    if name.lower() in {each.lower() for each in organizations}:
        return f"org:{value}"
    is_name = match.start() == 0 or (" " in name and all(word[0].isupper() for word in name.split()))
    return f"author:{value}" if is_name and match["by"].lower() == "by" else ""


def _venue(match: re.Match[str], _organizations: Collection[str]) -> str:
    name, year = match["venue"], match["year"]
    return "" if name.lower() not in _VENUES else f'venue:"{name} {year}"' if year else f"venue:{name}"


def _without(match: re.Match[str], _organizations: Collection[str]) -> str:
    left_out, before = match["out"], match.string[: match.start()].split()
    if not before or before[-1].lower() in STOP_WORDS or words(left_out)[0] in STOP_WORDS:
        return ""  # `attention is not explanation`, `not all you need`
    return f'-"{left_out}"' if " " in left_out else f"-{left_out}"


_ENDS: tuple[tuple[str, _Reader], ...] = (
    (
        r"(?:(?:from|since|in|of|during|over|within|published)\s+)*(?:the\s+)?(?:last|past|this|previous)\s+"
        r"(?:(?P<number>[1-9]\d?)\s+)?(?P<unit>day|week|month|year)s?",
        _span,
    ),
    (r"(?:(?:from|since|of)\s+)?today", lambda *_: "since:1d"),
    (r"(?:(?:from|since|of)\s+)?yesterday", lambda *_: "since:2d"),
    (r"(?:with|has|have|having|that\s+have|that\s+has)\s+(?:open\s+)?(?:code|github|repo)", lambda *_: "has:code"),
    (
        r"(?:(?:with|over|than|more|at|least|min)\s+)*(?P<count>\d{1,6})\+?\s+(?:upvotes|votes|likes)",
        lambda match, _: f"min:{match['count']}",
    ),
    (r"(?:(?:at|in|from)\s+)?(?P<venue>[A-Za-z]{3,11})(?:\s+(?P<year>20\d\d))?", _venue),
    (rf"(?P<by>by|from|@)\s*(?P<name>{_NAMES})", _name),
    (r"(?:but\s+not|not|without|except|excluding)\s+(?P<out>\w[\w-]*(?:\s+\w[\w-]*)?)", _without),
)
"""What stands at the end of a query in plain words, and the term that it means; empty if it means none."""
_AT_END = tuple((re.compile(rf"(?:^|(?<=\s)){end}$", re.IGNORECASE), reader) for end, reader in _ENDS)


def sentence_meaning(text: str, organizations: Callable[[], Collection[str]]) -> str:
    """The query that a canonical text in plain words means; empty for any other text."""
    if "|" in text:
        return ""
    text = text.rstrip(" ?!.")
    rest, terms = _without_beginning(text)
    while (shorter := _without_end(rest, organizations)) is not None:
        rest, term = shorter
        terms += [term] if term else []
    times = [term for term in terms if term.startswith("since:")]
    terms = [term for term in terms if term not in times[:-1]]  # `latest … of last week` is of last week
    line = " ".join([_LAST_PAPERS.sub("", rest), *terms]).strip()
    try:
        return canonical(line) if line != text else ""
    except QueryError:
        return ""


def _without_beginning(text: str) -> tuple[str, list[str]]:
    match = _PAPERS.match(text) or _LATEST.match(text)
    if match is None:
        return text, []
    return text[match.end() :], ["since:30d"] if _NEW.search(match["rank"] or "") else []


def _without_end(text: str, organizations: Callable[[], Collection[str]]) -> tuple[str, str] | None:
    """A text without what stands at its end in plain words, and the term for that; None if it has no such end."""
    for end, reader in _AT_END:
        if (match := end.search(text)) and (term := reader(match, organizations())):
            return text[: match.start()].rstrip(" ,"), term
    shorter = _WITHOUT_MEANING.sub("", text)
    return (shorter, "") if shorter != text else None
