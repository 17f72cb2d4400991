"""The commands of a person's connection to Zotero."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.command import Command, CommandGroup, Option
from bot.commands.options import AT, COUNT, PAGE, START, TIMEZONE

ZOTERO_GROUP = CommandGroup("zotero", "Your Zotero library: save there, and papers close to it", "zotero status")
ZOTERO_COMMANDS = (
    Command(
        "zotero connect",
        "Save to your Zotero library too; asks for an API key in a private form",
        (
            Option("key", "The API key", rest=True, verbatim=True, hidden=True, secret=True),
            Option("form", "Whether it comes from the form", "choice", choices=("yes", "no"), hidden=True),
        ),
        examples=("zotero connect",),
        detail="The key is stored encrypted, is yours alone, and is erased by zotero disconnect and by forget me.",
        writes=True,
        anywhere=True,
    ),
    Command(
        "zotero status",
        "Where your saved papers go in Zotero, what is on the way, when your library was read",
        (),
        examples=("zotero", "zotero status"),
        anywhere=True,
    ),
    Command(
        "zotero collection",
        "The library or collection that saved papers go to",
        (
            Option("name", "A part of its name; without one, a list to choose from", rest=True, example="Reading"),
            Option("to", "The chosen one", hidden=True),
        ),
        examples=("zotero collection", "zotero collection Reading"),
        writes=True,
        anywhere=True,
    ),
    Command(
        "zotero today",
        "Papers of the last three days, those closest to your Zotero library first",
        (replace(COUNT, default="10", rest=True), PAGE, START),
        examples=("zotero today", "zotero today count:20"),
        detail="For you alone; what is on your reading list already is left out.",
        anywhere=True,
    ),
    Command(
        "zotero daily",
        "Those papers as a message to you alone, every day that has new ones",
        (
            Option("state", "on or off; neither says how it is", "choice", choices=("on", "off"), rest=True),
            replace(AT, rest=False, example="08:00"),
            TIMEZONE,
        ),
        examples=("zotero daily on at:08:00", "zotero daily off"),
        detail="Five papers that you have not had in it before; your time zone is taken from the platform.",
        writes=True,
    ),
    Command(
        "zotero disconnect",
        "Erase your Zotero key, and what was learnt from your library",
        (),
        examples=("zotero disconnect",),
        writes=True,
        anywhere=True,
    ),
)
