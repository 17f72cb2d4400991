"""`python -m tests.bench.reading [SEED] [--part first|last]`: the drawn papers with their abstracts and sentences."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from bot.summaries.extractive import key_sentence, tldr
from bot.text import word_set
from bot.text.cleaning import clean_text
from tests.harness.recordings import DATA

SEED = 15
"""Of the papers in `marks.jsonl`."""
DAILY, OUTSIDE = 100, 20
"""Papers of Daily Papers, and of arXiv days outside machine learning."""
MACHINE_LEARNING = word_set("cs.LG cs.AI cs.CL cs.CV cs.NE stat.ML cs.MA cs.RO eess.AS eess.IV cs.SD cs.IR cs.HC cs.MM")


class Drawn(NamedTuple):
    """A paper that is read."""

    id: str
    title: str
    abstract: str


def draw(data: Path, seed: int) -> list[Drawn]:
    """120 papers in the order in which they are read: the first 60 before tuning, the last 60 after it."""
    dice = random.Random(seed)
    daily = {
        row["id"]: Drawn(row["id"], row["title"], row["summary"]) for row in _rows(data / "hf_daily_papers/papers")
    }
    outside = [
        Drawn(row["id"], row["title"], row["abstract"])
        for row in sorted(_rows(data / "arxiv_labelled/arxiv_full_days"), key=lambda row: str(row["id"]))
        if MACHINE_LEARNING.isdisjoint(row["categories"]) and row["id"] not in daily
    ]
    drawn = dice.sample([daily[each] for each in sorted(daily)], DAILY) + dice.sample(outside, OUTSIDE)
    dice.shuffle(drawn)
    return drawn


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path.with_name(f"{path.name}.jsonl.gz"), "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@click.command()
@click.argument("seed", type=int, default=SEED)
@click.option("--part", type=click.Choice(["first", "last"]), help="One half of the papers.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=DATA, help="Holds the papers.")
def main(seed: int, part: str | None, data: Path) -> None:
    """Print what is read: title, abstract, sentence, and the sentence with figures."""
    half = (DAILY + OUTSIDE) // 2
    places = {"first": slice(half), "last": slice(half, None), None: slice(None)}[part]
    for paper in draw(data, seed)[places]:
        click.echo(f"## {paper.id} {clean_text(paper.title)}\n{clean_text(paper.abstract)}")
        click.echo(f"=> {tldr(paper.title, paper.abstract)}\n#> {key_sentence(paper.title, paper.abstract)}\n")


if __name__ == "__main__":
    main()
