"""Message -> Block Kit, within every limit by construction. Pure.

heading   header; a bold paragraph where it has links or is too long
text      a section each
item      numbered, as many in a section as fit, so that a long list stays a small message
note      context: small and grey; a paragraph's own note stands under it
picture   below the text, for which nobody has to wait or scroll: pictures.py
actions   rows of buttons and a menu: buttons.py
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Literal

from adapters.slack import buttons, limits
from adapters.slack.markup import (
    Json,
    Paragraph,
    characters,
    escape,
    escaped_length,
    has_autolinks,
    mrkdwn,
    mrkdwn_length,
    one_line,
    plain_text,
    rich_text_elements,
    shorten,
    to_paragraph,
)
from adapters.slack.pictures import picture
from adapters.text import truncate
from bot.model import Message, Role, Span

Kind = Role | Literal["detail"]
"""`detail`: a paragraph's own note, under it."""
Piece = tuple[Kind, Paragraph]
SMALL: frozenset[Kind] = frozenset({"note", "detail"})

PARAGRAPH_LENGTHS = (limits.SECTION, 1_200, 600, 450, 380, 320, 270, 230)
"""Characters that paragraphs are cut to, in turn, until a message fits; after the last, paragraphs are left out."""
MORE: Piece = ("note", ((Span("… more: it did not fit into one message."),),))
NOTHING = "…"
PROSE_PARAGRAPHS = 3
"""More paragraphs of text in a row are a table, such as the help."""
PHONE_LINE = 60
"""Characters; a longer one-liner takes two lines on a phone or more."""
_BLANK = "\n\n"
_USERGROUP = re.compile(r"S[A-Z0-9]+")


def payload(message: Message) -> Json:
    """The arguments of chat.postMessage, respond and say: `text`, `blocks`, no unfurling. Any message becomes valid."""

    def rows(message: Message) -> list[Json]:
        return [*_mention(message), *picture(message), *buttons.rows(message.actions)]

    message = message.fitted(lambda shortened: _whole_blocks(_pieces(shortened), rows(shortened)) is not None)
    pieces = _pieces(message)
    blocks = _blocks_that_fit(pieces, rows(message))
    room = max(limits.MESSAGE - characters(blocks), limits.LEAST_TEXT)
    text = _notification(message, pieces, min(room, limits.TEXT))
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _mention(message: Message) -> list[Json]:
    """The block that notifies the message's user group; an element of its own, as no text is ever a mention."""
    if not _USERGROUP.fullmatch(message.mention):
        return []
    # https://docs.slack.dev/reference/block-kit/block-elements/usergroup-element
    element = {"type": "usergroup", "usergroup_id": message.mention}
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}]


def ephemeral(body: Json) -> Json:
    """The part of a payload that chat.postEphemeral takes: it knows no `unfurl_` arguments."""
    return {name: body[name] for name in ("text", "blocks")}


# --- text --------------------------------------------------------------------------------------------------------


def _pieces(message: Message) -> list[Piece]:
    """The paragraphs with visible text; items with their numbers; headings that no header can hold as bold text."""
    pieces: list[Piece] = []
    for role, run in groupby(message.blocks, key=lambda block: block.role):
        visible = [(paragraph, block) for block in run if (paragraph := to_paragraph(block.spans))]
        for number, (paragraph, block) in enumerate(visible, start=message.first):
            if role == "item":
                paragraph = ((Span(f"{number}. "), *paragraph[0]), *paragraph[1:])  # noqa: PLW2901 - the same, numbered
            pieces.append(_heading(paragraph) if role == "heading" else (role, paragraph))
            if note := to_paragraph(block.note):
                pieces.append(("detail", note))
    return pieces or [("text", ((Span(one_line(message.title) or NOTHING),),))]


def _heading(paragraph: Paragraph) -> Piece:
    if escaped_length(_joined_lines(paragraph)) <= limits.HEADER and not _has_links(paragraph):
        return ("heading", paragraph)
    return ("text", tuple(tuple(replace(span, bold=True) for span in line) for line in paragraph))


def _notification(message: Message, pieces: Iterable[Piece], most: int) -> str:
    """The whole message as text: a lock screen shows its beginning, a screen reader reads it out."""
    body = "\n".join(plain_text(paragraph) for _, paragraph in pieces)
    title = one_line(message.title)
    text = body if title in body.partition("\n")[0] else f"{title}\n{body}"
    return escape(truncate(text, most, escaped_length))


def _blocks_that_fit(pieces: Sequence[Piece], rows: list[Json]) -> list[Json]:
    """The blocks of a message: whole; else with long paragraphs cut; else without the last ones, saying so."""
    if (whole := _whole_blocks(pieces, rows)) is not None:
        return whole
    cut_pieces = _cut(_details_inside(pieces), PARAGRAPH_LENGTHS[-1])
    low, high = 0, len(cut_pieces) - 1
    while low < high:
        middle = (low + high + 1) // 2
        fits = _fits([*_layout([*cut_pieces[:middle], MORE]), *rows])
        low, high = (middle, high) if fits else (low, middle - 1)
    return [*_layout([*cut_pieces[:low], MORE]), *rows]


def _whole_blocks(pieces: Sequence[Piece], rows: list[Json]) -> list[Json] | None:
    """The blocks of a message, with long paragraphs cut if they must be, or else with the details inside paragraphs;
    None if that is not enough.
    """
    inside = _details_inside(pieces)
    for variant in (pieces, inside) if len(inside) < len(pieces) else (pieces,):
        for most in PARAGRAPH_LENGTHS:
            blocks = [*_layout(_cut(variant, most)), *rows]
            if _fits(blocks):
                return blocks
    return None


def _details_inside(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with each detail as the last lines of its paragraph, which takes fewer blocks."""
    joined: list[Piece] = []
    for kind, paragraph in pieces:
        if kind == "detail" and joined and joined[-1][0] != "heading":  # a header holds one short line
            joined[-1] = (joined[-1][0], (*joined[-1][1], *paragraph))
        else:
            joined.append((kind, paragraph))
    return joined


def _cut(pieces: Sequence[Piece], most: int) -> list[Piece]:
    return [(role, shorten(paragraph, min(most, limits.NOTE) if role in SMALL else most)) for role, paragraph in pieces]


def _fits(blocks: list[Json]) -> bool:
    return len(blocks) <= limits.BLOCKS and characters(blocks) <= limits.MESSAGE


def _layout(pieces: Iterable[Piece]) -> list[Json]:
    blocks: list[Json] = []
    for role, run in groupby(pieces, key=itemgetter(0)):
        paragraphs = [paragraph for _, paragraph in run]
        if role == "heading":
            texts = [{"type": "plain_text", "text": escape(_joined_lines(each)), "emoji": False} for each in paragraphs]
            blocks += [{"type": "header", "text": text} for text in texts]
        else:
            gap = _BLANK if role not in SMALL and _reads_better_apart(role, paragraphs) else "\n"
            blocks += _shared_blocks(role, paragraphs, gap)
    return blocks


def _reads_better_apart(role: Kind, paragraphs: list[Paragraph]) -> bool:
    """Short lines stand close together, and so does a table of many; prose, and what wraps on a phone, does not."""
    if role == "text":
        return len(paragraphs) <= PROSE_PARAGRAPHS
    return any(len(each) > 1 or len(plain_text(each)) > PHONE_LINE for each in paragraphs)


def _joined_lines(paragraph: Paragraph) -> str:
    return " ".join(plain_text(paragraph).split())


def _has_links(paragraph: Paragraph) -> bool:
    return any(span.url for line in paragraph for span in line)


def _shared_blocks(role: Kind, paragraphs: list[Paragraph], gap: str) -> Iterator[Json]:
    """Neighbours share a block while they fit: blocks are few, and the gaps between them wide on a phone."""
    for kind, run in groupby(paragraphs, key=lambda paragraph: _text_kind(role, paragraph)):
        for group in _packed(run, limits.NOTE if role in SMALL else limits.SECTION):
            if kind == "rich_text":
                yield _rich_text(group, gap)
            elif role in SMALL:
                yield {"type": "context", "elements": [_text_object(kind, group, gap)]}
            else:  # always expanded: a digest behind “See more” is not read
                yield {"type": "section", "expand": True, "text": _text_object(kind, group, gap)}


def _text_kind(role: Kind, paragraph: Paragraph) -> str:
    if mrkdwn(paragraph) is not None:
        return "mrkdwn"
    return "plain_text" if role in SMALL and not _has_links(paragraph) else "rich_text"


def _packed(paragraphs: Iterable[Paragraph], most: int) -> Iterator[list[Paragraph]]:
    """The paragraphs in groups of at most `most` characters."""
    group: list[Paragraph] = []
    room = most
    for paragraph in paragraphs:
        length = mrkdwn_length(paragraph) + len(_BLANK)
        if group and length > room:
            yield group
            group, room = [], most
        group.append(paragraph)
        room -= length
    yield group


def _text_object(kind: str, group: list[Paragraph], gap: str) -> Json:
    """A text object; mrkdwn is verbatim where Slack would make links of bare addresses, #names and @names."""
    if kind == "plain_text":
        return {"type": kind, "text": escape(gap.join(map(plain_text, group))), "emoji": False}
    text = {"type": kind, "text": gap.join(mrkdwn(paragraph) or "" for paragraph in group)}
    return {**text, "verbatim": True} if any(map(has_autolinks, group)) else text


def _rich_text(group: list[Paragraph], gap: str) -> Json:
    line_break = [{"type": "text", "text": "\n"}] if gap == _BLANK else []
    sections = [[*rich_text_elements(each), *line_break] for each in group[:-1]] + [rich_text_elements(group[-1])]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": each} for each in sections]}
