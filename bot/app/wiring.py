"""The one place that wires everything: settings, clock, store, sources, adapters, scheduler. It alone knows the time.

sources ─► engine ─► ledger ─► deliverer ─► outlets          fronts ─► desk ─► answers
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import httpx
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import embeddings
from bot.app import http_server
from bot.app.desk import FrontDesk
from bot.app.engine import Engine
from bot.app.library import PaperLibrary
from bot.app.metrics import Metrics, Watched
from bot.delivery.deliver import Deliverer
from bot.delivery.mail import MailParts, build_mail
from bot.delivery.notices import Notices
from bot.errors import SettingsError
from bot.handlers import Answers
from bot.model import Channel, Check, Thread
from bot.search import Search
from bot.settings import secret_keys, secret_value
from bot.sources.connect import connect
from bot.store import Store, encryption, sqlite
from bot.store.sqlite import SqliteStore
from bot.summaries.llm import ChatEndpoint, SummaryWriter

if TYPE_CHECKING:
    from bot.ports import Clock, Front, Outlet
    from bot.settings import Settings

log = logging.getLogger("paperboy.app")

CONSOLE = "adapters.console:Console"
PLATFORMS = {"slack": "adapters.slack:connect", "discord": "adapters.discord:connect"}
"""Platform to what makes its outlet and its front out of settings and a safe; None if it is not set up."""
EXAMINERS = {"slack": "adapters.slack:examine", "discord": "adapters.discord:examine", "mail": "adapters.email:examine"}
"""Platform to what the doctor asks about it."""
MANIFESTS = {"slack": "adapters.slack:manifest"}
"""Platform to what describes Paperboy to it."""
MAIL = "adapters.email:connect"
"""What makes the outlet of mail out of settings and what it may ask; None if it is not set up."""
WEB = "adapters.web:connect"
"""What makes the front that shows pages."""
INVITE = "adapters.discord:invite"
"""What makes the link that brings Paperboy to a Discord server."""
PAGE = "adapters.html:thread_page"
"""What draws threads as a page."""

RESTART_AFTER = (1.0, 5.0, 15.0, 60.0)
"""Seconds before a part that died is started again, the first, second, … time in a row."""
HEALTHY_AFTER = 300.0
"""Seconds after which a part counts as recovered."""

GARBAGE = (100_000, 50, 100)
"""When Python looks for cyclic garbage. By its own thresholds it stood still nineteen times, for 0.2 to 0.5 s each,
while 10,000 channels were chosen for and delivered to (`python -m tests.bench answers`)."""


SWITCH = 0.0005
"""Seconds a busy thread runs on while the event loop waits; Python's own 0.005 are felt at each step of an answer."""


def user_agent(settings: Settings) -> str:
    """How Paperboy introduces itself to the sources, with the operator's contact."""
    contact = f"; {settings.contact}" if settings.contact else ""
    return f"Paperboy/{version('paperboy')} (digest of trending papers{contact})"


def clock(settings: Settings) -> Clock:
    """The time in UTC; of tests, from a file."""
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


def open_store(path: Path, *, write: bool, keys: Sequence[str] = ()) -> Store:
    """The store at a path; `keys` decrypt its secrets. Raises StoreError when it cannot be used."""
    return SqliteStore(path, write=write, keys=keys)


def backup(settings: Settings, copy: Path) -> None:
    """Write a consistent copy of the database, also while it is written to. Raises StoreError."""
    sqlite.backup(settings.db, copy)


async def examine(settings: Settings, store: Store | None, channels: Sequence[Channel]) -> list[Check]:
    """What every platform that is set up finds wrong with itself."""
    encryption.cipher(secret_keys(settings))  # raises SettingsError for a key that is none
    safe = store.secrets if store is not None else None
    return [check for name in EXAMINERS.values() for check in await resolve_name(name)(settings, safe, channels)]


def console() -> Any:
    """The class of the console, which needs no setting."""
    return resolve_name(CONSOLE)


def manifest(platform: str, http_url: str | None) -> Any:
    """What a platform is told about Paperboy when it is installed. Raises UserError for a URL that won't do."""
    return resolve_name(MANIFESTS[platform])(http_url)


def invite(settings: Settings) -> str:
    """The link that brings Paperboy to a Discord server. Raises UserError if it is not known whose."""
    return str(resolve_name(INVITE)(settings.discord_application_id, secret_value(settings.discord_token)))


def platforms(settings: Settings, store: Store) -> tuple[list[Outlet], list[Front]]:
    """The two halves of every platform whose token is set. Raises SettingsError naming what is missing."""
    encryption.cipher(secret_keys(settings))  # raises SettingsError for a key that is none
    outlets: list[Outlet] = []
    fronts: list[Front] = []
    for name in PLATFORMS.values():
        if (halves := resolve_name(name)(settings, store.secrets)) is not None:
            outlets.append(halves[0])
            fronts.append(halves[1])
    if settings.web:
        fronts.append(resolve_name(WEB)(settings))
    return outlets, fronts


def mail(settings: Settings, store: Store) -> MailParts | None:
    """The parts of mail, if a mail server is set. Raises SettingsError naming what is missing."""
    if settings.smtp_url is None:
        return None
    now = clock(settings)
    connect_mail = resolve_name(MAIL)
    keys, base = secret_keys(settings), settings.public_url or ""
    return build_mail(store, keys, base, now, lambda mailboxes: connect_mail(settings, mailboxes, now))


def page(threads: Sequence[Thread], title: str) -> str:
    """Threads as one self-contained HTML page."""
    return str(resolve_name(PAGE)(threads, title))


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, wired."""

    settings: Settings
    store: Store
    engine: Engine
    deliverer: Deliverer
    desk: FrontDesk
    fronts: tuple[Front, ...]
    writer: SummaryWriter | None = None
    """Replaces summaries where a language model is set."""
    mail: MailParts | None = None


@asynccontextmanager
async def build(
    settings: Settings,
    store: Store,
    *,
    outlets: Sequence[Outlet] = (),
    fronts: Sequence[Front] = (),
    mail: MailParts | None = None,
) -> AsyncIterator[App]:
    """Wire the parts around an open store; closes the sources' connections at the end."""
    now = clock(settings)
    metrics = Metrics(store)
    outlets = (*outlets, mail.outlet) if mail else outlets
    by_name = {outlet.name: Watched(outlet, metrics) for outlet in outlets}
    operator = Channel(settings.operator) if settings.operator else None
    notices = Notices(store, by_name, now, operator)
    deliverer = Deliverer(store, by_name, now, notices)
    async with connect(settings, store, user_agent(settings)) as connected, _writer(settings, store, now) as writer:
        embedder = await asyncio.to_thread(embeddings.load, settings.embeddings)
        search = Search(store, embedder)
        engine = Engine(
            store,
            connected,
            now,
            notices=notices,
            outlets=by_name,
            wake=deliverer.wake,
            embedder=embedder,
            meaning=search.vectors,
            nearness=search,
            collected=writer.wake if writer else lambda: None,
            metrics=metrics,
        )
        answers = Answers(store, search, engine, version=version("paperboy"))
        desk = FrontDesk(engine, answers, deliverer, PaperLibrary(store, search, engine), metrics)
        desk.mailing = mail.signup(store, desk, now, secret_keys(settings)[0]) if mail else None
        yield App(settings, store, engine, deliverer, desk, tuple(fronts), writer, mail)


@asynccontextmanager
async def _writer(settings: Settings, store: Store, now: Clock) -> AsyncIterator[SummaryWriter | None]:
    """What writes summaries, where an endpoint is set. Raises SettingsError if its model is not named."""
    if settings.llm_url is None or not store.writable:
        yield None
        return
    if not settings.llm_model:
        raise SettingsError(("PAPERBOY_LLM_MODEL: name the model that PAPERBOY_LLM_URL shall use",))
    async with httpx.AsyncClient() as client:
        endpoint = ChatEndpoint(client, settings.llm_url, settings.llm_model, secret_value(settings.llm_key))
        yield SummaryWriter(store, endpoint, now)


async def run(app: App) -> None:
    """Collect, tick, deliver and listen until SIGTERM or SIGINT."""
    gc.set_threshold(*GARBAGE)
    sys.setswitchinterval(SWITCH)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no signal handlers on a loop
            loop.add_signal_handler(name, stop.set)
    scheduler = _scheduler(app)
    parts: dict[str, Callable[[], Awaitable[None]]] = {"deliver": app.deliverer.run}
    if app.mail is not None:
        parts["letters"] = app.mail.letters.run
    parts |= {front.name: lambda front=front: front.serve(app.desk) for front in app.fronts}  # type: ignore[misc]  # bound at once
    if app.writer is not None:
        parts["writer"] = app.writer.run
    if (port := app.settings.port) is not None or any(front.asgi for front in app.fronts):
        parts["http"] = lambda: http_server.serve(
            app.fronts, app.settings.host, port or http_server.PORT, proxies=app.settings.proxies
        )
    tasks = [asyncio.create_task(supervise(name, part), name=name) for name, part in parts.items()]
    scheduler.start()
    try:
        await stop.wait()
    finally:
        scheduler.shutdown(wait=False)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if app.mail is not None:
            await app.mail.close()
        log.info("stopped")


def _scheduler(app: App) -> AsyncIOScheduler:
    """Collect at start and every half hour, tick every minute; a late or overlapping run is folded into one."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    first = datetime.now(UTC)
    scheduler.add_job(
        _quietly(app.engine.refresh),
        "interval",
        minutes=app.settings.collect_minutes,
        next_run_time=first,
        id="collect",
    )
    scheduler.add_job(_quietly(app.engine.tick), "interval", seconds=app.settings.tick_seconds, id="tick")
    scheduler.add_job(
        _quietly(app.engine.tidy), "interval", hours=24, next_run_time=first + timedelta(minutes=10), id="tidy"
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    return scheduler


def _quietly(step: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """A step whose fault is logged and leaves the next run alone."""

    async def run_once() -> None:
        try:
            await step()
        except asyncio.CancelledError:
            log.info("cut short by the end of the process step=%s", getattr(step, "__name__", step))
        except Exception:
            log.exception("a step failed step=%s", getattr(step, "__name__", step))

    return run_once


async def supervise(
    name: str, part: Callable[[], Awaitable[None]], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Keep a part running: one that dies or returns is started again, with back-off, and takes nothing else with it."""
    deaths = 0
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await part()
            log.warning("a part ended by itself part=%s", name)
        except Exception:
            log.exception("a part died part=%s", name)
        if asyncio.get_running_loop().time() - started > HEALTHY_AFTER:
            deaths = 0
        await sleep(RESTART_AFTER[min(deaths, len(RESTART_AFTER) - 1)])
        deaths += 1
