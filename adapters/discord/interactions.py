"""Interactions on Discord, carried to the desk: commands, buttons, modals, completions.

    Discord ─► discord.py ─► acknowledge ─► desk ─► remove what the reader may not see ─► answer

Nothing is registered with discord.py: the menu is the command table's, and a button's custom_id says what it does, so
both work after a restart. Completions and modals cannot be acknowledged first; both come from memory.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

import discord
from cachetools import TTLCache

from adapters.discord import blocks, forms, limits, menu
from adapters.discord.attachments import with_files
from adapters.discord.conversations import PART_MAX, Conversations
from adapters.discord.failures import TRANSPORT, delivery_error
from adapters.discord.mentions import with_commands
from adapters.discord.origin import Origin
from adapters.discord.servers import Notes
from adapters.discord.visibility import visible_part
from adapters.paper_links import linked_paper_ids
from adapters.shares import Shares
from bot.commands import COMMANDS, replaces_message
from bot.errors import Failure
from bot.model import Channel, File, Form, Message
from bot.ports import Desk
from bot.wording.cards import paper_menu
from bot.wording.changes import change_message
from bot.wording.export import file_parts
from bot.wording.notices import (
    ALREADY_SHARED,
    MAY_NOT_SHARE,
    NOT_SHARED_HERE,
    OUTDATED_BUTTON,
    SHARED,
    SHARED_PERHAPS,
    linked_papers,
    problem,
)
from bot.wording.parts import say, without_channel, without_share

log = logging.getLogger("paperboy.discord")

COMPLETED_WITHIN = 1.0
"""Seconds for a list of completions, of the three that Discord gives."""
FORMS_KEPT = 3_600.0
"""Seconds that a form under way is remembered."""
MAX_FORMS = 10_000
UNKNOWN_PLACE = problem("Discord did not say which channel this is. Please try it in a text channel.")
InteractionType = discord.InteractionType


class Interactions(Conversations):
    """The gateway client with its handlers of interactions."""

    def __init__(self, desk: Desk, notes: Notes, **options: Any) -> None:
        super().__init__(desk, notes, **options)
        self._forms: TTLCache[tuple[Channel, Channel, forms.FormKey], Form] = TTLCache(MAX_FORMS, FORMS_KEPT)
        self._shares = Shares(notes)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer one interaction; what cannot be read or answered is a line in the log."""
        try:
            await self._answer(Origin(interaction))
        except (*TRANSPORT, LookupError, RecursionError) as error:
            where = f"discord:{interaction.guild_id or '@'}/{interaction.channel_id}"
            log.warning("could not answer channel=%s reason=%r", where, f"{type(error).__name__}: {error}"[:200])

    async def _answer(self, origin: Origin) -> None:
        custom_id = str(origin.data.get("custom_id") or "")
        match origin.interaction.type:
            case InteractionType.autocomplete:
                await self._complete(origin)
            case _ if not origin.is_known:
                await origin.acknowledge()
                await origin.answer(UNKNOWN_PLACE)
            case InteractionType.application_command if origin.data.get("type") == menu.MESSAGE_COMMAND:
                await self._run_on_message(origin)
                await self._greet(origin)
            case InteractionType.application_command:
                command, typed = menu.parse_command(origin.data)
                await origin.acknowledge()
                options = await with_files(origin, command, typed)
                if isinstance(options, Message):
                    await origin.answer(options)
                else:
                    await self._run_command(origin, command, options)
                await self._greet(origin)
            case InteractionType.component:
                await self._press(origin, custom_id)
            case InteractionType.modal_submit:
                await self._submit(origin, custom_id)

    async def _greet(self, origin: Origin) -> None:
        """Say hello to the person who gave a large server's first command."""
        server = origin.interaction.guild_id
        if server is not None and not origin.is_personal and await self._servers.welcome(server):
            hello = await self._desk.joined(origin.address, origin.person)
            if hello is not None:
                await origin.follow_up(hello)

    async def _run_on_message(self, origin: Origin) -> None:
        """Run a command about the paper that a message links to; if it links to several, ask which."""
        await origin.acknowledge()
        command = menu.MESSAGE_COMMANDS[str(origin.data.get("name"))]
        messages = (origin.data.get("resolved") or {}).get("messages") or {}
        message = messages.get(origin.data.get("target_id")) or {}
        parts = ("content", "embeds", "components", "message_snapshots")  # the last: messages forwarded with it
        papers = linked_paper_ids([message.get(part) for part in parts])
        if len(papers) == 1:
            await self._run(origin, command, {"paper": papers[0]})
        else:
            await origin.answer(linked_papers(papers, command))

    async def _complete(self, origin: Origin) -> None:
        command, option, prefix = menu.focused_option(origin.data)
        choices: tuple[str, ...] = ()
        try:
            async with asyncio.timeout(COMPLETED_WITHIN):
                choices = await self._desk.complete(command, option, prefix, origin.caller)
        except TimeoutError:
            log.info("completions took too long command=%s", command)
        await origin.offer(choices)

    async def _press(self, origin: Origin, custom_id: str) -> None:
        if (page := forms.place_of(custom_id)) is not None:
            await self._open_page(origin, *page)
            return
        command, options = await self._overflow.decode(custom_id, origin.home)
        if not command:
            await origin.acknowledge()
            await origin.answer(OUTDATED_BUTTON)
            return
        if command == blocks.MENU:
            await self._open_menu(origin, options.get("paper", ""))
            return
        if options.get("share") == "yes":
            await self._share(origin, custom_id, command, options)
            return
        message = origin.interaction.message
        is_private = origin.interaction.guild_id is None or bool(message and message.flags.ephemeral)
        if replaces_message(options) and is_private:
            await origin.acknowledge_in_place()
        else:
            await origin.acknowledge()
        await self._run(origin, command, options)

    async def _open_menu(self, origin: Origin, paper_id: str) -> None:
        """Show the entries of a paper's menu to its presser alone, under the first line of the pressed message."""
        await origin.acknowledge()
        entries = tuple(replace(action, in_menu=False) for action in paper_menu(paper_id))
        body = await self._overflow.payload(say("More about this paper", actions=entries), origin.home)
        message = origin.interaction.message
        components: list[Any] = [part.to_dict() for part in message.components] if message else []
        if line := blocks.first_line(components):
            body["components"][0]["content"] = line
        await origin.answer(body)

    async def _share(self, origin: Origin, custom_id: str, command: str, options: dict[str, str]) -> None:
        """Post the answer for everybody, once and only where its presser may write, and take its button off."""
        await origin.acknowledge_in_place()
        message = origin.interaction.message
        key = message.id if message else 0, custom_id
        if not origin.may_share:
            await origin.follow_up(MAY_NOT_SHARE)
        elif not await self._shares.begin(*key):
            await origin.follow_up(ALREADY_SHARED)
        else:
            posted = False
            try:
                posted = await self._post_shared(origin, command, options)
            finally:
                if not posted:
                    await self._shares.undo(*key)
            components: list[Any] = [part.to_dict() for part in message.components] if message else []
            if posted and components:
                await origin.answer({"components": blocks.without_button(components, custom_id)})

    async def _post_shared(self, origin: Origin, command: str, options: dict[str, str]) -> bool:
        """Whether the answer was posted, or may have been."""
        answer = await self._desk.run(command, origin.caller, options)
        if isinstance(answer, Form) or answer.private:
            await origin.follow_up(OUTDATED_BUTTON if isinstance(answer, Form) else answer)
            return False
        if fault := await self._post(origin, answer):
            await origin.follow_up(fault)
        return fault is None or fault is SHARED_PERHAPS

    async def _post(self, origin: Origin, answer: Message) -> Message | None:
        """Post an answer for everybody, once; returns what went wrong."""
        body = await self._payload(origin, answer)
        try:
            await origin.follow_up(body, private=False)
        except TRANSPORT as error:
            failure = delivery_error(error)
            log.warning("could not share channel=%s reason=%r", origin.address, failure.reason)
            return SHARED_PERHAPS if failure.kind is Failure.UNKNOWN else problem(f"Not shared: {failure.reason}.")
        return None

    async def _run_command(self, origin: Origin, command: str, options: dict[str, str]) -> None:
        """Answer a command of the menu, with `share` for everybody where the person may write."""
        if options.get("share") != "yes" or not origin.may_share:
            await self._run(origin, command, {name: text for name, text in options.items() if name != "share"})
            if options.get("share") == "yes" and not origin.caller.direct:
                await origin.follow_up(NOT_SHARED_HERE if origin.is_personal else MAY_NOT_SHARE)
            return
        answer = await self._desk.run(command, origin.caller, options)
        if isinstance(answer, Form) or answer.private:
            await self._show(origin, answer)
            return
        await origin.answer(SHARED)  # a message after the acknowledgement alone would be as private as that
        if fault := await self._post(origin, answer):
            await origin.answer(fault)

    async def _run(self, origin: Origin, command: str, options: dict[str, str]) -> None:
        await self._show(origin, await self._desk.run(command, origin.caller, options))

    async def _show(self, origin: Origin, answer: Message | Form) -> None:
        if isinstance(answer, Form):
            self._forms[origin.address, origin.person, forms.key_of(answer)] = answer
            await origin.answer(forms.panel(answer))
            return
        if not origin.may_share:
            answer = without_share(answer)
        if answer.file is None or not await self._attach(origin, answer, answer.file):
            await origin.answer(await self._payload(origin, answer))
            most = limits.FOLLOW_UPS if origin.is_personal else None
            for part in file_parts(answer.file, PART_MAX, most) if answer.file else ():
                await origin.follow_up(part)
        if answer.announcement and origin.may_share:
            await self._announce(origin, change_message(answer.announcement))

    async def _announce(self, origin: Origin, line: Message) -> None:
        """Tell the channel of a change, once; the change itself was answered."""
        try:
            await origin.follow_up(line, private=False)
        except TRANSPORT as error:
            reason = delivery_error(error).reason
            log.info("could not announce a change channel=%s reason=%r", origin.address, reason)

    async def _payload(self, origin: Origin, message: Message, *, attached: bool = False) -> blocks.Json:
        """An answer as its reader may see it, with its commands as mentions."""
        usable = without_channel(message) if origin.is_personal else message
        visible = with_commands(visible_part(usable, origin.reader), self.menu_ids)
        return await self._overflow.payload(visible, origin.home, attached=attached)

    async def _attach(self, origin: Origin, message: Message, file: File) -> bool:
        """Whether the answer was sent with its file; Discord may refuse it as too large or not allowed here."""
        if len(file.content) > origin.interaction.filesize_limit:
            return False
        try:
            body = await self._payload(origin, message, attached=True)
            await origin.answer(body, attached=file)
        except discord.HTTPException as error:
            if not 400 <= error.status < 500:
                raise
            log.warning("could not attach a file channel=%s reason=%r", origin.address, str(error)[:200])
            return False
        return True

    # --- forms ---------------------------------------------------------------------------------------------------

    async def _open_page(self, origin: Origin, key: forms.FormKey, number: int) -> None:
        form = await self._form(origin, key)
        if isinstance(form, Form) and number < forms.page_count(form):
            await origin.open_modal(forms.modal(form, number))
        else:
            await origin.acknowledge()
            await self._show(origin, OUTDATED_BUTTON if isinstance(form, Form) else form)

    async def _submit(self, origin: Origin, custom_id: str) -> None:
        page = forms.place_of(custom_id)
        await origin.acknowledge_in_place()
        form = await self._form(origin, page[0]) if page else OUTDATED_BUTTON
        if isinstance(form, Message):
            await self._show(origin, form)
            return
        filled = await self._desk.read(forms.filled(form, origin.data), origin.address)
        if isinstance(filled, Form):
            await self._show(origin, filled)
            return
        self._forms[origin.address, origin.person, forms.key_of(form)] = replace(form, fields=())
        await self._show(origin, await self._desk.apply(filled, origin.caller))

    async def _form(self, origin: Origin, key: forms.FormKey) -> Form | Message:
        """The form as last shown to this person, else a new one; or the message that says why there is none."""
        form = self._forms.get((origin.address, origin.person, key))
        if form is not None and form.fields:
            return form
        options = forms.options_of(key)
        if key[0] not in COMMANDS or options is None:
            return OUTDATED_BUTTON
        return await self._desk.run(key[0], origin.caller, options)
