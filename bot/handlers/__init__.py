"""Handlers: what each command does. Command + caller + options -> Message or Form. The files: README.md."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import bot.handlers.club
import bot.handlers.digests
import bot.handlers.links
import bot.handlers.memory
import bot.handlers.papers
import bot.handlers.people
import bot.handlers.reading_list
import bot.handlers.reading_list_import
import bot.handlers.recap
import bot.handlers.search
import bot.handlers.status
import bot.handlers.topics
import bot.handlers.tuning
import bot.handlers.watches
import bot.handlers.zotero  # noqa: F401 - these register handlers
from bot.commands import (
    COMMANDS,
    Command,
    NoPaperIdError,
    check_names,
    find,
    query_fault,
    read_answers,
    read_form,
    read_options,
)
from bot.commands.command import Completion
from bot.errors import QueryError, UserError
from bot.handlers.channel import change_subscription
from bot.handlers.channel_settings import read_channel_form
from bot.handlers.completion import complete, paper_values
from bot.handlers.context import HANDLERS, ChangedMeanwhile, Context, Invocation
from bot.handlers.downloads import SignedDownloads
from bot.handlers.groups import group_names
from bot.handlers.links import linked_cards
from bot.handlers.mistakes import mistake
from bot.handlers.named_digest import name_fault
from bot.handlers.permission import Permit, change_permit, feedback_refusal, refusal, share_refusal, teach
from bot.handlers.personal_tokens import PersonalTokens
from bot.handlers.suggestions import suggestions
from bot.handlers.thread import with_threads_paper
from bot.handlers.titles import propose_papers, titled_papers
from bot.handlers.topic_check import topic_faults
from bot.handlers.watches import watches_of
from bot.model import Caller, Channel, FilledForm, Form, Message, SubscriptionChanges, schedule
from bot.text.analyzer import words
from bot.wording.notices import needs_presence, with_untold
from bot.wording.parts import shared_by
from bot.wording.rules import with_note

if TYPE_CHECKING:
    from bot.ports import Engine, Outlet
    from bot.search import Search
    from bot.store import Store
    from bot.zotero import ZoteroSync

__all__ = ["Handlers", "Invocation", "SignedDownloads", "mistake"]

_Answer = TypeVar("_Answer")


class Handlers:
    """Command runner. Errors of the user are answered with a one-line message; our own faults are raised."""

    def __init__(  # noqa: PLR0913 - what handlers need
        self,
        store: Store,
        search: Search,
        engine: Engine,
        *,
        version: str = "",
        downloads: SignedDownloads | None = None,
        mcp_url: str | None = None,
        zotero: ZoteroSync | None = None,
        outlets: Mapping[str, Outlet] = MappingProxyType({}),
    ) -> None:
        """`mcp_url`: where programs come with a person's token; `outlets` tell whether that person is still there.

        Raises LookupError for a command without a handler.
        """
        if missing := COMMANDS.keys() - HANDLERS.keys():
            raise LookupError(f"no handler in bot/handlers for {', '.join(sorted(missing))}")
        self.downloads, self.personal = downloads, PersonalTokens(store, engine.clock, outlets)
        self._context = Context(store, search, engine, self.personal, version, downloads, mcp_url, zotero)
        self.share_refusal = partial(share_refusal, self._context)
        self.suggestions = partial(suggestions, self._context)

    async def run(self, name: str, caller: Caller, raw: Mapping[str, str]) -> Message | Form:
        """Run one command with options as typed."""
        try:
            options = await with_threads_paper(self._context, find(name), caller, raw)
        except UserError as error:
            return mistake(error)
        return options if isinstance(options, Message) else await self._run(name, caller, options)

    async def _run(self, name: str, caller: Caller, raw: Mapping[str, str]) -> Message | Form:
        try:
            command = find(name)
            if caller.invite and not command.anywhere:
                return needs_presence(command.name, caller.invite)
            permit = await self._permit(command, caller, raw)
            if permit.refusal is not None:
                return permit.refusal
            answer = await self._answer(command, caller, raw)
        except NoPaperIdError as error:
            return await self._by_title(error, name, caller, raw)
        except QueryError as error:
            return mistake(query_fault(error, find(name)))
        except UserError as error:
            return mistake(error)
        return with_note(answer, permit.note) if isinstance(answer, Message) else answer

    async def _answer(self, command: Command, caller: Caller, raw: Mapping[str, str]) -> Message | Form:
        """The answer to a command that the caller may run."""
        now = self._context.engine.clock()
        today = now.astimezone(ZoneInfo(await self._context.timezone(caller))).date()
        check_names(command, raw)
        options = {} if command.form else read_options(command, raw, today=today)
        invocation = Invocation(command, caller, options, raw, now)
        answer = await _on_latest(partial(HANDLERS[command.name], self._context, invocation))
        if not isinstance(answer, Message):
            return answer
        if options.get("share") == "yes":
            paper_id, store = options.get("paper"), self._context.store
            if isinstance(paper_id, str) and store.writable:  # a shared paper teaches the channel's profile
                await teach(self._context, invocation, paper_id, "share")
            return shared_by(answer, caller.name)
        return await self._with_untold(answer, caller)

    async def _permit(self, command: Command, caller: Caller, raw: Mapping[str, str]) -> Permit:
        """The permit or the refusal for a caller who runs a command with these options."""
        if raw.get("share", "").lower().startswith("y"):
            return Permit(await self.share_refusal(caller))
        if command.permission == "managers":
            return await change_permit(self._context, command.name, caller)
        return Permit(None)

    async def counts(self, caller: Caller) -> bool:
        """Whether a caller's feedback counts in the channel."""
        return await feedback_refusal(self._context, caller) is None

    async def _by_title(
        self, error: NoPaperIdError, name: str, caller: Caller, raw: Mapping[str, str]
    ) -> Message | Form:
        """The answer for the one paper with the typed title, else the question which paper is meant."""
        papers = await titled_papers(self._context, error.text, self._context.engine.clock())
        if len(papers) == 1 and words(papers[0].title) == words(error.text):
            return await self.run(name, caller, {**raw, error.option: papers[0].id})
        try:
            return propose_papers(find(name), raw, error, papers)
        except UserError as refused:
            return mistake(refused)

    async def read(self, form: Form, channel: Channel) -> SubscriptionChanges | FilledForm | Form:
        """The changes of a filled-in settings form, the options of another one, or the form with its faults."""
        if form.command in COMMANDS and not COMMANDS[form.command].form:
            return await asyncio.to_thread(read_form, form)
        if form.command == "channel":
            return await read_channel_form(self._context, channel, form)
        changes, faults = read_answers(form.answers)
        if (fault := name_fault(form, await self._context.digests(channel))) and "name" not in faults:
            faults["name"] = fault
        faults = await topic_faults(self._context, channel, changes, self._context.engine.clock()) | faults
        return form.with_faults(faults) if faults else changes

    async def apply(self, filled: SubscriptionChanges | FilledForm, caller: Caller) -> Message:
        """Save the settings of a form, or carry out the command of another one."""
        if isinstance(filled, FilledForm):
            done = await self.run(filled.command, caller, filled.options)
            return done if isinstance(done, Message) else mistake(UserError(" ".join(done.faults)))
        if (answer := await refusal(self._context, "settings", caller)) is not None:
            return answer
        now = self._context.engine.clock()
        answer = await _on_latest(partial(change_subscription, self._context, caller, filled, now))
        return await self._with_untold(answer, caller)

    async def linked(self, caller: Caller, ids: Sequence[str]) -> dict[str, Message]:
        """Cards of the papers that a person linked to, by the ids as linked, where the channel wants them."""
        return await linked_cards(self._context, caller, ids, self._context.engine.clock())

    async def _with_untold(self, answer: Message, caller: Caller) -> Message:
        """The answer below undelivered notices about the channel, for a manager, once."""
        people, digests = self._context.store.people, self._context.subscriptions.get(caller.channel)
        if not digests or not caller.may_manage or not answer.private or not self._context.store.writable:
            return answer
        if not (notices := await people.untold_notices(caller.channel)):
            return answer
        await people.settle_untold(caller.channel)
        paused = any(each.paused_at for each in digests)  # a pause that is over needs no telling
        notices = [each for each in notices if paused or each.kind != "paused"]
        today = schedule.local_day(digests[0], self._context.engine.clock())
        return with_untold(answer, notices, caller.channel, today)

    async def complete(self, command: str, option: str, prefix: str, caller: Caller) -> tuple[str, ...]:
        """At most 25 completions, from memory once the channel's subscription was read."""
        digests = self._context.subscriptions.get(caller.channel)
        if digests is None:
            digests = await self._context.digests(caller.channel)
        declared = COMMANDS[command].option(option) if command in COMMANDS else None
        offered: dict[Completion, Iterable[str]] = {"papers": paper_values(self._context.engine.latest)}
        if declared is not None and declared.completes == "groups":
            offered["groups"] = await group_names(self._context, caller.channel)
        if declared is not None and declared.completes == "watched":
            offered["watched"] = [each.line for each in await watches_of(self._context, caller)]
        return complete(command, option, prefix, digests, offered)


async def _on_latest(handle: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """The answer of a handler, which starts again on what is stored now as long as others are quicker to change it.

    Of those that change at the same time one always succeeds, in this process or another.
    """
    while True:
        try:
            return await handle()
        except ChangedMeanwhile:
            continue
