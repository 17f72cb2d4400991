"""What every command of the command line shares: its options, the start, and how its faults are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from bot.errors import PaperboyError, SettingsError

if TYPE_CHECKING:
    from bot.settings import Settings

P = ParamSpec("P")

db_option = click.option("--db", type=click.Path(path_type=Path, dir_okay=False), help="The database (PAPERBOY_DB).")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")


def faults_in_one_line(command: Callable[P, None]) -> Callable[P, None]:
    """What the user can mend is one line on stderr and exit code 2, never a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SettingsError as error:
            for fault in error.faults:
                click.echo(f"paperboy: {fault}", err=True)
            sys.exit(2)
        except PaperboyError as error:
            click.echo(f"paperboy: {error}", err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            sys.exit(130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read our output has gone
            sys.exit(0)

    return run


def load_settings(**overrides: object) -> Settings:
    """Load the settings and start the log."""
    from bot import settings  # noqa: PLC0415 - so that `--help` is instant
    from bot.app import logs  # noqa: PLC0415 - so that `--help` is instant

    loaded = settings.load(**overrides)
    logs.start(loaded.log_level, as_json=loaded.log == "json", environment=os.environ)
    return loaded
