"""A reading list as BibTeX or CSV, as a file or in messages. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from bot.model import Block, File, Message, Paper, Span
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
"""First characters of a cell that a spreadsheet runs: https://owasp.org/www-community/attacks/CSV_Injection"""
_NOT_IN_A_URL = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
AUTHORS_MAX = 50
COLUMNS = ("id", "title", "authors", "published", "url", "categories", "code", "summary")


def bibtex(papers: Iterable[Paper]) -> str:
    """One entry per paper, @article where a journal is known, else @misc; keys are unique."""
    keys: set[str] = set()
    return "\n\n".join(_entry(paper, keys) for paper in papers)


def _entry(paper: Paper, keys: set[str]) -> str:
    others = ["others"] if len(paper.authors) > AUTHORS_MAX else []  # BibTeX's word for the rest of a list
    fields = {
        "title": f"{{{_tex(paper.title)}}}",  # doubled braces keep capitals
        "author": " and ".join([*map(_tex, paper.authors[:AUTHORS_MAX]), *others]),
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


def _key(paper: Paper, keys: set[str]) -> str:
    """`he2025diffusion`: family name, year, first long word, and a number if the key is taken. Added to `keys`."""
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
        row = (
            paper.id,
            clean_text(paper.title),
            "; ".join(paper.authors),
            paper.published_at.date().isoformat() if paper.published_at else "",
            paper.url,
            " ".join(paper.categories),
            paper.code_url or "",
            paper.tldr,
        )
        writer.writerow([f"'{value}" if value.startswith(_FORMULA) else value for value in row])
    return out.getvalue()


def file_parts(file: File, limit: int) -> tuple[Message, ...]:
    """A file as messages of at most `limit` characters of it, for platforms that cannot attach it."""
    texts = file.parts(limit)
    return tuple(_part(file, text, number, len(texts)) for number, text in enumerate(texts, start=1))


def _part(file: File, text: str, number: int, total: int) -> Message:
    title = f"{file.name}, part {number} of {total}" if total > 1 else file.name
    return Message((Block("note", (Span(title),)), Block("text", (Span(text, code=True),))), title=title)
