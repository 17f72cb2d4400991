"""Options of several commands, and the command class that prints faults on one line."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.errors import PaperboyError, SettingsError

if TYPE_CHECKING:
    from bot.settings import Settings


class _DatabasePath(click.Path):
    """The path of a database's file, or the URL of a database."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A Path or a DatabaseUrl; a URL that cannot be used fails with its remedy."""
        from bot.model.database import DatabaseUrl, read_database  # noqa: PLC0415 - so that `--help` is instant

        try:
            database = read_database(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return database if isinstance(database, DatabaseUrl) else super().convert(value, param, ctx)


DATABASE = _DatabasePath(path_type=Path, dir_okay=False)
db_option = click.option(
    "--db",
    type=DATABASE,
    metavar="FILE|URL",
    help="The database (PAPERBOY_DB): an SQLite file, or a PostgreSQL URL; a URL with a password is seen in `ps`.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")
file_type = click.Path(path_type=Path, exists=True, dir_okay=False)


class OneLineFaults(click.Command):
    """A command whose user errors are one line each on stderr and exit code 2, never a traceback."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments. An option of one value that is given twice is a fault: the first would be ignored."""
        _, _, params = self.make_parser(ctx).parse_args(args=list(args))
        for param in params:
            if isinstance(param, click.Option) and not (param.multiple or param.is_flag) and params.count(param) > 1:
                raise click.UsageError(f"{max(param.opts, key=len)} is given more than once; it takes one value.")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PaperboyError as error:
            for fault in error.faults if isinstance(error, SettingsError) else (error,):
                click.echo(f"paperboy: {fault}", err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            sys.exit(130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of stdout has exited
            sys.exit(0)


command = partial(click.command, cls=OneLineFaults)


def load_settings(**overrides: object) -> Settings:
    """The settings, with logging started as they say."""
    from bot import settings  # noqa: PLC0415 - so that `--help` is instant
    from bot.app import logs  # noqa: PLC0415 - so that `--help` is instant

    loaded = settings.load(**overrides)
    secrets = () if isinstance(loaded.db, Path) else loaded.db.passwords()
    logs.start(loaded.log_level, as_json=loaded.log == "json", environment=os.environ, secrets=secrets)
    return loaded
