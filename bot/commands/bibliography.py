"""Bibliographies as people send them (BibTeX, CSL JSON, RIS, CSV) -> entries with all that may name their papers. Pure.

What cannot be read is counted and left out; only a text without a single entry, or with too many, is refused.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from bot.commands.notes import NOTE_MAX, TAGS_MAX, read_tags
from bot.errors import UserError
from bot.model.category import CATEGORIES
from bot.model.paper_id import find_ids, paper_id
from bot.text.cleaning import clean_text

FILE_MAX = 4_000_000
"""Characters of a bibliography; also the bytes of a file that fronts fetch."""
ENTRIES_MAX = 2_000
_BIBTEX = re.compile(r"@\s*[A-Za-z]+\s*[{(]")
_JSON = re.compile(r"\ufeff?\s*[\[{]\s*[\[{\"\]}]")
_RIS = re.compile(r"^[ \t\ufeff]*TY  ?-", re.MULTILINE)
_RIS_LINE = re.compile(r"\s*([A-Z][A-Z0-9])  ?- ?(.*)")
_LEFT_OUT = re.compile(r"and [\d,]+ more authors?")
"""What `saved export` writes in the place of authors, and no note."""
_ESCAPES = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^", r"\$": "$", r"\&": "&", r"\%": "%", r"\#": "#", r"\_": "_",
}  # fmt: skip
"""The escapes of exported notes, undone exactly."""
_ESCAPE = re.compile("|".join(map(re.escape, _ESCAPES)))
_GUARDED = re.compile(r"'(?=[=+\-@\t\r])")
"""Mark before a cell of a CSV file that a spreadsheet would run."""
_TOO_LONG = "This has {:,} {}; at most {:,} are read at a time. Split it; nothing was imported."
NO_ENTRY = (
    "There is no entry in this that can be read. Send BibTeX, CSL JSON, RIS or CSV, as `/papers saved export`"
    " writes them; each BibTeX entry begins as in `@article{key,`."
)


@dataclass(frozen=True, slots=True)
class BibEntry:
    """One reference: what may name its paper, and what the person wrote about it."""

    ids: tuple[str, ...]
    """arXiv ids, then DOIs."""
    title: str
    note: str = ""
    tags: tuple[str, ...] = ()
    read: bool = False

    @property
    def label(self) -> str:
        """Title of the entry, else its first id."""
        return self.title or next(iter(self.ids), "an entry without title")


class Bibliography(NamedTuple):
    """The entries of a text, and how many more could not be read."""

    entries: tuple[BibEntry, ...]
    broken: int


_Fields = Mapping[str, str]
"""Fields of a reference by their names in lower case."""


def read_bibliography(text: str) -> Bibliography:
    """The entries of a text. Raises UserError if it has none, or is too long."""
    if len(text) > FILE_MAX:
        raise UserError(_TOO_LONG.format(len(text), "characters", FILE_MAX))
    read = _csl if _JSON.match(text) else _ris if _RIS.search(text) else _bibtex if _BIBTEX.search(text) else _csv
    entries, broken = read(text)
    if len(entries) > ENTRIES_MAX:
        raise UserError(_TOO_LONG.format(len(entries), "entries", ENTRIES_MAX))
    if not entries:
        raise UserError(NO_ENTRY)
    return Bibliography(tuple(entries), broken)


def _bibtex(text: str) -> tuple[list[BibEntry], int]:
    # Imported here: a tenth of a second, for this alone.
    from bibtexparser.entrypoint import parse_string  # noqa: PLC0415
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry  # noqa: PLC0415

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what is broken is counted, and the text is private
    library = parse_string(text)
    repeated = [
        block.ignore_error_block
        for block in library.failed_blocks
        if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock)
    ]
    blocks = [block for block in (*library.entries, *repeated) if isinstance(block, Entry)]
    entries = [_bibtex_entry({field.key.lower(): str(field.value) for field in block.fields}) for block in blocks]
    return entries, len(library.failed_blocks) - len(repeated)


def _bibtex_entry(fields: _Fields) -> BibEntry:
    notes = [fields.get(name, "") for name in ("comment", "annotation", "annote")]
    return BibEntry(
        _ids(fields, ("eprint", "arxivid", "doi"), ("url", "journal", "note", "howpublished")),
        _title(fields.get("title", "")),
        _note(_ESCAPE.sub(lambda match: _ESCAPES[match[0]], note) for note in notes),
        _tags(re.split("[,;]", fields.get("keywords", ""))),
        fields.get("readstatus", "").lower() == "read",
    )


def _csl(text: str) -> tuple[list[BibEntry], int]:
    try:
        parsed = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return [], 0
    listed = parsed.get("items", [parsed]) if isinstance(parsed, dict) else parsed
    items = [each for each in listed if isinstance(each, dict) and each] if isinstance(listed, list) else []
    return list(map(_csl_entry, items)), len(listed) - len(items) if items else 0


def _csl_entry(item: Mapping[str, object]) -> BibEntry:
    fields = {name.lower(): value for name, value in item.items() if isinstance(value, str)}
    custom = item.get("custom")
    return BibEntry(
        _ids(fields, ("number", "doi"), ("url", "note", "container-title")),
        _title(fields.get("title", "")),
        _note((fields.get("annote", ""),)),
        _tags(re.split("[,;]", fields.get("keyword", ""))),
        isinstance(custom, dict) and custom.get("read") is True,
    )


def _ris(text: str) -> tuple[list[BibEntry], int]:
    return [_ris_entry(lines) for lines in _ris_references(text)], 0


def _ris_references(text: str) -> Iterator[dict[str, list[str]]]:
    """The values of each reference by their tag."""
    lines: dict[str, list[str]] = {}
    for match in filter(None, map(_RIS_LINE.match, text.splitlines())):
        tag, value = match[1], match[2].strip()
        if tag in {"TY", "ER"}:
            if lines:
                yield lines
            lines = {}
        else:
            lines.setdefault(tag, []).append(value)
    if lines:
        yield lines


def _ris_entry(lines: Mapping[str, list[str]]) -> BibEntry:
    fields = {tag.lower(): " ".join(values) for tag, values in lines.items()}
    keywords = [word for word in lines.get("KW", ()) if word not in CATEGORIES]
    return BibEntry(
        _ids(fields, ("an", "do"), ("ur", "l1", "l2", "t2", "jo")),
        _title(fields.get("ti") or fields.get("t1", "")),
        _note(lines.get("N1", ())),
        _tags(keywords),
        fields.get("c1", "").lower() == "read",
    )


def _csv(text: str) -> tuple[list[BibEntry], int]:
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    try:
        names = {name.strip().lower() for name in rows.fieldnames or () if name}
        if not names & {"id", "title", "doi", "url", "arxiv"}:
            return [], 0
        return [_csv_entry(row) for row in rows], 0
    except csv.Error:
        return [], 0


def _csv_entry(row: Mapping[str | None, object]) -> BibEntry:
    cells = {str(name).strip().lower(): _GUARDED.sub("", str(cell or ""), count=1) for name, cell in row.items()}
    return BibEntry(
        _ids(cells, ("id", "arxiv", "doi"), ("url", "extra")),
        _title(cells.get("title", "")),
        _note((cells.get("note") or cells.get("notes", ""),)),
        _tags([*cells.get("tags", "").split(), *cells.get("manual tags", "").split(";")]),
        bool(cells.get("read", "").strip()),
    )


def _ids(fields: _Fields, named: Iterable[str], mentioned: Iterable[str]) -> tuple[str, ...]:
    """arXiv ids, then DOIs: of fields that hold one, and of those that may mention one."""
    ids = [paper_id(fields[name]) for name in named if name in fields]
    for text in (fields[name] for name in mentioned if name in fields):
        ids += [*find_ids(text)[:1], paper_id(text)]
    return tuple(sorted(dict.fromkeys(filter(None, ids)), key=lambda each: each.startswith("10.")))


def _title(text: str) -> str:
    return clean_text(text.replace("{", "").replace("}", "") if "\\" not in text and "$" not in text else text)


def _note(parts: Iterable[str]) -> str:
    notes = (" ".join(part.split()) for part in parts)
    return " · ".join(dict.fromkeys(note for note in notes if note and not _LEFT_OUT.fullmatch(note)))[:NOTE_MAX]


def _tags(words: Iterable[str]) -> tuple[str, ...]:
    """The keywords that can be tags, at most as many as a paper has."""
    tags: dict[str, None] = {}
    for word in words:
        with suppress(UserError):
            tags |= dict.fromkeys(tag for tag in read_tags(f"{word},") if not tag.startswith("-"))
    return tuple(tags)[:TAGS_MAX]
