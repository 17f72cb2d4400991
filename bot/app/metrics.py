"""Monitoring: numbers for Prometheus, and whether the process is ready.

Counted here: collections, rankings, posts, pages. Read from the store on request: channels, sources, stored papers. No
label names a channel or a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.errors import DeliveryError, Failure, LostStoreError, StoreError, UnavailableStoreError
from bot.model import Channel, Message, Ref, SourceReport
from bot.ports import Claim, Clock, Linking, Outlet, no_claim
from bot.ports.editing import Editing
from bot.ports.groups import GroupDirectory
from bot.ports.membership import MemberDirectory
from bot.store import Store

STORE_TIMEOUT = 5.0
"""Seconds in which a ready store answers."""
NOT_RANKED = "the first look at the sources is under way"
SLOW = "the store does not answer"
GONE = "the database server does not answer, or refuses: see the log"
LOST = "the database was deleted or replaced under the running Paperboy: restart it"
FAILING = "the database cannot be written: free space on its disk, or see the log"
TICK_FAILED = "the last look at who is due failed: see the log"
PROBE = "readyz"
"""Name of a note that is written to see whether the disk takes it."""
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Implements `ports.Monitor`; the engine and the outlets report to it."""

    def __init__(self, store: Store, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._store, self._clock, self._is_ranked = store, clock, False
        self._tick_fault: str | None = None
        self._reading: asyncio.Task[None] | None = None
        """One reading of the store at a time, however many ask while it is slow."""
        self._registry = CollectorRegistry()
        counter, gauge = partial(Counter, registry=self._registry), partial(Gauge, registry=self._registry)
        histogram = partial(Histogram, registry=self._registry)
        self._papers = counter("paperboy_collected_papers", "Papers that a source listed, looks added up.", ["source"])
        self._signals = counter("paperboy_collected_signals", "New observations kept.", ["source"])
        self._looks = counter("paperboy_looks", "Looks at a source, by how they ended.", ["source", "outcome"])
        self._ranked = gauge("paperboy_ranked_papers", "Papers in the latest ranking.")
        self._ranking = histogram("paperboy_ranking_seconds", "Time a ranking took.")
        about = "Time until a platform took a message; the count is how many it took."
        self.posts = histogram("paperboy_post_seconds", about, ["platform"], buckets=_SECONDS)
        self.failures = counter("paperboy_posts_failed", "Posts that failed, by what follows.", ["platform", "kind"])
        self._pages = histogram("paperboy_page_seconds", "Time a page took.", ["page", "status"], buckets=_SECONDS)
        self._channels = gauge("paperboy_channels", "Subscribed channels.", ["platform", "state"])
        name = "paperboy_source_last_success_timestamp_seconds"
        self._succeeded = gauge(name, "When a source last answered.", ["source"])
        self._up = gauge("paperboy_source_up", "Whether a source answered when last asked.", ["source"])
        self._stored = gauge("paperboy_stored", "What the store holds.", ["what"])
        self._store_up = gauge("paperboy_store_up", "Whether the store answers.")
        self._queued = gauge("paperboy_queued_digests", "Digests with messages to post, waiting ones included.")
        self._overdue = gauge("paperboy_oldest_due_seconds", "Time since the oldest of them was due.")
        self.leases_lost = counter("paperboy_leases_lost", "Times that this process's lease ran out.")
        self._undone = counter("paperboy_transactions_undone", "Changes of this process that others undid: made again.")
        self._undone_counted = 0
        self.put_back = counter("paperboy_stalled_jobs_put_back", "Jobs of dead workers that this process put back.")

    def collected(self, reports: Iterable[SourceReport]) -> None:
        """Count the outcome of a collection."""
        for report in reports:
            self._looks.labels(report.source, "failed" if report.fault else "done").inc()
            self._papers.labels(report.source).inc(report.papers)
            self._signals.labels(report.source).inc(report.signals)

    def ranked(self, papers: int, seconds: float) -> None:
        """Count a ranking of so many candidates."""
        self._is_ranked = True
        self._ranked.set(papers)
        self._ranking.observe(seconds)

    def ticked(self, fault: Exception | None) -> None:
        """Keep the outcome of the last look at who is due."""
        self._tick_fault = type(fault).__name__ if fault else None

    def served(self, page: str, status: int, seconds: float) -> None:
        """Count an answered page; `page` is its route, of which there are few."""
        self._pages.labels(page, str(status)).observe(seconds)

    async def unready(self) -> str | None:
        """The reason why requests should go elsewhere; None if the process is ready."""
        try:
            async with asyncio.timeout(STORE_TIMEOUT):
                await self._store.papers.reports()
                if self._store.writable:
                    await self._store.secrets.put_note(PROBE, uuid4().hex)  # SQLite writes no row that is as it was
        except TimeoutError:
            return SLOW
        except LostStoreError:
            return LOST
        except UnavailableStoreError:
            return GONE
        except Exception as error:  # noqa: BLE001 - whatever the store raises, a full disk for one
            return f"{FAILING} ({type(error).__name__})"
        if self._tick_fault:
            return f"{TICK_FAILED} ({self._tick_fault})"
        return None if self._is_ranked else NOT_RANKED

    async def numbers(self) -> tuple[bytes, str]:
        """All numbers in Prometheus' text format, and its media type; without the store's where it does not answer."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_store())
        try:
            async with asyncio.timeout(STORE_TIMEOUT):
                await asyncio.shield(self._reading)
        except (StoreError, TimeoutError):
            self._store_up.set(0)
        else:
            self._store_up.set(1)
        return await asyncio.to_thread(generate_latest, self._registry), CONTENT_TYPE_LATEST

    async def _read_store(self) -> None:
        figures = await self._store.figures.read()
        for report in figures.reports:
            self._up.labels(report.source).set(not report.fault)
            if report.succeeded_at is not None:
                self._succeeded.labels(report.source).set(report.succeeded_at.timestamp())
        self._channels.clear()
        for (platform, state), count in figures.channels.items():
            self._channels.labels(platform, state).set(count)
        self._stored.labels("papers").set(figures.papers)
        self._stored.labels("observations").set(figures.observations)
        undone, self._undone_counted = self._store.undone - self._undone_counted, self._store.undone
        self._undone.inc(max(undone, 0))
        self._queued.set(figures.queued)
        since = figures.oldest_due
        self._overdue.set(0 if since is None else max((self._clock() - since).total_seconds(), 0))


class MeteredOutlet:
    """Wraps an outlet and counts its posts."""

    def __init__(self, outlet: Outlet, metrics: Metrics) -> None:
        self._outlet, self._metrics = outlet, metrics
        self.name, self.threads, self.pace = outlet.name, outlet.threads, outlet.pace
        self.find, self.retract, self.prove = outlet.find, outlet.retract, outlet.prove
        if isinstance(outlet, GroupDirectory):
            self.groups = outlet.groups
        if isinstance(outlet, MemberDirectory):
            self.is_member = outlet.is_member

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post, and count the outcome and its seconds."""
        now = asyncio.get_running_loop().time
        started = now()
        try:
            ref = await self._outlet.post(channel, message, under=under, key=key, claim=claim)
        except Exception as error:
            kind = error.kind.value if isinstance(error, DeliveryError) else "unexpected"
            self._metrics.failures.labels(self.name, kind).inc()
            raise
        self._metrics.posts.labels(self.name).observe(now() - started)
        return ref

    async def edit(self, channel: Channel, ref: Ref, message: Message, *, under: Ref | None, key: str) -> None:
        """Call the outlet. Raises DeliveryError if its platform edits no messages."""
        if not isinstance(self._outlet, Editing):
            raise DeliveryError(Failure.MESSAGE_REFUSED, f"{self.name} edits no messages")
        await self._outlet.edit(channel, ref, message, under=under, key=key)

    async def link(self, channel: Channel, ref: Ref, *, opener: Ref | None) -> str | None:
        """Call the outlet if it has links."""
        return await self._outlet.link(channel, ref, opener=opener) if isinstance(self._outlet, Linking) else None
