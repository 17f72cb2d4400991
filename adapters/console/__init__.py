"""The console: prints threads, reads commands. The adapter that needs no account.

outlet.py       the adapter itself
dialogue.py     commands, numbered buttons, forms
terminal.py     rows as text for a terminal
streams.py      reading and writing without blocking the event loop
"""

from adapters.console.outlet import Console, local_timezone

__all__ = ["Console", "local_timezone"]
