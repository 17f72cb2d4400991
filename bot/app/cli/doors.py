"""Doors for programs and operators: search, summarise, rebuild, JSON Lines in and out; mail."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from bot.app.cli.options import db_option, faults_in_one_line, json_option, load_settings

file_type = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("query", required=False)
@click.option(
    "--queries",
    type=file_type,
    help='Answer each line of this JSON Lines file (.gz too): {"text"} is taken as plain words, {"query"} as the '
    "query language.",
)
@click.option("--limit", type=click.IntRange(1, 1_000), default=10, show_default=True, help="Results at most.")
@db_option
@json_option
@faults_in_one_line
def search(query: str | None, queries: Path | None, limit: int, db: Path | None, as_json: bool) -> None:
    """Search the stored papers for QUERY, in the query language of `/papers search`; nothing else is asked."""
    from bot.app.cli import bulk

    if query is not None and queries is None:
        questions = [bulk.BulkQuery(None, query, literal=False)]
    elif queries is not None and query is None:
        questions = bulk.read(queries)
    else:
        raise click.UsageError("give a QUERY, or --queries FILE")
    asyncio.run(bulk.search(load_settings(db=db), questions, limit, sys.stdout, as_json=as_json))


@click.command()
@db_option
@faults_in_one_line
def reindex(db: Path | None) -> None:
    """Make the index and the vectors anew from the stored papers; nothing else is lost or changed."""
    from bot.app.cli import running

    click.echo(f"{asyncio.run(running.reindex(load_settings(db=db)))} papers indexed")


@click.group()
def mail() -> None:
    """Digests by mail: ask for an address, or end its subscription."""


@mail.command("subscribe")
@click.argument("address")
@click.option("--topic", "topics", multiple=True, help="Follow this, in the query language; may be repeated.")
@click.option("--mute", "mutes", multiple=True, help="Leave out what matches; may be repeated.")
@click.option("--size", help="Papers in a digest, 1 to 20.  [default: 5]")
@click.option("--at", help="The hour.  [default: 09:00]")
@click.option("--timezone", help="By place, such as Europe/Berlin.  [default: UTC]")
@click.option("--days", help="daily, weekdays, mon,wed,fri, or weekly fri.  [default: daily]")
@db_option
@faults_in_one_line
def mail_subscribe(
    address: str, topics: tuple[str, ...], mutes: tuple[str, ...], db: Path | None, **wish: str | None
) -> None:
    """Send ADDRESS a letter with a link; digests start when its owner opens it and confirms."""
    from bot.app.cli import mail as door

    given = {name: text for name, text in wish.items() if text is not None}
    lines = {"topics": "\n".join(topics), "mutes": "\n".join(mutes)}
    click.echo(asyncio.run(door.subscribe(load_settings(db=db), address, {**lines, **given})))


@mail.command("unsubscribe")
@click.argument("address")
@db_option
@faults_in_one_line
def mail_unsubscribe(address: str, db: Path | None) -> None:
    """End the digests to ADDRESS (or to mail:17) and erase it."""
    from bot.app.cli import mail as door

    click.echo(asyncio.run(door.unsubscribe(load_settings(db=db), address)))


@click.command()
@click.argument("file", type=file_type)
@json_option
@faults_in_one_line
def tldr(file: Path, as_json: bool) -> None:
    """Print the one-sentence summary of each paper of a JSON Lines FILE (.gz too); needs no database."""
    from bot.app.cli import bulk

    bulk.summarise(file, sys.stdout, as_json=as_json)


@click.command()
@click.argument("topic")
@click.option("--days", type=click.IntRange(1, 3_650), help="Only papers of the last so many days; else all stored.")
@db_option
@json_option
@faults_in_one_line
def match(topic: str, days: int | None, db: Path | None, as_json: bool) -> None:
    """Print the stored papers that a channel which follows TOPIC would be shown to choose from, the nearest first."""
    from bot.app.cli import bulk

    asyncio.run(bulk.match(load_settings(db=db), topic, days, sys.stdout, as_json=as_json))


DOORS: tuple[click.Command, ...] = (search, match, tldr, reindex, mail)
