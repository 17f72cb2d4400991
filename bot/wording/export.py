"""A reading list as a BibTeX, CSL JSON, CSV or RIS file, and files in messages where they cannot be attached. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from bot.model import Action, Block, File, Message, SavedPaper, Span
from bot.text.analyzer import normalise
from bot.wording.citation import Author, Citation, citation
from bot.wording.parts import count, file_answer, say

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
    entries: Callable[[Sequence[SavedPaper]], list[str]]
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
    return [f"{_entry(citation(each), keys)}\n\n" for each in saved]


def _entry(cited: Citation, keys: set[str]) -> str:
    fields = {
        "title": f"{{{_tex(cited.title)}}}",  # doubled braces keep capitals
        "author": " and\n            ".join(
            [*map(_bibtex_name, cited.authors), *(["others"] if cited.left_out else [])]
        ),
        "year": str(cited.published.year) if cited.published else "",
        "journal": _tex(cited.journal),
        "eprint": cited.arxiv_id,
        "archiveprefix": "arXiv" if cited.arxiv_id else "",
        "primaryclass": cited.categories[0] if cited.arxiv_id and cited.categories else "",
        "doi": cited.doi.translate(_NOT_IN_A_URL),  # verbatim, like `url`: an escaped `_` would be part of the link
        "url": cited.url.translate(_NOT_IN_A_URL),
        "annote": cited.left_out,  # no style prints it, as `note` would be
        "keywords": ", ".join(cited.tags),
        "readstatus": "read" if cited.read else "",  # JabRef's name
        "comment": _characters(cited.note, _NOTE_TEX),
    }
    kind = "article" if cited.journal else "misc"
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{_key(cited, keys)},\n" + ",\n".join(lines) + "\n}"


def _key(cited: Citation, keys: set[str]) -> str:
    """`he2025diffusion`: family name, year, first long word, and a number if the key is taken. Added to `keys`."""
    family = _letters(cited.authors[0].family.split()[-1:]) if cited.authors else ""
    word = next((w for w in (_letters([word]) for word in cited.title.split()) if len(w) > 3), "")
    year = cited.published.year if cited.published else ""
    base = f"{family}{year}{word}" or f"paper{_letters([cited.arxiv_id or cited.doi])}"
    key, number = base, 1
    while key in keys:
        number += 1
        key = f"{base}{number}"
    keys.add(key)
    return key


def _letters(words: Sequence[str]) -> str:
    """The ASCII letters and digits of words, without accents."""
    return re.sub(r"[^a-z0-9]", "", normalise("".join(words)))


def _bibtex_name(author: Author) -> str:
    """A name that BibTeX reads as one: braces around a group's, `Smith, Jr., Ada` for a suffix."""
    words = author.name.lower().split()
    if author.suffix:
        return _tex(f"{author.family}, {author.suffix}, {author.given}")
    if "and" in words or words == ["others"] or (author.is_group and len(words) > 1):
        return f"{{{_tex(author.name)}}}"
    return _tex(author.name)


def _tex(text: str) -> str:
    return _characters(text, TEX)


def _characters(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)


def csv_table(saved: Iterable[SavedPaper]) -> list[str]:
    """Comma-separated lines after a header; no cell can be run as a formula."""
    return [_csv_line(COLUMNS), *(_csv_line(_cells(each, citation(each))) for each in saved)]


def _cells(saved: SavedPaper, cited: Citation) -> tuple[str, ...]:
    return (
        saved.paper.id,
        cited.title,
        "; ".join(filter(None, (*(each.name for each in cited.authors), cited.left_out))),
        cited.published.isoformat() if cited.published else "",
        cited.url,
        " ".join(cited.categories),
        saved.paper.code_url or "",
        saved.paper.tldr,
        saved.paper.tldr_by,
        cited.note,
        " ".join(cited.tags),
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
    references = map(_ris_fields, map(citation, saved))
    return ["".join(f"{tag}  - {value}\r\n" for tag, value in fields) + "\r\n" for fields in references]


def _ris_fields(cited: Citation) -> list[tuple[str, str]]:
    published = cited.published
    fields = [
        ("TY", "JOUR" if cited.journal else "UNPB"),
        ("TI", cited.title),
        *(("AU", each.family_first) for each in cited.authors),
        ("PY", str(published.year) if published else ""),
        ("DA", f"{published:%Y/%m/%d}" if published else ""),
        ("T2", cited.journal),
        ("DO", cited.doi),
        ("AN", f"arXiv:{cited.arxiv_id}" if cited.arxiv_id else ""),
        ("PB", "arXiv" if cited.arxiv_id and not cited.journal else ""),
        *(("KW", category) for category in cited.categories),
        ("UR", cited.url),
        ("N1", cited.left_out),
        *(("KW", tag) for tag in cited.tags),
        ("N1", cited.note),
        ("C1", "read" if cited.read else ""),
    ]
    return [*((tag, value) for tag, value in fields if value), ("ER", "")]


def csl_json(saved: Sequence[SavedPaper]) -> list[str]:
    """An array of items, as citation processors and reference managers read them: one line a paper.

    https://github.com/citation-style-language/schema (csl-data.json); `custom` is for what the schema has no name for.
    """
    keys: set[str] = set()
    items = [json.dumps(_csl_item(citation(each), keys), ensure_ascii=False) for each in saved]
    return ["[\n", *(f"{item},\n" for item in items[:-1]), *(f"{item}\n" for item in items[-1:]), "]\n"]


def _csl_item(cited: Citation, keys: set[str]) -> dict[str, object]:
    published = cited.published
    custom = {"left_out": cited.left_out, "read": cited.read}
    fields: dict[str, object] = {
        "id": _key(cited, keys),
        "type": "article-journal" if cited.journal else "article",
        "title": cited.title,
        "author": list(map(_csl_name, cited.authors)),
        "issued": {"date-parts": [[published.year, published.month, published.day]]} if published else None,
        "container-title": cited.journal,
        "publisher": "arXiv" if cited.arxiv_id and not cited.journal else "",
        "number": f"arXiv:{cited.arxiv_id}" if cited.arxiv_id else "",
        "DOI": cited.doi,
        "URL": cited.url,
        "abstract": cited.abstract,
        "keyword": ", ".join(cited.tags),
        "annote": cited.note,
        "custom": {name: value for name, value in custom.items() if value},
    }
    return {name: value for name, value in fields.items() if value}


def _csl_name(author: Author) -> dict[str, str]:
    if not author.given:
        return {"literal": author.name}
    name = {"family": author.family, "given": author.given, "suffix": author.suffix}
    return {part: text for part, text in name.items() if text}


FORMATS = {
    "bibtex": ExportFormat("BibTeX", "bib", "application/x-bibtex", bibtex),
    "csl": ExportFormat("CSL JSON", "json", "application/vnd.citationstyles.csl+json", csl_json),
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
    formats = ((each, name) for name, each in FORMATS.items() if name != file_format)
    others = (Action(each.label, "saved export", {"format": name}) for each, name in formats)
    return file_answer(file, download, DOWNLOAD_NOTE, others)


def file_parts(file: File, limit: int, most: int | None = None) -> tuple[Message, ...]:
    """A file as messages of at most `limit` characters of it, for platforms that cannot attach it.

    `most`: so many messages at most, of which the last then says how much of the file is missing.
    """
    parts = tuple(
        Message((Block("note", (Span(title),)), Block("text", (Span(text, code=True),))), title=title)
        for title, text in file.titled_parts(limit)
    )
    if most is None or len(parts) <= most:
        return parts
    rest = f"The other {len(parts) - most + 1} parts do not fit here. Written to me directly, the same command brings"
    return (*parts[: most - 1], say(f"{rest} them all."))
