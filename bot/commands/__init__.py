"""Each command once: its name, help, options and permission, and how a typed line becomes one.

model.py      what a command and an option are
table.py      all of them (data only)
reading.py    typed text -> command and validated options
moments.py    hours, zones, weekdays, dates and spans as people type them
"""

from bot.commands.command import Command, CommandGroup, Option
from bot.commands.forms import read_answers, read_form
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
from bot.commands.table import COMMANDS, GROUPS, MOST_PAPERS
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
