"""What people do on Discord, carried to the desk: commands, buttons, modals, completions, reactions.

    Discord ─► discord.py ─► acknowledged ─► desk ─► what may they see? ─► the answer in the acknowledgement's place

Interactions are read as they arrive: the menu is the command table's, and a button says in its id what it does, so both
work after a restart. Completions and modals cannot be acknowledged first; both come from memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import discord

from adapters.discord import events, forms, menu
from adapters.discord.failures import TRANSPORT
from adapters.discord.origin import Origin
from adapters.discord.overflow import Overflow
from adapters.discord.servers import Notes
from adapters.discord.visibility import seen
from adapters.log_filter import OneLineTracebacks
from adapters.paper_links import linked_paper_ids
from adapters.ttl_cache import TtlCache
from bot import wording
from bot.commands import COMMANDS, goes_on, read_form
from bot.model import Channel, Form, Message
from bot.ports import Desk

log = logging.getLogger("paperboy.discord")
for _name in ("discord.client", "discord.shard", "discord.gateway", "discord.http"):
    logging.getLogger(_name).addFilter(OneLineTracebacks())
    logging.getLogger(_name).setLevel(logging.WARNING)
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody speaks here

INTENTS = discord.Intents(guilds=True, guild_reactions=True, dm_reactions=True)
COMPLETED_WITHIN = 1.0
"""Seconds of the three that a list of completions may take."""
FORMS_KEPT = 3_600.0
NEEDED = frozenset({"READY", "RESUMED"})
"""Events without which nothing works: one that cannot be read is a crash, and the connection is made anew."""
Kind = discord.InteractionType


class Interactions(discord.AutoShardedClient):
    """A client for one desk. It keeps servers, channels and roles in memory, and neither members nor messages."""

    def __init__(self, desk: Desk, notes: Notes, **options: Any) -> None:
        super().__init__(
            intents=INTENTS,
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            **options,
        )
        self._desk = desk
        self._be_forgiving()
        self._forms: TtlCache[tuple[Channel, Channel, str], Form] = TtlCache(FORMS_KEPT)
        self._overflow = Overflow(notes)
        self._events = events.PlatformEvents(desk, notes, self)

    def _be_forgiving(self) -> None:
        """One event that discord.py cannot read is left out; by itself it would give up the connection."""
        parsers: Any = self._connection.parsers
        for name, parse in parsers.items():
            if name not in NEEDED:
                parsers[name] = partial(_tried, name, parse)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody waits for an answer."""
        origin = Origin(interaction)
        try:
            match interaction.type:
                case Kind.application_command if origin.data.get("type") == menu.ON_A_MESSAGE:
                    await self._related(origin)
                case Kind.application_command:
                    await self._command(origin)
                case Kind.component:
                    await self._pressed(origin)
                case Kind.autocomplete:
                    await self._completes(origin)
                case Kind.modal_submit:
                    await self._submitted(origin)
        except TRANSPORT as error:
            log.warning("could not answer channel=%s reason=%r", origin.address, str(error)[:200])

    # --- commands ------------------------------------------------------------------------------------------------

    async def _command(self, origin: Origin) -> None:
        command, options = menu.parse_command(origin.data)
        await origin.acknowledge()
        await self._show(origin, await self._desk.run(command, origin.caller, options))

    async def _related(self, origin: Origin) -> None:
        """The papers of a message, and those like the only one."""
        await origin.acknowledge()
        found = _papers(origin.data)
        if len(found) == 1:
            await self._show(origin, await self._desk.run("similar", origin.caller, {"paper": found[0]}))
            return
        await origin.answer(wording.linked_in_a_message(found, "similar"))

    async def _completes(self, origin: Origin) -> None:
        command, option, prefix = menu.focused_option(origin.data)
        offered: tuple[str, ...] = ()
        try:
            async with asyncio.timeout(COMPLETED_WITHIN):
                offered = await self._desk.complete(command, option, prefix, origin.caller)
        except TimeoutError:
            log.info("nothing to complete with in time command=%s", command)
        await origin.choices(offered)

    # --- buttons -------------------------------------------------------------------------------------------------

    async def _pressed(self, origin: Origin) -> None:
        custom_id = str(origin.data.get("custom_id") or "")
        if (page := forms.place_of(custom_id)) is not None:
            await self._open(origin, *page)
            return
        command, options = await self._overflow.decode(custom_id, origin.home)
        if not command:
            await origin.acknowledge()
            await origin.answer(wording.outdated_button())
            return
        if goes_on(options) and _is_private(origin):
            await origin.acknowledge_in_place()
        else:
            await origin.acknowledge(private=options.get("share") != "yes")
        await self._show(origin, await self._desk.run(command, origin.caller, options))

    # --- forms ---------------------------------------------------------------------------------------------------

    async def _open(self, origin: Origin, command: str, number: int) -> None:
        form = await self._form(origin, command)
        if isinstance(form, Form) and number < forms.pages(form):
            await origin.open(forms.modal(form, number))
        else:
            await origin.acknowledge()
            await self._show(origin, wording.outdated_button() if isinstance(form, Form) else form)

    async def _submitted(self, origin: Origin) -> None:
        page = forms.place_of(str(origin.data.get("custom_id") or ""))
        await origin.acknowledge_in_place()
        form = await self._form(origin, page[0]) if page else wording.outdated_button()
        if isinstance(form, Message):
            await self._show(origin, form)
            return
        changes = read_form(forms.filled(form, origin.data))
        if isinstance(changes, Form):
            await self._show(origin, changes)
            return
        self._keep(origin, replace(form, fields=()))
        await self._show(origin, await self._desk.apply(changes, origin.caller))

    async def _form(self, origin: Origin, command: str) -> Form | Message:
        """As it was last shown to this person, else as it is now; or why there is none for them."""
        kept = self._forms.get((origin.address, origin.person, command))
        if kept is not None and kept.fields:
            return kept
        if command not in COMMANDS:
            return wording.outdated_button()
        return await self._desk.run(command, origin.caller, {})

    def _keep(self, origin: Origin, form: Form) -> None:
        self._forms.put((origin.address, origin.person, form.command), form)

    async def _show(self, origin: Origin, answer: Message | Form) -> None:
        if isinstance(answer, Form):
            self._keep(origin, answer)
            await origin.answer(forms.panel(answer))
        else:
            await origin.answer(await self._overflow.payload(seen(answer, origin), origin.home))

    # --- what nobody asks for -------------------------------------------------------------------------------------

    async def on_ready(self) -> None:
        """All servers are known."""
        await self._events.began(self.guilds)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server that was known to Discord when this began, or is back after an outage."""
        await self._events.added(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Added to a server."""
        await self._events.added(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Removed from it; an outage does not come here."""
        await self._events.removed(guild)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel was deleted."""
        await self._events.deleted(channel)

    async def on_raw_reaction_add(self, reaction: discord.RawReactionActionEvent) -> None:
        """A reaction to anything."""
        await self._events.reacted(reaction)

    async def on_raw_reaction_remove(self, reaction: discord.RawReactionActionEvent) -> None:
        """One was taken back."""
        await self._events.reacted(reaction)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """A fault of ours in one event leaves the others alone."""
        log.exception("an event failed event=%s", event_method)


def _tried(name: str, parse: Callable[[Any], object], data: object) -> None:
    try:
        parse(data)
    except Exception:
        log.exception("an event could not be read event=%s", name)


def _is_private(origin: Origin) -> bool:
    """Whether what was pressed is shown to this person alone, so that an answer may take its place."""
    message = origin.interaction.message
    return origin.interaction.guild_id is None or bool(message and message.flags.ephemeral)


def _papers(data: dict[str, Any]) -> tuple[str, ...]:
    """Those of the message that a context menu was opened on, and of messages forwarded with it."""
    messages = (data.get("resolved") or {}).get("messages") or {}
    message = messages.get(data.get("target_id")) or {}
    return linked_paper_ids([message.get(part) for part in ("content", "embeds", "components", "message_snapshots")])
