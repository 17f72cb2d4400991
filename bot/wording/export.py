"""A reading list as a BibTeX, CSV or RIS file, and files in messages where they cannot be attached. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from bot.model import Action, Block, File, Message, Paper, SavedPaper, Span
from bot.text import word_set
from bot.text.analyzer import normalise
from bot.text.cleaning import clean_text
from bot.wording.parts import block, count, say

TEX = {
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
_GROUPS = word_set(
    """
    association center centre collaboration community company consortium corporation foundation gmbh group inc
    initiative institute lab laboratories laboratory labs llc ltd network project research society team university
    """
)
"""Last words of authors that are no persons."""
_SUFFIXES = word_set("jr sr ii iii iv")
"""Last words of persons' names that are no family names."""
_NOT_IN_A_URL = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
COLUMNS = (
    *("id", "title", "authors", "published", "url", "categories", "code", "summary", "summary_by"),
    *("note", "tags", "read"),
)
_NOTE_TEX = {**TEX, "{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
"""Of notes, whose braces need not be balanced; each can be undone."""


class ExportFormat(NamedTuple):
    """A file format of `saved export`."""

    label: str
    extension: str
    media_type: str
    entries: Callable[[Iterable[SavedPaper]], list[str]]
    """The file in pieces, one a paper; a header is a piece of its own."""


def export_file(saved: Sequence[SavedPaper], file_format: str) -> File:
    """A reading list as a file; `file_format` is a key of FORMATS."""
    chosen = FORMATS[file_format]
    entries = [entry.encode() for entry in chosen.entries(saved)]
    return File(
        f"reading-list.{chosen.extension}",
        chosen.media_type,
        b"".join(entries),
        f"Your reading list as {chosen.label}: {count(len(saved), 'paper')}.",
        tuple(accumulate(map(len, entries))),
    )


def bibtex(saved: Iterable[SavedPaper]) -> list[str]:
    """One entry a paper, @article where a journal is known, else @misc; keys are unique."""
    keys: set[str] = set()
    return [f"{_entry(each, keys)}\n\n" for each in saved]


def _entry(saved: SavedPaper, keys: set[str]) -> str:
    paper = saved.paper
    authors = filter(None, map(clean_text, paper.authors))
    doi = paper.doi or ("" if paper.is_arxiv else paper.id)
    fields = {
        "title": f"{{{_tex(paper.title)}}}",  # doubled braces keep capitals
        "author": " and\n            ".join([*map(_bibtex_name, authors), *(["others"] if paper.more_authors else [])]),
        "year": str(paper.published_at.year) if paper.published_at else "",
        "journal": _tex(paper.journal_ref or ""),
        "eprint": paper.id if paper.is_arxiv else "",
        "archiveprefix": "arXiv" if paper.is_arxiv else "",
        "primaryclass": paper.categories[0] if paper.is_arxiv and paper.categories else "",
        "doi": doi.translate(_NOT_IN_A_URL),  # verbatim, like `url`: an escaped `_` would be part of the link
        "url": paper.url.translate(_NOT_IN_A_URL),
        "annote": _left_out(paper),  # no style prints it, as `note` would be
        "keywords": ", ".join(saved.tags),
        "readstatus": "read" if saved.read_at else "",  # JabRef's name
        "comment": _characters(saved.note, _NOTE_TEX),
    }
    kind = "article" if paper.journal_ref else "misc"
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{_key(paper, keys)},\n" + ",\n".join(lines) + "\n}"


def _key(paper: Paper, keys: set[str]) -> str:
    """`he2025diffusion`: family name, year, first long word, and a number if the key is taken. Added to `keys`."""
    family = _letters(_name_parts(clean_text(paper.authors[0]))[0].split()[-1:]) if paper.authors else ""
    word = next((w for w in (_letters([word]) for word in clean_text(paper.title).split()) if len(w) > 3), "")
    base = f"{family}{paper.published_at.year if paper.published_at else ''}{word}" or f"paper{_letters([paper.id])}"
    key, number = base, 1
    while key in keys:
        number += 1
        key = f"{base}{number}"
    keys.add(key)
    return key


def _letters(words: Sequence[str]) -> str:
    """The ASCII letters and digits of words, without accents."""
    return re.sub(r"[^a-z0-9]", "", normalise("".join(words)))


def _bibtex_name(name: str) -> str:
    """A name that BibTeX reads as one: braces around a group's, `Smith, Jr., Ada` for a suffix."""
    family, first, suffix = _name_parts(name)
    words = name.lower().split()
    if suffix:
        return _tex(f"{family}, {suffix}, {first}")
    if "and" in words or words == ["others"] or (_is_group(name) and len(words) > 1):
        return f"{{{_tex(name)}}}"
    return _tex(name)


def _tex(text: str) -> str:
    return _characters(clean_text(text), TEX)


def _characters(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)


def _left_out(paper: Paper) -> str:
    """How many authors are not named, because the names that are stored are bounded; empty for none."""
    return f"and {count(paper.more_authors, 'more author')}" if paper.more_authors else ""


def csv_table(saved: Iterable[SavedPaper]) -> list[str]:
    """Comma-separated lines after a header; no cell can be run as a formula."""
    return [_csv_line(COLUMNS), *(_csv_line(_cells(each)) for each in saved)]


def _cells(saved: SavedPaper) -> tuple[str, ...]:
    paper = saved.paper
    return (
        paper.id,
        clean_text(paper.title),
        "; ".join(filter(None, (*map(clean_text, paper.authors), _left_out(paper)))),
        paper.published_at.date().isoformat() if paper.published_at else "",
        paper.url,
        " ".join(paper.categories),
        paper.code_url or "",
        paper.tldr,
        paper.tldr_by,
        saved.note,
        " ".join(saved.tags),
        saved.read_at.date().isoformat() if saved.read_at else "",
    )


def _csv_line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    guarded = [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]
    csv.writer(out, lineterminator="\n").writerow(guarded)
    return out.getvalue()


def ris(saved: Iterable[SavedPaper]) -> list[str]:
    """One reference a paper for reference managers, JOUR where a journal is known, else UNPB (unpublished).

    https://github.com/aurimasv/translators/wiki/RIS-Tag-Map: a tag of two letters a line; CR and LF end it.
    """
    return ["".join(f"{tag}  - {value}\r\n" for tag, value in _ris_fields(each)) + "\r\n" for each in saved]


def _ris_fields(saved: SavedPaper) -> list[tuple[str, str]]:
    paper = saved.paper
    published = paper.published_at
    fields = [
        ("TY", "JOUR" if paper.journal_ref else "UNPB"),
        ("TI", clean_text(paper.title)),
        *(("AU", _family_first(clean_text(author))) for author in paper.authors),
        ("PY", str(published.year) if published else ""),
        ("DA", f"{published:%Y/%m/%d}" if published else ""),
        ("T2", clean_text(paper.journal_ref or "")),
        ("DO", paper.doi or ("" if paper.is_arxiv else paper.id)),
        ("AN", f"arXiv:{paper.id}" if paper.is_arxiv else ""),
        ("PB", "arXiv" if paper.is_arxiv and not paper.journal_ref else ""),
        *(("KW", category) for category in paper.categories),
        ("UR", paper.url),
        ("N1", _left_out(paper)),
        *(("KW", tag) for tag in saved.tags),
        ("N1", saved.note),
        ("C1", "read" if saved.read_at else ""),
    ]
    return [*((tag, value) for tag, value in fields if value), ("ER", "")]


def _family_first(name: str) -> str:
    """`Lovelace, Ada`, `Smith, Ada, Jr.`; names with a comma, of one word, and of groups stay as they are."""
    return ", ".join(filter(None, _name_parts(name)))


def _name_parts(name: str) -> tuple[str, str, str]:
    """Family name with the particles in lower case before it, given names, and suffix (`Jr.`)."""
    words = name.split()
    if len(words) < 2 or "," in name or _is_group(name):
        return name, "", ""
    suffix = words.pop() if len(words) > 2 and words[-1].lower().strip(".") in _SUFFIXES else ""
    start = next((i for i, word in enumerate(words) if 0 < i < len(words) - 1 and word.islower()), len(words) - 1)
    return " ".join(words[start:]), " ".join(words[:start]), suffix


def _is_group(name: str) -> bool:
    *others, last = name.split() or [""]
    return last.lower().strip(".,") in _GROUPS or last == "AI" or "and" in map(str.lower, others)


FORMATS = {
    "bibtex": ExportFormat("BibTeX", "bib", "application/x-bibtex", bibtex),
    "csv": ExportFormat("CSV", "csv", "text/csv", csv_table),
    "ris": ExportFormat("RIS", "ris", "application/x-research-info-systems", ris),
}
"""By the value of the option `format`."""
DOWNLOAD_NOTE = "The download link works for a week, for everybody who has it; the list is as it is when it is opened."


def export_answer(saved: Sequence[SavedPaper], file_format: str, download: str | None) -> Message:
    """The answer to `saved export`; `download` is the URL of the file, where pages are served."""
    if not saved:
        return say("There is nothing to export. `/papers save 2405.14105` puts a paper on your reading list.")
    file = export_file(saved, file_format)
    others = tuple(export_button(each) for each in FORMATS if each != file_format)
    links = (Action("Download", url=download),) if download else ()
    blocks = (block(file.caption), *((block(DOWNLOAD_NOTE, "note"),) if download else ()))
    return Message(blocks, (*links, *others), file.caption, file=file)


def export_button(file_format: str) -> Action:
    """A button that exports the reading list in this format."""
    return Action(FORMATS[file_format].label, "saved export", {"format": file_format})


def file_parts(file: File, limit: int) -> tuple[Message, ...]:
    """A file as messages of at most `limit` characters of it, for platforms that cannot attach it."""
    return tuple(
        Message((Block("note", (Span(title),)), Block("text", (Span(text, code=True),))), title=title)
        for title, text in file.titled_parts(limit)
    )
