"""The query language of topics and search: text <-> a tree of frozen values. Pure.

    query       = alternative { "|" alternative }
    alternative = term { term }                  all must match
    term        = [ "-" ] ( word | "phrase" | name:value | name:"value" )

A malformed query raises QueryError and is never read as something else. What a query means for papers is in `matching`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from bot.errors import QueryError
from bot.model.paper_id import paper_id
from bot.query.ast import Field, Has, Leaf, Like, Min, Phrase, Query, Since, Term, Word
from bot.query.lexer import FIELDS, Token, nearest, split_line, tidy, tokens
from bot.text.analyzer import STOP_WORDS, stem_readings, words

__all__ = [
    "MAX_LENGTH",
    "Field",
    "Has",
    "Leaf",
    "Like",
    "Min",
    "Phrase",
    "Query",
    "Since",
    "Term",
    "Word",
    "canonical",
    "leaves",
    "like_ids",
    "paper_id",
    "parse",
    "parse_literal",
    "phrases",
    "positive_terms",
    "split_line",
    "strict",
    "tidy",
]

MAX_LENGTH = 500
"""Characters of one query: a topic is a line, and a hostile one must stay cheap."""
MAX_PLAIN = 300
"""Words of a text that is looked for as it is: a whole abstract."""

_CATEGORY = re.compile(r"[a-z]+(-[a-z]+)?(\.[a-z]+(-[a-z]+)*)?", re.ASCII | re.IGNORECASE)
_SPAN = re.compile(r"([1-9]\d{0,3})([hdw])", re.ASCII | re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 168}
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_EXAMPLES = {
    "cat": "cat:cs.CL", "author": 'author:"Yejin Choi"', "org": "org:nvidia", "venue": "venue:neurips",
    "like": "like:2405.14105", "has": "has:code", "since": "since:7d", "min": "min:20",
}  # fmt: skip
_OPERATORS = {
    "AND": ("Words are all required anyway, so AND is left out", "video diffusion"),
    "OR": ("Either side is written |, not OR", "video | audio"),
    "NOT": ("Without is written -, not NOT", "diffusion -medical"),
}


def parse(text: str) -> Query:
    """Read one line of the query language. Raises QueryError, with the place and an example."""
    text = tidy(text)
    if not text:
        raise QueryError("There is nothing to look for", text, 0, "video diffusion")
    if len(text) > MAX_LENGTH:
        raise QueryError(f"A query has at most {MAX_LENGTH} characters", text, MAX_LENGTH, "two shorter topics instead")
    alternatives: list[list[Term]] = [[]]
    bar = 0
    for token in tokens(text):
        if token.is_bar:
            _check_alternative(alternatives[-1], text, bar, token.start)
            alternatives.append([])
            bar = token.start
        else:
            alternatives[-1].append(Term(_leaf(token, text), token.negated))
    _check_alternative(alternatives[-1], text, bar, bar)
    return Query(tuple(map(tuple, alternatives)))


def parse_literal(text: str) -> Query:
    """Free words as they are, in which nothing is an operator. Raises QueryError if there is no word."""
    found = [word for word in tidy(text).split() if words(word)][:MAX_PLAIN]
    if not found:
        raise QueryError("There is nothing to look for", text[:MAX_LENGTH], 0, "video diffusion")
    return Query((tuple(Term(Word(word)) for word in found),))


def canonical(text: str) -> str:
    """The same query as Paperboy writes it. Raises QueryError."""
    return str(parse(text))


def _check_alternative(terms: list[Term], text: str, start: int, bar: int) -> None:
    if not terms:
        raise QueryError("One side of | is empty", text, bar, "video | audio")
    if all(term.negated for term in terms):
        position = text.index("-", start)
        raise QueryError(f"{terms[0]} alone leaves nothing to look for", text, position, f"diffusion {terms[0]}")


def _leaf(token: Token, text: str) -> Leaf:
    if token.name in FIELDS:
        return _field(token, text)
    if token.name is not None and (token.value.strip() or nearest(token.name, FIELDS)):
        meant = nearest(token.name, FIELDS)
        example = _EXAMPLES[meant] if meant else f'"{token.name} {token.value}"'
        problem = f"There is no field “{token.name}:”; there are {', '.join(FIELDS)}"
        raise QueryError(problem, text, token.start, example)
    typed = text[token.start + token.negated : token.end]
    if token.quoted:
        return Phrase(_worded(" ".join(token.value.split()), token, text))
    _check_word(typed, token, text)
    return Word(_worded(typed, token, text))


def _check_word(typed: str, token: Token, text: str) -> None:
    """Refuse what other query languages mean by it, instead of looking for it as a word."""
    if not typed:
        raise QueryError(
            "A lone - leaves out nothing; write it right before the word", text, token.start, "diffusion -medical"
        )
    if typed.startswith("-"):
        raise QueryError("One - is enough", text, token.start, f"diffusion -{typed.lstrip('-') or 'medical'}")
    if typed in _OPERATORS:
        raise QueryError(_OPERATORS[typed][0], text, token.start, _OPERATORS[typed][1])
    if typed.startswith("("):
        raise QueryError(
            "There are no brackets; write each side out", text, token.start, "video diffusion | audio diffusion"
        )
    if "://" in typed:
        raise QueryError("A link is no word", text, token.start, f"like:{paper_id(typed) or '2405.14105'}")


def _worded(value: str, token: Token, text: str) -> str:
    if not words(value):
        raise QueryError("There is no word in this", text, token.start, '"speculative decoding"')
    return value


def _field(token: Token, text: str) -> Leaf:
    name, value = token.name or "", " ".join(token.value.split())
    if not value:
        raise QueryError(f"{name}: needs a value right after the colon", text, token.start, _EXAMPLES[name])
    leaf = _READERS.get(name, _text_field(name))(value)
    if leaf is None:
        problem = f"“{value}” is not {_EXPECTED[name]}"
        raise QueryError(problem, text, token.start + text[token.start :].index(":") + 1, _EXAMPLES[name])
    return leaf


_EXPECTED = {
    "cat": "an arXiv category",
    "author": "a name",
    "org": "a name",
    "venue": "a name",
    "like": "an arXiv id, a DOI or a link to one",
    "has": "something a paper can have: code, project",
    "since": "a time in hours, days or weeks",
    "min": "a number of upvotes",
}


def _text_field(name: str) -> Callable[[str], Leaf | None]:
    return lambda value: Field(name, value) if words(value) else None


def _category(value: str) -> Leaf | None:
    return Field("cat", value) if _CATEGORY.fullmatch(value) else None


def _like(value: str) -> Leaf | None:
    found = paper_id(value)
    return Like(found) if found else None


def _has(value: str) -> Leaf | None:
    return Has(value.lower()) if value.lower() in ("code", "project") else None


def _since(value: str) -> Leaf | None:
    found = _SPAN.fullmatch(value)
    return Since(timedelta(hours=int(found[1]) * _HOURS[found[2].lower()])) if found else None


def _min(value: str) -> Leaf | None:
    return Min(int(value)) if _COUNT.fullmatch(value) else None


_READERS: dict[str, Callable[[str], Leaf | None]] = {
    "cat": _category,
    "like": _like,
    "has": _has,
    "since": _since,
    "min": _min,
}


# --- what others ask of a query -------------------------------------------------------------------------------


def _positive(query: Query) -> Iterator[Leaf]:
    seen: set[Leaf] = set()
    for terms in query.alternatives:
        for term in terms:
            if not term.negated and term.leaf not in seen:
                seen.add(term.leaf)
                yield term.leaf


def leaves(query: Query) -> tuple[Leaf, ...]:
    """Every leaf that is looked for (not negated), once each: what a match can be explained and highlighted by."""
    return tuple(_positive(query))


def positive_terms(query: Query) -> tuple[str, ...]:
    """Stems of every word and phrase that is looked for, in order, once each; stop words only if there is nothing else.

    A hyphenated word gives its parts and itself in one: `multi-modal` gives multi, modal, multimod.
    """
    texts = [leaf.text for leaf in _positive(query) if isinstance(leaf, Word | Phrase)]
    telling = [word for text in texts for word in text.split() if any(w not in STOP_WORDS for w in words(word))]
    return tuple(
        dict.fromkeys(stem for text in telling or texts for reading in stem_readings(text) for stem in reading)
    )


def phrases(query: Query) -> tuple[tuple[str, ...], ...]:
    """The stem sequences of the phrases and hyphenated words that are looked for."""
    texts = [leaf.text for leaf in _positive(query) if isinstance(leaf, Word | Phrase)]
    found = (tuple(stem_readings(text)[0]) for text in texts)
    return tuple(stems for stems in found if len(stems) > 1)


def strict(query: Query) -> Query | None:
    """The query without its positive free words: what search filters by after ranking; None if nothing is left.

    Phrases, fields and negations stay. (A query of its own kind: it may consist of negations only.)
    """
    kept = tuple(
        tuple(term for term in terms if term.negated or not isinstance(term.leaf, Word)) for terms in query.alternatives
    )
    return Query(kept) if all(kept) else None


def like_ids(query: Query) -> tuple[str, ...]:
    """The ids of `like:`, negated ones too: load these papers and give them to `Documents(liked=…)`."""
    found = (term.leaf for terms in query.alternatives for term in terms)
    return tuple(dict.fromkeys(leaf.paper_id for leaf in found if isinstance(leaf, Like)))
