"""The command line `paperboy`. Commands import what they need when they run, so that `--help` is instant.

Exit codes: 0 done, 1 a fault was found (doctor, collect), 2 the command cannot be carried out as given.
"""

from __future__ import annotations

import os

import click

from bot.app.cli.data_commands import DATA_COMMANDS
from bot.app.cli.operator_commands import OPERATOR_COMMANDS

# Read when numpy is imported. The products of a search are small: a second thread of OpenBLAS took as much processor
# time again and saved none.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The day's trending papers, posted to your team's channel as a thread, each with its evidence.

    `paperboy preview` shows a digest; `paperboy run` collects, chooses and delivers until stopped.
    """


for command in (*OPERATOR_COMMANDS, *DATA_COMMANDS):
    main.add_command(command)

if __name__ == "__main__":
    main()
