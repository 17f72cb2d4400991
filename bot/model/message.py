"""What is said, without any platform's markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. Foreign text is put here as it is; adapters escape it on the way out."""

    text: str
    url: str | None = None
    bold: bool = False
    italic: bool = False
    code: bool = False


Role = Literal["heading", "text", "item", "note"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph: a heading, running text, an item of a numbered list, or a small note."""

    role: Role
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The paragraph without any styling."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Action:
    """A button under a message: a command with its options filled in, or a link."""

    label: str
    command: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    style: Literal["plain", "primary", "danger"] = "plain"


@dataclass(frozen=True, slots=True)
class Message:
    """What to say, without platform markup."""

    blocks: tuple[Block, ...]
    actions: tuple[Action, ...] = ()
    title: str = ""
    """One line for notifications and screen readers; of an opener, also its thread's title."""
    paper_id: str | None = None
    """The paper it is about, so that a reaction to it can be counted."""
    private: bool = True
    """Whether an answer is for the asker alone. Digests are public by nature."""

    @property
    def text(self) -> str:
        """The whole message without any styling."""
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Thread:
    """An opener and its replies, in order."""

    opener: Message
    replies: tuple[Message, ...] = ()

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of it; the index is the delivery slot, the opener's is 0."""
        return (self.opener, *self.replies)


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form, and what is wrong with its present answer."""

    name: str
    label: str
    value: str = ""
    kind: Literal["line", "lines", "choice"] = "line"
    choices: tuple[str, ...] = ()
    help: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """Fields to fill in: a modal, a panel, or questions on a line."""

    title: str
    command: str
    fields: tuple[Field, ...]
    submit: str = "Save"

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, one line a field."""
        return tuple(f"{f.label}: {f.error}" for f in self.fields if f.error)
