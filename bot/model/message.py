"""Messages without any platform's markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style, unescaped; adapters escape it."""

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
    """Paragraphs and buttons, without platform markup."""

    blocks: tuple[Block, ...]
    actions: tuple[Action, ...] = ()
    title: str = ""
    """One line for notifications and screen readers; for an opener, also the title of its thread."""
    paper_id: str | None = None
    """Id of the paper in the message, so that reactions can be counted."""
    private: bool = True
    """Whether only the person who asked sees it. Digests are public."""

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
        """Opener and replies; the index is the delivery slot, the opener's is 0."""
        return (self.opener, *self.replies)
