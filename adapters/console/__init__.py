"""The console: prints threads, reads commands. The adapter that needs no account.

layout.py        a message as rows
plain.py         rows for files and pipes
terminal.py      rows for a terminal
drawing.py       which of the two
streams.py       reading and writing that never hold the event loop
dialogue.py      commands, numbered buttons, forms
surroundings.py  is it a terminal, how wide, which time zone
outlet.py        the adapter itself
"""

from adapters.console.drawing import render, show
from adapters.console.outlet import Console
from adapters.console.surroundings import local_timezone

__all__ = ["Console", "local_timezone", "render", "show"]
