"""Components V2 of a message, within every limit of Discord; buttons to custom_ids and back. Pure.

heading   larger      text   as it is      item   numbered      note   small and grey      actions   rows of buttons
picture   below the text, for which nobody has to wait or scroll

Text displays take the whole width of a phone, which embeds do not, and links in them show no previews.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate, groupby, takewhile
from typing import Any

from adapters.discord import limits
from adapters.discord.markup import NOTHING, Mention, escape, escaped_length, markdown, one_line, safe_url
from adapters.text import truncate, utf16
from bot.commands import COMMANDS
from bot.model import Action, Block, Message, Role
from bot.wording.cards import paper_menu

Json = dict[str, Any]

ROW, BUTTON, TEXT, GALLERY, FILE = 1, 2, 10, 12, 13
"""https://discord.com/developers/docs/components/reference#component-object-component-types"""
STYLES = {"plain": 2, "primary": 1, "danger": 4}
LINK = 5
MORE = "-# … more: it did not fit into one message."
PARAGRAPH_LIMITS = (4_000, 1_500, 900, 600, 400, 300, 230)
"""UTF-16 units that paragraphs are cut to, one after the other until a message fits; after the last, paragraphs are
left out."""
MAX_BUTTONS = 25
"""Own limit, so that there is room for text."""
_LINE_PREFIX = {"heading": "### ", "note": "-# "}
SEPARATOR = "|"
"""Between the parts of a custom_id; keys and commands do not contain it."""
_OVERFLOW = "~"
"""Before the key of options that are stored elsewhere; no JSON begins with it."""
MENU = "menu"
"""Stands for the command in the custom_id of the button that opens a paper's menu; no command has that name."""
FALLBACK = Action("Trending now", "today")
"""Button that carries the key of a message without buttons."""


def payload(message: Message, *, key: str = "", overflow: bool = False, attached: bool = False) -> Json:
    """Body that creates a message. Its buttons carry `key`, by which the message is found again.

    `overflow`: the `oversized_options` are stored elsewhere; otherwise their buttons are left out.
    `attached`: the message's file is sent along as the first attachment.
    """
    message = fitted(_mentioning(message), key=key, overflow=overflow, attached=attached)
    rows, room = _rows_and_room(message, key, overflow=overflow)
    allowed: Json = {"parse": [], "roles": [message.mention]} if _is_id(message.mention) else {"parse": []}
    silent = limits.SUPPRESS_NOTIFICATIONS if message.silent else 0
    body: Json = {"flags": limits.COMPONENTS_V2 | silent, "allowed_mentions": allowed}
    if attached and message.file is not None:
        rows.insert(0, {"type": FILE, "file": {"url": f"attachment://{message.file.name}"}})
        room -= 1
        body["attachments"] = [{"id": 0, "filename": message.file.name}]
    return {**body, "components": [*_displays(message, room), *rows]}


def _mentioning(message: Message) -> Message:
    """The message with the mention of the role that it notifies, small and below its heading."""
    if not _is_id(message.mention):
        return message
    mention = Block("note", (Mention("", mention=f"<@&{message.mention}>"),))
    headings = sum(1 for _ in takewhile(lambda block: block.role == "heading", message.blocks))
    return replace(message, blocks=(*message.blocks[:headings], mention, *message.blocks[headings:]))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def fitted(message: Message, *, key: str = "", overflow: bool = False, attached: bool = False) -> Message:
    """The message with as many items as its payload has room for; More goes on after them."""

    def fits(shortened: Message) -> bool:
        _, room = _rows_and_room(shortened, key, overflow=overflow)
        return _texts_that_fit(shortened, room - attached) is not None

    return message.fitted(fits)


def key_of(components: object) -> str | None:
    """Key that a message's buttons carry; None if there is none."""
    for component in components if isinstance(components, list) else ():
        if not isinstance(component, dict):
            continue
        key, separator, _ = str(component.get("custom_id") or "").partition(SEPARATOR)
        if key := (key if separator else "") or key_of(component.get("components")) or "":
            return key
    return None


def decode_action(custom_id: object) -> tuple[str, dict[str, str]]:
    """Command and options of a pressed button; ("", {}) if it is not Paperboy's."""
    if not isinstance(custom_id, str):
        return "", {}
    _, name, packed = [*custom_id.split(SEPARATOR, 2), "", ""][:3]
    if name != MENU and name not in COMMANDS:
        return "", {}
    try:
        parts = json.loads(f"[{packed}]")
        options = dict(zip(parts[::2], parts[1::2], strict=True))
    except (ValueError, TypeError, RecursionError):
        return name, {}
    return name, {option: text for option, text in options.items() if isinstance(text, str) and _takes(name, option)}


def first_line(components: Iterable[Json]) -> str:
    """First line of a message's text, in markdown; empty without text."""
    return next((str(part["content"]).partition("\n")[0] for part in components if part["type"] == TEXT), "")


def without_button(components: Iterable[Json], custom_id: str) -> list[Json]:
    """Components of a message without one of its buttons, and without rows that are empty then."""
    remaining = [
        {**part, "components": [each for each in part["components"] if each.get("custom_id") != custom_id]}
        if part["type"] == ROW
        else part
        for part in components
    ]
    return [part for part in remaining if part["type"] != ROW or part["components"]]


def oversized_options(message: Message) -> Iterator[tuple[str, str]]:
    """Packed options that do not fit into a custom_id, each after the key that the button carries instead."""
    for action in _with_menu_button(message.actions):
        packed = _packed_options(action)
        if packed is not None and utf16(SEPARATOR.join(("", action.command, packed))) > limits.CUSTOM_ID:
            yield _overflow_key(packed), packed


def overflow_key(custom_id: str) -> str | None:
    """Key of options that are stored elsewhere; None if the custom_id holds them."""
    packed = [*custom_id.split(SEPARATOR, 2), "", ""][2]
    return packed[1:] if packed.startswith(_OVERFLOW) else None


def _overflow_key(packed: str) -> str:
    return hashlib.sha256(packed.encode()).hexdigest()[:32]


# --- text --------------------------------------------------------------------------------------------------------


def _displays(message: Message, room: int) -> list[Json]:
    """Text displays, at most `room`: each paragraph in full; else long ones cut; else without the last ones."""
    texts = _texts_that_fit(message, room)
    if texts is None:
        texts = list(_texts(message, PARAGRAPH_LIMITS[-1]))
        units = list(accumulate(map(utf16, texts[: room - 1])))
        texts = [*texts[: bisect_right(units, limits.TEXT - len(MORE))], MORE]
    if not texts:
        texts = [escape(truncate(one_line(message.title), limits.TEXT, escaped_length)) or NOTHING]
    return [{"type": TEXT, "content": text} for text in texts]


def _texts_that_fit(message: Message, room: int) -> list[str] | None:
    for limit in PARAGRAPH_LIMITS:
        texts = list(_texts(message, limit))
        if sum(map(utf16, texts)) <= limits.TEXT and len(texts) <= room:
            return texts
    return None


def _texts(message: Message, limit: int) -> Iterator[str]:
    """Text of each display: neighbouring paragraphs of one role are joined up to half of a message's text."""
    for role, run in groupby(message.blocks, key=lambda block: block.role):
        texts = [(text, markdown(block.note, limit)) for block in run if (text := markdown(block.spans, limit))]
        paragraphs = [
            _with_note(_prefixed(role, text, number), note) for number, (text, note) in enumerate(texts, message.first)
        ]
        tall = role not in {"note", "heading"} and any("\n" in each for each in paragraphs)
        gap, text = "\n\n" if tall else "\n", ""
        for paragraph in paragraphs:
            if text and utf16(text) + len(gap) + utf16(paragraph) > limits.TEXT // 2:
                yield text
                text = paragraph
            else:
                text = f"{text}{gap}{paragraph}" if text else paragraph
        if text:
            yield text


def _prefixed(role: Role, text: str, number: int) -> str:
    if role == "item":
        return f"{number}\\. {text}"
    prefix = _LINE_PREFIX.get(role, "")
    return "\n".join(f"{prefix}{line}" for line in text.split("\n"))


def _with_note(text: str, note: str) -> str:
    return f"{text}\n{_prefixed('note', note, 0)}" if note else text


# --- buttons -----------------------------------------------------------------------------------------------------


def _rows_and_room(message: Message, key: str, *, overflow: bool) -> tuple[list[Json], int]:
    """The picture and the rows of buttons, and how many text displays may stand above them."""
    rows = [*_gallery(message), *_rows(message.actions, key, overflow=overflow)]
    return rows, limits.COMPONENTS - sum(1 + len(row.get("components", ())) for row in rows)


def _gallery(message: Message) -> Iterator[Json]:
    """The message's picture, as wide as the message: a thumbnail beside the text would be too small to read.

    https://discord.com/developers/docs/components/reference#media-gallery
    """
    if image := message.image:
        alt = truncate(one_line(image.alt), limits.ALT_TEXT, utf16)
        yield {"type": GALLERY, "items": [{"media": {"url": image.url}, "description": alt}]}


def without_picture(body: Json) -> Json | None:
    """A body that creates or edits a message, or a forum's post, without its picture; None if it has none."""
    if isinstance(body.get("message"), dict):
        plain = without_picture(body["message"])
        return plain and {**body, "message": plain}
    components = [part for part in body.get("components", ()) if part["type"] != GALLERY]
    return {**body, "components": components} if len(components) < len(body.get("components", ())) else None


def _rows(actions: Iterable[Action], key: str, *, overflow: bool) -> Iterator[Json]:
    """Rows of five buttons. Discord requires custom_ids to be unique in a message."""
    unique: dict[object, Json] = {}
    for number, action in enumerate(_with_menu_button(actions)):
        if button := _button(action, key, overflow=overflow):
            unique.setdefault(button.get("custom_id", number), button)
    buttons = list(unique.values())[:MAX_BUTTONS]
    if key and not any("custom_id" in button for button in buttons):
        buttons[MAX_BUTTONS - 1 :] = filter(None, [_button(FALLBACK, key, overflow=False)])
    for start in range(0, len(buttons), limits.BUTTONS_IN_A_ROW):
        yield {"type": ROW, "components": buttons[start : start + limits.BUTTONS_IN_A_ROW]}


def _button(action: Action, key: str, *, overflow: bool) -> Json | None:
    """A button; None for one that could not work: its link is no web address, or its options do not fit.

    A custom_id is `key|command|options`; the options are names and values in turn as JSON, or `~` and an overflow key.
    """
    label = truncate(one_line(action.label), limits.BUTTON, utf16) or NOTHING
    if action.url is not None:
        url = safe_url(action.url)
        return {"type": BUTTON, "style": LINK, "label": label, "url": url} if url else None
    packed = _packed_options(action)
    if packed is None:
        return None
    custom_id = SEPARATOR.join((key, action.command, packed))
    if utf16(custom_id) > limits.CUSTOM_ID:
        if not overflow:
            return None
        custom_id = SEPARATOR.join((key, action.command, _OVERFLOW + _overflow_key(packed)))
    return {"type": BUTTON, "style": STYLES[action.style], "label": label, "custom_id": custom_id}


def _with_menu_button(actions: Iterable[Action]) -> list[Action]:
    """The actions with one button *More…* for the entries of a paper's menu; it opens them for its presser alone.

    A select menu would keep its choice on show in the channel, and could not be given the same one twice.
    """
    listed = list(actions)
    entries = [action for action in listed if action.in_menu]
    if not entries or tuple(entries) != paper_menu(entries[0].options.get("paper", "")):
        return listed
    place = listed.index(entries[0])
    rest = [action for action in listed[place:] if not action.in_menu]
    return [*listed[:place], Action("More…", MENU, entries[0].options), *rest]


def _takes(command: str, option: str) -> bool:
    """Whether a button's command has an option."""
    return option == "paper" if command == MENU else COMMANDS[command].option(option) is not None


def _packed_options(action: Action) -> str | None:
    is_command = action.command == MENU or action.command in COMMANDS
    if action.url is not None or not is_command or not all(_takes(action.command, each) for each in action.options):
        return None
    return _packed(tuple(action.options.items()))


@lru_cache(maxsize=2_048)
def _packed(options: tuple[tuple[str, str], ...]) -> str:
    parts = [part for pair in options for part in pair]
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)[1:-1]
