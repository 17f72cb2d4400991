"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: fine (no fault, no remedy), worth knowing (a remedy only), or a fault with its remedy."""

    what: str
    found: str
    fault: bool = False
    remedy: str = ""
