"""Misfortune to order: what the next calls of a method meet instead of, or after, being carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One misfortune. `kept` says whether the call is carried out before it strikes."""

    kind: str
    code: str = ""
    http: int = 200
    seconds: int = 1
    kept: bool = False

    @staticmethod
    def error(code: str) -> Fault:
        """Slack says no, by this code."""
        return Fault("error", code)

    @staticmethod
    def status(http: int) -> Fault:
        """An HTTP status with a page instead of JSON, as a gateway answers."""
        return Fault("status", http=http)

    @staticmethod
    def wait(seconds: int) -> Fault:
        """429 with this Retry-After."""
        return Fault("wait", http=429, seconds=seconds)


HANG = Fault("hang")
"""The request is taken and never answered; nothing is done."""
DROP = Fault("drop")
"""The connection is cut; nothing is done."""
DROP_AFTER = Fault("drop", kept=True)
"""It is done, then the connection is cut before the answer."""
HANG_AFTER = Fault("hang", kept=True)
"""It is done and never answered."""
GARBAGE_AFTER = Fault("status", http=502, kept=True)
"""It is done, and a gateway answers 502."""


@dataclass
class Plan:
    """The misfortunes still to come."""

    waiting: list[tuple[str, Fault, Callable[[dict[str, Any]], bool]]] = field(default_factory=list)

    def add(self, method: str, fault: Fault, applies: Callable[[dict[str, Any]], bool]) -> None:
        """One more, for the next call of `method` to which it applies."""
        self.waiting.append((method, fault, applies))

    def take(self, method: str, args: dict[str, Any]) -> Fault | None:
        """The one this call meets; it is used up."""
        for index, (name, fault, applies) in enumerate(self.waiting):
            if name in (method, "*") and applies(args):
                del self.waiting[index]
                return fault
        return None
