"""The console as an outlet and a front."""

from __future__ import annotations

import asyncio
import itertools
import logging
import signal
import warnings
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from adapters.console.dialogue import PROMPT, UNCHANGED, Dialogue, InputEnded
from adapters.console.streams import StreamReader, StreamWriter, is_terminal
from adapters.plain_text import Row, message_rows, plain_text
from adapters.text import printable
from bot.errors import CannotTell, DeliveryError, Failure, UserError
from bot.model import Caller, Channel, File, Form, Message, Ref, Thread
from bot.ports import Asgi, Claim, Desk, no_claim

log = logging.getLogger("paperboy.console")

LOCAL = Channel("console:local")
REPLY_INDENT = 4
"""Columns."""


class Console:
    """Posts by printing, takes commands by reading lines.

    `color` None: on a terminal that has not declined it. `width` None: the terminal's own. `timezone` None: this
    machine's. Off a terminal there are neither colours nor wrapping.
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
        self._is_interactive = is_terminal(in_) and is_terminal(out)
        self._question = ""
        """The question that waits for its answer on the last line of the terminal."""
        self._refs = itertools.count(1)

    def _render(self, rows: Iterable[Row]) -> str:
        if not is_terminal(self._out):
            return plain_text(rows)
        from adapters.console.terminal import terminal_text  # noqa: PLC0415 - rich is slow to import

        return terminal_text(rows, self._out, color=self._color, width=self._width)

    # --- printing, for commands that show something and end

    def print(self, message: Message) -> None:
        """Print a message by itself, its file below; off a terminal the file alone, to be redirected.

        Raises OSError if the reader is gone.
        """
        text = self._render(message_rows(message))
        if message.file is not None:
            text = f"{text}\n{_file_text(message.file)}" if is_terminal(self._out) else _file_text(message.file)
        self._writer.write_now(text)

    async def fill_in(self, desk: Desk, caller: Caller, form: Form) -> None:
        """Ask for the fields of a form, and print the answer. Raises UserError if the input ends before."""
        try:
            answer = await Dialogue(desk, caller, self).filled(form)
        except InputEnded:
            raise UserError(f"“{form.title}” asks questions: type the command at a terminal and answer them") from None
        if answer is None:
            self._writer.write_now(f"{UNCHANGED}\n")
        else:
            self.print(answer)

    def print_thread(self, thread: Thread) -> None:
        """Print an opener and its replies. Raises OSError if the reader is gone."""
        rows = (row for each in thread.messages for row in _post_rows(each, is_reply=each is not thread.opener))
        self._writer.write_now(self._render(rows))

    # --- an outlet

    async def post(
        self,
        channel: Channel,  # noqa: ARG002 - there is one terminal
        message: Message,
        *,
        under: Ref | None,
        key: str,  # noqa: ARG002 - a terminal is not searched
        claim: Claim = no_claim,
    ) -> Ref:
        """Print a message. Raises DeliveryError(later) if the reader is gone: the next start may have one."""
        await claim()
        await self._deliver(self._render(_post_rows(message, is_reply=under is not None)))
        return Ref(str(next(self._refs)))

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:  # noqa: ARG002
        """Always raises CannotTell."""
        raise CannotTell("a terminal cannot be read back")

    async def retract(self, channel: Channel, ref: Ref) -> None:  # noqa: ARG002
        """Print that a message is withdrawn. Raises DeliveryError(later) if the reader is gone."""
        await self._deliver(f"(Message {ref} is taken back.)\n")

    async def prove(self, channel: Channel) -> None:  # noqa: ARG002
        """Raise DeliveryError(later) if the reader is gone; print nothing."""
        await self._deliver("")

    async def _deliver(self, text: str) -> None:
        try:
            await self.say(text)
        except (OSError, ValueError) as error:
            raise DeliveryError(Failure.LATER, f"the output is closed: {_reason(error)}") from error

    # --- a front

    async def serve(self, desk: Desk) -> None:
        """Answer typed lines until `exit`, or Ctrl-D on a terminal; at the end of other input wait until cancelled."""
        if self._reader is not None:
            caller = Caller(LOCAL, LOCAL, may_manage=True, timezone=self._timezone or local_timezone(), command_word="")
            try:
                if await Dialogue(desk, caller, self).run() or self._is_interactive:
                    leave()
            except (BrokenPipeError, ValueError) as error:
                log.warning("no more commands are read reason=%r", _reason(error))
        await asyncio.Event().wait()

    async def ask(self, question: str) -> str | None:
        """Show a question, on a terminal without a line break; return the line typed."""
        assert self._reader is not None  # noqa: S101 - only serve asks, and only with input
        if self._is_interactive:
            await self._writer.write(question)
            self._question = question
        elif question != PROMPT:
            await self._writer.write(f"{question.rstrip()}\n")
        try:
            return await self._reader.line()
        finally:
            self._question = ""

    async def say(self, text: str) -> None:
        """Print text that ends in a line break; a waiting question is repeated beneath."""
        question = self._question
        await self._writer.write(f"\n{text}{question}" if question else text)

    async def answer(self, message: Message) -> None:
        """Print an answer with numbered buttons and an empty line, then its file."""
        text = self._render([*message_rows(message, numbered=True), Row("gap")])
        await self.say(text if message.file is None else f"{text}{_file_text(message.file).rstrip()}\n\n")


def _post_rows(message: Message, *, is_reply: bool) -> Iterator[Row]:
    """A message in the channel itself, under a rule; a reply of a thread, indented under an empty line."""
    yield Row("gap" if is_reply else "rule")
    yield from message_rows(message, indent=REPLY_INDENT if is_reply else 0)


def _file_text(file: File) -> str:
    """Content of a text file without characters that act on a screen; lines are as long as they are."""
    return printable(file.content.decode("utf-8", "replace"), lines=True)


def leave() -> None:
    """End the program, as Ctrl-C does."""
    signal.raise_signal(signal.SIGINT)


def local_timezone() -> str | None:
    """IANA name of this machine's time zone; None if it has no known one."""
    import tzlocal  # noqa: PLC0415 - needed only where commands are typed

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about contradicting configurations; any of them will do
            name = tzlocal.get_localzone_name()
        return ZoneInfo(name).key if name else None
    except (LookupError, ValueError, OSError):
        return None


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
