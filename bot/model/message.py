"""Messages without any platform's markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Literal

from bot.model.paper import Paper

_NUMBER = re.compile(r"[#✓] ?([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style, unescaped; adapters escape it."""

    text: str
    url: str | None = None
    bold: bool = False
    italic: bool = False
    code: bool = False
    at: datetime | None = None
    """The moment that the text names; a platform may show it by the reader's own clock."""


Role = Literal["heading", "text", "item", "note", "preheader", "masthead", "dateline", "lead", "title", "closing"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph: a heading, running text, an item of a numbered list, or a small note.

    A digest by mail has six more: the line that a list of mails shows beside the subject, the name of the paper, the
    date under it, the title of the lead story and those of the others, and the notes below the last.
    """

    role: Role
    spans: tuple[Span, ...]
    note: tuple[Span, ...] = ()
    """A small grey line under the paragraph, such as the evidence under a title."""
    cells: tuple[Span, ...] = ()
    """The paragraph as a row under `Message.columns`, where a platform has tables; without, its spans say the same."""

    @property
    def text(self) -> str:
        """The paragraph without any styling, and its note on a line of its own."""
        paragraph, note = ("".join(span.text for span in spans) for spans in (self.spans, self.note))
        return f"{paragraph}\n{note}" if note else paragraph

    def with_spans(self, change: Callable[[Span], Span]) -> Block:
        """Copy with every span changed, also those of its note and cells."""
        note, cells = self.note and tuple(map(change, self.note)), self.cells and tuple(map(change, self.cells))
        return Block(self.role, tuple(map(change, self.spans)), note, cells)


@dataclass(frozen=True, slots=True)
class Action:
    """A button under a message: a command with its options filled in, or a link."""

    label: str
    command: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    style: Literal["plain", "primary", "danger"] = "plain"
    in_menu: bool = False
    """Whether it is an entry of the message's one menu *More…* beside the buttons; without menus, a button."""


@dataclass(frozen=True, slots=True)
class File:
    """A text file that belongs to a message, in UTF-8. `parts` cuts it for platforms that cannot attach it."""

    name: str
    """With its extension: `reading-list.bib`."""
    media_type: str
    content: bytes
    caption: str = ""
    """One line that says what it is, for a message that carries the file alone."""
    ends: tuple[int, ...] = ()
    """Byte offsets at which entries end, ascending: where `parts` may cut."""

    def parts(self, limit: int) -> tuple[str, ...]:
        """The content in texts of at most `limit` characters that end where an entry ends.

        Together they are the content. An entry longer than the limit is cut at a line break, or at the limit.
        """
        bounds = (0, *self.ends, len(self.content))
        entries = (self.content[start:end].decode() for start, end in pairwise(bounds))
        parts: list[str] = []
        for piece in (piece for entry in entries for piece in _pieces(entry, limit)):
            if parts and len(parts[-1]) + len(piece) <= limit:
                parts[-1] += piece
            else:
                parts.append(piece)
        return tuple(parts)

    def titled_parts(self, limit: int) -> tuple[tuple[str, str], ...]:
        """The parts, each with the file's name and its own number among several."""
        parts = self.parts(limit)
        if len(parts) == 1:
            return ((self.name, parts[0]),)
        return tuple((f"{self.name}, part {n} of {len(parts)}", part) for n, part in enumerate(parts, start=1))


def _pieces(entry: str, limit: int) -> Iterator[str]:
    while len(entry) > limit:
        cut = entry.rfind("\n", 0, limit) + 1 or limit
        yield entry[:cut]
        entry = entry[cut:]
    if entry:
        yield entry


@dataclass(frozen=True, slots=True)
class Continuation:
    """How a list goes on after a page: the button's command and options but for `start`, and how many items it has."""

    more: Action
    items: int
    """Items of the page that the command counts; any after them are listed on this page alone."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture beside a message's text, which can be read without it."""

    url: str
    """An https address that anybody may fetch."""
    alt: str
    """One line that says what it shows, for people who do not see it."""
    width: int
    """Pixels, as are those of `height`."""
    height: int


@dataclass(frozen=True, slots=True)
class Message:
    """Paragraphs and buttons, without platform markup."""

    blocks: tuple[Block, ...]
    actions: tuple[Action, ...] = ()
    title: str = ""
    """One line for notifications and screen readers; for an opener, also the title of its thread."""
    paper_id: str | None = None
    """Id of the paper in the message, so that reactions can be counted."""
    paper: Paper | None = None
    """The paper that the message is a card of, for platforms that show it as an object of its own; of a past digest,
    the one whose picture stands above it."""
    columns: tuple[str, ...] = ()
    """Heads of the columns that the cells of its items stand under."""
    private: bool = True
    """Whether only the person who asked sees it. Digests are public."""
    announcement: str = ""
    """A line for everybody in the channel, which follows a private answer: who changed what."""
    file: File | None = None
    """A file for the person who asked, and for nobody else."""
    image: Image | None = None
    """A picture, where the channel wants pictures; a platform that can't show one leaves it out."""
    first: int = 1
    """Number of the first item."""
    continuation: Continuation | None = None
    """None: items that do not fit cannot be asked for."""
    mention: str = ""
    """Id of the role or user group that the message notifies. Nothing else in it notifies anybody."""
    silent: bool = False
    """Whether it comes without a sound, where a platform knows that."""
    crosspost: bool = False
    """Whether an announcement channel passes it on to the servers that follow it."""
    archive_minutes: int | None = None
    """After how many minutes without a message its thread is archived; None: as late as the platform allows."""
    tags: tuple[str, ...] = ()
    """Names of the tags that it has where posts have tags; those that do not exist there are left out."""
    reopens: bool = True
    """Whether it is worth opening a thread that was archived; otherwise such a thread counts as gone."""

    @property
    def text(self) -> str:
        """The whole message without any styling."""
        return "\n".join(block.text for block in self.blocks)

    @property
    def items(self) -> int:
        """Number of items."""
        return sum(block.role == "item" for block in self.blocks)

    def fitted(self, fits: Callable[[Message], bool]) -> Message:
        """The message with as many items as fit; More goes on after them. The whole one if not even one item fits."""
        for items in range(self.items if self.continuation else 0, 0, -1):
            if fits(shortened := self.shortened(items)):
                return shortened
        return self

    def shortened(self, items: int) -> Message:
        """The message with its first items alone; its button More goes on after them.

        Buttons whose label is the number of an item, `#3` or `✓ 3`, leave with it.
        """
        if self.continuation is None or items >= self.items:
            return self
        places = accumulate(block.role == "item" for block in self.blocks)
        blocks = [b for b, place in zip(self.blocks, places, strict=True) if b.role != "item" or place <= items]
        start, listed = self.first + items, self.continuation.items
        kept = [a for a in self.actions if a.label != self.continuation.more.label and not _numbered(a, start)]
        more = self.continuation.more
        options = {**more.options, "start": str(self.first + min(items, listed))}
        at = next((i for i, a in enumerate(kept) if not _numbered(a) and a.label != "Back"), len(kept))
        if items < listed or more.label in {action.label for action in self.actions}:
            kept.insert(at, replace(more, options=options))
        if items >= listed:
            left_out = f"{self.items - items} more did not fit; fewer at a time leave room for them."
            blocks.append(Block("note", (Span(left_out),)))
        return replace(self, blocks=tuple(blocks), actions=tuple(kept))


def _numbered(action: Action, start: int = 0) -> bool:
    match = _NUMBER.fullmatch(action.label)
    return match is not None and int(match[1]) >= start


@dataclass(frozen=True, slots=True)
class Thread:
    """An opener and its replies, in order."""

    opener: Message
    replies: tuple[Message, ...] = ()

    @property
    def messages(self) -> tuple[Message, ...]:
        """Opener and replies; the index is the delivery slot, the opener's is 0."""
        return (self.opener, *self.replies)
