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
from adapters.text import harmless, printable, truncate, web_url
from bot.model import Action, Message, Span
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
_WORD = re.compile(r"[^\W_]+")


def content(message: Message, *, key: str = "", notice: bool = False, word: str = WORD) -> Json:
    """Content of the event that shows a message; a `notice` never notifies, whatever people have set."""
    made = fitted(as_typed(without_share(message), word), partial(_content, key=key), MAX_CONTENT)
    return {"msgtype": "m.notice" if notice or message.silent else "m.text", **made}


def _content(message: Message, key: str) -> Json:
    # Votes on posts are reactions, which count for the room; on answers they are words like the other buttons.
    buttons = [each for each in message.actions if not (key and each.command in VOTES)]
    hint = _hint(buttons, votes=len(buttons) < len(message.actions))
    body = "\n".join([*_lines(message), *([f"({hint})"] if hint else [])])
    html = "".join([*_paragraphs(message), *([f"<p>{_grey(line((Span(hint),)))}</p>"] if hint else [])])
    html += "".join(f"<p>{line((Span(each.label, url=each.url),))}</p>" for each in buttons if each.url)
    made: Json = {"body": body or printable(message.title), "m.mentions": {}}
    if html:
        made |= {"format": "org.matrix.custom.html", "formatted_body": html}
    if pressable := [[each.label, each.command, dict(each.options)] for each in message.actions if each.command]:
        made[ACTIONS] = pressable
    return {**made, KEY: key} if key else made


def relation(*, thread: str | None = None, reply_to: str | None = None) -> Json:
    """The part of a content that puts an event in a thread, or under the message that it answers."""
    reply = {"m.in_reply_to": {"event_id": reply_to or thread}}
    if thread is None:
        return {"m.relates_to": reply} if reply_to else {}
    # Clients without threads show it as a reply to the opener.
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": thread, "is_falling_back": not reply_to, **reply}}


def edited(made: Mapping[str, Any], ref: str) -> Json:
    """Content of the event that puts a content in the place of an earlier one; old clients show its first line."""
    first = f"* {made['body'].partition(chr(10))[0]}"
    new = {"m.new_content": dict(made), "m.relates_to": {"rel_type": "m.replace", "event_id": ref}}
    return {"msgtype": "m.notice", "body": first, "m.mentions": {}, **new}


def pressed(made: Mapping[str, Any], text: str) -> tuple[str, dict[str, str]] | None:
    """Command and options of the button of our message that a reply names, by its label or the first of its words."""
    words = _words(text)
    for label, command, options in made.get(ACTIONS, ()):
        if label == text.strip() or (words and _words(label)[: len(words)] == words):
            return command, options
    return None


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _hint(buttons: Iterable[Action], *, votes: bool) -> str:
    """A line with the replies that stand for buttons, which other platforms show."""
    labels = [truncate(printable(each.label), 40) for each in buttons if each.command]
    replies = f"Reply with: {' · '.join(labels)}" if labels else ""
    return f"{replies}{'; or react 👍 👎' if replies else 'React 👍 👎'}" if votes else replies


# --- text


def _quiet(text: str) -> str:
    """Text whose `@room` is none: a word joiner stands in it, for clients that do not read `m.mentions`."""
    return _ROOM_PING.sub("@\u2060", text)


def _html(spans: Iterable[Span]) -> str:
    """A paragraph; a room's address becomes a link, which clients show as its name."""
    parts = []
    for span in map(harmless, spans):
        part = str(line((replace(span, text=_quiet(span.text)),))).replace("\n", "<br>")
        link = r'<a href="https://matrix.to/#/\1">\1</a>'
        parts.append(part if span.url or "matrix:" not in span.text else _ADDRESS.sub(link, part))
    return "".join(parts)


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
            case "note":
                yield from (f"<p>{_grey(each)}</p>" for each in joined)
            case _:
                yield from (f"<p>{each}</p>" for each in joined)


def _plain(spans: Iterable[Span]) -> str:
    """The text of a paragraph with its URLs."""
    return "".join(
        f"{_quiet(span.text)} <{url}>" if (url := web_url(span.url)) and url != span.text else _quiet(span.text)
        for span in map(harmless, spans)
    )


def _lines(message: Message) -> Iterator[str]:
    number = message.first
    for group in paragraph_groups(message.blocks):
        for each in group.blocks:
            lead = f"{number}. " if group.role == "item" else ""
            number += group.role == "item"
            yield f"{lead}{_plain(each.spans)}"
            if each.note:
                yield _plain(each.note)
