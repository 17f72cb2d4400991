"""Commands: each declared once as data; typed lines and forms -> validated options. How to add one: README.md.

command.py   Command, Option, CommandGroup
table.py     all commands, and the options that several of them share
parsing.py   typed text -> command and options
forms.py     a filled-in settings form -> SubscriptionChanges
times.py     hours, time zones, weekdays, dates and durations
"""

from bot.commands.command import Command, Option
from bot.commands.forms import read_answers, read_form
from bot.commands.parsing import TOPICS_MAX, changes, check_names, find, parse_line, read_options, replaces_message
from bot.commands.table import COMMANDS, GROUPS, MOST_PAPERS
from bot.commands.times import read_days, read_time, read_timezone, zones

__all__ = [
    "COMMANDS",
    "GROUPS",
    "MOST_PAPERS",
    "TOPICS_MAX",
    "Command",
    "Option",
    "changes",
    "check_names",
    "find",
    "parse_line",
    "read_answers",
    "read_days",
    "read_form",
    "read_options",
    "read_time",
    "read_timezone",
    "replaces_message",
    "zones",
]
