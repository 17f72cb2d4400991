"""The form and the answer of `saved import`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from bot.commands.bibliography import BibEntry
from bot.model import Action, Block, File, Form, FormField, Message, Span
from bot.text.sentences import shorten
from bot.wording.parts import block, count, source_name
from bot.wording.reading_list import READING_LIST

NAMED = 10
"""Entries without a paper that the answer names; a file has all of them."""
LABEL_MAX = 120
LOOKED_UP = 100
"""Ids that are not found, from which some may not have been looked up: one import asks for 200."""


def import_form() -> Form:
    """Form into which entries are pasted."""
    field = FormField(
        "entries", "Entries", kind="lines", help="BibTeX, CSL JSON, RIS or CSV, as many as fit; or attach a file."
    )
    return Form("Import to your reading list", "saved import", (field,), submit="Import")


def imported(papers: int, new: int, missing: Sequence[BibEntry], broken: int, silent: str) -> Message:
    """How many papers of a bibliography are on the list now, and which entries have none."""
    before = papers - new
    repeats = f"; {count(before, 'paper')} {'was' if before == 1 else 'were'} on it before" if before else ""
    lines = [f"{count(new, 'new paper')} on your reading list{repeats}."]
    if broken:
        lines.append(f"{count(broken, 'more entry', 'more entries')} could not be read.")
    if missing:
        lines.append(_missing_text(missing, silent))
    named = [Block("note", (Span(f"– {shorten(each.label, LABEL_MAX)}"),)) for each in missing[:NAMED]]
    actions = (READING_LIST, Action("Import more", "saved import"))
    return Message((*map(block, lines), *named), actions, lines[0], file=_file(missing))


def _missing_text(missing: Sequence[BibEntry], silent: str) -> str:
    number = count(len(missing), "entry", "entries")
    if silent:
        return f"{number} without a paper, as {source_name(silent)} does not answer: import the file again later."
    why = "no stored paper has the title, and no source knows the id"
    again = " Importing again looks up more." if sum(bool(each.ids) for each in missing) > LOOKED_UP else ""
    return f"{number} without a paper: {why}.{again}"


def _file(missing: Sequence[BibEntry]) -> File | None:
    """The entries that were not found, a line each, where they are too many to name."""
    if len(missing) <= NAMED:
        return None
    lines = [f"{' '.join(filter(None, (each.title, *each.ids)))}\n".encode() for each in missing]
    caption = f"{count(len(missing), 'entry', 'entries')} that were not found."
    return File("not-found.txt", "text/plain", b"".join(lines), caption, tuple(accumulate(map(len, lines))))
