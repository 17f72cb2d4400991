"""`paperboy doctor`: checks settings, store, sources, clock and platforms, each fault with its remedy."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import chain
from pathlib import Path
from zoneinfo import available_timezones

from bot import embeddings, settings
from bot.app import databases, platforms, runtime, wiring
from bot.app.http_proxies import stored_warning
from bot.errors import SettingsError, SourceError, StoreError, UnmadeStoreError
from bot.model import Check, SourceReport, Subscription, platform
from bot.model.database import Database
from bot.model.source import SOURCES, SourceDeclaration, source
from bot.search import cache
from bot.settings import Settings, secret_value
from bot.sources import feeds
from bot.sources.connect import known_hosts, user_agent
from bot.sources.http_client import HttpClient, HttpLimits, HttpResponse
from bot.sources.proxies import UnusableProxyError, check_proxies
from bot.sources.public_network import public_transport
from bot.sources.sample import is_retold, sample_ids
from bot.store import Store
from bot.store.encryption import lost_key_fault
from bot.wording.results import RETOLD
from bot.wording.status import skipped_text

MAX_CLOCK_DIFFERENCE = timedelta(minutes=2)
FEED_REMEDY = "see whether it answers in a browser; correct its address in PAPERBOY_FEEDS, or leave it out"
UNSEARCHABLE_NAMED = 3
"""Papers without words or meaning in the index that are named."""
SHORT_LIVED = {"tmpfs": "it is in memory", "ramfs": "it is in memory", "overlay": "it is inside a container"}
"""File systems that disappear with the machine or the container (proc(5), mounts)."""


async def examine(db: Database | None, environment: Mapping[str, str]) -> list[Check]:
    """The results of all checks; one fault does not hide the others."""
    try:
        loaded = settings.load(db=db)
    except SettingsError as error:
        remedy = "correct that variable; `paperboy settings` lists all"
        return [_fault("settings", fault, remedy) for fault in error.faults]
    remedy = "set PAPERBOY_CONTACT to a mail address or URL: arXiv and others ask whom to write to"
    has_zones = "Europe/Berlin" in available_timezones()
    return [
        Check("settings", "all readable"),
        Check("contact", loaded.contact) if loaded.contact else Check("contact", "not set", remedy=remedy),
        *_disk(loaded.db, environment),
        *await asyncio.to_thread(databases.examine_server, loaded),
        _open_files(),
        *(proxy := _proxy(environment)),
        *await _store_and_platforms(loaded),
        *([] if proxy else await _network(loaded)),
        await asyncio.to_thread(_embeddings, loaded.embeddings),
        Check("time zones", "known") if has_zones else _fault("time zones", "none", "pip install tzdata"),
    ]


def _disk(db: Database, environment: Mapping[str, str]) -> list[Check]:
    """The check of the folder of a database's file; none for a server."""
    if not isinstance(db, Path):
        return []
    if reason := short_lived(db, environment):
        remedy = "put the database on a volume and name it with --db or PAPERBOY_DB"
        return [_fault("disk", f"{db} will not survive a restart: {reason}", remedy)]
    if not os.access(db.parent, os.W_OK):
        return [_fault("disk", f"{db.parent} can't be written", "choose another place with --db")]
    return [Check("disk", f"{db.absolute()}")]


def _open_files() -> Check:
    fault = runtime.open_files_fault()
    return _fault("open files", *fault) if fault else Check("open files", f"{runtime.open_files()} may be open")


def _proxy(environment: Mapping[str, str]) -> list[Check]:
    """A proxy of the environment that no connection can be made with."""
    try:
        check_proxies(environment)
    except UnusableProxyError as error:
        return [_fault("proxy", str(error), "see the message; until then no source is asked")]
    return []


def short_lived(db: Database, environment: Mapping[str, str], mounts: Path = Path("/proc/mounts")) -> str | None:
    """The reason why a database's file would be lost with the machine; None if it would not."""
    if not isinstance(db, Path):
        return None
    if "DYNO" in environment:
        return "a dyno's disk is emptied at every restart"
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    path = db.absolute().resolve()
    mount, file_system = "", ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 2 and path.is_relative_to(fields[1]) and len(fields[1]) >= len(mount):
            mount, file_system = fields[1], fields[2]
    return SHORT_LIVED.get(file_system)


async def _store_and_platforms(loaded: Settings) -> list[Check]:
    """The checks of the store, and of each configured platform with its subscribed channels."""
    if not databases.is_made(loaded.db):
        none = Check("store", "no database yet", remedy="`paperboy collect` or `paperboy run` makes one")
        return [none, *await platforms.examine(loaded, None, ())]
    try:
        with databases.open_store(loaded.db, write=False, keys=settings.secret_keys(loaded)) as store:
            papers, observations = await store.papers.count()
            subscriptions = await store.subscriptions.all()
            reports = await store.papers.reports()
            unsearchable = await store.papers.unsearchable(UNSEARCHABLE_NAMED + 1)
            running = [each.channel for each in subscriptions if each.paused_at is None]
            unreadable = await store.secrets.unreadable()
            installation = await store.secrets.get_note(wiring.INSTALLATION)
            processes = await store.leases.processes()
            adopted = await store.summaries.adopted()
            return [
                *([_fault("secret key", lost_key_fault(len(unreadable)), "see the message")] if unreadable else []),
                Check("store", f"{papers} papers, {observations} observations"),
                *([Check("installation", installation)] if installation else []),
                *([Check("processes", f"running: {', '.join(processes)}")] if processes else []),
                _channels(subscriptions),
                *await _proxies(loaded, store),
                *chain.from_iterable(map(_last_look, reports)),
                *_unsearchable(unsearchable),
                await asyncio.to_thread(_index_cache, loaded, papers),
                _summaries(loaded, adopted),
                *await _sample(store),
                *await platforms.examine(loaded, store, running),
            ]
    except UnmadeStoreError:
        remedy = "`paperboy collect` or `paperboy run` makes them"
        none = Check("store", "no tables of this version yet", remedy=remedy)
        return [none, *await platforms.examine(loaded, None, ())]
    except StoreError as error:
        copies = "; `paperboy backup` files can be put in its place" if isinstance(loaded.db, Path) else ""
        fault = _fault("store", str(error), f"see the message{copies}")
        return [fault, *await platforms.examine(loaded, None, ())]


async def _proxies(loaded: Settings, store: Store) -> list[Check]:
    """A proxy that forwards requests and is not listed, as the running process noticed."""
    warning = await stored_warning(store.secrets, loaded.proxies)
    return [Check("proxies", warning[0], remedy=warning[1])] if warning else []


def _last_look(report: SourceReport) -> list[Check]:
    """The fault of a source's last fetch, or the items that were left out of it."""
    name = f"last look at {report.source}"
    if report.fault:
        since = f"; last success {report.succeeded_at:%Y-%m-%d %H:%M} UTC" if report.succeeded_at else ""
        return [_fault(name, f"{report.fault}{since}", _source_remedy(report.source))]
    if report.skipped:
        remedy = "the rest was read; nothing to do, unless it is many: then tell the service, or us"
        return [Check(name, skipped_text(report, most=3), remedy=remedy)]
    return []


def _unsearchable(ids: list[str]) -> list[Check]:
    """Papers that could not be indexed or embedded."""
    if not ids:
        return []
    more = " and more" if len(ids) > UNSEARCHABLE_NAMED else ""
    text = f"{', '.join(ids[:UNSEARCHABLE_NAMED])}{more}: found by no word, or by no meaning"
    return [Check("index", text, remedy="the log names the fault; `paperboy reindex` tries again after an upgrade")]


def _index_cache(loaded: Settings, papers: int) -> Check:
    """Check of the folder of the index's cache files, and of the room for them."""
    folder = wiring.cache_folder(loaded)
    if folder is None:
        return Check("index cache", "off: each process holds the whole index in memory")
    if error := cache.folder_fault(folder):
        problem = f"{folder} can't be used ({error.strerror}): each process holds the whole index in memory"
        return Check("index cache", problem, remedy=cache.remedy(error))
    size, more = cache.size(folder), papers * cache.BYTES_PER_PAPER
    above = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if shutil.disk_usage(above).free < more - size:
        problem = f"{folder} has no room for {_megabytes(more)} MB, which {papers} papers need"
        return Check("index cache", problem, remedy=cache.remedy(OSError(errno.ENOSPC, "")))
    return Check("index cache", f"{_megabytes(size)} MB in {folder}")


def _megabytes(size: int) -> int:
    return -(-size // 10**6)


async def _sample(store: Store) -> list[Check]:
    """A check with the number of stored papers from the bundled sample; none if there are no such papers."""
    papers = (await store.papers.get(sample_ids())).values()
    if number := sum(map(is_retold, papers)):
        return [Check("sample", f"{number} papers are of the bundled sample. {RETOLD}")]
    return []


def _summaries(loaded: Settings, adopted: int) -> Check:
    """Check of the origin of summaries; a remedy where stored ones are left over from another setting."""
    llm = f"; {loaded.llm_model or 'the model'} at PAPERBOY_LLM_URL goes before them" if loaded.llm_url else ""
    if loaded.summaries == "huggingface":
        return Check("summaries", f"Hugging Face's that pass the checks ({adopted} stored), else the authors'{llm}")
    if adopted:
        remedy = "`paperboy run` or `paperboy collect` deletes them; or set PAPERBOY_SUMMARIES=huggingface"
        return Check("summaries", f"the authors', but {adopted} by Hugging Face are still stored", remedy=remedy)
    return Check("summaries", f"the authors'{llm}")


def _channels(subscriptions: list[Subscription]) -> Check:
    if unknown := ", ".join(sorted({platform(each.channel) for each in subscriptions} - platforms.PLATFORMS.keys())):
        remedy = f"set up {unknown} again, or remove those subscriptions"
        return _fault("subscriptions", f"{len(subscriptions)}, some for {unknown}, which is not set up", remedy)
    if paused := [each for each in subscriptions if each.pause_reason]:
        first = f"{paused[0].channel} ({paused[0].pause_reason})"
        remedy = "add Paperboy to the channel again, then `resume` there"
        return Check("subscriptions", f"{len(paused)} of {len(subscriptions)} can't be reached: {first}", remedy=remedy)
    return Check("subscriptions", str(len(subscriptions)))


async def _network(loaded: Settings) -> list[Check]:
    limits = HttpLimits(timeout=min(loaded.timeout, 10.0), attempts=1)
    async with HttpClient(user_agent(loaded), hosts=known_hosts(), limits=limits) as client:
        now = wiring.clock(loaded)()
        probes = [_source(name, client.get(name, probe_url(loaded, source(name))), now) for name in loaded.sources]
        if loaded.github_token:
            token = {"Authorization": f"Bearer {secret_value(loaded.github_token)}"}
            question = {"query": "{rateLimit{remaining}}"}
            answer = client.post("github", f"{loaded.github_url}/graphql", question, headers=token)
            probes.append(_source("github", answer, now))
        checks = await asyncio.gather(*probes, _feeds(loaded, now), _zotero(loaded, client))
        return list(chain.from_iterable(checks))


async def _feeds(loaded: Settings, now: datetime) -> list[Check]:
    """The feeds that cannot be read, without their queries, and the number of the others."""
    urls = loaded.feeds or ()
    transport = partial(public_transport, feeds.MentionFeeds.name)
    async with HttpClient(user_agent(loaded), limits=feeds.LIMITS, transport=transport) as client:
        mentions = feeds.MentionFeeds(client, urls)
        results = await asyncio.gather(*(mentions.read(url, now) for url in urls))
    faults = [each for each in results if isinstance(each, str)]
    good = len(urls) - len(faults)
    checks = [_fault("feed", fault, FEED_REMEDY) for fault in faults]
    return [*([Check("feeds", f"{good} can be read")] if good else []), *checks]


async def _zotero(loaded: Settings, client: HttpClient) -> list[Check]:
    """Whether Zotero answers; nothing where it cannot be connected."""
    if loaded.secret_key is None:
        return []
    try:
        await client.get("zotero", f"{loaded.zotero_url}/itemTypes")
    except SourceError as error:
        remedy = "check the network and PAPERBOY_ZOTERO_URL; papers that people save reach their Zotero when it answers"
        return [Check("zotero", error.reason, remedy=remedy)]
    return [Check("zotero", "answers")]


def probe_url(loaded: Settings, declared: SourceDeclaration) -> str:
    """URL of the cheap request that tells whether a source answers."""
    return f"{getattr(loaded, next(iter(declared.arguments.values())))}{declared.probe}"


async def _source(name: str, request: Awaitable[HttpResponse], now: datetime) -> list[Check]:
    try:
        answer = await request
    except SourceError as error:
        if "HTTP 429" in error.reason:
            remedy = "nothing to do: it has many callers, and is asked again with the next collection"
            return [Check(f"source {name}", f"asks for patience ({error.reason})", remedy=remedy)]
        return [_fault(f"source {name}", error.reason, _source_remedy(name))]
    return [Check(f"source {name}", "answers"), *_clock_difference(name, answer.headers.get("date"), now)]


def _source_remedy(name: str) -> str:
    declared = SOURCES.get(name)  # a report may be of a source that an older version had
    variable = settings.environment_name(next(iter(declared.arguments.values()))) if declared else "its address"
    if declared and not declared.selectable:
        return f"correct {variable}, or unset it"
    return f"check the network and {variable}, or leave {name} out of PAPERBOY_SOURCES"


def _clock_difference(name: str, date: str | None, now: datetime) -> list[Check]:
    try:
        theirs = parsedate_to_datetime(date) if date else None
    except ValueError:
        theirs = None
    if theirs is None or abs(theirs - now) <= MAX_CLOCK_DIFFERENCE:
        return []
    difference = f"{now:%Y-%m-%d %H:%M} here, {theirs:%Y-%m-%d %H:%M} at {name}"
    return [_fault("clock", difference, "set this machine's clock (NTP): digests leave by it")]


def _embeddings(setting: str) -> Check:
    try:
        model = embeddings.load(setting)
    except SettingsError as error:
        remedy = "see the message, or unset PAPERBOY_EMBEDDINGS: the model that comes with Paperboy needs nothing"
        return _fault("embeddings", str(error), remedy)
    return Check("embeddings", f"{model.name}, {model.dimensions} dimensions")


def _fault(what: str, problem: str, remedy: str) -> Check:
    return Check(what, problem, fault=True, remedy=remedy)


def as_text(checks: list[Check]) -> str:
    """One line a check, with its remedy on the next."""
    lines = []
    for check in checks:
        mark = "✗" if check.fault else "!" if check.remedy else "✓"
        lines.append(f"{mark} {check.subject}: {check.result}")
        if check.remedy:
            lines.append(f"  → {check.remedy}")
    return "\n".join(lines)


def as_json(checks: list[Check]) -> str:
    """The checks as a JSON array of objects."""
    rows = [{"what": c.subject, "found": c.result, "fault": c.fault, "remedy": c.remedy} for c in checks]
    return json.dumps(rows, ensure_ascii=False)
