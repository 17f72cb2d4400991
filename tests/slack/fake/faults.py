"""Faults that a test plans for the next calls of a method, in place of the call or after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """A fault of a call. `carried_out`: the call is carried out before the fault."""

    kind: str
    code: str = ""
    http: int = 200
    seconds: int = 1
    carried_out: bool = False

    @staticmethod
    def error(code: str) -> Fault:
        """An answer with this error code."""
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
"""The request is read and never answered; the call is not carried out."""
DROP = Fault("drop")
"""The connection is cut; the call is not carried out."""
DROP_AFTER = Fault("drop", carried_out=True)
"""The call is carried out, then the connection is cut before the answer."""
HANG_AFTER = Fault("hang", carried_out=True)
"""The call is carried out and never answered."""
GARBAGE_AFTER = Fault("status", http=502, carried_out=True)
"""The call is carried out, and a gateway answers 502."""


@dataclass
class Plan:
    """The faults still to come."""

    waiting: list[tuple[str, Fault, Callable[[dict[str, Any]], bool]]] = field(default_factory=list)

    def add(self, method: str, fault: Fault, applies: Callable[[dict[str, Any]], bool]) -> None:
        """Add a fault for the next call of `method` to which it applies."""
        self.waiting.append((method, fault, applies))

    def take(self, method: str, args: dict[str, Any]) -> Fault | None:
        """The fault of this call, removed from the plan; None for no fault."""
        for index, (name, fault, applies) in enumerate(self.waiting):
            if name in (method, "*") and applies(args):
                del self.waiting[index]
                return fault
        return None
