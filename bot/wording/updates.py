"""A reply that says what has changed about a paper since it was shown. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from bot.digest.changes import Accepted, Back, CodeLinked, Counted, NewText, PaperChange, Withdrawn
from bot.model import Action, Block, Message, Paper, Span
from bot.text.cleaning import clean_text
from bot.text.sentences import cut
from bot.text.word_diff import Change
from bot.wording.parts import compact, count, day_text, moment_text, title_of, title_span

CHANGES_SHOWN = 3
"""Places of an abstract that are quoted."""
QUOTE_MAX = 140
"""Characters of one quotation."""
NOTICE_MAX = 300
"""Characters of the notice of a withdrawal."""
_NAMES = {"github_stars": "GitHub stars", "upvotes": "Upvotes on Hugging Face"}


def update_message(paper: Paper, changes: tuple[PaperChange, ...], shown_at: datetime, now: datetime) -> Message:
    """The reply, with a paragraph for each change; `shown_at` and `now` are by the reader's clock.

    Only a withdrawal is worth opening an archived thread.
    """
    reopens = isinstance(changes[0], Withdrawn)
    title = Block("text", (Span("Update: ", bold=True), title_span(paper)))
    blocks = [block for change in changes for block in _worded(change, shown_at, now)]
    actions = (Action("Save", "save", {"paper": paper.id}), Action("Why?", "why", {"paper": paper.id}, in_menu=True))
    named = f"Update: {title_of(paper)}"
    return Message((title, *blocks), actions, named, paper.id, private=False, silent=True, reopens=reopens)


def _worded(change: PaperChange, shown_at: datetime, now: datetime) -> Iterator[Block]:
    """The paragraphs of a change."""
    match change:
        case Counted():
            yield _counted(change, now)
        case CodeLinked():
            yield _code(change, shown_at, now)
        case Accepted():
            yield _accepted(change, shown_at, now)
        case NewText():
            yield from _text(change, shown_at, now)
        case Withdrawn():
            yield from _withdrawn(change, shown_at, now)
        case Back():
            yield _line("No longer withdrawn", _since(change.at, shown_at, now))


def _counted(change: Counted, now: datetime) -> Block:
    before, after = (_day(at, now) for at in (change.before_at, change.after_at))
    if before == after:
        before, after = (moment_text(at, str(now.tzinfo), now) for at in (change.before_at, change.after_at))
    return _line(_NAMES[change.kind], f"{compact(change.before)} on {before} → {compact(change.after)} on {after}")


def _code(change: CodeLinked, shown_at: datetime, now: datetime) -> Block:
    since = f", since {_day(change.at, now)}; no link on {_day(shown_at, now)}, when it was shown here"
    link = Span(change.url.removeprefix("https://").rstrip("/"), url=change.url)
    return Block("text", (Span("Code: ", bold=True), link, Span(since)))


def _accepted(change: Accepted, shown_at: datetime, now: datetime) -> Block:
    words = change.acceptance
    label = "Published" if words.published else "Workshop" if words.workshop else "Venue"
    where = "in arXiv's journal reference" if words.published else "in the authors' comment on arXiv"
    dates = f"{where} since {_day(change.at, now)}, not on {_day(shown_at, now)}"
    return _line(label, f"“{words.words}”, {dates}")


def _text(change: NewText, shown_at: datetime, now: datetime) -> Iterator[Block]:
    is_numbered = change.version_before is not None and change.version is not None
    versions = f"v{change.version_before} → v{change.version}, " if is_numbered else ""
    dates = f"{versions}seen {_day(change.at, now)}; shown here {_day(shown_at, now)}"
    if change.diff.rewritten:
        yield _line("New version", f"its abstract was written anew ({dates})")
        return
    yield _line("New version", f"its abstract changed ({dates})")
    for place in islice(change.diff.changes, CHANGES_SHOWN):
        yield Block("note", (Span(_place(place)),))
    if (more := len(change.diff.changes) - CHANGES_SHOWN) > 0:
        yield Block("note", (Span(f"and {count(more, 'more change')}"),))


def _withdrawn(change: Withdrawn, shown_at: datetime, now: datetime) -> Iterator[Block]:
    yield _line("Withdrawn", _since(change.at, shown_at, now))
    if notice := clean_text(change.notice):
        yield Block("note", (Span(f"“{cut(notice, NOTICE_MAX)}”"),))


def _since(at: datetime, shown_at: datetime, now: datetime) -> str:
    return f"since {_day(at, now)}; it was shown here on {_day(shown_at, now)}"


def _place(place: Change) -> str:
    before, after = cut(place.before, QUOTE_MAX), cut(place.after, QUOTE_MAX)
    change = f"“{before}” → “{after}”" if before and after else f"added “{after}”" if after else f"removed “{before}”"
    return " ".join(part for part in ("…", place.lead, change, place.tail, "…") if part)


def _line(label: str, text: str) -> Block:
    """Foreign text stays in a span without markup."""
    return Block("text", (Span(f"{label}: ", bold=True), Span(text)))


def _day(at: datetime, now: datetime) -> str:
    return day_text(at.astimezone(now.tzinfo).date(), now.date())
