"""A message as the JSON that each kind of service takes; foreign text is escaped and never pings. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

from adapters.fitting import fitted
from adapters.text import harmless, printable
from bot.model import Message, Ref, Span

LIMITS = {"mattermost": 16_000, "teams": 24_000, "googlechat": 30_000, "json": 60_000}
"""Bytes of a payload, below what each service takes: 16,383 characters, 28 KB, 32,000 bytes."""
_TEXT_BLOCK: dict[str, dict[str, Any]] = {
    "heading": {"weight": "Bolder"},
    "note": {"isSubtle": True, "size": "Small", "spacing": "None"},
}
_MARKUP = re.compile(r"[\\*_~`|<>\[\]]|&(?=#?\w+;)|^[-#+]|(?<=\d)\.(?=\s|$)")
_FOR_CHAT = str.maketrans("<>|", "‹›¦")
_PING = re.compile(r"@(?=\w)|<(?=users/)")


def payload(kind: str, message: Message, key: str, under: Ref | None) -> dict[str, Any]:
    """The body of the request that posts a message."""
    return fitted(message, partial(_payload, kind, key, under), LIMITS[kind])


def _payload(kind: str, key: str, under: Ref | None, message: Message) -> dict[str, Any]:
    rows: list[tuple[str, str]] = []
    number = message.first
    for block in message.blocks:
        spans = tuple(replace(each, bold=True) if block.role == "heading" else each for each in block.spans)
        lead, number = (f"{number}. ", number + 1) if block.role == "item" else ("", number)
        rows.append((block.role, lead + _markdown(kind, spans)))
        rows += [("note", _markdown(kind, block.note))] * bool(block.note)
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


def _markdown(kind: str, spans: tuple[Span, ...]) -> str:
    return "".join(_span(kind, harmless(span)) for span in spans)


def _span(kind: str, span: Span) -> str:
    """A run of text; marks stand around its words, on each of its lines, and not around the space beside them."""
    if "\n" in span.text:
        return "\n".join(_span(kind, replace(span, text=part)) for part in span.text.split("\n"))
    if not (words := span.text.strip()):
        return span.text
    quiet = _PING.sub(lambda sign: f"{sign[0]}\u2060", words)  # a word joiner: nobody is called so
    in_chat = kind == "googlechat"  # which knows no escapes, and whose links are <url|text>
    text = quiet.translate(_FOR_CHAT) if in_chat else _MARKUP.sub(lambda sign: f"\\{sign[0]}", quiet)
    if span.url:
        url = span.url.replace("(", "%28").replace(")", "%29")
        text = f"<{url}|{text}>" if in_chat else f"[{text}]({url})"
    elif span.code and kind != "teams" and "`" not in words:
        text = f"`{quiet}`"
    mark = ("*" if in_chat else "**") * span.bold
    return span.text.replace(words, f"{mark}{text}{mark}", 1)
