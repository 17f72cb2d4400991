"""Actions of commands on the store: run, serve an assistant, collect once, import, reindex, answer a bot
command, forget."""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import TextIO
from uuid import uuid4

from bot import embeddings
from bot.app import collect, databases, importing, platforms, scheduler, wiring
from bot.app.desk import FrontDesk
from bot.app.progress import file_progress, progress_bar
from bot.app.roles import ALL, read_roles
from bot.errors import CannotTell, DeliveryError, SettingsError, StoreError, UserError
from bot.model import Caller, Channel, Form, Message, SourceReport, platform
from bot.ports import Outlet
from bot.settings import Settings, secret_keys, secret_value
from bot.sources.paper_stream import Wanted
from bot.sources.proxies import check_proxies
from bot.store import Store
from bot.store.encryption import lost_key_fault

log = logging.getLogger("paperboy.app")

CONSOLE = Channel("console:local")


async def run(settings: Settings, environment: Mapping[str, str], role_names: str | None = None) -> None:
    """Run until stopped, with all roles or these; without a platform's token, with the console alone."""
    from bot.app.doctor import short_lived  # noqa: PLC0415 - nothing else here needs it

    roles = read_roles(role_names, shared=not isinstance(settings.db, Path))
    check_proxies(environment)
    if reason := short_lived(settings.db, environment):
        log.warning("the database may not survive path=%s reason=%r", settings.db, reason)
    console = platforms.entry_point("console", "connect")(sys.stdout, sys.stdin)
    with databases.open_store(settings.db, write=True, keys=secret_keys(settings)) as store:
        await check_secrets(store)
        outlets, fronts = platforms.connect(settings, store)
        mail = wiring.mail(settings, store)
        outlets = [console, *outlets]
        fronts = [each for each in (console, *fronts) if each.name in roles or (each is console and roles == ALL)]
        async with wiring.build(settings, store, outlets=outlets, fronts=fronts, mail=mail, roles=roles) as built:
            names = ",".join([outlet.name for outlet in outlets] + (["mail"] if mail else []))
            installation = await store.secrets.first_note(wiring.INSTALLATION, uuid4().hex[:12])
            facts = settings.db, installation, ",".join(settings.sources), names, ",".join(sorted(roles)), store.process
            log.info("running db=%s installation=%s sources=%s adapters=%s roles=%s process=%s", *facts)
            if not await store.subscriptions.all():
                place = "here" if console in fronts and sys.stdin.isatty() else "in a channel"
                log.info("nobody is subscribed yet; give Paperboy the command %s: subscribe at:09:00", place)
            await scheduler.run(built)


class _ReadingDesk:
    """A desk on a store that is open for reading; a command opens it for writing meanwhile, also beside a bot."""

    def __init__(self, settings: Settings, desk: FrontDesk) -> None:
        self.library, self.personal, self._settings = desk.library, desk.personal, settings

    async def run(self, command: str, caller: Caller, options: dict[str, str]) -> Message | Form:
        """Carry out a command. Raises UserError while the store cannot be written."""
        try:
            with databases.open_store(self._settings.db, write=True, beside=True) as store:
                async with wiring.build(self._settings, store) as built:
                    return await built.desk.run(command, caller, options)
        except StoreError as error:
            raise UserError(str(error)) from None


async def serve_assistant(settings: Settings) -> None:
    """Answer an AI assistant on stdin and stdout until it leaves, also beside a bot."""
    serve = resolve_name(platforms.STDIO_SERVER)
    with databases.open_store(settings.db, write=False) as store:
        async with wiring.build(settings, store) as built:
            await serve(_ReadingDesk(settings, built.desk), secret_value(settings.mcp_channel_token))


async def check_secrets(store: Store) -> None:
    """Encrypt stored tokens with the newest key. Raises SettingsError if there is one that no key decrypts.

    Running on would find every workspace without its token.
    """
    if unreadable := await store.secrets.unreadable():
        raise SettingsError((lost_key_fault(len(unreadable)),))
    if resealed := await store.secrets.reseal():
        log.info("encrypted with the newest key tokens=%d; older keys can go from PAPERBOY_SECRET_KEY", resealed)


async def drop_tokens(settings: Settings) -> int:
    """Erase the stored tokens that no key decrypts; returns how many."""
    with databases.open_store(settings.db, write=True, keys=secret_keys(settings)) as store:
        dropped = await store.secrets.unreadable()
        for name in dropped:
            await store.secrets.delete(name)
    return len(dropped)


async def collect_once(settings: Settings) -> list[SourceReport]:
    """One fetch from every source, with a progress bar on a terminal. Raises UnusableProxyError."""
    check_proxies(os.environ)
    with databases.open_store(settings.db, write=True) as store:
        async with wiring.build(settings, store) as built:
            with progress_bar("Asking the sources", len(built.engine.sources)) as advance:
                return await built.engine.collect(progress=lambda _: advance(1))


async def import_file(settings: Settings, file: Path, wanted: Wanted, *, strict: bool) -> importing.Imported:
    """Add a file's papers and signals, also while another process runs on the same database.

    Raises UserError if the file cannot be read; with `strict` for the first bad line, before anything is stored.
    """
    now = wiring.clock(settings)()
    if strict:
        await asyncio.to_thread(importing.check_lines, file, wanted)
    embedder = await asyncio.to_thread(embeddings.load, settings.embeddings)
    with databases.open_store(settings.db, write=True, beside=True) as store, file_progress() as progress:
        await importing.forget_old_places(store, now)
        return await importing.import_file(
            store,
            file,
            now,
            embedder,
            wanted=wanted,
            adopt_summaries=settings.summaries == "huggingface",
            strict=strict,
            progress=progress,
        )


async def _index(settings: Settings, store: Store, papers: int) -> None:
    with progress_bar("Indexing", papers) as advance:
        await collect.describe(store, summaries=False, progress=advance)
    embedder = await asyncio.to_thread(embeddings.load, settings.embeddings)
    with progress_bar("Reading for meaning", papers) as advance:
        await collect.embed(store, embedder, progress=advance)


async def reindex(settings: Settings) -> int:
    """Rebuild index and vectors from the stored papers; returns their number. A crash meanwhile loses nothing."""
    with databases.open_store(settings.db, write=True) as store:
        papers = await store.segments.clear()
        await _index(settings, store, papers)
    return papers


async def bot_command(settings: Settings, line: str, out: TextIO, channel: str | None = None) -> None:
    """Answer a bot command as the console, or as in a channel, where digests are one message unless it says otherwise.

    The store is opened for writing only if the command changes something. Raises UserError.
    """
    from bot.commands import typed, typed_command  # noqa: PLC0415 - only needed here
    from bot.wording.parts import say  # noqa: PLC0415
    from bot.wording.typed import as_typed  # noqa: PLC0415

    command = typed_command(line)
    writes, posts_later = (command.writes, command.names_obstacle) if command else (False, False)
    console = platforms.entry_point("console", "connect")(out, sys.stdin)
    caller = Caller(CONSOLE, CONSOLE, may_manage=True, command_word="paperboy papers")
    if channel is not None:
        name = platform(Channel(channel))
        if name not in platforms.POSTED_TO or not platforms.PLATFORMS[name].takes_secrets:
            raise UserError(f"--in {channel}: write a channel like webhook:team")
        word = f"{caller.command_word} --in {channel}"
        caller = replace(caller, channel=Channel(channel), threads=False, admin=True, command_word=word)
    with databases.open_store(settings.db, write=writes, keys=secret_keys(settings)) as store:
        outlets = [console]
        if channel is not None:
            if (pair := platforms.entry_point(name, "connect")(settings, store.secrets, None)) is None:
                raise UserError(f"--in {channel}: {name} is not set up: `paperboy settings` lists its settings")
            outlets.append(pair[0])
            if pair[1] is None and posts_later:  # elsewhere a test is typed
                await _check_channel(pair[0], Channel(channel))
        async with wiring.build(settings, store, outlets=outlets) as built:
            answer = await built.desk.say(line, caller)
            if isinstance(answer, Form):
                await console.fill_in(built.desk, caller, answer)
                return
            console.print(answer)
            question = next(iter(answer.actions), None)  # what would be done comes first, then the other ways
            if question and command and question.command == command.name and question.options.get("confirm") == "yes":
                line = shlex.quote(command.line(question.options))  # no button works after the end
                console.print(as_typed(say(f"To do it, type {typed(line)}."), caller.command_word))


async def _check_channel(outlet: Outlet, channel: Channel) -> None:
    """Raise UserError if the settings have no such channel: a misspelt one would be subscribed, and never posted to."""
    try:
        await outlet.prove(channel)
    except CannotTell:
        pass
    except DeliveryError as error:
        raise UserError(f"--in {channel}: {error.reason}") from None


async def forget(settings: Settings, who: str) -> dict[str, int]:
    """Erase what is stored about a person, channel or workspace. Returns the number of erased rows by kind.

    Raises UserError if `who` is no address.
    """
    if ":" not in who:
        raise UserError(f"{who} is no address; write it like slack:T1/U2, discord:G1/C2 or console:local")
    with databases.open_store(settings.db, write=True) as store:
        counts = await store.people.forget(Channel(who))
        if "/" in who or (platform(Channel(who)) != "mail" and await store.subscriptions.of(Channel(who))):
            return counts  # a subscription ends where it was made, but mail's with its address
        return counts | await store.subscriptions.erase(Channel(who))
