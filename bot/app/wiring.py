"""Wiring: from settings and an open store to everything that runs. The clock is made here.

sources ─► engine ─► ledger ─► deliverer ─► outlets          fronts ─► desk ─► handlers ─► engine
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from bot import embeddings
from bot.app import platforms
from bot.app.adopted_summaries import forget_unwanted
from bot.app.club import ClubRoutine
from bot.app.desk import FrontDesk
from bot.app.engine import DigestEngine
from bot.app.leased import leased
from bot.app.library import PaperLibrary
from bot.app.linked_repositories import LinkedRepositories
from bot.app.metrics import MeteredOutlet, Metrics
from bot.app.recap import RecapRoutine
from bot.app.roles import ALL
from bot.app.second_look import SecondLook
from bot.app.watch import WatchRoutine
from bot.app.zotero_daily import ZoteroDaily
from bot.delivery.counts import CardCounts
from bot.delivery.deliver import Deliverer
from bot.delivery.in_flight import InFlight
from bot.delivery.mail import MailParts, MailSignup, build_mail
from bot.delivery.notices import Notices
from bot.delivery.process_lease import ProcessLease
from bot.embeddings import Embedder
from bot.errors import SettingsError
from bot.handlers import Handlers, SignedDownloads
from bot.model import Channel
from bot.ports import Clock, Front, Outlet, Routine
from bot.ports.queue import Queue, Work
from bot.queue.in_process import InProcessQueue
from bot.search import Search
from bot.search.cache import SegmentCache
from bot.settings import Settings, secret_keys, secret_value
from bot.sources.connect import connect, user_agent
from bot.sources.pictures import open_pictures
from bot.sources.proxies import new_client
from bot.store import Store
from bot.summaries.llm import ChatEndpoint, SummaryWriter
from bot.zotero import ZoteroSync
from bot.zotero.client import ZoteroClient
from bot.zotero.http import ZoteroHttp

INSTALLATION = "installation"
"""Name of the note with the id of a database, by which two processes that should share one are compared."""


def clock(settings: Settings) -> Clock:
    """A function that returns the time in UTC; read from the file PAPERBOY_CLOCK in tests. Raises SettingsError."""
    if settings.clock is None:
        return lambda: datetime.now(UTC)
    path = settings.clock

    def read() -> datetime:
        return datetime.fromisoformat(path.read_text(encoding="utf-8").strip()).astimezone(UTC)

    try:
        read()
    except (OSError, ValueError) as error:
        raise SettingsError((f"PAPERBOY_CLOCK: cannot read a time from {path}: {error}",)) from None
    return read


def new_search(settings: Settings, store: Store, embedder: Embedder) -> Search:
    """Search in the store of the settings, with its cache files."""
    return Search(store, embedder, SegmentCache(cache_folder(settings)))


def cache_folder(settings: Settings) -> Path | None:
    """The folder of the index's cache files: beside an SQLite file, else one of the user's; None without one.

    A folder that is set has one for each database.
    """
    if settings.cache == "off":
        return None
    if settings.cache is None and isinstance(settings.db, Path):
        return settings.db.with_name(f"{settings.db.name}.index")
    above = settings.cache or _user_cache()
    address = str(settings.db.absolute() if isinstance(settings.db, Path) else settings.db)
    return above and above / blake2b(address.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def pictures_folder(settings: Settings) -> Path | None:
    """The folder of the pictures of papers: beside an SQLite file, else one of the user's; None without pages."""
    if settings.pictures == "off" or not settings.web:
        return None
    if settings.pictures is None and isinstance(settings.db, Path):
        return settings.db.with_name(f"{settings.db.name}.pictures")
    return settings.pictures or ((above := _user_cache()) and above / "pictures")


def _user_cache() -> Path | None:
    """The folder for what may be lost, by the XDG Base Directory Specification; None for a user without a home."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (folder if folder.is_absolute() else Path.home() / ".cache") / "paperboy"
    except RuntimeError:
        return None


def mail(settings: Settings, store: Store) -> MailParts | None:
    """The parts of mail, None without a mail server. Raises SettingsError naming every missing setting."""
    if settings.smtp_url is None:
        return None
    now = clock(settings)
    connect_outlet = platforms.entry_point("mail", "connect")
    keys, base = secret_keys(settings), settings.public_url or ""
    leases = store.leases if store.shared else None
    return build_mail(
        store, keys, base, now, lambda boxes: connect_outlet(settings, boxes, now, leases), settings.stop_seconds
    )


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, wired."""

    settings: Settings
    store: Store
    lease: ProcessLease
    engine: DigestEngine
    queue: Queue
    desk: FrontDesk
    fronts: tuple[Front, ...]
    counts: CardCounts
    roles: frozenset[str] = ALL
    writer: SummaryWriter | None = None
    """Writes summaries with a language model; None where none is configured."""
    zotero: ZoteroSync | None = None
    """Puts saved papers into people's Zotero; None without a key that encrypts theirs."""
    mail: MailParts | None = None
    metrics: Metrics | None = None


@dataclass(frozen=True, slots=True)
class _Delivery:
    """The parts that post and edit messages."""

    outlets: Mapping[str, Outlet]
    lease: ProcessLease
    notices: Notices
    deliverer: Deliverer
    counts: CardCounts


@asynccontextmanager
async def build(  # noqa: PLR0913 - what runs, and in which roles
    settings: Settings,
    store: Store,
    *,
    outlets: Sequence[Outlet] = (),
    fronts: Sequence[Front] = (),
    mail: MailParts | None = None,
    roles: frozenset[str] = ALL,
) -> AsyncIterator[App]:
    """Wire the parts around an open store; closes the sources' connections at the end."""
    metrics, agent = Metrics(store, now := clock(settings)), user_agent(settings)
    zotero_client = partial(new_client, headers={"User-Agent": agent, "Accept-Encoding": "identity"})
    delivery = _delivery(settings, store, (*outlets, *([mail.outlet] if mail else [])), metrics)
    async with (
        _queue(settings, delivery.deliverer, delivery.outlets, metrics) as queue,
        connect(settings, store, agent) as sources,
        _summary_writer(settings, store, now) as writer,
        open_pictures(store, pictures_folder(settings), agent) as pictures,
        ZoteroHttp(zotero_client, settings.zotero_url) as zotero_http,
    ):
        await forget_unwanted(settings, store)
        embedder = await asyncio.to_thread(embeddings.load, settings.embeddings)
        zotero = _zotero(settings, store, embedder, ZoteroClient(zotero_http))
        search = new_search(settings, store, embedder)
        engine = DigestEngine(
            store,
            sources,
            now,
            notices=delivery.notices,
            outlets=delivery.outlets,
            queue=queue,
            embedder=embedder,
            meaning=search.vectors,
            nearness=search,
            collected=writer.wake if writer else lambda: None,
            metrics=metrics,
            interval=timedelta(minutes=settings.collect_minutes) if store.shared else None,
        )
        engine.routines = (*_routines(store, engine, delivery), ZoteroDaily(store, engine, search))
        handlers = Handlers(
            store,
            search,
            engine,
            version=version("paperboy"),
            downloads=_downloads(settings, store, now),
            mcp_url=platforms.mcp_url(settings),
            zotero=zotero,
            outlets=delivery.outlets,
        )
        library = PaperLibrary(store, search, engine, LinkedRepositories(sources))
        desk = FrontDesk(engine, handlers, delivery.deliverer, library, metrics)
        if mail:
            key, days = secret_keys(settings)[0], engine.listing_days
            desk.mailing = MailSignup(store, desk, mail.links, mail.letters, now, key, days)
        desk.pictures = pictures
        lease, counts = delivery.lease, delivery.counts
        yield App(
            settings, store, lease, engine, queue, desk, tuple(fronts), counts, roles, writer, zotero, mail, metrics
        )


def _delivery(settings: Settings, store: Store, outlets: Iterable[Outlet], metrics: Metrics) -> _Delivery:
    now, lease = clock(settings), ProcessLease(store, time.monotonic, lost=metrics.leases_lost.inc)
    by_name = {each.name: MeteredOutlet(each, metrics) for each in outlets}
    operator = Channel(settings.operator) if settings.operator else None
    notices = Notices(store, by_name, now, operator, InFlight(settings.stop_seconds, lease))
    counts = CardCounts(store, by_name, now, partial(leased, store, "card counts", wait=False))
    return _Delivery(by_name, lease, notices, Deliverer(store, by_name, now, notices), counts)


def _routines(store: Store, engine: DigestEngine, delivery: _Delivery) -> tuple[Routine, ...]:
    """The routines in the order in which they run."""
    threaded = [name for name, outlet in delivery.outlets.items() if outlet.threads]
    return (
        WatchRoutine(store, engine, delivery.notices),
        SecondLook(store, engine.post, threaded),
        RecapRoutine(store, engine),
        ClubRoutine(store, engine),
    )


def _zotero(settings: Settings, store: Store, embedder: Embedder, client: ZoteroClient) -> ZoteroSync | None:
    """Connections to Zotero; None without a key that encrypts people's."""
    if settings.secret_key is None:
        return None
    return ZoteroSync(store, client, embedder, clock(settings), partial(leased, store, "zotero", wait=False))


@asynccontextmanager
async def _queue(settings: Settings, work: Work, platforms: Iterable[str], metrics: Metrics) -> AsyncIterator[Queue]:
    """The queue that goes with the database."""
    if isinstance(settings.db, Path):
        yield InProcessQueue(work)
        return
    from bot.queue.procrastinate import ProcrastinateQueue  # noqa: PLC0415 - needs the extra [postgres]

    async with ProcrastinateQueue(settings.db.reveal(), work, platforms, put_back=metrics.put_back.inc) as queue:
        yield queue


def _downloads(settings: Settings, store: Store, now: Clock) -> SignedDownloads | None:
    """Links to files; None without pages, their public URL or a key that signs."""
    if not settings.web or settings.public_url is None or settings.secret_key is None:
        return None
    return SignedDownloads(store, secret_keys(settings), settings.public_url, now)


@asynccontextmanager
async def _summary_writer(settings: Settings, store: Store, now: Clock) -> AsyncIterator[SummaryWriter | None]:
    """The writer of summaries, None without an endpoint. Raises SettingsError if its model is not named."""
    if settings.llm_url is None or not store.writable:
        yield None
        return
    if not settings.llm_model:
        raise SettingsError(("PAPERBOY_LLM_MODEL: name the model that PAPERBOY_LLM_URL shall use",))
    async with new_client() as client:
        endpoint = ChatEndpoint(client, settings.llm_url, settings.llm_model, secret_value(settings.llm_key))
        yield SummaryWriter(store, endpoint, now)
