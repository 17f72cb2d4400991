"""Lexer of queries and command lines: typed text normalised and cut into tokens. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.errors import QueryError
from bot.text.analyzer import words
from bot.text.joiners import without_loose_joiners

FIRST_WORDS = 8
LONGEST_LINE = 2_000
"""Characters; a query is at most 500, the rest is options."""

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f\u3000"
_UNSEEN = "\u00ad\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_PLAIN = str.maketrans(
    dict.fromkeys("“”„‟«»＂「」『』″", '"')
    | dict.fromkeys("‘’‚‛ʼ＇", "'")
    | dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_UNSEEN, "")
    | {"：": ":", "｜": "|", "＜": "<", "＞": ">"}
)
_DASHES = "‐‑‒–—―−﹣－"
_HYPHENS = str.maketrans(dict.fromkeys(_DASHES, "-"))
# https://docs.slack.dev/messaging/formatting-message-text: links, mentions and the three entities Slack writes.
_SLACK_LINK = re.compile(r"<((?:https?://|mailto:)[^<>|\s]+)(?:\|([^<>]*))?>")
_SLACK_MENTION = re.compile(r"<[#@!][^<>|\s]*(?:\|([^<>]*))?>")
_GROUP_VALUE = re.compile(r"(?<=:)<(?:!subteam\^|@&)(\w+)(?:\|[^<>]*)?>")
"""A role or user group that was mentioned as the value of an option: its id tells it."""
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

_NAME = re.compile(r"([A-Za-z][A-Za-z_]*):(?!//)")
# A quote after a number is its unit: `5" screens`.
_BARE = re.compile(r'(?:[^\s|"]|(?<=\d)"(?!\w))*')


@dataclass(frozen=True, slots=True)
class Token:
    """A word, `"phrase"`, `name:value` or `|` as typed, with its span in the text."""

    start: int
    end: int
    value: str
    name: str | None = None
    quoted: bool = False
    negated: bool = False

    @property
    def is_bar(self) -> bool:
        """Whether this is the `|` between alternatives."""
        return self.value == "|" and not self.quoted and self.name is None


def tidy(text: str) -> str:
    """Typed text with ASCII quotes, dashes and spaces, and without Slack's entities and links."""
    if len(text) > LONGEST_LINE:
        raise QueryError("This is too long", text, LONGEST_LINE, first_words(text))
    before = None
    text = " ".join(without_loose_joiners(text.translate(_PLAIN)).split())
    while text != before:  # until nothing changes, so that tidying twice is tidying once
        before = text
        text = _SLACK_LINK.sub(_link_text, _GROUP_VALUE.sub(r"\1", text))
        text = _SLACK_MENTION.sub(lambda m: m[1] or "", text)
        for entity, character in _ENTITIES:
            text = text.replace(entity, character)
        text = " ".join(map(_with_hyphens, text.split()))
    return text


def first_words(text: str) -> str:
    """The first words of a text that is too long for a query, as one that is short enough."""
    return " ".join(words(text[:200])[:FIRST_WORDS]) or "video diffusion"


def _with_hyphens(word: str) -> str:
    """A word with `-` for every dash; a dash that stands alone is `–`, a sign between words and no exclusion."""
    if not word.strip(_DASHES) or word in ("--", "---"):
        return "–"
    return word.translate(_HYPHENS)


def _link_text(match: re.Match[str]) -> str:
    """Address of a link, or its label if Slack made the link from it (`cs.AI` typed becomes `http://cs.AI`)."""
    url, label = match[1], match[2]
    bare = re.sub(r"^(?:https?://|mailto:)", "", url).rstrip("/")
    return label if label and label.rstrip("/") == bare else url


def tokens(text: str) -> Iterator[Token]:
    """Tokens of tidied text. Raises QueryError for an unclosed quote."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = Token(at, at + 1, "|") if text[at] == "|" else _token(text, at)
        yield token
        at = token.end


def _token(text: str, start: int) -> Token:
    negated = text[start] == "-"
    at = start + negated
    prefix = _NAME.match(text, at)
    name = prefix[1].lower() if prefix else None
    at = prefix.end() if prefix else at
    if text[at : at + 1] == '"':
        close = text.find('"', at + 1)
        if close < 0:
            closed = f'{text}"' if any(map(str.isalnum, text[at:])) else '"speculative decoding"'
            raise QueryError("A quote is never closed", text, at, closed)
        return Token(start, close + 1, text[at + 1 : close], name, quoted=True, negated=negated)
    bare = _BARE.match(text, at)
    end = bare.end() if bare else at
    return Token(start, end, text[at:end], name, negated=negated)


def nearest_name(word: str, names: Collection[str]) -> str | None:
    """The name most similar to a mistyped one; None if none is similar."""
    word = word.lower()
    for name in names:
        if len(word) > 1 and (name.startswith(word) or (len(name) > 2 and word.startswith(name))):
            return name
    return next(iter(difflib.get_close_matches(word, names, n=1, cutoff=0.6)), None)
