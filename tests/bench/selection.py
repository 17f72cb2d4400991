"""A tick over many due channels, end to end on disk, beside a loop that asks every channel's topics of every paper."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from bot.model import Paper
from bot.query.field_index import Document
from bot.query.matcher import Documents
from bot.query.parser import parse
from bot.store.sqlite import SqliteStore
from tests.bench import cold_process
from tests.bench.figures import Row, Times, seconds, timed, times_as_long
from tests.bench.papers import NOW
from tests.bench.scale import Scale
from tests.bench.subscriptions import Selection, selections
from tests.bench.wiring import due_channels


def measure(scale: Scale) -> Iterator[Row]:
    """Seconds and memory at every number of channels; the peers at the largest, and that with 1.5 digests each."""
    yield from _of_channels(scale)
    yield from _with_second_digests(scale)


def _with_second_digests(scale: Scale) -> Iterator[Row]:
    """The largest number of channels again, of which every other one has two digests due at the same time."""
    channels, seconds_digests = scale.channels[-1], scale.channels[-1] // 2
    sizes = {"channels": channels, "different": scale.selections, "candidates": scale.candidates}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ready.db"
        asyncio.run(due_channels(path, **sizes, days_shown=scale.days_shown, seconds=seconds_digests))
        due = channels + seconds_digests
        runs = [_tick(path, Path(folder) / f"run{i}.db", due) for i in range(scale.runs)]
    times, peak = Times(run.seconds for run in runs), max(run.peak for run in runs)
    target = "≤ 5 s" if channels == 10_000 else ""
    what = f"tick, {due:,} digests of {channels:,} channels"
    yield Row("choose", what, str(times), target)
    yield Row("choose", "processor time of that tick", str(Times(run.processor for run in runs)), target)
    yield Row("choose", "peak memory of that process", f"{peak:.0f} MB", "< 300 MB")


def _of_channels(scale: Scale) -> Iterator[Row]:
    for channels in scale.channels:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ready.db"
            listed = asyncio.run(
                due_channels(
                    path,
                    channels=channels,
                    different=scale.selections,
                    candidates=scale.candidates,
                    days_shown=scale.days_shown,
                )
            )
            runs = [_tick(path, Path(folder) / f"run{i}.db", channels) for i in range(scale.runs)]
            shown_papers = asyncio.run(_shown(path, listed))
        times, peak = Times(run.seconds for run in runs), max(run.peak for run in runs)
        largest = channels == scale.channels[-1]
        distinct = selections(min(scale.selections, channels), listed)
        about = f"{len(distinct):,} distinct subscriptions, {scale.candidates:,} ranked candidates"
        what = f"tick, {channels:,} due channels ({about}, {shown_papers:,} already shown), kept on disk"
        plain = _substrings(distinct, listed, scale.looped_channels) / scale.looped_channels * channels
        peer = f"loop of substring tests, no store: {seconds(plain)}"
        target = "≤ 5 s" if channels == 10_000 else ""
        yield Row("choose", what, str(times), target, peer, times_as_long(times.median, plain))
        if largest:
            naive = _each_pair(distinct, listed, scale.looped_pairs) * channels * len(listed)
            peer = f"`Documents` of one paper, for each channel and paper: {seconds(naive)}"
            peer = f"{peer} (from {scale.looped_pairs:,} pairs)"
            yield Row("choose", "the same", str(times), target, peer, times_as_long(times.median, naive))
            yield Row("choose", "peak memory of that process", f"{peak:.0f} MB", "< 300 MB")


def _tick(ready: Path, path: Path, channels: int) -> cold_process.ColdRun:
    shutil.copy(ready, path)
    done = cold_process.run("tick", path, NOW)
    path.unlink()
    assert done.count == channels, f"{done.count} of {channels} channels were due"
    return done


async def _shown(path: Path, listed: Sequence[Paper]) -> int:
    with SqliteStore(path, write=False) as store:
        return sum(map(len, (await store.ledger.channels_shown([each.id for each in listed])).values()))


def _substrings(distinct: Sequence[Selection], listed: Sequence[Paper], channels: int) -> float:
    """Seconds of the plainest loop for so many channels: words as substrings of lower-case text, nothing shared."""
    texts = [" ".join((p.title, p.abstract, *p.authors, *p.categories)).lower() for p in listed]
    times = Times()
    with timed(times):
        for number in range(channels):
            topics, mutes, size = distinct[number % len(distinct)]
            yes, no = [_needles(topic) for topic in topics], [_needles(mute) for mute in mutes]
            chosen = [i for i, text in enumerate(texts) if (not yes or _any(yes, text)) and not _any(no, text)]
            del chosen[size:]
    return times.median


def _needles(topic: str) -> list[str]:
    return [word.partition(":")[2].strip('"') or word.strip('"') for word in topic.lower().split()]


def _any(queries: Sequence[Sequence[str]], text: str) -> bool:
    return any(all(needle in text for needle in needles) for needles in queries)


def _each_pair(distinct: Sequence[Selection], listed: Sequence[Paper], pairs: int) -> float:
    """Seconds of one wish against one paper, by the public function for just that."""
    dice = Random(pairs)
    chosen = [(dice.choice(distinct), Document(dice.choice(listed))) for _ in range(pairs)]
    queries = {topic: parse(topic) for (topics, mutes, _), _ in chosen for topic in (*topics, *mutes)}
    times = Times()
    with timed(times):
        for (topics, mutes, _), document in chosen:
            for topic in (*topics, *mutes):
                Documents([document], NOW).matching(queries[topic])
    return times.median / pairs
