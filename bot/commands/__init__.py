"""Commands: each declared once as data; typed lines and forms -> validated options. How to add one: README.md.

command.py   Command, Option, CommandGroup
options.py   options that several commands share
table.py     all commands
parsing.py   typed text -> command and options
forms.py     a filled-in settings form -> SubscriptionChanges
times.py     hours, time zones, weekdays, dates and durations
"""

from bot.commands.command import Command, CommandGroup, Option
from bot.commands.forms import read_answers, read_form
from bot.commands.options import MOST_PAPERS
from bot.commands.parsing import (
    TOPIC_MAX,
    TOPICS_MAX,
    changes,
    check_names,
    find,
    goes_on,
    parse_line,
    read_options,
    read_value,
)
from bot.commands.table import COMMANDS, GROUPS
from bot.commands.times import zones

__all__ = [
    "COMMANDS",
    "GROUPS",
    "MOST_PAPERS",
    "TOPICS_MAX",
    "TOPIC_MAX",
    "Command",
    "CommandGroup",
    "Option",
    "changes",
    "check_names",
    "find",
    "goes_on",
    "parse_line",
    "read_answers",
    "read_form",
    "read_options",
    "read_value",
    "zones",
]
