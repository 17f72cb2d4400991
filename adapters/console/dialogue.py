"""Conversation by lines: commands, numbered buttons, and forms filled in field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from adapters.text import decoded, printable
from bot.commands import CANCEL, FILE_MAX
from bot.model import Action, Caller, Form, FormField, Message
from bot.ports import Desk

PROMPT = "› "
EMPTY = "-"
UNCHANGED = "Nothing was changed."
LEAVING = frozenset({"exit", "quit", "q", ":q", ":q!", ":wq", "bye", "logout"})
"""Lines that leave the console."""

_IMPORT = re.compile(r"(?:saved )?import (\S.*)", re.IGNORECASE)
_PREFIX = re.compile(r"/papers(?=\s|$)|/", re.IGNORECASE)


class Screen(Protocol):
    """Input and output of a conversation."""

    async def ask(self, question: str) -> str | None:
        """Show a question and return the typed line; None at the end of input."""

    async def say(self, text: str) -> None:
        """Show lines of text."""

    async def answer(self, message: Message) -> None:
        """Show an answer, its buttons numbered."""


class InputEnded(Exception):  # noqa: N818 - no error
    """The input has no more lines."""


class Dialogue:
    """One person's conversation with the desk."""

    def __init__(self, desk: Desk, caller: Caller, screen: Screen) -> None:
        self._desk = desk
        self._caller = caller
        self._screen = screen
        self._buttons: tuple[Action, ...] = ()

    async def run(self) -> bool:
        """Answer line after line until the input ends; whether the person left before."""
        try:
            while (line := await self._ask(PROMPT)).lower().removesuffix("()") not in LEAVING:
                if line.isascii() and line.isdigit():
                    await self._press(int(line))
                elif line:
                    command = _PREFIX.sub("", line, count=1) if _PREFIX.match(line) else line
                    await self._show(await self._say(command.strip() or "help"))
        except InputEnded:
            return False
        return True

    async def _say(self, line: str) -> Message | Form:
        """The answer to a line; after `saved import` the path of a file stands for its text."""
        path = _IMPORT.fullmatch(line)
        text = _file_text(path[1]) if path else None
        if text is None:
            return await self._desk.say(line, self._caller)
        return await self._desk.run("saved import", self._caller, {"file": text})

    async def _ask(self, question: str) -> str:
        line = await self._screen.ask(question)
        if line is None:
            raise InputEnded
        return printable(line).strip()

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
        answer = await self.filled(answer)
        if answer is None:
            await self._screen.say(f"{UNCHANGED}\n")
            return
        await self._screen.answer(answer)
        # Buttons of an earlier answer stay usable after one without buttons: after Save comes Similar.
        self._buttons = answer.actions or self._buttons

    async def filled(self, answer: Message | Form | None) -> Message | None:
        """The answer to the last of the forms that follow an answer; None if it was cancelled."""
        while isinstance(answer, Form):
            answer = await self._fill_in(answer)
        return answer

    async def _fill_in(self, form: Form) -> Message | Form | None:
        """Ask for all fields, then again for faulty ones until there are none; apply the form. None: cancelled."""
        await self._screen.say(
            f"{printable(form.title)}. Enter keeps what is in brackets, “{EMPTY}” empties it, “{CANCEL}” leaves.\n"
        )
        while True:
            if form.refusal:
                await self._screen.say(f"{form.refusal}\n")
            values = await self._ask_fields([field for field in form.fields if field.error] or form.fields)
            if values is None:
                return None
            changes = await self._desk.read(form.filled(values).with_faults({}), self._caller.channel)
            if not isinstance(changes, Form):
                return await self._desk.apply(changes, self._caller)
            form = changes

    async def _ask_fields(self, fields: Iterable[FormField]) -> dict[str, str] | None:
        """Values by field name; None if the form was cancelled."""
        values: dict[str, str] = {}
        for field in fields:
            if field.error:
                await self._screen.say(f"{printable(field.label)}: {printable(field.error)}\n")
            value = await self._ask_value(field)
            if value is None:
                return None
            values[field.name] = value
        return values

    async def _ask_value(self, field: FormField) -> str | None:
        """A field's value; an empty line keeps the old one, or ends several lines. None: cancelled."""
        lines: list[str] = []
        line = await self._ask(_question(field))
        while line and line != EMPTY:
            if line.lower() == CANCEL:
                return None
            lines.append(line)
            if field.kind != "lines":
                break
            line = await self._ask("  and: ")
        return "" if line == EMPTY else "\n".join(lines) or field.shown


def _file_text(path: str) -> str | None:
    """The text of a file, one character more than is read at most; None if there is no such file."""
    try:
        with Path(path.strip("'\"")).expanduser().open("rb") as file:
            return decoded(file.read(FILE_MAX + 1))
    except (OSError, ValueError, RuntimeError):
        return None


def _question(field: FormField) -> str:
    # `Style (thread or compact; one reply per paper, or all in one message) [thread]: `
    hints = [" or ".join(field.choices), field.help, "an empty line ends" if field.kind == "lines" else ""]
    explanation = "; ".join(filter(None, hints))
    hint = f" ({printable(explanation)})" if explanation else ""
    old = f" [{printable('; '.join(field.shown.splitlines()))}]" if field.shown else ""
    return f"{printable(field.label)}{hint}{old}: "
