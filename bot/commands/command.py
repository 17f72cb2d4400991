"""Command, Option and CommandGroup: the declarations that `table.py` is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text", "int", "time", "timezone", "days", "choice", "date", "until", "duration", "paper", "topic", "topics"
]
Permission = Literal["all", "managers"]
Completion = Literal["queries", "topics", "followed", "muted", "papers", "commands", "timezones", "days"]

SUMMARY_MAX = 100
"""https://discord.com/developers/docs/interactions/application-commands#application-command-object"""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a command may be told."""

    name: str
    help: str
    """At most 100 characters: Discord's limit for a description."""
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None
    """What is read when nothing was given; None leaves the option out."""
    minimum: int | None = None
    """Of a number; of a duration, in days."""
    maximum: int | None = None
    rest: bool = False
    """On a typed line, the free words are this option."""
    hidden: bool = False
    """Filled in by buttons and forms; shown in no menu and no help."""
    completes: Completion | None = None
    """What is suggested while it is typed."""


@dataclass(frozen=True, slots=True)
class Command:
    """Described once; menus, help, parsing and permission all follow from this."""

    name: str
    """`search`, or `topics add` for a subcommand of a group."""
    summary: str
    """At most 100 characters: Discord's limit for a description."""
    options: tuple[Option, ...] = ()
    permission: Permission = "all"
    examples: tuple[str, ...] = ()
    detail: str = ""
    """What the summary has no room for, in one or two sentences."""
    hidden: bool = False
    """Reached by buttons only."""
    writes: bool = False
    """Whether it changes what is stored."""
    form: bool = False
    """Whether the options are the fields of a form, which `bot.commands.forms` reads with a fault per field."""
    aliases: tuple[str, ...] = ()
    """Other words that people type for it."""

    @property
    def group(self) -> str:
        """`topics` of `topics add`; empty for a command of its own."""
        return self.name.partition(" ")[0] if " " in self.name else ""

    @property
    def word(self) -> str:
        """The last word of the name: `add` of `topics add`, `search` of `search`."""
        return self.name.rpartition(" ")[2]

    @property
    def rest(self) -> Option | None:
        """The option that takes a typed line's free words."""
        return next((option for option in self.options if option.rest), None)

    @property
    def shown_options(self) -> tuple[Option, ...]:
        """The options that menus and help list."""
        return tuple(option for option in self.options if not option.hidden)

    def option(self, name: str) -> Option | None:
        """The option of that name."""
        return next((option for option in self.options if option.name == name), None)


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """A first word shared by several commands."""

    name: str
    summary: str
    bare: str
    """The command that the word alone means; platforms that allow no bare group do not offer it."""
