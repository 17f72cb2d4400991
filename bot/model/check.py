"""Result of one check of `paperboy doctor`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """Result of one check: passed (no remedy), a hint (a remedy and no fault), or a fault with its remedy."""

    subject: str
    result: str
    fault: bool = False
    remedy: str = ""
