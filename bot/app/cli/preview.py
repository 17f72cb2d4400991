"""One digest, shown without a channel: from the database, live from the network, or from the bundled sample."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot import embeddings
from bot.app import collect, platforms, wiring
from bot.app.engine import DigestEngine
from bot.delivery.notices import Notices
from bot.errors import UserError
from bot.model import Channel, Digest, Findings, Subscription
from bot.model.source import source
from bot.query.parser import canonical
from bot.search import Search
from bot.sources import sample as week
from bot.sources.jsonl import parse_lines
from bot.store import Store
from bot.wording.digest import digest_thread

if TYPE_CHECKING:
    from bot.model import SourceReport
    from bot.settings import Settings

PATIENCE = 6.0
"""Seconds a source may take before a first look shows the sample instead."""


def wish(topics: Sequence[str], size: int) -> Subscription:
    """What to show. Raises QueryError for a topic that is not in the query language."""
    return Subscription(Channel("console:local"), topics=tuple(canonical(topic) for topic in topics), size=size)


async def choose(settings: Settings, wanted: Subscription, *, sample: bool) -> tuple[Digest, list[str]]:
    """The digest, and what there is to say about where it came from."""
    if sample:
        return await _from_sample(settings, wanted), [_sample_remark("")]
    if settings.db.exists():
        with wiring.open_store(settings.db, write=False) as store:
            return await _preview(settings, store, wanted), [f"From {settings.db}."]
    return await _live(settings, wanted)


async def _live(settings: Settings, wanted: Subscription) -> tuple[Digest, list[str]]:
    names = tuple(name for name in settings.sources if source(name).quick) or settings.sources
    hurried = settings.model_copy(update={"timeout": min(settings.timeout, PATIENCE), "retries": 1, "sources": names})
    with tempfile.TemporaryDirectory() as folder, wiring.open_store(Path(folder) / "look.db", write=True) as store:
        async with wiring.build(hurried, store) as built:
            reports = await built.engine.collect()
            if any(report.papers for report in reports):
                return await built.engine.preview(wanted), ["Live from " + _names(reports) + "."]
    return await _from_sample(settings, wanted), [_sample_remark(_why(reports))]


async def _from_sample(settings: Settings, wanted: Subscription) -> Digest:
    with tempfile.TemporaryDirectory() as folder, wiring.open_store(Path(folder) / "sample.db", write=True) as store:
        await store.papers.add(known_at(parse_lines(week.read(), "the sample"), week.NOW), "file", week.NOW)
        await collect.describe(store)
        await collect.embed(store, await asyncio.to_thread(embeddings.load, settings.embeddings))
        return await _preview(settings, store, wanted, clock=lambda: week.NOW)


async def _preview(
    settings: Settings, store: Store, wanted: Subscription, *, clock: Callable[[], datetime] | None = None
) -> Digest:
    now = clock or wiring.clock(settings)
    search = Search(store, await asyncio.to_thread(embeddings.load, settings.embeddings))
    notices = Notices(store, {}, now, None)
    engine = DigestEngine(store, (), now, notices=notices, meaning=search.vectors, nearness=search)
    return await engine.preview(wanted)


def known_at(findings: Findings, now: datetime) -> Findings:
    """Only what could be known at a moment: papers listed by then, observations made by then."""
    papers = tuple(p for p in findings.papers if p.listed_at is None or p.listed_at <= now)
    kept = {paper.id for paper in papers}
    signals = tuple(s for s in findings.signals if s.seen_at <= now and s.paper_id in kept)
    return Findings(papers, signals)


def _sample_remark(why: str) -> str:
    because = f"No network ({why}), so this is" if why else "This is"
    return f"{because} the bundled sample: a week of October 2025, as it stood on {week.NOW:%A %-d %B %Y, %H:%M} UTC."


def _why(reports: Sequence[SourceReport]) -> str:
    return "; ".join(f"{report.source}: {report.fault or 'no papers'}" for report in reports)


def _names(reports: Sequence[SourceReport]) -> str:
    return " and ".join(report.source for report in reports if not report.fault)


def show(shown: Digest, out: TextIO) -> None:
    """Print the digest as a thread."""
    platforms.console()(out, None).print_thread(digest_thread(shown))


def write_page(shown: Digest, file: Path) -> None:
    """Write the digest as a page. Raises UserError if the file can't be written."""
    page = platforms.thread_page([digest_thread(shown)], "Paperboy: trending papers")
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {file}: {error.strerror}") from None


def as_json(shown: Digest) -> dict[str, object]:
    """The digest for programs: the picks with every piece of evidence."""
    return {
        "day": shown.day.isoformat(),
        "outcome": shown.outcome.value,
        "since": shown.since.isoformat(),
        "thinned": shown.thinned,
        "faults": list(shown.faults),
        "picks": [
            {
                "id": pick.paper.id,
                "title": pick.paper.title,
                "url": pick.paper.url,
                "tldr": pick.paper.tldr,
                "tldr_by": pick.paper.tldr_by,
                "authors": list(pick.paper.authors),
                "reason": pick.reason.value,
                "topics": list(pick.topics),
                "liked": list(pick.liked),
                "close_in_meaning_to": list(pick.close_to),
                "score": round(pick.trend.score, 4),
                "standing": round(pick.trend.standing, 4),
                "rule": pick.trend.rule,
                "evidence": [
                    {
                        "source": e.source,
                        "kind": e.kind,
                        "value": e.value,
                        "before": e.before,
                        "seen_at": e.seen_at.isoformat(),
                        "weight": round(e.weight, 4),
                    }
                    for e in pick.trend.evidence
                ],
            }
            for pick in shown.picks
        ],
    }
