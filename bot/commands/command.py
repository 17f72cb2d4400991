"""Command, Option and CommandGroup: the declarations that `table.py` is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text",
    "int",
    "time",
    "hours",
    "timezone",
    "days",
    "choice",
    "date",
    "until",
    "duration",
    "paper",
    "topic",
    "topics",
    "note",
    "tags",
    "name",
    "file",
]
Permission = Literal["all", "managers"]
Completion = Literal[
    "queries", "topics", "followed", "muted", "watched", "papers", "commands", "timezones", "days", "digests", "groups"
]

COMMAND_WORD = "/papers"
"""What precedes a command in our own sentences; `bot.wording.typed` puts what people type in its place."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command."""

    name: str
    help: str
    """At most 100 characters: Discord's limit for a description."""
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None
    """Text that is read if nothing was typed; None leaves the option out."""
    minimum: int | None = None
    """Smallest number, or smallest duration in days."""
    maximum: int | None = None
    rest: bool = False
    """The option takes the free words of a typed line."""
    leading: bool = False
    """The option takes the first word of a typed line, if that names a paper."""
    verbatim: bool = False
    """The free words are taken as they are typed: no quote or colon in them means anything."""
    hidden: bool = False
    """Filled in by buttons and forms; in no menu and no help."""
    secret: bool = False
    """The value is somebody's key, as in `FormField.secret`."""
    completes: Completion | None = None
    """Kind of the values suggested while it is typed."""
    unit: str = "papers"
    """What a number counts, in the plural."""
    aliases: tuple[str, ...] = ()
    """Other names that people type for it."""
    example: str = ""
    """A value that is always accepted."""
    listed_by: str = ""
    """The command that lists the values it can have."""


@dataclass(frozen=True, slots=True)
class Command:
    """Declaration of a command, which menus, help, parsing and permission are made from."""

    name: str
    """`search`, or `topics add` for a subcommand of a group."""
    summary: str
    """At most 100 characters: Discord's limit for a description."""
    options: tuple[Option, ...] = ()
    permission: Permission = "all"
    examples: tuple[str, ...] = ()
    detail: str = ""
    """Further explanation in one or two sentences."""
    hidden: bool = False
    """Reached by buttons only."""
    writes: bool = False
    """True for a command that writes to the store."""
    form: bool = False
    """True if the options are the fields of a form, which `bot.commands.forms` reads with a fault per field."""
    names_obstacle: bool = False
    """True if the answer names what keeps Paperboy from posting in the channel: fronts look up `Caller.obstacle`."""
    aliases: tuple[str, ...] = ()
    """Other words that people type for it."""
    team: bool = False
    """What a team does with papers. Where a menu may have so many entries only, these are in one of their own."""
    anywhere: bool = False
    """About papers and the person alone: it runs where Paperboy itself is not, for who installed it for themselves."""
    other_words: str = ""
    """The command that its free words are meant for where none of its options can be read from them."""

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

    @property
    def example(self) -> str:
        """Example of the command as a line that works."""
        return self.examples[0] if self.examples else "help"

    @property
    def shareable(self) -> bool:
        """Whether its answer may be shared with everybody in a channel."""
        return self.option("share") is not None

    def option(self, name: str) -> Option | None:
        """The option of that name."""
        return next((option for option in self.options if option.name == name), None)

    def named(self, word: str) -> Option | None:
        """The option of that name or alias."""
        return self.option(word) or next((option for option in self.options if word in option.aliases), None)

    def line(self, raw: Mapping[str, str]) -> str:
        """The line that is typed for the command with these options: `search video count:5`."""
        free = [option.name for option in self.options if (option.leading or option.rest) and raw.get(option.name)]
        others = (f"{name}:{_quoted(value)}" for name, value in raw.items() if name not in free)
        return " ".join((self.name, *(raw[name] for name in free), *others))


def typed(line: str) -> str:
    """A command line in backquotes, to be quoted in an answer, which shows it as people type it where they are."""
    return f"`{COMMAND_WORD} {' '.join(line.replace('`', chr(39)).split())}`"


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """A first word shared by several commands."""

    name: str
    summary: str
    bare: str
    """The command that the word alone means; platforms that allow no bare group do not offer it."""
