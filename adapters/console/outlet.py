"""The console as an outlet and a front."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterable
from datetime import datetime
from typing import TextIO

from adapters.console.dialogue import PROMPT, Dialogue
from adapters.console.drawing import draw
from adapters.console.layout import Row, message_rows, opener_rows, reply_rows, thread_rows
from adapters.console.streams import StreamReader, StreamWriter
from adapters.console.surroundings import is_terminal, local_timezone
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Caller, Channel, Message, Ref, Thread
from bot.ports import Asgi, Desk

log = logging.getLogger("paperboy.console")

LOCAL = Channel("console:local")


class Console:
    """Posts by printing, hears by reading lines.

    `color` None: on a terminal that has not declined it. `width` None: the terminal's own. `timezone` None: this
    machine's. Off a terminal nothing is coloured or wrapped, whatever they say.
    """

    name = "console"
    threads = True
    pace = 0.0
    asgi: tuple[str, Asgi] | None = None

    def __init__(
        self,
        out: TextIO,
        in_: TextIO | None = None,
        *,
        color: bool | None = None,
        width: int | None = None,
        timezone: str | None = None,
    ) -> None:
        self._out = out
        self._color = color
        self._width = width
        self._timezone = timezone
        self._writer = StreamWriter(out)
        self._reader = None if in_ is None else StreamReader(in_)
        self._talks = is_terminal(in_) and is_terminal(out)
        self._question = ""
        self._refs = itertools.count(1)

    # --- printing, for commands that show something and end

    def print(self, message: Message) -> None:
        """Show a message by itself."""
        self._writer.write_now(self._drawn(message_rows(message)))

    def print_thread(self, thread: Thread) -> None:
        """Show an opener and its replies."""
        self._writer.write_now(self._drawn(thread_rows(thread)))

    # --- an outlet

    async def post(self, channel: Channel, message: Message, *, under: Ref | None, key: str) -> Ref:  # noqa: ARG002
        """Print a message. Raises DeliveryError(later) if nobody reads: the next start may have a reader."""
        try:
            await self.say(self._drawn(opener_rows(message) if under is None else reply_rows(message)))
        except (OSError, ValueError) as error:
            raise DeliveryError(Failure.LATER, f"the output is closed: {_reason(error)}") from error
        return Ref(str(next(self._refs)))

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:  # noqa: ARG002
        """Always raises CannotTell."""
        raise CannotTell("a terminal cannot be read back")

    async def retract(self, channel: Channel, ref: Ref) -> None:  # noqa: ARG002
        """Say that a message does not count. Raises DeliveryError(later) if nobody reads."""
        try:
            await self.say(f"(Message {ref} is taken back.)\n")
        except (OSError, ValueError) as error:
            raise DeliveryError(Failure.LATER, f"the output is closed: {_reason(error)}") from error

    # --- a front

    async def serve(self, desk: Desk) -> None:
        """Answer typed lines until cancelled; without input, or when it ends, do nothing until cancelled."""
        if self._reader is not None:
            caller = Caller(LOCAL, LOCAL, may_manage=True, timezone=self._timezone or local_timezone())
            try:
                await Dialogue(desk, caller, self).hold()
            except (BrokenPipeError, ValueError) as error:
                log.warning("no more commands are read reason=%r", _reason(error))
        await asyncio.Event().wait()

    async def ask(self, question: str) -> str | None:
        """Show a question, on the same line where a person types; return the line typed."""
        assert self._reader is not None  # noqa: S101 - only serve asks, and only with input
        if self._talks:
            await self._writer.write(question)
            self._question = question
        elif question != PROMPT:
            await self._writer.write(f"{question.rstrip()}\n")
        try:
            return await self._reader.line()
        finally:
            self._question = ""

    async def say(self, text: str) -> None:
        """Print text that ends in a line break; a question that waits for its answer is repeated beneath."""
        waiting = self._question
        await self._writer.write(f"\n{text}{waiting}" if waiting else text)

    async def answer(self, message: Message) -> None:
        """Print an answer with numbered buttons, and leave a line free after it."""
        await self.say(self._drawn([*message_rows(message, numbered=True), Row("gap")]))

    def _drawn(self, rows: Iterable[Row]) -> str:
        return draw(rows, self._out, color=self._color, width=self._width)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
