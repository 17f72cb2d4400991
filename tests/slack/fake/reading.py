"""A message as Slack parses it and as a person reads it: text, notified people, links.

Rules: https://docs.slack.dev/messaging/formatting-message-text. Formatting marks are taken away where Slack would draw
them; only the three entities are decoded; anything in angle brackets that is no markup stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_ANGLED = re.compile(r"<([^<>\n]+)>")
_LINK = re.compile(r"(?:https?|ftp|mailto|tel|sms|slack|data|javascript|file|[a-z][a-z0-9+.-]{1,20}):", re.IGNORECASE)
_BARE_URL = re.compile(r"\bhttps?://[^\s<>|]+")
_BARE_MENTION = re.compile(r"(?<![\w@])@(here|channel|everyone)\b")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_DECODED = {"amp": "&", "lt": "<", "gt": ">"}
_DRAWN = [
    re.compile(rf"(?<![\w{mark}]){mark}(?=[^\s{mark}])([^{mark}\n]*?)(?<=[^\s]){mark}(?![\w{mark}])")
    for mark in (r"\*", "_", "~", "`")
]
_FENCED = re.compile(r"```(.+?)```", re.DOTALL)
_QUOTED = re.compile(r"^(?:&gt;|>)+ ?", re.MULTILINE)
_PLACEHOLDERS = 0xE000


@dataclass
class Reading:
    """The result of parsing a text or a payload."""

    shown: str = ""
    pings: list[str] = field(default_factory=list)
    """`channel`, `here`, `everyone`, a user id or a user group's id: who is notified for certain."""
    auto_mentions: list[str] = field(default_factory=list)
    """Bare @here and the like in mrkdwn without `verbatim`: "certain mentions will be automatically parsed"."""
    links: list[tuple[str, str]] = field(default_factory=list)
    """(address, what is read)."""

    def add(self, other: Reading) -> None:
        """Append another reading on a line of its own."""
        self.shown = f"{self.shown}\n{other.shown}" if self.shown and other.shown else self.shown or other.shown
        self.pings += other.pings
        self.auto_mentions += other.auto_mentions
        self.links += other.links


def decoded(text: str) -> str:
    """Text with the three entities decoded, once."""
    return _ENTITY.sub(lambda match: _DECODED[match[1]], text)


def escaped(text: str) -> str:
    """Typed text as Slack stores it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def normalized(text: str) -> str:
    """A plain text as Slack keeps it: bare specials become entities, entities stay (bolt-python#513)."""
    return re.sub(r"&(?!(?:amp|lt|gt);)", "&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(text: str, *, verbatim: bool = False) -> Reading:
    """A text in Slack's own markup."""
    reading, parts = Reading(), list[str]()

    def hold(match: re.Match[str]) -> str:
        parts.append(_angled(match, reading))
        return chr(_PLACEHOLDERS + len(parts) - 1)

    drawn = _ANGLED.sub(hold, text)
    if not verbatim:
        reading.auto_mentions += _BARE_MENTION.findall(drawn)
        reading.links += [(decoded(url), decoded(url)) for url in _BARE_URL.findall(drawn)]
    drawn = _FENCED.sub(r"\1", _QUOTED.sub("", drawn))
    for mark in _DRAWN:
        drawn = mark.sub(r"\1", drawn)
    drawn = decoded(drawn)
    for number, part in enumerate(parts):
        drawn = drawn.replace(chr(_PLACEHOLDERS + number), part)
    reading.shown = drawn
    return reading


def _angled(match: re.Match[str], reading: Reading) -> str:
    """The visible text of one `<…>`; pings and links are noted in `reading`."""
    target, _, label = match[1].partition("|")
    text = decoded(label)
    if target.startswith("!date^"):
        return text
    if target.startswith("!subteam^"):
        reading.pings.append(target.removeprefix("!subteam^"))
        return text or "@" + target.removeprefix("!subteam^")
    if target.startswith("!") and target[1:] in ("channel", "here", "everyone", "group"):
        reading.pings.append(target[1:])
        return "@" + target[1:]
    if re.fullmatch(r"@[UW]\w+", target):
        reading.pings.append(target[1:])
        return text or target
    if re.fullmatch(r"#C\w+", target):
        return "#" + (text or target[1:])
    if _LINK.match(target):
        reading.links.append((decoded(target), text or decoded(target)))
        return text or decoded(target)
    return decoded(match[0])


def of_payload(payload: Mapping[str, Any]) -> Reading:
    """The reading of a message or a view: of its blocks, or its text where it has none. Pings of the text count too."""
    text = mrkdwn(str(payload.get("text") or ""), verbatim=payload.get("parse") != "full")
    if payload.get("parse") == "full" or payload.get("link_names"):
        text.pings += _BARE_MENTION.findall(str(payload.get("text") or ""))
    blocks = payload.get("blocks") or []
    if not blocks:
        return text
    reading = Reading(pings=text.pings)
    if isinstance(payload.get("title"), dict):
        reading.add(_text_object(payload["title"]))
    for block in blocks:
        reading.add(_block(block))
    return reading


def _block(block: Mapping[str, Any]) -> Reading:
    if block["type"] == "rich_text":
        return _rich(block)
    if block["type"] == "table":
        reading = Reading()
        for row in block["rows"]:
            cells = [_rich(each) if each["type"] == "rich_text" else Reading(each["text"]) for each in row]
            reading.add(Reading(" | ".join(cell.shown for cell in cells), links=[x for c in cells for x in c.links]))
        return reading
    if block["type"] == "context_actions":
        return Reading()
    if block["type"] == "markdown":
        return mrkdwn(str(block.get("text", "")))
    reading = Reading()
    for text in _texts(block):
        reading.add(_text_object(text))
    return reading


def _texts(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every text object in a block, in the order of reading."""
    if isinstance(value, Mapping):
        if value.get("type") in ("mrkdwn", "plain_text") and isinstance(value.get("text"), str):
            yield value
            return
        for name, part in value.items():
            if name != "confirm":
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _text_object(text: Mapping[str, Any]) -> Reading:
    if text["type"] == "plain_text":
        return Reading(shown=decoded(text["text"]))
    return mrkdwn(text["text"], verbatim=bool(text.get("verbatim")))


def _rich(node: Mapping[str, Any]) -> Reading:
    """Rich text: its texts are literal, its mentions are elements."""
    kind = node.get("type")
    if kind == "text":
        return Reading(shown=node["text"])
    if kind == "link":
        label = node.get("text") or node["url"]
        return Reading(shown=label, links=[(node["url"], label)])
    if kind in ("user", "usergroup", "broadcast"):
        who = str(node.get("user_id") or node.get("usergroup_id") or node.get("range"))
        return Reading(shown="@" + who, pings=[who])
    if kind == "channel":
        return Reading(shown=f"#{node['channel_id']}")
    if kind == "date":
        return Reading(shown=node["fallback"])
    if kind == "emoji":
        return Reading(shown=f":{node['name']}:")
    parts = [_rich(each) for each in node.get("elements", ())]
    between = "" if kind in ("rich_text_section", "rich_text_preformatted", "rich_text_quote") else "\n"
    whole = Reading(shown=between.join(part.shown for part in parts))
    for part in parts:
        whole.pings += part.pings
        whole.links += part.links
    return whole


def controls(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything to press or choose: the elements, each with its `block_id` and its `label` as read."""
    elements: list[dict[str, Any]] = []
    for block in payload.get("blocks") or []:
        inner = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
        for element in inner:
            if isinstance(element, dict) and element.get("type") == "feedback_buttons":
                both = (element["positive_button"], element["negative_button"])
                shared = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
                elements += [{**each, **shared, "label": decoded(each["text"]["text"])} for each in both]
            elif isinstance(element, dict) and "action_id" in element:
                label = element.get("text") or element.get("placeholder") or block.get("label") or {}
                text = decoded(str(label.get("text", ""))) if isinstance(label, dict) else ""
                elements.append({**element, "block_id": block["block_id"], "label": text})
    return elements
