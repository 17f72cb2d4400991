"""The command line. Each command imports what it needs when it runs, so that `--help` is instant.

Exit codes: 0 done, 1 something is wrong (doctor, collect), 2 what you asked for can't be done as written.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TextIO

import click

from bot.app import platforms
from bot.app.cli import doors
from bot.app.cli.options import db_option, faults_in_one_line, json_option, load_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The day's trending papers, posted to your team's channel as a thread, each with its evidence.

    `paperboy preview` shows a digest; `paperboy run` collects, chooses and delivers until stopped.
    """


@main.command()
@db_option
@faults_in_one_line
def run(db: Path | None) -> None:
    """Collect, choose and deliver to every subscribed channel until stopped."""
    from bot.app.cli import running

    asyncio.run(running.run(load_settings(db=db), os.environ))


@main.command()
@click.option("--sample", is_flag=True, help="Use the bundled week instead of the network or a database.")
@click.option("--topic", "topics", multiple=True, help="Follow this, in the query language; may be repeated.")
@click.option("--size", type=click.IntRange(1, 20), default=5, show_default=True, help="How many papers.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to this file instead.")
@db_option
@json_option
@faults_in_one_line
def preview(
    sample: bool, topics: tuple[str, ...], size: int, html: Path | None, db: Path | None, as_json: bool
) -> None:
    """Show the digest a channel would get now, as a thread."""
    from bot.app.cli import preview as previewing

    wish = previewing.wish(topics, size)
    shown, remarks = asyncio.run(previewing.choose(load_settings(db=db), wish, sample=sample))
    for remark in remarks:
        click.echo(remark, err=True)
    if as_json:
        click.echo(json.dumps(previewing.as_json(shown), ensure_ascii=False))
    elif html:
        previewing.write_page(shown, html)
        click.echo(f"wrote {html}", err=True)
    else:
        previewing.show(shown, sys.stdout)


@main.command()
@db_option
@json_option
@faults_in_one_line
def collect(db: Path | None, as_json: bool) -> None:
    """Ask every source once and keep what they bring."""
    from bot.app.cli import running

    reports = asyncio.run(running.collect_once(load_settings(db=db)))
    if as_json:
        click.echo(json.dumps([running.report_json(report) for report in reports]))
    else:
        for report in reports:
            click.echo(running.report_line(report))
    sys.exit(1 if reports and all(report.fault for report in reports) else 0)


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@db_option
@faults_in_one_line
def import_(file: Path, db: Path | None) -> None:
    """Add the papers and signals of a JSON Lines FILE (.gz too) to the database."""
    from bot.app.cli import running

    papers, signals = asyncio.run(running.import_file(load_settings(db=db), file))
    click.echo(f"{file}: {papers} papers, {signals} new observations")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("line", nargs=-1, required=True, type=click.UNPROCESSED)
@db_option
@faults_in_one_line
def papers(line: tuple[str, ...], db: Path | None) -> None:
    """Run one of the bot's own commands here, e.g. `paperboy papers search video diffusion`."""
    from bot.app.cli import running

    asyncio.run(running.one_command(load_settings(db=db), " ".join(line), sys.stdout))


@main.command()
@click.option(
    "--archive",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The archive's folder.",
)
@click.option("--from", "start_day", type=click.DateTime(["%Y-%m-%d"]), help="Only list dates from then on.")
@click.option(
    "--hour", type=click.IntRange(0, 23), default=9, show_default=True, help="The hour (UTC) of the daily tick."
)
@json_option
@faults_in_one_line
def replay(archive: Path, start_day: object, hour: int, as_json: bool) -> None:
    """Play an archive of Daily Papers through the engine and measure the ranking and the digests."""
    from bot.app import backtest as replaying
    from bot.app import logs

    logs.start("error", as_json=False, environment=os.environ)  # a gap in an archive is a figure, not news

    result = replaying.run(archive, start=getattr(start_day, "date", lambda: None)(), hour=hour, quiet=as_json)
    click.echo(replaying.as_json(result) if as_json else replaying.as_table(result))


@main.command()
@db_option
@json_option
@faults_in_one_line
def doctor(db: Path | None, as_json: bool) -> None:
    """Check settings, store, sources, clock and adapters, and say what to do about each fault."""
    from bot.app import doctor as surgery

    checks = asyncio.run(surgery.examine(db, os.environ))
    click.echo(surgery.as_json(checks) if as_json else surgery.as_text(checks))
    sys.exit(1 if any(check.fault for check in checks) else 0)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@db_option
@faults_in_one_line
def backup(file: Path, db: Path | None) -> None:
    """Write a consistent copy of the database to FILE, also while Paperboy is running."""
    from bot.app import wiring

    wiring.backup(load_settings(db=db), file)
    click.echo(f"wrote {file}")


@main.command()
@click.argument("who")
@db_option
@faults_in_one_line
def forget(who: str, db: Path | None) -> None:
    """Erase saves, reactions and profile of a person or channel (slack:T1/U2), or all about a workspace (slack:T1)."""
    from bot.app.cli import running

    gone = asyncio.run(running.forget(load_settings(db=db), who))
    told = ", ".join(f"{count} {what}" for what, count in gone.items() if count)
    click.echo(f"{who}: {told} erased" if told else f"{who}: nothing was stored")


@main.group()
def subscriptions() -> None:
    """Carry channels' wishes from one database to another."""


@subscriptions.command("export")
@db_option
@faults_in_one_line
def subscriptions_export(db: Path | None) -> None:
    """Print every subscription as a line of JSON."""
    from bot.app.cli import transfer

    for line in asyncio.run(transfer.export(load_settings(db=db).db)):
        click.echo(line)


@subscriptions.command("import")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@db_option
@faults_in_one_line
def subscriptions_import(file: TextIO, db: Path | None) -> None:
    """Add or replace subscriptions from such lines (FILE, or stdin)."""
    from bot.app.cli import transfer

    count = asyncio.run(transfer.import_lines(load_settings(db=db), list(file)))
    click.echo(f"{count} subscriptions imported")


@main.command()
@click.argument("platform", type=click.Choice(platforms.with_manifest()))
@click.option("--http", "http_url", help="Slack: your public https URL, for HTTP and OAuth; else Socket Mode is used.")
@faults_in_one_line
def manifest(platform: str, http_url: str | None) -> None:
    """Print what PLATFORM is to be told about Paperboy, ready to paste: an app, or an invite link."""
    click.echo(platforms.manifest(platform, load_settings(), http_url))


@main.command()
@faults_in_one_line
def key() -> None:
    """Print a new key for PAPERBOY_SECRET_KEY."""
    from bot.store.encryption import new_key

    click.echo(new_key())


@main.command("settings")
@faults_in_one_line
def settings_() -> None:
    """List every setting, its default and what it does."""
    from bot import settings

    for name, default, text in settings.table():
        click.echo(f"{name}={default}\n    {text}")


@main.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    click.echo(f"paperboy {installed('paperboy')}")


for door in doors.DOORS:
    main.add_command(door)

if __name__ == "__main__":
    main()
