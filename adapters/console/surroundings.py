"""What kind of terminal, and which time zone, this is."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import TextIO
from zoneinfo import ZoneInfo

from adapters.console.streams import descriptor


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sits at the other end."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def wants_color(out: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to colour: only on a terminal that can, and not where it is declined (https://no-color.org)."""
    return is_terminal(out) and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def width_of(out: TextIO) -> int:
    """Columns of a terminal, now; 80 where it does not tell."""
    number = descriptor(out)
    try:
        return (os.get_terminal_size(number).columns if number is not None else 0) or 80
    except OSError:
        return 80


def local_timezone() -> str | None:
    """This machine's time zone by name; None if it has none that we know."""
    import tzlocal  # noqa: PLC0415 - only a person who types commands has a use for it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # contradicting set-ups are its owner's business; any answer will do
            name = tzlocal.get_localzone_name()
        return ZoneInfo(name).key if name else None
    except (LookupError, ValueError, OSError):
        return None
