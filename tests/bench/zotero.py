"""How well a library orders papers for its owner: our order beside zotero-arxiv-daily's, by recency and without.

Whole arXiv days: a library of works of two categories, or of one that was given up for another (the latest half); the
papers of each later day are ordered, and what is of the categories, or of the later one, is wanted: NDCG@5. CACM: the
earlier half of a query's relevant abstracts (numbers are chronological), after which come those of another query in
the given-up case; all others are ordered, and the later half is wanted: nDCG@10.

Theirs (github.com/TideDra/zotero-arxiv-daily, reranker/base.py) on our vectors: the sum of a paper's cosines to all
items, weighted by recency. The channel's profile (`bot.ranking.profile`) on the same items and weights reads words too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from statistics import fmean

import numpy as np

from bot import embeddings
from bot.embeddings import embedding_text
from bot.ranking.profile import Example, learn_profile
from bot.zotero.profile import closest, profile_of, weights
from tests.bench import simulated_channels
from tests.bench.figures import Row
from tests.bench.judged import collection, difference_interval, ndcg
from tests.bench.scale import Scale
from tests.bench.simulated_channels import Pool, by_score, lines, make_pool
from tests.harness.recordings import DATA

SUBJECT = "zotero"
FILE = "arxiv_labelled/arxiv_full_days.jsonl.gz"
SIZES = (20, 100, 500)
FIRST_SEED = 40_000
"""Of libraries that were not looked at before the order was chosen."""
RELEVANT_LEAST = 6
Score = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Vectors of a library, the latest first, and of papers -> scores of the papers."""


def ours(library: np.ndarray, papers: np.ndarray) -> np.ndarray:
    """The product's order as scores."""
    scores = np.full(len(papers), -float(len(papers)))
    order = list(closest(profile_of(library), papers))
    scores[order] = -np.arange(len(order))
    return scores


def theirs(library: np.ndarray, papers: np.ndarray) -> np.ndarray:
    """zotero-arxiv-daily's score."""
    return (papers @ library.T * weights(len(library))).sum(axis=1) * 10


def unweighted(library: np.ndarray, papers: np.ndarray) -> np.ndarray:
    """Ours with one weight for all items."""
    mean = papers.mean(axis=0)
    return (papers - mean) @ (library.mean(axis=0) - mean)


WAYS: dict[str, Score] = {"ours": ours, "zotero-arxiv-daily": theirs, "ours without recency": unweighted}


def measure(scale: Scale) -> Iterator[Row]:
    """A row a collection, size and case."""
    path = DATA / FILE
    if not path.exists():
        yield Row(SUBJECT, "a library's order", "skipped: no ../shared/data")
        return
    rows = lines(path)
    pool = make_pool(rows[:: max(len(rows) // scale.labelled, 1)])
    for size in SIZES[: 1 if scale.seeds < 10 else None]:
        for given_up in (False, True):
            yield _on_days(pool, size, scale.seeds, given_up=given_up)
    for given_up in (False, True):
        yield _on_cacm(scale, given_up=given_up)


def _on_days(pool: Pool, size: int, seeds: int, *, given_up: bool) -> Row:
    results: dict[str, list[float]] = {name: [] for name in (*WAYS, "profile")}
    late = pool.vectors[list(pool.late)]
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        dice = Random(seed)
        first, second = dice.sample(pool.frequent, 2)
        wanted = frozenset({second}) if given_up else frozenset({first, second})
        new = [i for i in pool.early if pool.categories[i] & wanted]
        old = [i for i in pool.early if first in pool.categories[i] and i not in set(new)] if given_up else []
        dice.shuffle(new)
        dice.shuffle(old)
        library = [*new[: size // 2 if given_up else size], *old[: size // 2]]
        scores = {name: way(pool.vectors[library], late) for name, way in WAYS.items()} | {
            "profile": _profile(pool, library)
        }
        for name, each in scores.items():
            results[name].append(simulated_channels.ndcg(pool, by_score(each), wanted))
    case = "another subject before" if given_up else "two subjects"
    return _row(f"arXiv days, {size} items, {case}: NDCG@5", results)


def _profile(pool: Pool, library: Sequence[int]) -> np.ndarray:
    """The scores of a channel's profile that learnt from the items, weighted in the same way."""
    parts = weights(len(library)) * len(library)
    examples = [Example(pool.papers[i], float(part), pool.vectors[i]) for i, part in zip(library, parts, strict=True)]
    profile = learn_profile(examples, pool.corpus)
    return pool.corpus.scores(profile.words, profile.direction)


def _on_cacm(scale: Scale, *, given_up: bool) -> Row:
    judged = collection("cacm")
    if judged is None:
        return Row(SUBJECT, "CACM", "skipped: no ../shared/data")
    ids = [each for each, _, _ in judged.documents]
    vectors = embeddings.load(embeddings.DEFAULT).embed([embedding_text(*texts) for _, *texts in judged.documents])
    at = {each: place for place, each in enumerate(ids)}
    relevant = [sorted(at[each] for each in those if each in at) for _, those in judged.queries]
    relevant = [those for those in relevant if len(those) >= RELEVANT_LEAST][: scale.queries or None]
    results: dict[str, list[float]] = {name: [] for name in WAYS}
    for place, those in enumerate(relevant):
        half = len(those) // 2
        library = those[:half][::-1]
        if given_up:
            library += [each for each in relevant[place - 1][::-1] if each not in those][:half]
        others = np.setdiff1d(np.arange(len(ids)), library)
        wanted = frozenset(ids[each] for each in those[half:])
        for name, way in WAYS.items():
            best = np.argsort(-way(vectors[library], vectors[others]), kind="stable")
            results[name].append(ndcg([ids[others[each]] for each in best[:10]], wanted))
    case = "another query before" if given_up else "one query"
    return _row(f"CACM, {len(relevant)} libraries, {case}: nDCG@10", results)


def _row(what: str, results: dict[str, list[float]]) -> Row:
    low, high = difference_interval(results["ours"], results["zotero-arxiv-daily"])
    others = ", ".join(f"{name} {fmean(each):.3f}" for name, each in results.items() if name != "ours")
    difference = fmean(results["ours"]) - fmean(results["zotero-arxiv-daily"])
    return Row(
        SUBJECT, what, f"{fmean(results['ours']):.3f}", "", others, f"{difference:+.3f} ({low:+.3f} … {high:+.3f})"
    )
