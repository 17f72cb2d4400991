"""The TL;DR's ROUGE-1 on SciTLDR's dev part, as a share of the best sentence's, beside simple rules; its speed."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from math import log, sqrt
from statistics import mean

from bot.summaries.extractive import tldr
from bot.summaries.extractive.abstract import FINDS, PROPOSES, claim_strength
from bot.text.analyzer import STOP_WORDS, stems, words
from bot.text.cleaning import clean_text
from tests.bench.figures import Row, Times, timed
from tests.bench.scale import Scale
from tests.harness.recordings import DATA

SUBJECT = "tldr"
Paper = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Title, the abstract's sentences, the summaries that people wrote."""
Rule = Callable[[str, Sequence[str]], str]


def measure(scale: Scale) -> Iterator[Row]:
    """Quality of Paperboy's summaries and of simple rules, forbidden results, and speed."""
    try:
        from tests.training.rouge import rouge1  # noqa: PLC0415 - optional
    except ImportError:
        yield Row(SUBJECT, "ROUGE-1 on SciTLDR dev", "skipped: pip install -e '.[bench]'")
        return
    papers = _papers(scale.summarised)
    if not papers:
        yield Row(SUBJECT, "ROUGE-1 on SciTLDR dev", "skipped: no ../shared/data")
        return
    best = mean(max(rouge1(each, references) for each in sentences) for _, sentences, references in papers)
    times = Times()
    for _ in range(scale.runs):
        tldr.cache_clear()
        with timed(times):
            summaries = [tldr(title, " ".join(sentences)) for title, sentences, _ in papers]
    own = mean(rouge1(one, references) for one, (_, _, references) in zip(summaries, papers, strict=True))
    what = f"{len(papers)} abstracts of SciTLDR dev: ROUGE-1 as a share of the best sentence's ({best:.3f})"
    yield Row(SUBJECT, what, f"{own / best:.3f} ({own:.3f})", "0.88")
    for name, rule in _rules(papers).items():
        score = mean(rouge1(rule(title, sentences), references) for title, sentences, references in papers)
        yield Row(SUBJECT, f"the same by {name}", f"{score / best:.3f} ({score:.3f})")
    yield Row(SUBJECT, "abstracts a second", f"{len(papers) / times.median:,.0f}/s", "400/s")
    yield from _forbidden(papers, summaries)


def _papers(most: int) -> list[Paper]:
    path = DATA / "scitldr" / "dev.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["title"] or "", tuple(row["source"]), tuple(row["target"])) for row in rows[: most or None]]


def _forbidden(papers: Sequence[Paper], summaries: Sequence[str]) -> Iterator[Row]:
    foreign = sum(
        bool(set(words(one)) - set(words(" ".join(sentences))) - {"is", "are"})
        for one, (_, sentences, _) in zip(summaries, papers, strict=True)
    )
    repeats = sum(_content(one) <= _content(title) for one, (title, _, _) in zip(summaries, papers, strict=True) if one)
    yield Row(SUBJECT, "summaries with a word or number that is not in the abstract", str(foreign), "0")
    yield Row(SUBJECT, "summaries that only repeat the title", str(repeats), "0")


def _content(text: str) -> set[str]:
    return set(stems(clean_text(text), stop_words=False))


# --- simple rules ------------------------------------------------------------------------------------------------


def _rules(papers: Sequence[Paper]) -> dict[str, Rule]:
    holders: Counter[str] = Counter()
    for _, sentences, _ in papers:
        holders.update(set(stems(" ".join(sentences))) - STOP_WORDS)

    @cache
    def idf(stem: str) -> float:
        return log((len(papers) + 1) / (holders[stem] + 1))

    def centroid(_: str, sentences: Sequence[str]) -> str:
        bags = [{s: n * idf(s) for s, n in Counter(stems(each)).items() if s not in STOP_WORDS} for each in sentences]
        whole: Counter[str] = Counter()
        for bag in bags:
            whole.update(bag)

        def nearness(at: int) -> float:
            dot = sum(weight * whole[stem] for stem, weight in bags[at].items())
            return dot / (sqrt(sum(weight**2 for weight in bags[at].values())) or 1.0)

        return sentences[max(range(len(sentences)), key=nearness)]

    return {
        "the first sentence": lambda _, sentences: sentences[0],
        "the title": lambda title, _: title,
        "the first sentence that proposes or finds": _first_claim,
        "the sentence nearest to the tf-idf centroid": centroid,
    }


def _first_claim(_: str, sentences: Sequence[str]) -> str:
    claims = {
        level: [each for each in sentences if claim_strength(each.lower(), stems(each)) >= level]
        for level in (PROPOSES, FINDS)
    }
    return (claims[PROPOSES] or claims[FINDS] or sentences)[0]
