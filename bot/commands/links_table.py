"""The command that switches cards for linked papers on and off."""

from __future__ import annotations

from bot.commands.command import Command, Option

LINKS_COMMANDS = (
    Command(
        "links",
        "A card for papers that people link to here: on or off",
        (Option("state", "on or off; neither says which it is", "choice", choices=("on", "off"), rest=True),),
        "managers",
        ("links on", "links off"),
        "Once a day and paper. It counts as shown: the digest names who shared it instead of repeating it.",
        writes=True,
        team=True,
        names_obstacle=True,
    ),
)
