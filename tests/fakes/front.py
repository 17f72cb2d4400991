"""Fakes of a front and of a desk: front.says("today"), desk.answers["today"] = message."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field

from bot.commands import parse_line, read_answers, read_form
from bot.model import Action, Block, Caller, Channel, File, FilledForm, Form, Message, Ref, Span, SubscriptionChanges
from bot.ports import Asgi, Desk
from tests.fakes import rendered


class FakeFront:
    """A chat in memory: a person types, presses and fills in; `screen` has every answer."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.asgi: tuple[str, Asgi] | None = None
        self.screen = ""
        self.file: File | None = None
        """The latest file that an answer brought."""
        self._caller = Caller(Channel(f"{name}:T1/C1"), Channel(f"{name}:T1/U1"), may_manage=True)
        self._inputs: asyncio.Queue[Callable[[Desk], Awaitable[Message | Form]]] = asyncio.Queue()
        self._actions: tuple[Action, ...] = ()
        self._desk: Desk | None = None

    async def serve(self, desk: Desk) -> None:
        """Answer the inputs one after the other."""
        self._desk = desk
        while True:
            answer = await (await self._inputs.get())(desk)
            if isinstance(answer, Message):
                self.screen += rendered(answer.text) + "\n"
                self._actions = answer.actions or self._actions
                self.file = answer.file or self.file
            else:
                self.screen += rendered("\n".join([answer.title, answer.refusal, *answer.faults])) + "\n"

    async def says(self, line: str) -> None:
        """Type a line."""
        await self._inputs.put(lambda desk: desk.say(line, self._caller))

    async def presses(self, label: str) -> None:
        """Press a button of the latest answer that has any."""
        [action] = [action for action in self._actions if action.label == label]
        await self._inputs.put(lambda desk: desk.run(action.command, self._caller, dict(action.options)))

    async def fills_in(self, form: Form, values: dict[str, str]) -> None:
        """Submit a form."""

        async def send(desk: Desk) -> Message | Form:
            changes = await desk.read(form.filled(values), self._caller.channel)
            return changes if isinstance(changes, Form) else await desk.apply(changes, self._caller)

        await self._inputs.put(send)

    async def completes(self, command: str, option: str, prefix: str) -> tuple[str, ...]:
        """The completions of an option."""
        assert self._desk is not None
        return await self._desk.complete(command, option, prefix, self._caller)


@dataclass
class FakeDesk:
    """A desk with prepared answers by command; `calls` has command, options and caller."""

    answers: dict[str, Message | Form] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str] | SubscriptionChanges, Caller]] = field(default_factory=list)
    reactions: list[tuple[Channel, Ref, Channel, int]] = field(default_factory=list)

    async def run(self, command: str, caller: Caller, options: dict[str, str]) -> Message | Form:
        self.calls.append((command, options, caller))
        return self.answers[command]

    async def say(self, line: str, caller: Caller) -> Message | Form:
        command, options = parse_line(line)
        return await self.run(command, caller, options)

    async def hear(self, text: str, caller: Caller) -> Message | Form | None:
        return await self.say(text, caller)

    async def complete(self, command: str, option: str, prefix: str, caller: Caller) -> tuple[str, ...]:
        return tuple(f"{command} {option} {prefix}{n}" for n in range(25))

    async def read(self, form: Form, channel: Channel) -> SubscriptionChanges | FilledForm | Form:
        if form.command != "settings":
            return read_form(form)
        changes, faults = read_answers({field.name: field.value for field in form.fields})
        return form.with_faults(faults) if faults else changes

    async def apply(self, filled: SubscriptionChanges | FilledForm, caller: Caller) -> Message:
        if isinstance(filled, FilledForm):
            answer = await self.run(filled.command, caller, {**filled.options})
            assert isinstance(answer, Message)
            return answer
        self.calls.append(("settings", filled, caller))
        answer = self.answers["settings"]
        assert isinstance(answer, Message)
        return answer

    async def linked(self, caller: Caller, ids: Sequence[str]) -> dict[str, Message]:
        return {}

    async def suggest(self, caller: Caller) -> tuple[tuple[str, str], ...]:
        return (("What trends today", "today"),)

    async def react(
        self, channel: Channel, ref: Ref, user: Channel, value: int, who: Callable[[], Awaitable[Caller]] | None = None
    ) -> None:
        self.reactions.append((channel, ref, user, value))

    async def gone(self, where: Channel, reason: str) -> None:
        """Do nothing."""

    async def back(self, where: Channel, reasons: Collection[str] = ()) -> None:
        """Do nothing."""

    async def moved(self, old: Channel, new: Channel) -> None:
        """Do nothing."""

    async def joined(self, channel: Channel, user: Channel | None) -> Message | None:
        return Message((Block("text", (Span("Hello"),)),))


class AnsweringDesk(FakeDesk):
    """A desk with one answer to whatever is typed."""

    def __init__(self, answer: Message) -> None:
        super().__init__(defaultdict(lambda: answer))

    async def say(self, line: str, caller: Caller) -> Message | Form:
        return await self.run(line, caller, {})
