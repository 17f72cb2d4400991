"""The command of the weekly recap."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.command import Command, Option
from bot.commands.options import AT
from bot.model import WEEKDAYS

RECAP_COMMANDS = (
    Command(
        "recap",
        "Once a week: what was liked most here, what is to be discussed, new code",
        (
            Option("state", "on or off; neither says how it is", "choice", choices=("on", "off"), rest=True),
            Option("day", "Its weekday", "choice", choices=WEEKDAYS, example="fri"),
            replace(AT, rest=False, example="16:00"),
            Option("preview", "Show what it would be now", "choice", choices=("yes", "no"), default="no", hidden=True),
        ),
        examples=("recap on day:fri at:16:00", "recap off", "recap"),
        detail="A week without likes, wishes to discuss and new code has none. Managers switch it on and off.",
        writes=True,
        aliases=("weekly",),
        team=True,
    ),
)
