"""One digest without a channel: from the database, live from the network, or from the bundled sample."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from pkgutil import resolve_name
from typing import TextIO

from bot import embeddings
from bot.app import collect, databases, platforms, wiring
from bot.app.engine import DigestEngine
from bot.delivery.notices import Notices
from bot.errors import UserError
from bot.model import Channel, Digest, Findings, Subscription
from bot.model.source import source
from bot.query.parser import canonical
from bot.search import Search
from bot.settings import Settings
from bot.sources import sample as week
from bot.sources.jsonl import parse_lines
from bot.sources.proxies import check_proxies
from bot.store import Store
from bot.wording.digest import digest_thread
from bot.wording.parts import outage_text
from bot.wording.results import RETOLD

LIVE_TIMEOUT = 6.0
"""Seconds a source may take before the sample is shown instead."""


def console_subscription(topics: Sequence[str], size: int) -> Subscription:
    """The subscription whose digest is shown. Raises QueryError for a malformed topic."""
    return Subscription(Channel("console:local"), topics=tuple(canonical(topic) for topic in topics), size=size)


async def choose(settings: Settings, subscription: Subscription, *, sample: bool) -> tuple[Digest, list[str]]:
    """The digest, and remarks on where its papers come from."""
    if sample:
        return await _from_sample(settings, subscription), [_sample_remark("")]
    if databases.is_made(settings.db):
        with databases.open_store(settings.db, write=False) as store:
            return await _preview(settings, store, subscription), [f"From {settings.db}."]
    return await _live(settings, subscription)


async def _live(settings: Settings, subscription: Subscription) -> tuple[Digest, list[str]]:
    """A digest of papers asked for now, else of the sample. Raises UnusableProxyError."""
    check_proxies(os.environ)
    names = tuple(name for name in settings.sources if source(name).quick) or settings.sources
    limits = {"timeout": min(settings.timeout, LIVE_TIMEOUT), "retries": 1}
    quick = settings.model_copy(update={**limits, "sources": names})
    with tempfile.TemporaryDirectory() as folder, databases.open_store(Path(folder) / "look.db", write=True) as store:
        async with wiring.build(quick, store) as built:
            reports = await built.engine.collect()
            if any(report.papers for report in reports):
                origin = " and ".join(report.source for report in reports if not report.fault)
                return await built.engine.preview(subscription), [f"Live from {origin}."]
    faults = "; ".join(f"{report.source}: {report.fault or 'no papers'}" for report in reports)
    return await _from_sample(settings, subscription), [_sample_remark(faults)]


async def _from_sample(settings: Settings, subscription: Subscription) -> Digest:
    with tempfile.TemporaryDirectory() as folder, databases.open_store(Path(folder) / "sample.db", write=True) as store:
        await store.papers.add(findings_at(parse_lines(week.read()), week.NOW), "file", week.NOW)
        await collect.describe(store)
        await collect.embed(store, await asyncio.to_thread(embeddings.load, settings.embeddings))
        return await _preview(settings, store, subscription, clock=lambda: week.NOW)


async def _preview(
    settings: Settings, store: Store, subscription: Subscription, *, clock: Callable[[], datetime] | None = None
) -> Digest:
    now = clock or wiring.clock(settings)
    search = Search(store, await asyncio.to_thread(embeddings.load, settings.embeddings))
    notices = Notices(store, {}, now, None)
    engine = DigestEngine(store, (), now, notices=notices, meaning=search.vectors, nearness=search)
    return await engine.preview(subscription)


def findings_at(findings: Findings, now: datetime) -> Findings:
    """The papers listed and the signals observed by `now`."""
    papers = tuple(paper for paper in findings.papers if paper.listed_at is None or paper.listed_at <= now)
    ids = {paper.id for paper in papers}
    signals = tuple(signal for signal in findings.signals if signal.seen_at <= now and signal.paper_id in ids)
    return Findings(papers, signals)


def _sample_remark(faults: str) -> str:
    because = f"No network ({faults}), so this is" if faults else "This is"
    moment = f"{week.NOW:%A %-d %B %Y, %H:%M} UTC"
    return f"{because} the bundled sample: a week of October 2025, as it stood on {moment}. {RETOLD}"


def print_thread(digest: Digest, out: TextIO) -> None:
    """Print a digest as the console shows a thread."""
    platforms.entry_point("console", "connect")(out, None).print_thread(digest_thread(digest))


def write_page(digest: Digest, file: Path, note: str = "") -> None:
    """Write a digest as an HTML page, with a note above it. Raises UserError if the file cannot be written."""
    page = resolve_name(platforms.THREAD_PAGE)([digest_thread(digest)], "Paperboy: trending papers", note)
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {file}: {error.strerror}") from None


def as_json(digest: Digest) -> dict[str, object]:
    """A digest as a JSON object: the picks with all their evidence."""
    return {
        "day": digest.day.isoformat(),
        "outcome": digest.outcome.value,
        "since": digest.since.isoformat(),
        "thinned": digest.thinned,
        "faults": [outage_text([outage], digest.read_at) for outage in digest.faults],
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
            for pick in digest.picks
        ],
    }
