"""Decisions whether a channel is told of changes of a paper that it was shown. Pure.

One reply a paper and day and three in all, with whatever has changed since the one before; a withdrawal is always told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from bot.digest.changes import Back, PaperChange, PaperHistory, Withdrawn, changes_since
from bot.model.second_look import ShownPaper

WATCHED_FOR = timedelta(days=30)
"""How long after a paper was shown its changes are told."""
WITHDRAWN_FOR = timedelta(days=365)
"""How long a withdrawal is."""
MOST = 3
"""Replies about a paper in a channel, those of a withdrawal not counted."""
CHANGED, WITHDRAWN, BACK = "change", "withdrawn", "back"
"""Middle words of the keys of replies: `2405.14105 change 1`."""


@dataclass(frozen=True, slots=True)
class Update:
    """Changes of a paper to tell one channel, and the key of the reply."""

    shown: ShownPaper
    changes: tuple[PaperChange, ...]
    key: str


class Wait(Enum):
    """Answer for an update that is due, but not today."""

    TOMORROW = "tomorrow"


class Decisions:
    """Decides what each channel is told of one paper; channels shown it at the same time share the comparison."""

    def __init__(self, history: PaperHistory, now: datetime) -> None:
        self._history, self._now = history, now
        self._changes: dict[datetime, tuple[PaperChange, ...]] = {}

    def changes(self, since: datetime) -> tuple[PaperChange, ...]:
        """Changes of the paper since a moment."""
        if since not in self._changes:
            self._changes[since] = changes_since(self._history, since)
        return self._changes[since]

    def is_settled(self, since: datetime) -> bool:
        """Whether nothing has changed since any moment from `since` on."""
        moments = {r.changed_at for r in self._history.revisions if r.changed_at > since}
        return not any(self.changes(at - timedelta(microseconds=1)) for at in moments)

    def update(self, shown: ShownPaper) -> Update | Wait | None:
        """The update to tell a channel now; `Wait` if it is due tomorrow, None if there is none."""
        age = self._now - shown.shown_at
        if not timedelta(0) <= age <= WITHDRAWN_FOR or not (changes := self.changes(shown.told_until)):
            return None
        paper_id, keys = self._history.paper.id, [each.key for each in shown.updates]
        count = {name: sum(f" {name} " in key for key in keys) for name in (CHANGED, WITHDRAWN, BACK)}
        match changes[0]:
            case Withdrawn():
                return Update(shown, changes, f"{paper_id} {WITHDRAWN} {count[WITHDRAWN] + 1}")
            case Back():
                is_news = count[WITHDRAWN] > count[BACK]
                return Update(shown, changes, f"{paper_id} {BACK} {count[BACK] + 1}") if is_news else None
        if age > WATCHED_FOR or count[CHANGED] >= MOST:
            return None
        today = self._now.astimezone(ZoneInfo(shown.timezone)).date()
        if any(each.day >= today for each in shown.updates):
            return Wait.TOMORROW
        return Update(shown, changes, f"{paper_id} {CHANGED} {count[CHANGED] + 1}")
