"""The desk: all that a front can ask of the engine, and the one place where an unexpected fault becomes an answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from bot import wording
from bot.commands import parse_line
from bot.delivery import attempts
from bot.digest.selection import Shortlist
from bot.errors import DeliveryError, UserError
from bot.model import (
    Caller,
    Channel,
    Digest,
    Form,
    Message,
    Paper,
    Ref,
    Subscription,
    SubscriptionChanges,
    delivery_key,
    platform,
)
from bot.search import Beyond

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app.engine import Engine
    from bot.delivery.deliver import Deliverer
    from bot.handlers import Answers
    from bot.ports import Library, Mailing, Outlet, Pulse
    from bot.query.ast import Query
    from bot.ranking.profile import Leaning
    from bot.search import Elsewhere

_Answer = TypeVar("_Answer")

log = logging.getLogger("paperboy.desk")


class Newsroom:
    """What answers may ask of the engine."""

    def __init__(self, engine: Engine, outlets: Mapping[str, Outlet]) -> None:
        self._engine = engine
        self._outlets = outlets
        self._beyond = Beyond(engine.sources)

    def now(self) -> datetime:
        """The time, UTC."""
        return self._engine.clock()

    async def shortlist(self) -> Shortlist:
        """The current candidates."""
        return await self._engine.shortlist(wait=False)

    def latest(self) -> Sequence[Paper]:
        """The papers trending when that was last looked at."""
        return self._engine.latest

    async def preview(self, wish: Subscription) -> Digest:
        """What a wish would bring now."""
        return await self._engine.preview(wish)

    async def leaning(self, channel: Channel, shortlist: Shortlist) -> Leaning | None:
        """How the channel's profile leans on these candidates."""
        return await self._engine.learner.leaning(channel, shortlist)

    async def fetch_paper(self, paper_id: str) -> Paper | None:
        """A paper, asked of the sources if it is not stored. Raises SourceError."""
        return await self._engine.fetch_paper(paper_id)

    async def elsewhere(self, query: Query) -> Elsewhere:
        """What the sources' own search finds for a query, and which of them did not answer."""
        return await self._beyond.search(query, self._engine.clock())

    async def understand(self, shortlist: Shortlist, topics: Sequence[str]) -> None:
        """Make a shortlist know what is close to these topics in meaning."""
        await self._engine.understand(shortlist, topics)

    def wake(self) -> None:
        """Something may have become due."""
        self._engine.wake()

    async def prove(self, channel: Channel) -> str | None:
        """Post a marked message and delete it; None if that worked, else why not."""
        outlet = self._outlets.get(platform(channel))
        if outlet is None:
            return f"no adapter for {platform(channel)} is set up"
        now = self.now()
        key = delivery_key(channel, now.date(), -int(now.timestamp()))
        try:
            await outlet.retract(channel, await attempts.post(outlet, channel, wording.proof(), None, key))
        except DeliveryError as error:
            return error.reason
        return None


class FrontDesk:
    """Implements `ports.Desk`."""

    def __init__(
        self,
        engine: Engine,
        answers: Answers,
        deliverer: Deliverer,
        library: Library | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        self.library, self.pulse = library, pulse
        self.mailing: Mailing | None = None
        self._engine = engine
        self._answers = answers
        self._deliverer = deliverer

    async def run(self, command: str, caller: Caller, options: dict[str, str]) -> Message | Form:
        """Carry out a command."""
        return await self._guarded(command, caller, self._answers.run(command, caller, options))

    async def _guarded(self, command: str, caller: Caller, answer: Awaitable[_Answer]) -> _Answer | Message:
        """The answer; a fault of ours is logged and answered in one line."""
        try:
            return await answer
        except UserError as error:
            return wording.problem(str(error))
        except Exception:
            log.exception("a command failed command=%s channel=%s", command, caller.channel)
            return wording.problem("Something went wrong on our side; it is in the log. Please try again in a minute.")

    async def say(self, line: str, caller: Caller) -> Message | Form:
        """Carry out a typed line."""
        try:
            command, options = parse_line(line)
        except UserError as error:
            return wording.problem(str(error))
        return await self.run(command, caller, options)

    async def complete(self, command: str, option: str, prefix: str, caller: Caller) -> tuple[str, ...]:
        """At most 25 ways to go on."""
        return await self._answers.complete(command, option, prefix, caller)

    async def apply(self, changes: SubscriptionChanges, caller: Caller) -> Message:
        """Save changed settings."""
        return await self._guarded("settings", caller, self._answers.apply(changes, caller))

    async def react(self, channel: Channel, ref: Ref, user: Channel, value: int) -> None:
        """Count a reaction to a posted paper; one to anything else is not ours."""
        paper_id = await self._engine.store.ledger.paper_of(channel, ref)
        if paper_id is not None:
            await self._engine.store.people.react(channel, user, paper_id, value, self._engine.clock())

    async def gone(self, where: Channel, reason: str) -> None:
        """Pause what can no longer be reached."""
        await self._deliverer.gone(where, reason)

    async def back(self, where: Channel) -> None:
        """Go on with what was paused for being gone."""
        await self._engine.revive(where)

    async def moved(self, old: Channel, new: Channel) -> None:
        """Let everything about a channel go along with it."""
        if await self._engine.store.subscriptions.move(old, new):
            log.info("moved channel=%s to=%s", old, new)

    async def joined(self, channel: Channel, user: Channel | None) -> Message | None:
        """What to say in a new channel; None if it was said before. A channel paused for being gone goes on."""
        await self._engine.revive(channel)
        if not await self._engine.store.subscriptions.greet(channel, self._engine.clock()):
            return None
        return wording.hello(channel, user)
