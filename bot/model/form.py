"""Forms: a modal, a panel, a web page, or questions on a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.model.message import Action


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form, its present answer, and what is wrong with that answer."""

    name: str
    label: str
    value: str = ""
    kind: Literal["line", "lines", "choice", "time", "days", "timezone"] = "line"
    """The last three are lines (`09:00`, `mon-fri`, `Europe/Berlin`) for which a platform may have a picker."""
    choices: tuple[str, ...] = ()
    """Values to choose from; of a time zone, those to offer first."""
    help: str = ""
    error: str | None = None
    saved: str | None = None
    """The value that is stored, where `value` is an answer that was filled in; None: `value` is stored."""
    secret: bool = False
    """The answer is somebody's key: where it was given in a message, that message is to be deleted."""
    labels: tuple[str, ...] = ()
    """The choices in words, in their order; empty: the choices themselves."""

    @property
    def labelled_choices(self) -> tuple[tuple[str, str], ...]:
        """Every choice with its label."""
        return tuple(zip(self.choices, self.labels or self.choices, strict=True))

    @property
    def shown(self) -> str:
        """The stored value."""
        return self.value if self.saved is None else self.saved

    @property
    def stored_note(self) -> str:
        """`Saved now: 5` beside an answer that was not saved and differs from it; else empty."""
        if self.saved is None or self.saved.strip() == self.value.strip():
            return ""
        if self.kind == "days" and (self.saved == "daily" or self.saved.count(",") == 6):
            return "Saved now: every day"
        return f"Saved now: {'; '.join(self.saved.splitlines()) or 'nothing'}"


@dataclass(frozen=True, slots=True)
class Form:
    """Fields to fill in, and the command that carries the form out."""

    title: str
    command: str
    fields: tuple[FormField, ...]
    submit: str = "Save"
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the command that are settled, and no field."""
    others: tuple[Action, ...] = ()
    """Buttons that open another form of the command instead of this one."""

    @property
    def answers(self) -> dict[str, str]:
        """Everything that was filled in, and what the form is about."""
        return {**self.options, **{each.name: each.value for each in self.fields}}

    @property
    def faults(self) -> tuple[str, ...]:
        """Errors, one line a field: `Hour: …`."""
        return tuple(f"{field.label}: {field.error}" for field in self.fields if field.error)

    @property
    def refusal(self) -> str:
        """One line that says that the answers were not saved; empty without errors."""
        number = len(self.faults)
        needs = "1 answer needs" if number == 1 else f"{number} answers need"
        return f"Nothing was saved: {needs} another look." if number else ""

    def with_faults(self, faults: Mapping[str, str]) -> Form:
        """Copy with these errors by field name; every other field is right."""
        return replace(self, fields=tuple(replace(f, error=faults.get(f.name)) for f in self.fields))

    def filled(self, answers: Mapping[str, str]) -> Form:
        """Copy with these answers by field name, none saved yet; fields without one keep their value."""
        return replace(
            self, fields=tuple(replace(f, value=answers.get(f.name, f.value), saved=f.shown) for f in self.fields)
        )

    def as_saved(self) -> Form:
        """Copy with the stored values alone."""
        return replace(self, fields=tuple(replace(f, value=f.shown, saved=None, error=None) for f in self.fields))


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A filled-in form without faults: the command that it is carried out by, with its options as text."""

    command: str
    options: Mapping[str, str]
