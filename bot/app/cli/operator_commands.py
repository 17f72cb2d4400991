"""Commands for running and keeping a Paperboy: run, collect, doctor, backup, migrate, settings and so on."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.app import platforms
from bot.app.cli.options import DATABASE, OneLineFaults, command, db_option, json_option, load_settings
from bot.errors import UserError

if TYPE_CHECKING:
    from bot.model.database import Database


@command()
@db_option
@click.option(
    "--roles", help="Only some of collect,deliver,slack,discord,matrix,web,mcp,mail; the rest in other processes."
)
def run(roles: str | None, db: Database | None) -> None:
    """Collect, choose and deliver to every subscribed channel until stopped."""
    from bot.app.cli import actions
    from bot.app.runtime import open_files_fault

    if fault := open_files_fault():
        raise UserError("; ".join(fault))
    asyncio.run(actions.run(load_settings(db=db), os.environ, roles))


@command()
@db_option
def mcp(db: Database | None) -> None:
    """Answer an AI assistant on stdin and stdout, by the Model Context Protocol."""
    from bot.app.cli import actions

    asyncio.run(actions.serve_assistant(load_settings(db=db)))


@command()
@db_option
@json_option
def collect(db: Database | None, as_json: bool) -> None:
    """Ask every source once and keep what they bring."""
    from bot.app.cli import actions
    from bot.wording.status import skipped_text

    reports = asyncio.run(actions.collect_once(load_settings(db=db)))
    if as_json:
        fields = ("source", "papers", "signals", "fault", "skipped", "skipped_items")
        click.echo(json.dumps([{field: getattr(report, field) for field in fields} for report in reports]))
    else:
        for each in reports:
            outcome = f"down ({each.fault})" if each.fault else f"{each.papers} papers, {each.signals} new observations"
            click.echo(f"{each.source}: {outcome}{f'; {skipped_text(each, most=3)}' if each.skipped else ''}")
    sys.exit(1 if reports and all(report.fault for report in reports) else 0)


@command()
@db_option
@json_option
def doctor(db: Database | None, as_json: bool) -> None:
    """Check settings, store, sources, clock and adapters, and say what to do about each fault."""
    from bot.app import doctor as checking

    checks = asyncio.run(checking.examine(db, os.environ))
    click.echo(checking.as_json(checks) if as_json else checking.as_text(checks))
    sys.exit(1 if any(check.fault for check in checks) else 0)


@command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@db_option
def backup(file: Path, db: Database | None) -> None:
    """Write a consistent copy of the database to FILE, also while Paperboy is running."""
    from bot.app import databases

    databases.backup(load_settings(db=db), file)
    click.echo(f"wrote {file}")


@command()
@click.option("--from", "source", type=DATABASE, metavar="FILE|URL", required=True, help="The database to copy.")
@click.option("--to", "target", type=DATABASE, metavar="FILE|URL", required=True, help="A new one, or a begun copy.")
def migrate(source: Database, target: Database) -> None:
    """Copy everything into another database. Killed or failed, it goes on when it is started again."""
    from bot.app import databases

    load_settings()
    for table in databases.migrate(source, target):
        click.echo(f"{table.name}: {table.rows:,} rows, checksum {table.checksum}")
    click.echo("both databases are equal; set PAPERBOY_DB to the new one before the next `paperboy run`")


@command()
@click.argument("who")
@db_option
def forget(who: str, db: Database | None) -> None:
    """Erase saves, reactions and profile of a person or channel (slack:T1/U2), or all about a workspace (slack:T1)."""
    from bot.app.cli import actions

    counts = asyncio.run(actions.forget(load_settings(db=db), who))
    erased = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    click.echo(f"{who}: {erased} erased" if erased else f"{who}: nothing was stored")


@click.group()
def mail() -> None:
    """Digests by mail: ask for an address, or end its subscription."""


@mail.command("subscribe", cls=OneLineFaults)
@click.argument("address")
@click.option("--topic", "topics", multiple=True, help="Follow this, in the query language; may be repeated.")
@click.option("--mute", "mutes", multiple=True, help="Leave out what matches; may be repeated.")
@click.option("--size", help="Papers in a digest, 1 to 20.  [default: 5]")
@click.option("--at", help="The hour.  [default: 09:00]")
@click.option("--timezone", help="By place, such as Europe/Berlin.  [default: UTC]")
@click.option("--days", help="daily, weekdays, mon,wed,fri, or weekly fri.  [default: daily]")
@db_option
def mail_subscribe(
    address: str, topics: tuple[str, ...], mutes: tuple[str, ...], db: Database | None, **options: str | None
) -> None:
    """Send ADDRESS a letter with a link; digests start when its owner opens it and confirms."""
    from bot.app.cli import mail_actions

    fields = {name: text for name, text in options.items() if text is not None}
    fields |= {"topics": "\n".join(topics), "mutes": "\n".join(mutes)}
    click.echo(asyncio.run(mail_actions.subscribe(load_settings(db=db), address, fields)))


@mail.command("unsubscribe", cls=OneLineFaults)
@click.argument("address")
@db_option
def mail_unsubscribe(address: str, db: Database | None) -> None:
    """End the digests to ADDRESS (or to mail:17) and erase it."""
    from bot.app.cli import mail_actions

    click.echo(asyncio.run(mail_actions.unsubscribe(load_settings(db=db), address)))


@command()
@click.argument("platform", type=click.Choice([name for name, each in platforms.PLATFORMS.items() if each.manifest]))
@click.option("--http", "http_url", help="Slack: your public https URL, for HTTP and OAuth; else Socket Mode is used.")
@click.option("--links", "with_links", is_flag=True, help="Slack: also for cards of papers that people link to.")
@click.option("--agent", "with_agent", is_flag=True, help="Slack: also as an agent, with threads and suggestions.")
def manifest(platform: str, http_url: str | None, *, with_links: bool, with_agent: bool) -> None:
    """Print what PLATFORM is to be told about Paperboy, ready to paste: an app, or an invite link."""
    text = platforms.entry_point(platform, "manifest")
    click.echo(text(load_settings(), http_url, with_links=with_links, with_agent=with_agent))


@command()
@click.option("--drop", is_flag=True, help="Instead, erase the stored tokens that no key of PAPERBOY_SECRET_KEY opens.")
@db_option
def key(drop: bool, db: Database | None) -> None:
    """Print a new key for PAPERBOY_SECRET_KEY."""
    from bot.app.cli import actions
    from bot.store.encryption import new_key

    if not drop:
        click.echo(new_key())
        return
    count = asyncio.run(actions.drop_tokens(load_settings(db=db)))
    click.echo(f"erased {count} tokens; install the app again: the channels then go on. People connect Zotero again")


@command("settings")
def settings_() -> None:
    """List every setting, its default and what it does."""
    from bot import settings

    for variable, default, description in settings.table():
        click.echo(f"{variable}={default}\n    {description}")


@command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    click.echo(f"paperboy {installed('paperboy')}")


OPERATOR_COMMANDS = (run, mcp, collect, doctor, backup, migrate, forget, mail, manifest, key, settings_, version)
