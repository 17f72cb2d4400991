"""Parser of the query language of topics and searches: text -> syntax tree of `bot.query.ast`. Pure.

    query       = alternative { "|" alternative }
    alternative = term { term }                  all must match
    term        = [ "-" ] ( word | "phrase" | name:value | name:"value" )

A malformed query raises QueryError and is never read as something else. Signs that stand alone (`+ & / : –`), as in
pasted titles, are no terms and passed over.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

from bot.errors import QueryError
from bot.model.paper_id import paper_id, pasted_ids
from bot.query.ast import FieldTerm, Leaf, Phrase, Query, Term, Word
from bot.query.fields import FIELDS, QueryField
from bot.query.lexer import Token, first_words, nearest_name, tidy, tokens
from bot.query.links import is_link, link_words
from bot.query.names import name_of
from bot.text.analyzer import STOP_WORDS, stem_readings, words

MAX_LENGTH = 500
"""Characters of one query, which bounds the cost of untrusted ones."""
MAX_LITERAL = 300
"""Words of a literal query: a whole abstract."""
TITLE_WORDS = 4
"""Words above which a text reads as a title, where a word is ambiguous."""

_FIELD = re.compile(rf"(?<!\S)-?(?:{'|'.join(FIELDS)}):\S", re.IGNORECASE)

_ASSIGNED = re.compile(rf"({'|'.join(FIELDS)})=", re.IGNORECASE)

_TEXT_NAMES = frozenset({"title", "ti", "abstract", "abs", "text", "all"})
"""Fields of other query languages whose values are plain words here."""
_DATE_NAMES = frozenset({"year", "date", "published", "after", "from"})
_OPERATORS = {
    "AND": ("All words are required already; leave AND out", "video diffusion"),
    "OR": ("Write | instead of OR", "video | audio"),
    "NOT": ("Write - right before a word instead of NOT", "diffusion -medical"),
}
"""Operators of other query languages: the remedy, and the example where the query itself cannot be rewritten."""


@lru_cache(maxsize=4_096)
def parse(text: str) -> Query:
    """Read one line of the query language. Raises QueryError, with the place and an example."""
    text = tidy(text)
    if not text:
        raise QueryError("There is nothing to look for", text, 0, "video diffusion")
    if len(text) > MAX_LENGTH:
        raise QueryError(f"A query has at most {MAX_LENGTH} characters", text, MAX_LENGTH, first_words(text))
    alternatives: list[list[Term]] = [[]]
    bar = 0
    for token in tokens(text):
        if token.is_bar:
            _check_alternative(alternatives[-1], text, bar, token.start)
            alternatives.append([])
            bar = token.start
        elif not _is_sign(token) and not _is_dash(token, text):
            alternatives[-1].append(Term(_leaf(token, text), token.negated))
    if alternatives == [[]]:
        raise _no_word(text, 0)
    _check_alternative(alternatives[-1], text, bar, bar)
    return Query(tuple(map(tuple, alternatives)))


def parse_literal(text: str) -> Query:
    """Query of free words without any operator. Raises QueryError if there is no word."""
    literals = [word for word in tidy(text).split() if words(word)][:MAX_LITERAL]
    if not literals:
        raise QueryError("There is nothing to look for", text[:MAX_LENGTH], 0, "video diffusion")
    return Query((tuple(Term(Word(word)) for word in literals),))


def named_papers(text: str) -> tuple[str, ...]:
    """The papers that a tidied text names, alone or among words; empty for a query with fields."""
    return () if _FIELD.search(text) else pasted_ids(text)


def named_paper(text: str) -> str | None:
    """The paper that a tidied text names, alone or among words; None for a query. Raises QueryError for two papers."""
    papers = named_papers(text)
    if len(papers) > 1:
        raise QueryError(f"These are {len(papers)} papers; look for one at a time", text, 0, papers[0])
    return papers[0] if papers else None


def canonical(text: str) -> str:
    """The canonical text of a query. Raises QueryError."""
    return str(parse(text))


def _is_sign(token: Token) -> bool:
    """Whether a token is punctuation, an emoji or the like, without a word and without a meaning in the language."""
    plain = not token.quoted and not token.negated and token.name is None
    return plain and not words(token.value) and not is_link(token.value)


def _is_dash(token: Token, text: str) -> bool:
    """Whether a lone `-` is the dash of a title (`BRIDGE - Building …`), and no exclusion with a space too many."""
    return token.negated and token.end == token.start + 1 and _is_begun(text, token.end)


def _is_begun(text: str, at: int) -> bool:
    """Whether the next word begins as words of titles do, with a capital or a digit."""
    following = text[at:].lstrip()[:1]
    return following.isupper() or following.isdigit()


def _no_word(text: str, position: int) -> QueryError:
    return QueryError("There is no word in this", text, position, '"speculative decoding"')


def _check_alternative(terms: list[Term], text: str, start: int, bar: int) -> None:
    if not terms:
        raise QueryError("One side of | is empty", text, bar, "video | audio")
    if all(term.negated for term in terms):
        position = text.index("-", start)
        raise QueryError(f"{terms[0]} alone leaves nothing to look for", text, position, f"diffusion {terms[0]}")


def _leaf(token: Token, text: str) -> Leaf:
    if token.name in FIELDS:
        return _field_term(token, token.name, text)
    typed = text[token.start + token.negated : token.end]
    if token.name is not None:
        _check_name(token, token.name, typed, text)
    if not token.quoted:
        _check_word(typed, token, text)
        typed = _without_brackets(typed)
    value = " ".join(token.value.split()) if token.quoted else typed
    if not words(value):
        raise _no_word(text, token.start)
    if not token.quoted:
        return Word(value)
    if all(word in STOP_WORDS for word in words(value)):
        problem = f"“{value}” has only words that nearly every paper has; add one that tells more"
        raise QueryError(problem, text, token.start, '"attention is all you need"')
    return Phrase(value)


def _check_name(token: Token, name: str, typed: str, text: str) -> None:
    """Raise QueryError for a field that does not exist, unless it is a title's beginning: `MiniLM: Deep …`."""
    nearest = nearest_name(name, FIELDS)
    is_title = not token.quoted and _is_title_word(token, name, typed, text)
    if not is_title and (nearest or token.value.strip()):
        problem, example = f"There is no field “{name}:”; there are {', '.join(FIELDS)}", f'"{name} {token.value}"'
        if name in _TEXT_NAMES and words(token.value):
            value = f'"{token.value}"' if token.quoted else token.value
            problem, example = f"There is no field “{name}:”; plain words are looked for in title and abstract", value
        elif name in _DATE_NAMES:
            problem, example = f"There is no field “{name}:”; since: counts back in days or weeks", "since:52w"
        elif nearest:
            example = FIELDS[nearest].example
        if name in _DATE_NAMES or (name in _TEXT_NAMES and words(token.value)):
            example = _replaced(token, example, text)
        raise QueryError(problem, text, token.start, example)


def _replaced(token: Token, term: str, text: str) -> str:
    """The query with another term in a token's place; the term alone if that is no query."""
    line = f"{text[: token.start]}{'-' * token.negated}{term}{text[token.end :]}"
    return line if _is_query(line) else term


def _is_query(text: str) -> bool:
    try:
        parse(text)
    except QueryError:
        return False
    return True


def _is_title_word(token: Token, name: str, typed: str, text: str) -> bool:
    """Whether a name with a colon that is no field is a word of a title: `MiniLM: Deep …`, `One-Way Ticket:Time`."""
    if not token.value:
        is_long = len(words(text)) > TITLE_WORDS
        return typed[0].isupper() or (is_long and not difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.75))
    if not typed[0].isupper():
        return False
    return nearest_name(name, FIELDS) is None or (token.value[0].isupper() and bool(words(text[: token.start])))


def _without_brackets(typed: str) -> str:
    """`Free` of `(Free)`; as typed if brackets are inside (`f(x)`) or if it would mean something else without them."""
    inner = typed.strip("()[]{}")
    is_word = inner[:1].isalnum() and inner not in _OPERATORS and not any(mark in inner for mark in "()[]{}:")
    return inner if is_word else typed


def _check_word(typed: str, token: Token, text: str) -> None:
    """Raise QueryError for an operator of other query languages."""
    if not typed:
        problem, example = "A lone - leaves out nothing; write it right before the word", "diffusion -medical"
    elif typed.startswith("-"):
        problem, example = "One - is enough", f"diffusion -{typed.lstrip('-') or 'medical'}"
    elif typed in _OPERATORS and not _is_title_operator(token, typed, text):
        problem, example = _OPERATORS[typed][0], _rewritten(text) or _OPERATORS[typed][1]
    elif typed.startswith("(") and (token.negated or "|" in text):
        problem, example = "There are no brackets; write each side out", "video diffusion | audio diffusion"
    elif assigned := _ASSIGNED.match(typed):
        rest = text[token.end :].lstrip() if typed == assigned[0] else text[token.end :]
        line = f"{text[: token.start]}{typed.replace('=', ':', 1)}{rest}"
        example = line if _is_query(line) else FIELDS[assigned[1].lower()].example
        problem = f"Write {assigned[1]}: instead of {assigned[0]}"
    elif is_link(typed):
        problem = "This link is to no paper that Paperboy knows; write words of its title"
        others = f"{text[: token.start]} {text[token.end :]}".strip()
        example = others if _is_query(others) else link_words(typed) or "video diffusion"
        if paper := paper_id(typed):
            problem, example = "Write this link as like: and the paper's id", f"like:{paper}"
    else:
        return
    raise QueryError(problem, text, token.start, example)


def _rewritten(text: str) -> str:
    """The query with `|` for OR, `-` for NOT and without AND: `mamba AND s4` -> `mamba s4`; empty if it is no query."""
    terms, negation = [], ""
    try:
        for token in tokens(text):
            typed = text[token.start + token.negated : token.end]
            if typed == "NOT":
                negation = "-"
            elif typed != "AND":
                sign = negation or "-" * token.negated
                terms.append("|" if typed == "OR" else f"{sign}{typed}")
                negation = ""
    except QueryError:
        return ""
    line = " ".join(terms)
    return line if _is_query(line) else ""


def _is_title_operator(token: Token, operator: str, text: str) -> bool:
    """Whether `OR` and its like are words of a title: in capitals, or `are NOT Stronger`; `RLHF OR DPO` is none."""
    is_long = len(words(text)) > TITLE_WORDS
    return (text.isupper() and (operator == "AND" or is_long)) or (is_long and _is_begun(text, token.end))


def _field_term(token: Token, name: str, text: str) -> FieldTerm:
    field, typed = FIELDS[name], " ".join(token.value.split())
    if not typed:
        raise QueryError(
            f"{name}: needs a value right after the colon", text, token.start, _joined_value(field, token, text)
        )
    value = field.parse(typed)
    if value is None:
        unit, *_ = *text[token.end :].split()[:1], ""
        example = f"{name}:{typed}d" if name == "since" and field.parse(f"{typed}d") else field.example
        line = _replaced(token, example, text)
        if unit and field.parse(f"{typed}{unit}") is not None:  # `since:7 days`
            line = f"{text[: token.end]}{text[token.end :].lstrip()}"
        raise QueryError(f"Write {field.expected}, not “{name}:{typed}”", text, token.start, line)
    return FieldTerm(name, value)


def _joined_value(field: QueryField, token: Token, text: str) -> str:
    """The query with the word after a field's colon as its value; the field's example where there is none."""
    rest = text[token.end :].lstrip()
    following = rest.split()
    name = name_of(following) if field.has_names else following[:1]
    if not name or field.parse(" ".join(name)) is None:
        return field.example
    value = f'"{" ".join(name)}"' if len(name) > 1 else name[0]
    return " ".join([f"{text[: token.end]}{value}", *following[len(name) :]])


def _positive_leaves(query: Query) -> list[Leaf]:
    return list(dict.fromkeys(term.leaf for terms in query.alternatives for term in terms if not term.negated))


def field_values(query: Query, name: str) -> tuple[str, ...]:
    """Values of a field outside negations, once each. Raises KeyError for an undeclared field."""
    FIELDS[name]
    leaves = _positive_leaves(query)
    return tuple(leaf.value for leaf in leaves if isinstance(leaf, FieldTerm) and leaf.name == name)


def positive_terms(query: Query) -> tuple[str, ...]:
    """Stems of every word and phrase outside negations, in order, once each; stop words only if there are no others.

    A hyphenated word gives its parts and the joined word: `multi-modal` gives multi, modal, multimod.
    """
    texts = [leaf.text for leaf in _positive_leaves(query) if isinstance(leaf, Word | Phrase)]
    content = [word for text in texts for word in text.split() if any(w not in STOP_WORDS for w in words(word))]
    stems = (stem for text in content or texts for reading in stem_readings(text) for stem in reading)
    return tuple(dict.fromkeys(stems))


def like_ids(query: Query) -> tuple[str, ...]:
    """Ids of `like:`, negated ones too: the papers that `Documents(liked=…)` needs."""
    leaves = (term.leaf for terms in query.alternatives for term in terms)
    return tuple(dict.fromkeys(leaf.value for leaf in leaves if isinstance(leaf, FieldTerm) and leaf.name == "like"))
