"""Commands: each declared once as data; typed lines and forms -> validated options. How to add one: README.md.

command.py     Command, Option, CommandGroup
table.py       all commands      options.py   the options that several of them share
parsing.py     typed line -> command and options as text
splitting.py   what follows a command -> its options and free words
values.py      options as text -> values      notes.py   notes and tags
bibliography.py  BibTeX, RIS, CSV -> entries
forms.py       a filled-in settings form -> SubscriptionChanges, another one -> FilledForm
times.py       hours, weekdays      dates.py       days and durations      timezones.py   time zones
schedule_words.py  free words after `subscribe`
requests.py    plain words -> the command that they mean      phrases.py   small talk and polite words
mentions.py    a message written to Paperboy -> the line of a command
follow_ups.py  what is written below an answer -> the command that it means about it
"""

from bot.commands.bibliography import FILE_MAX
from bot.commands.command import COMMAND_WORD, Command, Option, typed
from bot.commands.follow_ups import follow_up, named_button, with_places
from bot.commands.forms import CANCEL, filled_by_lines, first_readable, read_answers, read_form
from bot.commands.mentions import written_command, written_line
from bot.commands.options import MOST_PAPERS
from bot.commands.parsing import find, parse_line, query_fault, replaces_message, typed_command
from bot.commands.table import COMMANDS, GROUPS
from bot.commands.times import read_days, read_time
from bot.commands.timezones import read_timezone, zones
from bot.commands.values import TOPICS_MAX, NoPaperIdError, check_names, read_options
