"""A message as the JSON that each kind of service takes; foreign text is escaped and never pings. Pure."""

from __future__ import annotations

import re
from typing import Any

from adapters.plain_text import text_rows
from adapters.text import printable
from bot.model import Message, Ref, Span

LIMITS = {"mattermost": 16_000, "teams": 24_000, "googlechat": 30_000, "json": 60_000}
"""Bytes of a payload, below what each service takes: 16,383 characters, 28 KB, 32,000 bytes."""
_TEXT_BLOCK: dict[str, dict[str, Any]] = {
    "heading": {"weight": "Bolder"},
    "note": {"isSubtle": True, "size": "Small", "spacing": "None"},
}
_MARKUP = re.compile(r"[\\*_~`|<>\[\]]|&(?=#?\w+;)|^[-#+]|(?<=\d)\.(?=\s|$)")
_FOR_CHAT = str.maketrans("<>|", "‹›¦")
_WORDS = re.compile(r"\S(?:.*\S)?")
_PING = re.compile(r"@(?=\w)|<(?=users/)")


def payload(kind: str, key: str, under: Ref | None, message: Message) -> dict[str, Any]:
    """The body of the request that posts a message."""
    rows = [(row.role, row.lead + "".join(_span(kind, row.role, s) for s in row.spans)) for row in text_rows(message)]
    text = "\n".join(text for _, text in rows) or printable(message.title)
    if kind == "mattermost":
        return {"text": text}
    if kind == "googlechat":
        return {"text": text, "thread": {"threadKey": under or key}}
    if kind == "teams":
        body = [{"type": "TextBlock", "wrap": True, "text": row, **_TEXT_BLOCK.get(role, {})} for role, row in rows]
        card = {"type": "AdaptiveCard", "version": "1.4", "msteams": {"width": "Full"}, "body": body}
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        return {"type": "message", "attachments": [attachment]}
    about = {"key": key, "under": under, "title": printable(message.title), "paper": message.paper_id}
    return {**about, "text": printable(message.text, lines=True), "markdown": text}


def _span(kind: str, role: str, span: Span) -> str:
    """A run of text; marks stand around the words of each of its lines, and not around the space beside them."""
    mark = ("*" if kind == "googlechat" else "**") * (span.bold or role == "heading")
    return _WORDS.sub(lambda words: f"{mark}{_marked(kind, span, words[0])}{mark}", span.text)


def _marked(kind: str, span: Span, words: str) -> str:
    quiet = _PING.sub(lambda sign: f"{sign[0]}\u2060", words)  # a word joiner: nobody is called so
    in_chat = kind == "googlechat"  # which knows no escapes, and whose links are <url|text>
    text = quiet.translate(_FOR_CHAT) if in_chat else _MARKUP.sub(lambda sign: f"\\{sign[0]}", quiet)
    if span.url:
        url = span.url.replace("(", "%28").replace(")", "%29")
        return f"<{url}|{text}>" if in_chat else f"[{text}]({url})"
    return f"`{quiet}`" if span.code and kind != "teams" and "`" not in words else text
