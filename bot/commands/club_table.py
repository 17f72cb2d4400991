"""The commands of a channel's journal club."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.command import Command, CommandGroup, Option
from bot.commands.options import AT, PAPER, TIMEZONE
from bot.model import WEEKDAYS

CLUB_GROUP = CommandGroup("club", "A journal club: vote on a paper, read it, meet", "club status")
EVERY = ("1w", "2w", "3w", "4w")
_MEETING = Option("meeting", "Which meeting", required=True, hidden=True)

CLUB_COMMANDS = (
    Command(
        "club status",
        "When the journal club meets, what is voted on or read, and who presents",
        examples=("club", "club status"),
        team=True,
        aliases=("journalclub",),
    ),
    Command(
        "club start",
        "A journal club here: a vote a week before, the paper that won, a reminder",
        (
            Option(
                "day", "The weekday it meets on", "choice", required=True, choices=WEEKDAYS, rest=True, aliases=("on",)
            ),
            replace(AT, required=True, rest=False, example="15:00"),
            Option("every", "How many weeks from one meeting to the next", "choice", choices=EVERY, default="1w"),
            TIMEZONE,
        ),
        "managers",
        ("club start day:thu at:15:00", "club start day:fri at:10:00 every:2w timezone:Europe/Berlin"),
        "A week before each meeting one message has the papers that people here want most, and a button for each.",
        writes=True,
        names_obstacle=True,
        team=True,
    ),
    Command(
        "club add",
        "Put a paper to the vote",
        (PAPER,),
        examples=("club add 2405.14105",),
        writes=True,
        team=True,
    ),
    Command(
        "club skip",
        "Cancel the next meeting; the one after it takes place",
        (),
        "managers",
        ("club skip",),
        writes=True,
        team=True,
    ),
    Command("club stop", "End the journal club", (), "managers", ("club stop",), writes=True, team=True),
    # reached by buttons only
    Command(
        "club vote",
        "Vote for a paper",
        (
            _MEETING,
            Option("number", "Which paper", "int", minimum=1, maximum=99, hidden=True, unit="papers"),
        ),
        hidden=True,
        writes=True,
        team=True,
    ),
    Command(
        "club present",
        "Present the paper",
        (
            _MEETING,
            Option(
                "instead", "In place of the one who does", "choice", choices=("yes", "no"), default="no", hidden=True
            ),
            Option("back", "No longer", "choice", choices=("yes", "no"), default="no", hidden=True),
        ),
        hidden=True,
        writes=True,
        team=True,
    ),
    Command("club calendar", "The date as a file", (_MEETING,), hidden=True, team=True),
)
