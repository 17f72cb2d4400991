"""One step of `million.py` in a process of its own, whose memory is nothing but the step's.

`python -m tests.bench.million_process STEP JOB` takes a job in JSON, prints its result as a line of JSON, and then
waits for the end of its input, so that its memory can be looked at from outside.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from itertools import cycle, pairwise
from pathlib import Path
from random import Random
from typing import Any

from bot import embeddings
from bot.app import runtime
from bot.errors import QueryError
from bot.model import Order
from bot.search import Search
from bot.search.cache import SegmentCache
from bot.store import Store
from bot.store.sqlite import SqliteStore
from bot.text.analyzer import STOP_WORDS
from tests.bench import corpus, exhaustive, peers
from tests.bench.figures import Times, peak_memory, timed
from tests.bench.judged import DEPTH, collection, ndcg
from tests.bench.papers import NOW, PAGE, queries
from tests.bench.subscriptions import selections

Step = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
PLAIN, OF_ALL = "words and meaning", "the author of all papers"
"""Kinds of queries; the second has hits in a corpus of one author alone."""
_WARM = 5
"""Searches of a kind before those that are timed."""


def kinds(count: int) -> dict[str, list[tuple[str, Order]]]:
    """Queries of each kind, with their order."""
    lines = queries(3 * count)
    words = [each for line in queries(8 * count) if len(each := _plain(line)) > 3]
    pairs = [" ".join(each[:2]) for each in words]
    rows = (line.split() for line in queries(30 * count)[1::3])
    phrases = [
        f"{one} {two}" for row in rows for one, two in list(pairwise(row))[:1] if len(_plain(f"{one} {two}")) == 2
    ]
    others = [*pairs[1:], *pairs]
    named = cycle(corpus.CATEGORIES)
    since = ("4w", "52w", "140w", "260w")
    made: dict[str, list[tuple[str, Order]]] = {
        "two filters": [(f"{pair} cat:{next(named)} since:{since[n % 4]}", "best") for n, pair in enumerate(pairs)],
        "an author": [
            (f'{pair if n % 2 else ""} author:"{corpus.AUTHOR if n % 3 else corpus._authors()[0][n % 999]}"', "best")
            for n, pair in enumerate(pairs)
        ],
        "organisation and venue": [
            (f"{pair} org:{('nvidia', 'meta')[n % 2]} venue:{('neurips', 'acl')[n % 2]}", "best")
            for n, pair in enumerate(pairs)
        ],
        "a condition alone": [(f"cat:{next(named)} since:{since[n % 4]}", "best") for n in range(count)],
        "newest": [(pair, "newest") for pair in pairs],
        "trending": [(pair, "trending") for pair in pairs],
        "a phrase": [(f'"{each}"', "best") for each in phrases],
        "a phrase that few have": [(f'"{each[0]} {each[2]}"', "best") for each in words],
        "a phrase and a filter": [(f'"{each}" cat:{next(named)}', "best") for each in phrases],
        "like:": [(f"like:10.1000/{n * 7}", "best") for n in range(1, count + 1)],
        "exclusions": [(f"{pair} -{each[-1]}", "best") for pair, each in zip(pairs, words, strict=True)],
        "misspelt": [(_misspelt(each), "best") for each in words],
        "two alternatives": [(f"{pair} | {other}", "best") for pair, other in zip(pairs, others, strict=False)],
        "upvotes": [(f"{pair} min:5", "best") for pair in pairs],
    }
    made[OF_ALL] = [(f'{pair} author:"{corpus.COLLABORATION}"', "best") for pair in pairs]
    plain: dict[str, list[tuple[str, Order]]] = {PLAIN: [(line, "best") for line in lines[: 3 * count]]}
    return plain | {name: rows[:count] for name, rows in made.items()}


def _plain(line: str) -> list[str]:
    """Words of a line that are nothing but letters, without stop words."""
    return [word for word in line.split() if word.isalpha() and word.isascii() and word.lower() not in STOP_WORDS]


def _misspelt(words: Sequence[str]) -> str:
    """Two words, the longest with two letters exchanged."""
    longest = max(words, key=len)
    at = len(longest) // 2
    return f"{words[0]} {longest[: at - 1]}{longest[at]}{longest[at - 1]}{longest[at + 1 :]}"


# --- searching -------------------------------------------------------------------------------------------------


def opened(path: str) -> tuple[Store, Search]:
    """The store, to be read only, and a search over it as a process of Paperboy has it."""
    store = SqliteStore(Path(path), write=False)
    return store, Search(store, embeddings.load(embeddings.DEFAULT), SegmentCache(corpus.cache_folder(Path(path))))


async def searches(path: str, count: int, only: Sequence[str] | None = None) -> dict[str, Any]:
    """Seconds of each search by kind, and until the first answer; memory at its most and now, MB."""
    first, started_cpu = Times(), time.process_time()
    with timed(first):
        store, search = opened(path)
        await search.search("video diffusion", limit=PAGE, now=NOW, literal=True)
    first_cpu = time.process_time() - started_cpu
    queries_of, standing = _prepared(path, count) if only != [] else ({}, {})
    names = [name for name in queries_of if name != OF_ALL] if only is None else only
    times: dict[str, list[float]] = {}
    cpu: dict[str, list[float]] = {}
    hits: dict[str, int] = {}
    refused: dict[str, int] = {}
    for name in names:
        rows = queries_of[name]
        literal, of_kind, found, warm = name == PLAIN, Times(), 0, rows[:_WARM]
        for number, (text, order) in enumerate([*warm, *rows], -len(warm)):
            started, used = time.perf_counter(), time.process_time()
            try:
                page = await search.search(text, limit=PAGE, now=NOW, order=order, standing=standing, literal=literal)
                found += bool(page.hits) * (number >= 0)
            except QueryError:
                refused[name] = refused.get(name, 0) + 1
            if number >= 0:
                of_kind.append(time.perf_counter() - started)
                cpu.setdefault(name, []).append(time.process_time() - used)
        times[name], hits[name] = list(of_kind), found
    if only is None:
        times["similar"], hits["similar"] = await _similar(store, search, count)
    store.close()
    return {
        "first": first.median,
        "first_cpu": first_cpu,
        "times": times,
        "cpu": cpu,
        "answered": hits,
        "refused": refused,
        "peak": peak_memory(),
    } | memory()


def _prepared(path: str, count: int) -> tuple[dict[str, list[tuple[str, Order]]], dict[str, float]]:
    """Queries of each kind, and standings, made by another process: making them takes 40 MB that no search needs."""
    command = [
        sys.executable,
        "-m",
        "tests.bench.million_process",
        "prepare",
        json.dumps({"path": path, "count": count}),
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    made = json.loads(done.stdout)
    return made["kinds"], made["standing"]


async def prepare(path: str, count: int) -> dict[str, Any]:
    """Queries of each kind, and a standing for each paper of 14 days, as the ranking gives it."""
    store = SqliteStore(Path(path), write=False)
    listed = await store.papers.candidates(NOW - timedelta(days=14), NOW)
    store.close()
    dice = Random(1)
    return {"kinds": kinds(count), "standing": {paper.id: dice.random() for paper in listed}}


async def _similar(store: Store, search: Search, count: int) -> tuple[list[float], int]:
    stored = await store.papers.get([f"10.1000/{n * 5}" for n in range(1, count + 1)])
    times, found = Times(), 0
    for paper in stored.values():
        with timed(times):
            near, _ = await search.similar(paper, limit=PAGE)
        found += bool(near)
    return list(times), found


def memory() -> dict[str, float]:
    """Private and mapped memory of this process now, MB."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    return {name: int(status[key].split()[0]) / 1024 for name, key in (("own", "RssAnon"), ("mapped", "RssFile"))}


async def answering(path: str, seconds: float, pause: float = 0.02) -> dict[str, Any]:
    """Seconds of searches by words and meaning, one after another with a pause, while something else writes."""
    store, search = opened(path)
    lines, times = cycle(queries(300)), Times()
    await search.search("video diffusion", limit=PAGE, now=NOW, literal=True)
    ends = time.perf_counter() + seconds
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    print("ready", flush=True)
    while time.perf_counter() < ends and not ended.done():
        with timed(times):
            await search.search(next(lines), limit=PAGE, now=NOW, literal=True)
        await asyncio.sleep(pause)
    store.close()
    return {"times": list(times)}


# --- quality ---------------------------------------------------------------------------------------------------


async def quality(path: str, toy: int = 0) -> dict[str, Any]:
    """nDCG@10 of each query of the judged collections among all papers, ours and by exhaustive scoring."""
    store, search = opened(path)
    result: dict[str, Any] = {}
    for name in corpus.JUDGED:
        whole = collection(name)
        judged = whole.part(toy) if whole and toy else whole
        if judged is None:
            continue
        lines = [text for text, _ in judged.queries]
        relevant = [frozenset(corpus.judged_id(name, each) for each in ids) for _, ids in judged.queries]
        pages = [await search.search(text, limit=DEPTH, now=NOW, literal=True) for text in lines]
        ours = [[hit.paper.id for hit in page.hits] for page in pages]
        best = await store.segments.read(exhaustive.rankings, search._cache, lines, DEPTH)
        result[name] = {
            "ours": [ndcg(*pair) for pair in zip(ours, relevant, strict=True)],
            "exhaustive": [ndcg(*pair) for pair in zip(best, relevant, strict=True)],
            "same": sum(a == b for a, b in zip(ours, best, strict=True)),
        }
    store.close()
    return result


# --- peers -----------------------------------------------------------------------------------------------------


async def peer(name: str, scratch: str, size: int) -> dict[str, Any]:
    """Build a peer's index over the same texts unless it is there: seconds with making the texts, and MB."""
    build = peers.BUILT[name]
    folder = Path(scratch) / f"{name}-{size}"
    made = Times()
    if not folder.exists():
        making = folder.with_name(f"{folder.name}.making-{time.time_ns()}")
        making.mkdir(parents=True)
        with timed(made):
            build(making, ((each.paper, each.entry) for each in corpus.made_papers(0, size, size)))
        if folder.exists():  # of another run, which was killed and whose builder went on
            shutil.rmtree(making)
        else:
            making.rename(folder)
    bytes_on_disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {"built": sum(made), "disk": bytes_on_disk / 2**20}


async def peer_searches(name: str, scratch: str, size: int, count: int) -> dict[str, Any]:
    """Seconds of the peer's searches, words alone, and its memory, MB."""
    answer, times = peers.OPENED[name](Path(scratch) / f"{name}-{size}"), Times()
    for line in queries(count):
        with timed(times):
            answer(line, PAGE)
    return {"times": list(times), "peak": peak_memory()} | memory()


# --- topics ----------------------------------------------------------------------------------------------------


async def topics(path: str, channels: int, distinct: int) -> dict[str, Any]:
    """Seconds in which the topics of channels meet the papers of a day, by part."""
    from bot.app import candidates  # noqa: PLC0415 - 9 MB that no search needs

    store, search = opened(path)
    await search.search("video diffusion", limit=PAGE, now=NOW, literal=True)
    listed = await store.papers.candidates(NOW - timedelta(days=1), NOW)
    selected = selections(min(distinct, channels), listed)
    texts = {topic for topics, mutes, _ in selected for topic in (*topics, *mutes)}
    ranked, near, matched = Times(), Times(), Times()
    with timed(ranked):
        shortlist = await candidates.rank_candidates(store, [], NOW, timedelta(days=1))
    with timed(near):
        await candidates.learn_topics(search, shortlist, texts)
    with timed(matched):
        for number in range(channels):
            topics, mutes, _ = selected[number % len(selected)]
            papers = [shortlist.matching(topic) for topic in topics] + [shortlist.with_words(each) for each in mutes]
            assert len(papers) == len(topics) + len(mutes)
    store.close()
    return {
        "papers": len(shortlist),
        "texts": len(texts),
        "ranked": ranked.median,
        "near": near.median,
        "matched": matched.median,
        "peak": peak_memory(),
    }


STEPS: dict[str, Step] = {
    "prepare": prepare,
    "searches": searches,
    "answering": answering,
    "quality": quality,
    "peer": peer,
    "peer_searches": peer_searches,
    "topics": topics,
}


def main() -> None:
    """Run the step, print its result, and wait."""
    runtime.tune()
    print(json.dumps(asyncio.run(STEPS[sys.argv[1]](**json.loads(sys.argv[2])))), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
