"""Changes of a paper since it was shown that a reader would want to know. Pure.

The state at a moment follows from the revisions of the paper's fields and from the observations of its counts, so that
nothing has to be stored with each of ten thousand channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from types import MappingProxyType

from bot.model import Paper, Revision, Signal
from bot.text.acceptance import Acceptance, acceptance
from bot.text.word_diff import WordDiff, word_diff

GROWTH = 3
"""Times as many stars or upvotes as when it was shown, from which that is told."""
LEAST = MappingProxyType({"github_stars": 100.0, "upvotes": 100.0})
"""Counts below which growth is not told."""
COUNTED_BY = "huggingface"


@dataclass(frozen=True, slots=True)
class Counted:
    """Stars or upvotes that have tripled."""

    kind: str
    before: float
    before_at: datetime
    after: float
    after_at: datetime


@dataclass(frozen=True, slots=True)
class CodeLinked:
    """Code that has been linked."""

    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NewText:
    """A new version with another abstract; versions are None where the source tells none."""

    diff: WordDiff
    at: datetime
    version_before: int | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance or a publication, with its venue."""

    acceptance: Acceptance
    at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A withdrawal; the notice is empty where none gives a reason."""

    notice: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Back:
    """The end of a withdrawal."""

    at: datetime


PaperChange = Counted | CodeLinked | NewText | Accepted | Withdrawn | Back


@dataclass(frozen=True, slots=True)
class PaperHistory:
    """A paper with the former values of its fields and its counts, oldest first, none later than now."""

    paper: Paper
    revisions: Sequence[Revision] = ()
    signals: Sequence[Signal] = ()

    @property
    def seen_until(self) -> datetime | None:
        """The latest moment that anything of it is of."""
        return max(chain((r.changed_at for r in self.revisions), (s.seen_at for s in self.signals)), default=None)

    def former(self, field: str, since: datetime) -> Revision | None:
        """The revision with the value that a field had at a moment; None if it has not changed since."""
        return next((r for r in self.revisions if r.field == field and r.changed_at > since), None)

    def latest(self, field: str) -> datetime:
        """The time of a field's latest change."""
        return max(r.changed_at for r in self.revisions if r.field == field)


def until(history: PaperHistory, now: datetime) -> PaperHistory:
    """The history without what a wrong clock dated later than now."""
    return PaperHistory(
        history.paper,
        tuple(each for each in history.revisions if each.changed_at <= now),
        tuple(each for each in history.signals if each.seen_at <= now),
    )


def standing_change(history: PaperHistory, since: datetime) -> Withdrawn | Back | None:
    """The withdrawal since a moment, or the end of one; None if neither happened."""
    former = history.former("withdrawn", since)
    was, paper = bool(former and former.before not in {"", "0"}), history.paper
    if former is None or was == paper.withdrawn:
        return None
    at = history.latest("withdrawn")
    return Withdrawn(paper.comment or "", at) if paper.withdrawn else Back(at)


def changes_since(history: PaperHistory, since: datetime) -> tuple[PaperChange, ...]:
    """Changes since a moment; a withdrawal or its end is the only one, and a withdrawn paper has no others."""
    if standing := standing_change(history, since):
        return (standing,)
    if history.paper.withdrawn:
        return ()
    return tuple(
        chain(_code(history, since), _accepted(history, since), _text(history, since), _counts(history, since))
    )


def growing(history: PaperHistory, kind: str) -> Iterator[tuple[datetime, float]]:
    """The observations of a count, oldest first."""
    return ((s.seen_at, s.value) for s in history.signals if (s.source, s.kind) == (COUNTED_BY, kind))


def _counts(history: PaperHistory, since: datetime) -> Iterator[Counted]:
    for kind, least in LEAST.items():
        if kind == "github_stars" and history.former("code_url", since):
            continue  # they may be another repository's
        values = list(growing(history, kind))
        earlier = [each for each in values if each[0] <= since]
        if not earlier or values[-1][0] <= since:
            continue
        (before_at, before), (after_at, after) = earlier[-1], values[-1]
        if after >= max(least, GROWTH * max(before, 1.0)):
            yield Counted(kind, before, before_at, after, after_at)


def _code(history: PaperHistory, since: datetime) -> Iterator[CodeLinked]:
    former = history.former("code_url", since)
    if former is not None and not former.before and history.paper.code_url:
        yield CodeLinked(history.paper.code_url, former.changed_at)


def _accepted(history: PaperHistory, since: datetime) -> Iterator[Accepted]:
    paper, before = history.paper, {}
    for field in ("comment", "journal_ref"):
        former = history.former(field, since)
        before[field] = getattr(paper, field) if former is None else former.before
    words = acceptance(paper.comment, paper.journal_ref)
    words_before = acceptance(before["comment"], before["journal_ref"])
    if words is None or words == words_before:
        return
    if words_before is None or (words_before.workshop and not words.workshop):
        field = "journal_ref" if words.published else "comment"
        yield Accepted(words, history.latest(field))


def _text(history: PaperHistory, since: datetime) -> Iterator[NewText]:
    # Texts of two sources differ though the paper is the same.
    own = [r for r in history.revisions if r.field == "abstract" and r.source == r.source_before]
    former = next((r for r in own if r.changed_at > since), None)
    if former is None:
        return
    version = history.former("version", since)
    before = int(version.before) if version is not None and version.before.isdecimal() else None
    if diff := word_diff(former.before, history.paper.abstract):
        yield NewText(diff, own[-1].changed_at, before, history.paper.version)
