"""Commands on papers and subscriptions: preview, search, match, tldr, import, reindex, replay and so on."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from bot.app.cli.options import OneLineFaults, command, db_option, file_type, json_option, load_settings

if TYPE_CHECKING:
    from bot.model.database import Database

SKIPPED_SHOWN = 20
"""Bad lines of a file that are named; all are counted."""
strict_option = click.option(
    "--strict", is_flag=True, help="Stop at the first bad line; else it is left out, counted and named."
)


@command()
@click.option("--sample", is_flag=True, help="Use the bundled week instead of the network or a database.")
@click.option("--topic", "topics", multiple=True, help="Follow this, in the query language; may be repeated.")
@click.option("--size", type=click.IntRange(1, 20), default=5, show_default=True, help="How many papers.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to this file instead.")
@db_option
@json_option
def preview(
    sample: bool, topics: tuple[str, ...], size: int, html: Path | None, db: Database | None, as_json: bool
) -> None:
    """Show the digest a channel would get now, as a thread."""
    from bot.app.cli import preview as previewing

    if sample and db:
        raise click.UsageError("--sample shows the bundled week, --db a database's papers: give one of them")
    if as_json and html:
        raise click.UsageError("--json prints, --html writes a page: give one of them")
    subscription = previewing.console_subscription(topics, size)
    digest, remarks = asyncio.run(previewing.choose(load_settings(db=db), subscription, sample=sample))
    for remark in remarks:
        click.echo(remark, err=True)
    if as_json:
        click.echo(json.dumps(previewing.as_json(digest), ensure_ascii=False))
    elif html:
        previewing.write_page(digest, html, " ".join(remarks) if sample else "")
        click.echo(f"wrote {html}", err=True)
    else:
        previewing.print_thread(digest, sys.stdout)


@command(context_settings={"ignore_unknown_options": True})
@click.argument("line", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--in", "channel", help="As in this channel, which nobody can type commands in: webhook:NAME.")
@db_option
def papers(line: tuple[str, ...], channel: str | None, db: Database | None) -> None:
    """Run one of the bot's own commands here, e.g. `paperboy papers search video diffusion`."""
    from bot.app.cli import actions

    asyncio.run(actions.bot_command(load_settings(db=db), " ".join(line), sys.stdout, channel))


@command()
@click.argument("query", required=False)
@click.option(
    "--queries",
    type=file_type,
    help='Answer each line of this JSON Lines file (.gz too): {"text"} is taken as plain words, {"query"} as the '
    "query language.",
)
@click.option("--limit", type=click.IntRange(1, 1_000), default=10, show_default=True, help="Results at most.")
@strict_option
@db_option
@json_option
def search(
    query: str | None, queries: Path | None, limit: int, strict: bool, db: Database | None, as_json: bool
) -> None:
    """Search the stored papers for QUERY, in the query language of `/papers search`; nothing else is asked."""
    from bot.app.cli import bulk

    skipped: list[str] = []
    if query is not None and queries is None:
        requests = [bulk.BulkQuery(None, query, literal=False)]
    elif queries is not None and query is None:
        requests = bulk.read_queries(queries, None if strict else skipped)
    else:
        raise click.UsageError("give a QUERY, or --queries FILE")
    asyncio.run(bulk.search(load_settings(db=db), requests, limit, sys.stdout, as_json=as_json))
    _count_skipped(queries, skipped)


@command()
@click.argument("topic")
@click.option("--days", type=click.IntRange(1, 3_650), help="Only papers of the last so many days; else all stored.")
@db_option
@json_option
def match(topic: str, days: int | None, db: Database | None, as_json: bool) -> None:
    """Print the stored papers that a channel which follows TOPIC would be shown to choose from, the nearest first."""
    from bot.app.cli import bulk

    asyncio.run(bulk.match(load_settings(db=db), topic, days, sys.stdout, as_json=as_json))


@command()
@click.argument("file", type=file_type)
@strict_option
@json_option
def tldr(file: Path, strict: bool, as_json: bool) -> None:
    """Print the one-sentence summary of each paper of a JSON Lines FILE (.gz too); needs no database."""
    from bot.app.cli import bulk

    skipped: list[str] = []
    bulk.summarise(file, sys.stdout, None if strict else skipped, as_json=as_json)
    _count_skipped(file, skipped)


@command()
@click.argument("file", type=file_type)
@click.option(
    "--archive",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="An archive of Daily Papers: the past of authors and organisations, before each paper's day.",
)
@strict_option
@json_option
def forecast(file: Path, archive: Path | None, strict: bool, as_json: bool) -> None:
    """Print for each paper of a JSON Lines FILE (.gz too) what can be expected before anybody votes.

    That is the probability that Daily Papers lists it, and its upvotes after a week if it does. Needs no database.
    """
    from bot.app.cli import forecasting

    skipped: list[str] = []
    forecasting.forecast(file, archive, sys.stdout, None if strict else skipped, as_json=as_json)
    _count_skipped(file, skipped)


@command("import")
@click.argument("file", type=file_type)
@click.option("--only", metavar="CATEGORIES", default="", help="Categories or archives, as in `cs,stat.ML`; no others.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Papers whose first version is of this day or later.")
@click.option("--strict", is_flag=True, help="Store nothing if a line is bad; else it is left out and named.")
@db_option
def import_(file: Path, only: str, since: datetime | None, strict: bool, db: Database | None) -> None:
    """Add the papers and signals of a JSON Lines FILE (.gz and .zip too) of any size to the database.

    Records of Hugging Face's API and of Kaggle's arXiv snapshot are read as they are. The bot may run meanwhile. If the
    import is stopped, the same command goes on where it was.
    """
    from bot.app.cli import actions
    from bot.sources.paper_stream import Wanted

    chosen = Wanted(tuple(only.replace(",", " ").casefold().split()), since.date() if since else None)
    outcome = asyncio.run(actions.import_file(load_settings(db=db), file, chosen, strict=strict))
    for line in outcome.skipped_named:
        click.echo(f"{file}: {line}", err=True)
    counts = [f"{outcome.papers} papers"]
    if outcome.papers:
        counts[0] += f" ({outcome.new} new, {outcome.changed} changed)"
    counts.append(f"{outcome.signals} new observations")
    if outcome.passed_over:
        counts.append(f"{outcome.passed_over} passed over")
    line = f"{file}: {', '.join(counts)}"
    if outcome.skipped:
        line += f"; {_left_out(outcome.skipped)}"
    if outcome.resumed_at:
        line += f"; went on after line {outcome.resumed_at}"
    click.echo(line)


def _left_out(lines: int) -> str:
    return f"{lines} {'line' if lines == 1 else 'lines'} left out"


def _count_skipped(file: Path | None, skipped: Sequence[str]) -> None:
    """Name and count a file's bad lines on stderr: stdout is read by a program."""
    for line in skipped[:SKIPPED_SHOWN]:
        click.echo(f"{file}: {line}", err=True)
    if skipped:
        click.echo(f"{file}: {_left_out(len(skipped))}", err=True)


@command()
@db_option
def reindex(db: Database | None) -> None:
    """Make the index and the vectors anew from the stored papers; nothing else is lost or changed."""
    from bot.app.cli import actions

    click.echo(f"{asyncio.run(actions.reindex(load_settings(db=db)))} papers indexed")


@command()
@click.option(
    "--archive",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The archive's folder.",
)
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="Only list dates from then on.")
@click.option(
    "--hour", type=click.IntRange(0, 23), default=9, show_default=True, help="The hour (UTC) of the daily tick."
)
@click.option(
    "--arxiv",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Whole arXiv days (JSON Lines, .gz): measures early picks too.",
)
@json_option
def replay(archive: Path, start: datetime | None, hour: int, arxiv: Path | None, as_json: bool) -> None:
    """Play an archive of Daily Papers through the engine and measure the ranking and the digests."""
    from bot.app import backtest, logs

    logs.start("error", as_json=False, environment=os.environ)  # gaps in an archive are counted, not logged

    result = backtest.run(archive, start=start.date() if start else None, hour=hour, quiet=as_json, arxiv=arxiv)
    click.echo(backtest.as_json(result) if as_json else backtest.as_table(result))


@click.group()
def subscriptions() -> None:
    """Carry channels' wishes from one database to another."""


@subscriptions.command("export", cls=OneLineFaults)
@db_option
def subscriptions_export(db: Database | None) -> None:
    """Print every subscription as a line of JSON."""
    from bot.app.cli import transfer

    for line in asyncio.run(transfer.export_lines(load_settings(db=db).db)):
        click.echo(line)


@subscriptions.command("import", cls=OneLineFaults)
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@db_option
def subscriptions_import(file: TextIO, db: Database | None) -> None:
    """Add or replace subscriptions from such lines (FILE, or stdin)."""
    from bot.app.cli import transfer

    count = asyncio.run(transfer.import_lines(load_settings(db=db), list(file)))
    click.echo(f"{count} subscriptions imported")


DATA_COMMANDS = (preview, papers, search, match, tldr, forecast, import_, reindex, replay, subscriptions)
