"""What the lexical index holds of a paper, and how common each stem is in it."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.analysis import STOP_WORDS, normalise, readings, stems

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.model import Paper

FREQUENCIES_KEPT = 50_000
_NAME_PART = re.compile(r"[^\W_]+")


def index_entry(paper: Paper) -> tuple[str, str, str]:
    """A paper's analysed title, abstract and authors: stems joined by spaces, stop words left out."""
    return _text(paper.title), _text(paper.abstract), " ".join(part for a in paper.authors for part in name_parts(a))


def _text(text: str) -> str:
    """The stems with hyphens split, then those of hyphenated words in one (`multi-modal`: multi modal … multimod)."""
    split = stems(text, stop_words=False)
    known = {*split, *STOP_WORDS}
    return " ".join([*split, *dict.fromkeys(stem for stem in readings(text)[1] if stem not in known)])


def name_parts(name: str) -> list[str]:
    """The words of a person's name, and the given names in one: `Byung-Kwan Lee` is also found as `Byungkwan`."""
    parts = _NAME_PART.findall(normalise(name))
    return [*parts, "".join(parts[:-1])] if len(parts) > 2 else parts


def quoted(stem: str) -> str:
    """A stem as an FTS5 string: nothing in it is an operator. https://sqlite.org/fts5.html#full_text_query_syntax"""
    return '"{}"'.format(stem.replace('"', '""'))


class Frequencies:
    """In how many papers each stem occurs; asked of the index once, then remembered. Shared by reader threads."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._lock = threading.Lock()

    def of(self, db: Database, wanted: Iterable[str]) -> dict[str, int]:
        """The number of papers that hold each of these stems."""
        wanted = tuple(dict.fromkeys(wanted))
        unknown = [stem for stem in wanted if stem not in self._known]
        found = _counted(db, unknown) if unknown else {}
        with self._lock:
            if len(self._known) + len(found) > FREQUENCIES_KEPT:
                self._known.clear()
            self._known.update(found)
            return {stem: found.get(stem, self._known.get(stem, 0)) for stem in wanted}

    def rarest(self, db: Database, wanted: Iterable[str], limit: int) -> list[str]:
        """The stems that tell most, among those the index knows at all."""
        counts = self.of(db, wanted)
        return sorted((stem for stem in counts if counts[stem]), key=lambda stem: counts[stem])[:limit]


def _counted(db: Database, wanted: list[str]) -> dict[str, int]:
    db.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.papers_vocabulary USING fts5vocab('main', 'papers_index', 'row')"
    )
    sql = "SELECT doc FROM temp.papers_vocabulary WHERE term = ?"
    rows = ((stem, db.execute(sql, (stem,)).fetchone()) for stem in wanted)
    return {stem: row[0] if row else 0 for stem, row in rows}


def idf(count: int, papers: int) -> float:
    """How much a stem tells: 1 + ln((N + 1) / (df + 1)), as in `bot.similarity`."""
    return 1 + math.log((papers + 1) / (count + 1))
