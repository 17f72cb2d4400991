"""Message -> Block Kit, every limit kept by construction; Action <-> a button's id and value. Pure.

heading   header; a bold paragraph where it has links or is too long
text      a section each
item      numbered, as many in a section as fit, so that a long list stays a small message
note      context: small and grey
actions   rows of five
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from operator import itemgetter

from adapters.slack import limits
from adapters.slack.markup import (
    Json,
    Paragraph,
    escape,
    escaped_length,
    has_autolinks,
    mrkdwn,
    mrkdwn_length,
    one_line,
    paragraph,
    plain_text,
    rich_text_elements,
    safe_url,
    shorten,
)
from adapters.text import cut
from bot.model import Action, Message, Role, Span

Piece = tuple[Role, Paragraph]

SHORTER = (1_200, 600, 450, 380, 320, 270, 230)
"""Lengths that paragraphs are cut to, one after the other, until a message fits; below the last, some are left out."""
MORE: Piece = ("note", ((Span("… more: it did not fit into one message."),),))
NOTHING = "…"
FEW = 3
"""Paragraphs of running text; more in a row are a table, such as the help."""
PHONE_LINE = 60
"""Characters; a longer one-liner takes two lines on a phone or more."""
_BLANK = "\n\n"
_COMMAND = re.compile(r"([a-z]+(?: [a-z]+)?):\d+")


def payload(message: Message, *, actions: bool = True) -> Json:
    """What chat.postMessage, respond and say take: `text`, `blocks`, and no unfurling. Any message becomes valid."""
    pieces = _pieces(message)
    blocks = _fitting(pieces, _rows(message.actions) if actions else [])
    room = max(limits.MESSAGE - _characters(blocks), limits.LEAST_TEXT)
    words = _notification(message, pieces, min(room, limits.TEXT))
    return {"text": words, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def decode_action(action_id: str, value: object) -> tuple[str, dict[str, str]]:
    """The command and options of a pressed button; without a readable value, the command its id names, else ""."""
    try:
        command, options = json.loads(value) if isinstance(value, str) else (None, None)
        if isinstance(command, str) and isinstance(options, dict):
            return command, {name: text for name, text in options.items() if isinstance(text, str)}
    except (ValueError, TypeError, RecursionError):
        pass
    named = _COMMAND.fullmatch(action_id)
    return (named[1] if named and named[1] != _LINK else ""), {}


def is_link(action_id: object) -> bool:
    """Whether a pressed button is one that opens an address by itself."""
    return isinstance(action_id, str) and action_id.startswith(f"{_LINK}:")


# --- text --------------------------------------------------------------------------------------------------------


def _pieces(message: Message) -> list[Piece]:
    """The paragraphs with something to see in them; items with their numbers."""
    pieces: list[Piece] = []
    for role, run in groupby(message.blocks, key=lambda block: block.role):
        seen = [spans for block in run if (spans := paragraph(block.spans))]
        if role == "item":
            seen = [((Span(f"{n}. "), *first), *rest) for n, (first, *rest) in enumerate(seen, start=1)]
        pieces += map(_heading, seen) if role == "heading" else ((role, spans) for spans in seen)
    return pieces or [("text", ((Span(one_line(message.title) or NOTHING),),))]


def _heading(shown: Paragraph) -> Piece:
    """One line without links as it is, else a bold paragraph: a header holds neither more nor those."""
    if escaped_length(_one_line(shown)) <= limits.HEADER and not _has_links(shown):
        return ("heading", shown)
    return ("text", tuple(tuple(replace(span, bold=True) for span in spans) for spans in shown))


def _notification(message: Message, pieces: Iterable[Piece], most: int) -> str:
    """The whole in words: what a lock screen begins to show, and a screen reader reads out."""
    body = "\n".join(plain_text(shown) for _, shown in pieces)
    title = one_line(message.title)
    words = body if title in body.partition("\n")[0] else f"{title}\n{body}"
    return escape(cut(words, most, escaped_length))


def _fitting(pieces: Sequence[Piece], rows: list[Json]) -> list[Json]:
    """The blocks of a message: whole; else with long paragraphs cut; else without the last ones, saying so."""
    for most in (limits.SECTION, *SHORTER):
        shown = [(role, shorten(spans, min(most, limits.NOTE) if role == "note" else most)) for role, spans in pieces]
        blocks = [*_layout(shown), *rows]
        if _fits(blocks):
            return blocks
    few, many = 0, len(shown) - 1
    while few < many:
        middle = (few + many + 1) // 2
        few, many = (middle, many) if _fits([*_layout([*shown[:middle], MORE]), *rows]) else (few, middle - 1)
    return [*_layout([*shown[:few], MORE]), *rows]


def _fits(blocks: list[Json]) -> bool:
    return len(blocks) <= limits.BLOCKS and _characters(blocks) <= limits.MESSAGE


def _characters(blocks: list[Json]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def _layout(pieces: Iterable[Piece]) -> list[Json]:
    blocks: list[Json] = []
    for role, run in groupby(pieces, key=lambda piece: piece[0]):
        shown = [spans for _, spans in run]
        if role == "heading":
            blocks += map(_header, shown)
        else:
            apart = _BLANK if role != "note" and _reads_better_apart(role, shown) else "\n"
            blocks += _joined(role, shown, apart)
    return blocks


def _reads_better_apart(role: Role, shown: list[Paragraph]) -> bool:
    """Short lines stand close together, and so does a table of many; prose, and what wraps on a phone, does not."""
    if role == "text":
        return len(shown) <= FEW
    return any(len(each) > 1 or len(plain_text(each)) > PHONE_LINE for each in shown)


def _header(shown: Paragraph) -> Json:
    return {"type": "header", "text": {"type": "plain_text", "text": escape(_one_line(shown)), "emoji": False}}


def _one_line(shown: Paragraph) -> str:
    return " ".join(plain_text(shown).split())


def _has_links(shown: Paragraph) -> bool:
    return any(span.url for spans in shown for span in spans)


def _joined(role: Role, shown: list[Paragraph], apart: str) -> Iterator[Json]:
    """Neighbours share a block while they fit: blocks are few, and their gaps wide on a phone."""
    for way, alike in groupby(((_way(role, each), each) for each in shown), key=itemgetter(0)):
        for group in _packed((each for _, each in alike), limits.NOTE if role == "note" else limits.SECTION):
            yield way(group, apart)


def _way(role: Role, shown: Paragraph) -> Callable[[list[Paragraph], str], Json]:
    if mrkdwn(shown) is not None:
        return _note if role == "note" else _section
    return _plain_note if role == "note" and not _has_links(shown) else _rich


def _packed(paragraphs: Iterable[Paragraph], most: int) -> Iterator[list[Paragraph]]:
    group: list[Paragraph] = []
    room = most
    for each in paragraphs:
        if group and mrkdwn_length(each) + len(_BLANK) > room:
            yield group
            group, room = [], most
        group.append(each)
        room -= mrkdwn_length(each) + len(_BLANK)
    yield group


def _section(group: list[Paragraph], apart: str) -> Json:
    """Always unfolded: a digest behind “See more” is none."""
    return {"type": "section", "expand": True, "text": _mrkdwn(group, apart)}


def _note(group: list[Paragraph], apart: str) -> Json:
    return {"type": "context", "elements": [_mrkdwn(group, apart)]}


def _plain_note(group: list[Paragraph], apart: str) -> Json:
    words = escape(apart.join(map(plain_text, group)))
    return {"type": "context", "elements": [{"type": "plain_text", "text": words, "emoji": False}]}


def _mrkdwn(group: list[Paragraph], apart: str) -> Json:
    """Verbatim where Slack would make links of bare addresses, #names and @names."""
    text = {"type": "mrkdwn", "text": apart.join(mrkdwn(each) or "" for each in group)}
    return {**text, "verbatim": True} if any(map(has_autolinks, group)) else text


def _rich(group: list[Paragraph], apart: str) -> Json:
    ends = [{"type": "text", "text": "\n"}] if apart == _BLANK else []
    sections = [[*rich_text_elements(shown), *ends] for shown in group[:-1]] + [rich_text_elements(group[-1])]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": each} for each in sections]}


# --- buttons -----------------------------------------------------------------------------------------------------

BUTTONS_IN_A_ROW = 5
PHONE_ROW, NARROWEST, EDGES = 42, 4, 4
"""Letters that a row of buttons is wide, that the narrowest button is, and that each one's edges take; as drawn."""
_LINK = "link"


def _rows(actions: Iterable[Action]) -> list[Json]:
    """Rows of buttons, in at most half a message."""
    buttons = [button for at, action in enumerate(actions) if (button := _button(action, at))]
    rows: list[Json] = []
    for row in islice(_side_by_side(buttons), limits.ROWS):
        rows.append({"type": "actions", "elements": row})
        if _characters(rows) > limits.MESSAGE // 2:
            return rows[:-1]
    return rows


def _side_by_side(buttons: Iterable[Json]) -> Iterator[list[Json]]:
    """As many as a phone shows in one line; it would break the others off anywhere."""
    row: list[Json] = []
    room = PHONE_ROW
    for button in buttons:
        wide = max(len(button["text"]["text"]), NARROWEST) + EDGES
        if row and (wide > room or len(row) == BUTTONS_IN_A_ROW):
            yield row
            row, room = [], PHONE_ROW
        row.append(button)
        room -= wide
    if row:
        yield row


def _button(action: Action, at: int) -> Json | None:
    """None for one that could not do what it says: a link that is no web address, options that do not fit."""
    does = _opens(action.url, at) if action.url is not None else _runs(action, at)
    if does is None:
        return None
    label = escape(cut(one_line(action.label), limits.BUTTON, escaped_length)) or NOTHING
    button = {"type": "button", "text": {"type": "plain_text", "text": label, "emoji": True}, **does}
    return button if action.style == "plain" else {**button, "style": action.style}


def _opens(url: str, at: int) -> Json | None:
    safe = safe_url(url)
    return {"action_id": f"{_LINK}:{at}", "url": safe} if safe else None


def _runs(action: Action, at: int) -> Json | None:
    """The id is unique in the message, as Slack asks; the value is ASCII without Slack's own marks."""
    value = json.dumps([action.command, dict(action.options)], separators=(",", ":"))
    for mark in "&<>":
        value = value.replace(mark, f"\\u{ord(mark):04x}")
    action_id = f"{action.command}:{at}"
    fits = len(value) <= limits.VALUE and len(action_id) <= limits.ACTION_ID
    return {"action_id": action_id, "value": value} if fits else None
