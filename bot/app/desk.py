"""The desk: everything a front can ask of or tell the engine; unexpected errors become one-line answers here."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.app.engine import DigestEngine
from bot.commands import COMMANDS, parse_line, written_line
from bot.delivery.deliver import Deliverer
from bot.errors import UnavailableStoreError, UserError
from bot.handlers import Handlers, mistake
from bot.model import MEMBERS, Action, Caller, Channel, FilledForm, Form, Message, Ref, SubscriptionChanges
from bot.ports import Downloads, Library, Monitor, PersonalAccess, Pictures
from bot.ports.mailing import Mailing
from bot.wording.notices import GREETING, for_asker_alone, problem
from bot.wording.parts import for_everybody, is_shareable, with_share_hint
from bot.wording.typed import as_typed

_Answer = TypeVar("_Answer")

log = logging.getLogger("paperboy.desk")


class FrontDesk:
    """Implements `ports.Desk`."""

    def __init__(
        self,
        engine: DigestEngine,
        handlers: Handlers,
        deliverer: Deliverer,
        library: Library | None = None,
        monitor: Monitor | None = None,
    ) -> None:
        self.library, self.monitor = library, monitor
        self.mailing: Mailing | None = None
        self.downloads: Downloads | None = handlers.downloads
        self.pictures: Pictures | None = None
        self.personal: PersonalAccess = handlers.personal
        self._engine, self._handlers = engine, handlers
        self.complete, self.read = handlers.complete, handlers.read
        self.gone, self.back = deliverer.gone, engine.revive

    async def run(self, command: str, caller: Caller, options: dict[str, str]) -> Message | Form:
        """Carry out a command."""
        return await self._guarded(command, caller, self._handlers.run(command, caller, options))

    async def _guarded(self, command: str, caller: Caller, answer: Awaitable[_Answer]) -> _Answer | Message:
        """The answer; an unexpected error is logged and answered in one line."""
        try:
            result = await answer
        except UserError as error:
            return as_typed(mistake(error), caller.command_word)
        except UnavailableStoreError as error:
            log.warning("a command failed command=%s channel=%s reason=%s", command, caller.channel, error)
            return problem("Paperboy can't reach its database just now. Please try again in a minute.")
        except Exception:
            log.exception("a command failed command=%s channel=%s", command, caller.channel)
            return problem("Something went wrong on our side; it is in the log. Please try again in a minute.")
        return as_typed(result, caller.command_word) if isinstance(result, Message) else result

    async def say(self, line: str, caller: Caller) -> Message | Form:
        """Carry out a typed line."""
        try:
            command, options = parse_line(line)
        except UserError as error:
            return as_typed(mistake(error), caller.command_word)
        wants_share = options.pop("share", "no").lower().startswith("y")  # only a button shares, which knows its answer
        answer = await self.run(command, caller, options)
        return with_share_hint(answer) if isinstance(answer, Message) and wants_share else answer

    async def hear(self, text: str, caller: Caller) -> Message | Form | None:
        """Answer a message that somebody wrote; in a channel for everybody, unless it is private or a mistake."""
        try:
            line = written_line(text)
            command, options = parse_line(line) if line is not None else ("", {})
        except UserError as error:
            return as_typed(mistake(error), caller.command_word)
        if line is None:
            return None
        options.pop("share", None)  # what may be shared is, here
        pressed = Action(command.capitalize(), command, options, style="primary")
        if caller.only_public and not COMMANDS[command].shareable:
            return for_asker_alone(pressed)
        answer = await self.run(command, caller, options)
        if caller.alone or not isinstance(answer, Message) or not is_shareable(answer):
            return answer
        if await self._handlers.share_refusal(caller) is None:
            return for_everybody(answer)
        return for_asker_alone(pressed) if caller.only_public else answer

    async def apply(self, filled: SubscriptionChanges | FilledForm, caller: Caller) -> Message:
        """Carry out a form: save changed settings, or run its command."""
        return await self._guarded("settings", caller, self._handlers.apply(filled, caller))

    async def suggest(self, caller: Caller) -> tuple[tuple[str, str], ...]:
        """Lines to begin with; a fault is logged, and there are none."""
        try:
            return await self._handlers.suggestions(caller)
        except Exception:
            log.exception("no suggestions channel=%s", caller.channel)
            return ()

    async def linked(self, caller: Caller, ids: Sequence[str]) -> dict[str, Message]:
        """Cards of the papers that a person linked to; a fault is logged, and there are none."""
        try:
            return await self._handlers.linked(caller, ids)
        except Exception:
            log.exception("no cards for linked papers channel=%s", caller.channel)
            return {}

    async def react(
        self, channel: Channel, ref: Ref, user: Channel, value: int, who: Callable[[], Awaitable[Caller]] | None = None
    ) -> None:
        """Store a reaction to a posted paper; one to another message, or that does not count here, is ignored."""
        paper_id = await self._engine.store.ledger.paper_of(channel, ref)
        if paper_id is not None and (value == 0 or await self._counts(channel, user, who)):
            await self._engine.store.people.react(channel, user, paper_id, value, self._engine.clock())

    async def _counts(self, channel: Channel, user: Channel, who: Callable[[], Awaitable[Caller]] | None) -> bool:
        """Whether a person's reactions count; their rights are looked up only where the channel asks for some."""
        if (await self._engine.store.channels.settings(channel)).feedback == MEMBERS:
            return True
        return await self._handlers.counts(await who() if who else Caller(channel, user))

    async def moved(self, old: Channel, new: Channel) -> None:
        """Move everything stored about a channel to its new address."""
        if await self._engine.store.subscriptions.move(old, new):
            log.info("moved channel=%s to=%s", old, new)

    async def joined(self, channel: Channel, user: Channel | None) -> Message | None:  # noqa: ARG002 - a Desk is told both
        """The greeting of a new channel; None if it was greeted before. A channel paused as unreachable resumes."""
        await self._engine.revive(channel)
        if not await self._engine.store.subscriptions.mark_greeted(channel, self._engine.clock()):
            return None
        return GREETING
