"""A reading list as BibTeX or CSV. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from bot.model import Paper
from bot.text.cleaning import clean_text

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet run a cell: https://owasp.org/www-community/attacks/CSV_Injection"""
_NOT_IN_A_URL = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
AUTHORS_MAX = 50
COLUMNS = ("id", "title", "authors", "published", "url", "categories", "code", "summary")


def bibtex(papers: Iterable[Paper]) -> str:
    """One @misc entry a paper (@article where a journal is known), keys made unique."""
    keys: set[str] = set()
    return "\n\n".join(_entry(paper, keys) for paper in papers)


def _entry(paper: Paper, keys: set[str]) -> str:
    fields = {
        "title": f"{{{_tex(paper.title)}}}",  # doubled braces keep capitals
        "author": " and ".join([*map(_tex, paper.authors[:AUTHORS_MAX]), *_others(paper)]),
        "year": str(paper.published_at.year) if paper.published_at else "",
        "journal": _tex(paper.journal_ref or ""),
        "eprint": paper.id if paper.is_arxiv else "",
        "archiveprefix": "arXiv" if paper.is_arxiv else "",
        "primaryclass": paper.categories[0] if paper.is_arxiv and paper.categories else "",
        "doi": _tex(paper.doi or ("" if paper.is_arxiv else paper.id)),
        "url": paper.url.translate(_NOT_IN_A_URL),
    }
    kind = "article" if paper.journal_ref else "misc"
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{_key(paper, keys)},\n" + ",\n".join(lines) + "\n}"


def _others(paper: Paper) -> list[str]:
    """BibTeX's word for the rest of a very long list."""
    return ["others"] if len(paper.authors) > AUTHORS_MAX else []


def _key(paper: Paper, keys: set[str]) -> str:
    """`he2025diffusion`: family name, year, first long word; a letter more where that is taken."""
    family = _letters(paper.authors[0].split()[-1]) if paper.authors and paper.authors[0].split() else ""
    word = next((w for w in map(_letters, paper.title.split()) if len(w) > 3), "")
    base = f"{family}{paper.published_at.year if paper.published_at else ''}{word}" or f"paper{_letters(paper.id)}"
    key, number = base, 1
    while key in keys:
        number += 1
        key = f"{base}{number}"
    keys.add(key)
    return key


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in clean_text(text))


def csv_table(papers: Iterable[Paper]) -> str:
    """Comma-separated with a header; no cell can be run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for paper in papers:
        writer.writerow([_cell(value) for value in _row(paper)])
    return out.getvalue()


def _row(paper: Paper) -> tuple[str, ...]:
    return (
        paper.id,
        clean_text(paper.title),
        "; ".join(paper.authors),
        paper.published_at.date().isoformat() if paper.published_at else "",
        paper.url,
        " ".join(paper.categories),
        paper.code_url or "",
        paper.tldr,
    )


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
