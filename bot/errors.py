"""Every error Paperboy raises on purpose.

PaperboyError
├── UserError              what somebody typed or set is wrong; the text is the remedy, shown as it is
│   ├── QueryError         a line of the query language; knows where it went wrong
│   ├── SettingsError      the environment; lists every fault at once
│   └── StoreError         the database cannot be opened: newer, locked by another writer, not ours
├── SourceError            a source did not answer, or not in a form we read
└── DeliveryError          a platform did not take a message; its `kind` says what follows
    └── CannotTell         a platform cannot say whether a message arrived
"""

from __future__ import annotations

from enum import StrEnum


class PaperboyError(Exception):
    """The root; never raised itself."""


class UserError(PaperboyError):
    """Something typed or set is wrong. `str()` is one line with the remedy, safe to show."""


class QueryError(UserError):
    """A malformed query: what is wrong, where (0-based offset into the text), and an example that works."""

    def __init__(self, problem: str, text: str, position: int, example: str) -> None:
        self.problem, self.text, self.position, self.example = problem, text, position, example
        shown = text if len(text) <= 60 else f"{text[:57]}…"
        super().__init__(f"{problem} (at character {position + 1} of “{shown}”). Try: {example}")


class SettingsError(UserError):
    """Settings that cannot be used, all of them."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


class StoreError(UserError):
    """The database cannot be used as asked."""


class SourceError(PaperboyError):
    """A source failed. `str()` is one short line: the reason, without secrets."""

    def __init__(self, source: str, reason: str) -> None:
        self.source, self.reason = source, reason
        super().__init__(f"{source}: {reason}")


class Failure(StrEnum):
    """What a failed post means for what comes next."""

    CHANNEL_GONE = "channel_gone"
    WORKSPACE_GONE = "workspace_gone"
    MESSAGE_REFUSED = "message_refused"
    THREAD_GONE = "thread_gone"
    LATER = "later"
    UNKNOWN = "unknown"


class DeliveryError(PaperboyError):
    """A post failed.

    `kind` decides: channel_gone and workspace_gone pause, message_refused skips this message, thread_gone (of a reply)
    leaves the rest of the thread, later waits `retry_after` seconds (None: back off), unknown asks `find` whether it
    arrived after all.
    """

    def __init__(self, kind: Failure, reason: str, *, retry_after: float | None = None) -> None:
        self.kind, self.reason, self.retry_after = kind, reason, retry_after
        super().__init__(f"{kind}: {reason}")

    def before_the_post(self) -> DeliveryError:
        """The same where what failed came before the post: nothing can have arrived, so what is unknown is later."""
        if self.kind is not Failure.UNKNOWN:
            return self
        return DeliveryError(Failure.LATER, self.reason, retry_after=self.retry_after)

    def of_a_look(self) -> DeliveryError:
        """The same where what failed was looking for a message: later, or the platform does not let us."""
        if self.kind in {Failure.LATER, Failure.UNKNOWN}:
            return DeliveryError(Failure.LATER, self.reason, retry_after=self.retry_after)
        return CannotTell(self.reason)


class CannotTell(DeliveryError):  # noqa: N818 - the port's word: a platform cannot tell
    """`find` cannot know: no permission to read, or no way to search."""

    def __init__(self, reason: str) -> None:
        super().__init__(Failure.UNKNOWN, reason)
