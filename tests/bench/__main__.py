"""`python -m tests.bench [SUBJECTS] [--quick]`: one table, on stdout; the subjects are below."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator

import click

from tests.bench import (
    answers,
    callbacks,
    closeness,
    cuts,
    deliver,
    discord,
    hops,
    kills,
    learning,
    mail,
    many_channels,
    mcp,
    migrate,
    million,
    nearest,
    plans,
    postgres,
    queue,
    search_latency,
    search_quality,
    selection,
    slack,
    soak,
    startup,
    store,
    tldr,
    topics,
    upgrade,
    web,
    zotero,
)
from tests.bench.figures import Row, table, unrest
from tests.bench.scale import FULL, QUICK, Scale

SUBJECTS: dict[str, Callable[[Scale], Iterator[Row]]] = {
    "startup": startup.measure,
    "choose": selection.measure,
    "deliver": deliver.measure,
    "answers": answers.measure,
    "slack": slack.measure,
    "discord": discord.measure,
    "mail": mail.measure,
    "queue": queue.measure,
    "store": store.measure,
    "postgres": postgres.measure,
    "migrate": migrate.measure,
    "upgrade": upgrade.measure,
    "plans": plans.measure,
    "many channels": many_channels.measure,
    "web": web.measure,
    "mcp": mcp.measure,
    "learning": learning.measure,
    "zotero": zotero.measure,
    "topics": topics.measure,
    "closeness": closeness.measure,
    "search": search_quality.measure,
    "tldr": tldr.measure,
    "search time": search_latency.measure,
    "million": million.measure,
    "nearest": nearest.measure,
    "hops": hops.measure,
    "callbacks": callbacks.measure,
    "soak": soak.measure,
    "kills": kills.measure,
    "cuts": cuts.measure,
}


@click.command()
@click.argument("subjects", nargs=-1, type=click.Choice(list(SUBJECTS)))
@click.option("--quick", is_flag=True, help="Smaller sizes and single runs: a minute instead of ten.")
def main(subjects: tuple[str, ...], quick: bool) -> None:
    """Measure all SUBJECTS, or only these, and print one Markdown table."""
    rows: list[Row] = []
    noise = unrest()
    for subject in subjects or SUBJECTS:
        for row in SUBJECTS[subject](QUICK if quick else FULL):
            click.echo(f"{row.subject}: {row.what}: {row.figure}", err=True)
            rows.append(row)
    noise += unrest()
    click.echo(table(rows))
    click.echo(
        f"\nPython {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores of {os.name}."
        f" The same small calculation took {noise} before and after, so differences below"
        f" {max(noise) / min(noise) - 1:.0%} say nothing."
    )


if __name__ == "__main__":
    main()
