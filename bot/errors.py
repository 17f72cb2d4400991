"""Exceptions that Paperboy raises on purpose.

PaperboyError
├── UserError              invalid input or settings; the text is shown to the user and names the remedy
│   ├── GoneError          what was there once: a subscription that has ended
│   │   └── ExpiredLinkError a signed link out of date
│   ├── UnknownPaperError  an id that neither the store nor a source has
│   ├── TooManyRequestsError more requests than a limit allows
│   ├── UnansweredError    a platform did not say what the answer depends on
│   ├── QueryError         a line of the query language, with the position of the error
│   └── SettingsError      the environment, with every fault at once
├── StoreError             the database cannot be opened: newer, locked by another writer, not ours; for the operator
│   └── UnavailableStoreError  it cannot be used now: its server is away, read-only, full, or refuses
│       ├── LostStoreError     its file was deleted or replaced while it was open
│       └── OutdatedError      its tables are those of a newer version, which this process cannot use
├── SourceError            a source did not answer, or in an unknown format
├── ZoteroError            Zotero did not answer, or refused
├── GroupsError            a platform does not tell its roles or user groups
└── DeliveryError          a platform did not accept a message; `kind` decides what follows
    └── CannotTell         a platform cannot say whether a message arrived
"""

from __future__ import annotations

from enum import StrEnum


def pip_install(extra: str = "") -> str:
    """Remedy where an extra is missing, or without one, where a file is damaged.

    Paperboy comes as a checkout: by its name alone pip would install another project, or none.
    """
    what = f"'.[{extra}]'" if extra else "--force-reinstall ."
    return f"pip install {what} in Paperboy's checkout"


class PaperboyError(Exception):
    """Base of all; never raised itself."""


class UserError(PaperboyError):
    """Invalid input or settings. `str()` is one line with the remedy, safe to show."""

    def __init__(self, text: str, *, values: tuple[str, ...] = (), lines: tuple[tuple[str, str], ...] = ()) -> None:
        """`values` would be accepted instead of an invalid one; `lines` are (label, command line) that would be run."""
        self.values, self.lines = values, lines
        super().__init__(text)


class GoneError(UserError):
    """A thing that is gone: a link out of date, a subscription that has ended."""


class ExpiredLinkError(GoneError):
    """A link out of date whose signature is genuine."""


class UnknownPaperError(UserError):
    """An id of a paper that neither the store nor a source has."""


class TooManyRequestsError(UserError):
    """More requests than a limit allows."""


class UnansweredError(UserError):
    """A platform did not say what the answer depends on; a minute later it may."""


class QueryError(UserError):
    """A malformed query: what is wrong, where (0-based offset into the text), and an example that works."""

    def __init__(self, problem: str, text: str, position: int, example: str) -> None:
        self.text, self.position, self.example = text, position, example
        place = _place(text, position)
        place = "" if place.removeprefix(", at ") in problem else place  # quoted there already
        self.problem = f"{problem}{place}".replace("`", "'")  # backquotes are for our own words
        super().__init__(f"{self.problem}. Try: {example}")


def _place(text: str, position: int) -> str:
    """`, at “| audio”`: where in a text a fault is; empty at its beginning and at its end."""
    rest = text[position:].strip()
    excerpt = rest if len(rest) <= 30 else f"{rest[:29]}…"
    return f", at “{excerpt}”" if rest and position else ""


class SettingsError(UserError):
    """All settings that cannot be used, each with its remedy."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


class StoreError(PaperboyError):
    """The database cannot be opened. `str()` is one line with the remedy, for the operator: it may name hosts."""


class UnmadeStoreError(StoreError):
    """The server's database has no tables of this version yet: the first process that writes makes them."""


class UnavailableStoreError(StoreError):
    """The database cannot be used now: its server is absent, read-only, full, or refuses what is needed."""


class LostStoreError(UnavailableStoreError):
    """The database's file was deleted or replaced while it was open."""


class OutdatedError(UnavailableStoreError):
    """A newer version has changed the database's tables: this process cannot use them, and stops."""


class SourceError(PaperboyError):
    """A source failed. `str()` is one short line with the reason, without secrets."""

    def __init__(self, source: str, reason: str) -> None:
        self.source, self.reason = source, reason
        super().__init__(f"{source}: {reason}")


class GroupsError(PaperboyError):
    """A platform does not tell its roles or user groups. `str()` is a sentence with the remedy, safe to show."""

    def __init__(self, text: str, *, lasting: bool) -> None:
        """`lasting`: it will not tell them before somebody changes something."""
        self.lasting = lasting
        super().__init__(text)


class ZoteroError(PaperboyError):
    """Zotero did not do what was asked. `str()` is a clause without secrets, safe to show: `it does not answer`."""

    def __init__(self, text: str, *, refused: bool = False, wait: float | None = None) -> None:
        """`refused`: it will not before its user changes something. `wait`: seconds that it asks to be left alone."""
        self.refused, self.wait = refused, wait
        super().__init__(text)


class Failure(StrEnum):
    """Kinds of failed posts by what follows from them; `bot/delivery/README.md` has the table."""

    CHANNEL_GONE = "channel_gone"
    WORKSPACE_CLOSED = "workspace_closed"
    """Nothing can be posted in the workspace now, and nothing proves that it removed Paperboy."""
    WORKSPACE_GONE = "workspace_gone"
    """The workspace removed Paperboy: everything about it is erased 30 days later."""
    MESSAGE_REFUSED = "message_refused"
    THREAD_GONE = "thread_gone"
    THREAD_FORBIDDEN = "thread_forbidden"
    LATER = "later"
    UNKNOWN = "unknown"


class DeliveryError(PaperboyError):
    """A post failed; `kind` decides what follows. `retry_after` is in seconds, None for back-off."""

    def __init__(self, kind: Failure, reason: str, *, retry_after: float | None = None) -> None:
        self.kind, self.reason, self.retry_after = kind, reason, retry_after
        super().__init__(f"{kind}: {reason}")

    def as_not_sent(self) -> DeliveryError:
        """Reclassified as a failure before the post: nothing can have arrived, so `unknown` becomes `later`."""
        if self.kind is not Failure.UNKNOWN:
            return self
        return DeliveryError(Failure.LATER, self.reason, retry_after=self.retry_after)

    def as_failed_search(self) -> DeliveryError:
        """Reclassified as a failure of `find`: `later`, or CannotTell where searching is not possible."""
        if self.kind in {Failure.LATER, Failure.UNKNOWN}:
            return DeliveryError(Failure.LATER, self.reason, retry_after=self.retry_after)
        return CannotTell(self.reason)


class CannotTell(DeliveryError):  # noqa: N818 - the word of `Outlet.find`: a platform cannot tell
    """`find` cannot know whether a message arrived: no permission to read, or no search."""

    def __init__(self, reason: str) -> None:
        super().__init__(Failure.UNKNOWN, reason)
