"""Messages as the content of Matrix events: HTML, plain text, and what a reply to them may press. Pure.

No event mentions anybody: `m.mentions` is empty, so that homeservers and clients look for no names in its text
(https://spec.matrix.org/latest/client-server-api/#user-and-room-mentions).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from adapters.fitting import fitted
from adapters.html_templates import line, paragraph_groups
from adapters.plain_text import plain_text, text_rows
from adapters.text import printable, truncate
from bot.model import Message, Span
from bot.wording.forms import reply_hint
from bot.wording.parts import without_share
from bot.wording.typed import as_typed

Json = dict[str, Any]
WORD = "!papers"
"""What begins a command: Element keeps `/papers` to itself."""
KEY, ACTIONS = "org.paperboy.key", "org.paperboy.actions"
"""Fields of an event's content: the key it was posted under, and its buttons as label, command and options."""
MAX_CONTENT = 45_000
"""Bytes. An event has 65,536 at most, with what the homeserver adds (https://spec.matrix.org/latest/#size-limits)."""
GREY = "#737d8c"
"""Of notes and of the line that says what to reply; legible on white and on black."""
VOTES = frozenset({"like", "dislike"})
_ROOM_PING = re.compile(r"@(?=room\b)", re.IGNORECASE)
_ADDRESS = re.compile(r"matrix:[\w.:\[\]-]+/(![\w.:=/+-]*[\w=-])")
_ROOM_LINK = r'<a href="https://matrix.to/#/\1">\1</a>'


def content(
    message: Message, *, key: str = "", notice: bool = False, thread: str | None = None, reply_to: str | None = None
) -> Json:
    """Content of the event that shows a message; a `notice` never notifies, whatever people have set.

    `thread`: id of the message that opened the thread it stands in. `reply_to`: of the one that it answers.
    """
    made = fitted(as_typed(without_share(message), WORD), partial(_content, key=key), MAX_CONTENT)
    relation: Json = {"m.in_reply_to": {"event_id": reply_to or thread}} if thread or reply_to else {}
    if thread:  # clients without threads show it as a reply to the opener
        relation |= {"rel_type": "m.thread", "event_id": thread, "is_falling_back": not reply_to}
    kind = "m.notice" if notice or message.silent else "m.text"
    return {"msgtype": kind, **made, **({"m.relates_to": relation} if relation else {})}


def _content(message: Message, key: str) -> Json:
    # Votes on posts are reactions, which count for the room; on answers they are words like the other buttons.
    buttons = [each for each in message.actions if not (key and each.command in VOTES)]
    labels = (truncate(printable(each.label), 40) for each in buttons if each.command)
    hint = reply_hint(labels, votes=len(buttons) < len(message.actions))
    rows = [replace(row, spans=tuple(map(_quiet, row.spans))) for row in text_rows(message)]
    body = plain_text(rows) + (f"({hint})" if hint else "")
    html = "".join([*_paragraphs(message), *([f"<p>{_grey(line((Span(hint),)))}</p>"] if hint else [])])
    html += "".join(f"<p>{line((Span(each.label, url=each.url),))}</p>" for each in buttons if each.url)
    made: Json = {"body": body.rstrip() or printable(message.title), "m.mentions": {}}
    if html:
        made |= {"format": "org.matrix.custom.html", "formatted_body": html}
    if pressable := [[each.label, each.command, dict(each.options)] for each in message.actions if each.command]:
        made[ACTIONS] = pressable
    return {**made, KEY: key} if key else made


def edited(made: Mapping[str, Any], ref: str) -> Json:
    """Content of the event that puts a content in the place of an earlier one; old clients show its first line."""
    first = f"* {made['body'].partition(chr(10))[0]}"
    new = {"m.new_content": dict(made), "m.relates_to": {"rel_type": "m.replace", "event_id": ref}}
    return {"msgtype": "m.notice", "body": first, "m.mentions": {}, **new}


def _quiet(span: Span) -> Span:
    """Text whose `@room` is none: a word joiner stands in it, for clients that do not read `m.mentions`."""
    return replace(span, text=_ROOM_PING.sub("@\u2060", span.text))


def _html(spans: Iterable[Span]) -> str:
    """A paragraph; a room's address becomes a link, which clients show as its name."""
    parts = (line((span,)) if span.url else _ADDRESS.sub(_ROOM_LINK, str(line((span,)))) for span in map(_quiet, spans))
    return "".join(parts).replace("\n", "<br>")


def _grey(html: str) -> str:
    return f'<span data-mx-color="{GREY}">{html}</span>' if html else ""


def _paragraphs(message: Message) -> Iterator[str]:
    for group in paragraph_groups(message.blocks):
        texts = [(_html(each.spans), _grey(_html(each.note))) for each in group.blocks]
        joined = ["<br>".join(filter(None, pair)) for pair in texts]
        match group.role:
            case "item":
                start = f' start="{message.first}"' if message.first != 1 else ""
                yield f"<ol{start}>{''.join(f'<li>{each}</li>' for each in joined)}</ol>"
            case "heading":
                yield from (f"<h4>{each}</h4>" for each in joined)
            case role:
                yield from (f"<p>{_grey(each) if role == 'note' else each}</p>" for each in joined)
