"""A conversation by lines: commands, numbered buttons, and forms asked field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from adapters.text import printable
from bot.commands import read_form
from bot.model import Action, Caller, Form, FormField, Message
from bot.ports import Desk

PROMPT = "› "
CANCEL = "cancel"
EMPTY = "-"

_PREFIX = re.compile(r"/papers(?=\s|$)|/", re.IGNORECASE)


class Screen(Protocol):
    """Where a conversation happens."""

    async def ask(self, question: str) -> str | None:
        """The line typed in answer; None at the end of input."""
        ...

    async def say(self, text: str) -> None:
        """Show a line or more."""
        ...

    async def answer(self, message: Message) -> None:
        """Show an answer, its buttons numbered."""
        ...


class Ended(Exception):  # noqa: N818 - no error
    """Nothing more will be typed."""


class Dialogue:
    """One person's conversation with the desk."""

    def __init__(self, desk: Desk, caller: Caller, screen: Screen) -> None:
        self._desk = desk
        self._caller = caller
        self._screen = screen
        self._buttons: tuple[Action, ...] = ()

    async def hold(self) -> None:
        """Answer line after line until the input ends."""
        try:
            while True:
                await self._hear(await self._line(PROMPT))
        except Ended:
            return

    async def _line(self, question: str) -> str:
        typed = await self._screen.ask(question)
        if typed is None:
            raise Ended
        return printable(typed).strip()

    async def _hear(self, line: str) -> None:
        if not line:
            return
        if line.isascii() and line.isdigit():
            await self._press(int(line))
            return
        command = _PREFIX.sub("", line, count=1) if _PREFIX.match(line) else line
        await self._show(await self._desk.say(command.strip() or "help", self._caller))

    async def _press(self, number: int) -> None:
        if not 1 <= number <= len(self._buttons):
            await self._screen.say(f"There is no button {number} here.\n")
            return
        action = self._buttons[number - 1]
        if action.url is not None:
            await self._screen.say(f"{printable(action.url)}\n")
            return
        await self._show(await self._desk.run(action.command, self._caller, dict(action.options)))

    async def _show(self, answer: Message | Form | None) -> None:
        while isinstance(answer, Form):
            answer = await self._fill_in(answer)
        if answer is None:
            await self._screen.say("Nothing was changed.\n")
            return
        await self._screen.answer(answer)
        # An answer without buttons leaves those above it in reach: after Save comes Similar.
        self._buttons = answer.actions or self._buttons

    async def _fill_in(self, form: Form) -> Message | Form | None:
        """Ask for the fields that are wrong, or for all; carry the form out once nothing is. None: left unsaved."""
        await self._screen.say(
            f"{printable(form.title)}. Enter keeps what is in brackets, “{EMPTY}” empties it, “{CANCEL}” leaves.\n"
        )
        while True:
            asked = [f for f in form.fields if f.error] or form.fields
            typed = await self._ask_all(asked)
            if typed is None:
                return None
            fields = tuple(replace(f, value=typed.get(f.name, f.value), error=None) for f in form.fields)
            changes = read_form(replace(form, fields=fields))
            if not isinstance(changes, Form):
                return await self._desk.apply(changes, self._caller)
            form = changes

    async def _ask_all(self, fields: Iterable[FormField]) -> dict[str, str] | None:
        """The answers by field; None if the form is left."""
        typed: dict[str, str] = {}
        for field in fields:
            if field.error:
                await self._screen.say(f"{printable(field.label)}: {printable(field.error)}\n")
            value = await (self._ask_lines(field) if field.kind == "lines" else self._ask_line(field))
            if value is None:
                return None
            typed[field.name] = value
        return typed

    async def _ask_line(self, field: FormField) -> str | None:
        typed = await self._line(question(field))
        if typed.lower() == CANCEL:
            return None
        return "" if typed == EMPTY else typed or field.value

    async def _ask_lines(self, field: FormField) -> str | None:
        """Several lines, ended by an empty one; one that is empty at once keeps what there is."""
        lines: list[str] = []
        typed = await self._line(question(field))
        while typed and typed != EMPTY:
            if typed.lower() == CANCEL:
                return None
            lines.append(typed)
            typed = await self._line("  and: ")
        return "" if typed == EMPTY else "\n".join(lines) or field.value


def question(field: FormField) -> str:
    """`Style (thread or compact; a reply a paper, or all in one message) [thread]: `."""
    hints = [" or ".join(field.choices)] if field.choices else []
    hints += [field.help] if field.help else []
    hints += ["an empty line ends"] if field.kind == "lines" else []
    explained = f" ({printable('; '.join(hints))})" if hints else ""
    kept = f" [{printable('; '.join(field.value.splitlines()))}]" if field.value else ""
    return f"{printable(field.label)}{explained}{kept}: "
