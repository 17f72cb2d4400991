"""Papers made by recombining the sentences of real ones: right words, right lengths, in any number.

The archive's sentences where it is at hand (its vocabulary is larger), else the bundled sample's.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from bot.model import Findings, Paper, Signal
from bot.sources import sample
from bot.sources.jsonl import parse_lines
from bot.text.cleaning import clean_text
from bot.text.sentences import split_sentences
from tests.harness.recordings import DATA

NOW = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
CATEGORIES = ("cs.CL", "cs.CV", "cs.LG", "cs.AI", "cs.RO", "cs.SD", "cs.CR", "stat.ML", "eess.IV", "q-bio.QM")
ORGANIZATIONS = ("nvidia", "google", "allenai", "microsoft", "tsinghua", "meta", None, None, None, None)
FIRST = ("Ada", "Ben", "Chen", "Dina", "Emre", "Fatima", "Hye", "Ines", "Jun", "Kofi", "Lea", "Mei", "Omar", "Priya")
LAST = ("Abel", "Baker", "Cohen", "Diaz", "Fischer", "Garcia", "Huang", "Ito", "Kim", "Lopez", "Müller", "Nguyen")

PAGE = 10
"""Papers of an answer."""


@cache
def source_texts() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Halves of titles and sentences of abstracts."""
    archive = DATA / "hf_daily_papers" / "papers.jsonl.gz"
    if archive.exists():
        with gzip.open(archive, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for _, line in zip(range(2_000), lines, strict=False)]
        texts = [(row["title"], row["summary"]) for row in rows]
    else:
        texts = [(paper.title, paper.abstract) for paper in parse_lines(sample.read()).papers]
    halves = (half for title, _ in texts for half in _halves(clean_text(title)))
    return tuple(halves), tuple(sentence for _, text in texts for sentence in split_sentences(clean_text(text)))


def _halves(title: str) -> tuple[str, str]:
    words = title.split()
    return " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])


def queries(count: int) -> list[str]:
    """Two or three words, half a sentence, a whole one, in turns; from the sentences that the papers are made of."""
    dice, sentences = Random(99), source_texts()[1]
    lines = []
    for number in range(count):
        words = dice.choice(sentences).split()
        short, half = dice.sample(words, min(len(words), 2 + number % 2)), words[: len(words) // 2]
        lines.append(" ".join((short, half, words)[number % 3]))
    return lines


def paper(number: int, listed_at: datetime, dice: Random) -> Paper:
    """An invented paper of five to eight sentences."""
    halves, sentences = source_texts()
    return Paper(
        id=f"{20 + number // 1_000_000:02d}11.{number % 100_000:05d}",
        title=f"{dice.choice(halves)} {dice.choice(halves)}",
        abstract=" ".join(dice.choices(sentences, k=dice.randint(5, 8))),
        authors=tuple(f"{dice.choice(FIRST)} {dice.choice(LAST)}" for _ in range(dice.randint(2, 12))),
        published_at=listed_at - timedelta(days=1),
        listed_at=listed_at,
        categories=tuple(dict.fromkeys(dice.choices(CATEGORIES, k=2))),
        organization=dice.choice(ORGANIZATIONS),
        code_url=f"https://github.com/example/{number}" if dice.random() < 0.4 else None,
    )


def papers(count: int, *, now: datetime = NOW, days: float = 14.0, start: int = 0) -> list[Paper]:
    """Invented papers, spread over the days before `now`."""
    dice = Random(start)
    return [paper(start + i, now - timedelta(days=days * (i + 0.5) / count), dice) for i in range(count)]


def noticed(listed: Sequence[Paper], now: datetime = NOW, *, share: float = 0.7) -> Iterator[Signal]:
    """Four observations of the votes, comments and stars of most papers."""
    dice = Random(len(listed))
    for each in listed:
        if dice.random() > share or each.listed_at is None:
            continue
        votes, stars = dice.paretovariate(1.1), dice.randint(0, 500)
        for look in range(1, 5):
            at = min(each.listed_at + timedelta(hours=9 * look), now)
            yield Signal(each.id, "huggingface", "upvotes", float(int(votes * 2 * look)), at)
            yield Signal(each.id, "huggingface", "comments", float(look // 2), at)
            yield Signal(each.id, "huggingface", "github_stars", float(stars + 3 * look), at)


def findings(listed: Sequence[Paper], signals: Iterable[Signal]) -> Findings:
    """Papers and signals as a source returns them."""
    return Findings(tuple(listed), tuple(signals))
