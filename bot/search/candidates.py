"""One alternative of a query -> the rows that may match it: an FTS5 expression and conditions. A superset, on purpose.

`matching` decides afterwards what matches exactly, so nothing here has to know how a name or a phrase is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.analysis import STOP_WORDS, readings, words
from bot.search.index import name_parts, quoted
from bot.terms import Field, Has, Like, Min, Phrase, Query, Since, Term, Word


@dataclass(frozen=True, slots=True)
class Plan:
    """How one alternative is looked up."""

    groups: tuple[tuple[str, ...], ...]
    """For each word, the FTS5 strings that stand for it: `multi-modal` is `("multi" AND "modal")` or `"multimod"`."""
    stems: tuple[str, ...]
    """Every stem looked for, for the second look that takes some of them."""
    authors: str
    """An FTS5 expression on authors; empty if none are named."""
    where: tuple[str, ...]
    parameters: tuple[object, ...]
    like: str | None
    exact: Query | None
    """What `matching` must confirm; None: nothing."""
    reads_text: bool
    """Whether that needs title and abstract."""

    def match(self, groups: Sequence[str] = ()) -> str:
        """All words, or any of the given expressions; empty if only the conditions decide."""
        said = (
            f"({' OR '.join(groups)})" if groups else " AND ".join(f"({' OR '.join(group)})" for group in self.groups)
        )
        return " AND ".join(part for part in (said, self.authors) if part)


def plan(terms: tuple[Term, ...], now: datetime) -> Plan:
    """How to look one alternative up."""
    wanted = [term.leaf for term in terms if not term.negated]
    texts = [leaf for leaf in wanted if isinstance(leaf, Word | Phrase)]
    groups, stems = [], []
    for leaf in texts:
        for word in leaf.text.split():
            if found := _group(word, name_too=isinstance(leaf, Word)):
                groups.append(found[0])
                stems += found[1]
    likes = [leaf.paper_id for leaf in wanted if isinstance(leaf, Like)]
    # Words found by the index need no second look, but next to `like:` they are not looked up there.
    kept = tuple(t for t in terms if likes or t.negated or not isinstance(t.leaf, Word))
    authors = [leaf.value for leaf in wanted if isinstance(leaf, Field) and leaf.name == "author"]
    where, parameters = _conditions(wanted, now)
    return Plan(
        tuple(groups), tuple(dict.fromkeys(stems)), " AND ".join(map(_by, authors)), where, parameters,
        likes[0] if likes else None, Query((kept,)) if kept else None,
        any(isinstance(term.leaf, Word | Phrase | Like) for term in kept),
    )  # fmt: skip


def _group(word: str, *, name_too: bool) -> tuple[tuple[str, ...], list[str]] | None:
    split, joined = readings(word)
    telling = [stem for stem in split if stem not in STOP_WORDS]
    if not telling or all(w in STOP_WORDS for w in words(word)):
        return None
    forms = [" AND ".join(map(quoted, telling))]
    forms[0] = f"({forms[0]})" if len(telling) > 1 else forms[0]
    forms += [quoted(stem) for stem in joined if stem not in split]
    if name_too:  # names are not stemmed: `Hughes` is no plural
        forms += [f"authors : {quoted(part)}" for part in words(word) if part not in telling]
    return tuple(forms), [*telling, *(stem for stem in joined if stem not in split)]


def _by(author: str) -> str:
    """Papers that have at least one whole part of the name; initials are compared afterwards."""
    parts = [part for part in name_parts(author) if len(part) > 1] or name_parts(author)
    return f"authors : ({' OR '.join(map(quoted, parts))})" if parts else 'authors : ""'


def _conditions(wanted: Sequence[object], now: datetime) -> tuple[tuple[str, ...], tuple[object, ...]]:
    where: list[str] = []
    parameters: list[object] = []
    for leaf in wanted:
        match leaf:
            case Since(span):
                where.append("papers.age_at >= ?")
                parameters.append((now - span).timestamp())
            case Has(what):
                where.append(f"papers.{'code_url' if what == 'code' else 'project_url'} IS NOT NULL")
            case Field("cat", value):
                where.append("papers.categories LIKE ?")
                parameters.append(f'%"{value}%')
            case Field("venue", _):
                where.append("(papers.comment IS NOT NULL OR papers.journal_ref IS NOT NULL)")
            case Field("org", _):
                where.append("papers.organization IS NOT NULL")
            case Min(upvotes):
                where.append(
                    "EXISTS (SELECT 1 FROM series WHERE paper_id = papers.id AND kind = 'upvotes' AND value >= ?)"
                )
                parameters.append(upvotes)
            case _:
                pass
    return tuple(where), tuple(parameters)
