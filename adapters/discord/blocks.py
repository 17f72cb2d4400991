"""Message -> Components V2, every limit kept by construction; Action <-> a button's custom_id. Pure.

heading   larger      text   as it is      item   numbered      note   small and grey      actions   rows of buttons

Text displays take all of a phone's width, which embeds do not, and links in them bring no previews.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from adapters.discord import limits
from adapters.discord.markup import NOTHING, escape, length, line, link, markdown
from adapters.text import cut, utf16
from bot.commands import COMMANDS
from bot.model import Action, Block, Message, Role

Json = dict[str, Any]

ROW, BUTTON, TEXT, SEPARATOR = 1, 2, 10, 14
"""https://discord.com/developers/docs/components/reference#component-object-component-types"""
STYLES = {"plain": 2, "primary": 1, "danger": 4}
LINK = 5
MORE = "-# … more: it did not fit into one message."
SHORTER = (4_000, 1_500, 900, 600, 400, 300, 230)
"""Lengths that paragraphs are cut to, one after the other, until a message fits; below the last, some are left out."""
MOST_BUTTONS = 25
"""Our own limit, so that there is room for text."""
_BEFORE = {"heading": "### ", "note": "-# "}
_APART = "|"
"""Between the parts of a custom_id; keys and commands have none."""
_SHELVED = "~"
"""Begins the mark of options that are kept elsewhere; no JSON does."""
FALLBACK = Action("Trending now", "today")
"""Carries the key of a delivered message that has no button of its own."""
NO_MENTIONS: Json = {"parse": []}


def payload(message: Message, *, key: str = "", shelved: bool = False) -> Json:
    """What a message is created with. `key` is carried by its buttons, so that the message can be found again.

    `shelved` says that options which are `too_long` are kept elsewhere; else their buttons are left out.
    """
    rows = list(_rows(message.actions, key, shelved=shelved))
    room = limits.COMPONENTS - sum(1 + len(row["components"]) for row in rows)
    return {
        "flags": limits.COMPONENTS_V2,
        "components": [*_displays(message, room), *rows],
        "allowed_mentions": NO_MENTIONS,
    }


def key_of(components: object) -> str | None:
    """The key that a message's buttons carry; None if it has none."""
    for custom_id in _custom_ids(components):
        key, apart, _ = custom_id.partition(_APART)
        if apart and key:
            return key
    return None


def decode_action(custom_id: object) -> tuple[str, dict[str, str]]:
    """The command and options of a pressed button; "" for what no button of ours says."""
    if not isinstance(custom_id, str):
        return "", {}
    _, command, *packed = [*custom_id.split(_APART, 2), "", ""][:3]
    known = COMMANDS.get(command)
    if known is None:
        return "", {}
    try:
        said = json.loads(f"[{packed[0]}]")
        options = dict(zip(said[::2], said[1::2], strict=True))
    except (ValueError, TypeError, RecursionError):
        return command, {}
    return command, {name: text for name, text in options.items() if isinstance(text, str) and known.option(name)}


def too_long(message: Message) -> Iterator[tuple[str, str]]:
    """Of buttons whose options do not fit into a custom_id: the mark it has instead, and the options."""
    for action in message.actions:
        written = _written(action)
        if written is not None and utf16(_APART.join(("", action.command, written))) > limits.CUSTOM_ID:
            yield _mark(written), written


def overflow_key(custom_id: str) -> str | None:
    """What a button has in place of options that did not fit; None if they are in it."""
    _, _, packed = [*custom_id.split(_APART, 2), "", ""][:3]
    return packed[1:] if packed.startswith(_SHELVED) else None


# --- text --------------------------------------------------------------------------------------------------------


def _displays(message: Message, most: int) -> list[Json]:
    """Each paragraph in full; else with long ones cut; else without the last ones, saying so."""
    for longest in SHORTER:
        parts = list(_parts(message.blocks, longest))
        if sum(utf16(part) for part in parts) <= limits.TEXT and len(parts) <= most:
            break
    else:
        parts = _beginning(parts, most)
    if not parts:
        parts = [escape(cut(line(message.title), limits.TEXT, length)) or NOTHING]
    return [{"type": TEXT, "content": part} for part in parts]


def _beginning(parts: list[str], most: int) -> list[str]:
    kept: list[str] = []
    room = limits.TEXT - len(MORE)
    for part in parts[: most - 1]:
        if (room := room - utf16(part)) < 0:
            break
        kept.append(part)
    return [*kept, MORE]


def _parts(blocks: Iterable[Block], longest: int) -> Iterator[str]:
    """The text of each display: neighbours of one role stand together."""
    for role, run in groupby(blocks, key=lambda block: block.role):
        shown = [text for block in run if (text := markdown(block.spans, longest))]
        written = [_marked(role, text, number) for number, text in enumerate(shown, start=1)]
        yield from _packed(written, "\n" if role in {"note", "heading"} else "\n\n" if _tall(written) else "\n")


def _tall(written: list[str]) -> bool:
    return any("\n" in each for each in written)


def _packed(written: list[str], apart: str) -> Iterator[str]:
    group = ""
    for each in written:
        if group and utf16(group) + len(apart) + utf16(each) > limits.TEXT // 2:
            yield group
            group = each
        else:
            group = f"{group}{apart}{each}" if group else each
    if group:
        yield group


def _marked(role: Role, text: str, number: int) -> str:
    if role == "item":
        return f"{number}\\. {text}"
    before = _BEFORE.get(role, "")
    return "\n".join(f"{before}{each}" for each in text.split("\n"))


# --- buttons -----------------------------------------------------------------------------------------------------


def _rows(actions: Iterable[Action], key: str, *, shelved: bool) -> Iterator[Json]:
    """Rows of five. Custom ids are unique in a message, as Discord asks."""
    taken: set[str] = set()
    buttons: list[Json] = []
    for action in actions:
        button = _button(action, key, shelved=shelved)
        if button is not None and button.get("custom_id") not in taken:
            taken.add(button.get("custom_id", ""))
            taken.discard("")
            buttons.append(button)
    del buttons[MOST_BUTTONS:]
    if key and not any("custom_id" in button for button in buttons):
        buttons[MOST_BUTTONS - 1 :] = filter(None, [_button(FALLBACK, key, shelved=False)])
    for start in range(0, len(buttons), limits.BUTTONS_IN_A_ROW):
        yield {"type": ROW, "components": buttons[start : start + limits.BUTTONS_IN_A_ROW]}


def _button(action: Action, key: str, *, shelved: bool) -> Json | None:
    """None for one that could not do what it says: a link that is no web address, options that do not fit."""
    label = cut(line(action.label), limits.BUTTON, utf16) or NOTHING
    if action.url is not None:
        url = link(action.url)
        return {"type": BUTTON, "style": LINK, "label": label, "url": url} if url else None
    custom_id = _runs(action, key, shelved=shelved)
    return (
        {"type": BUTTON, "style": STYLES[action.style], "label": label, "custom_id": custom_id} if custom_id else None
    )


def _runs(action: Action, key: str, *, shelved: bool) -> str | None:
    """`key|command|options`, the options as names and values in turn, or as a mark."""
    written = _written(action)
    if written is None:
        return None
    custom_id = _APART.join((key, action.command, written))
    if utf16(custom_id) <= limits.CUSTOM_ID:
        return custom_id
    return _APART.join((key, action.command, _SHELVED + _mark(written))) if shelved else None


def _written(action: Action) -> str | None:
    known = COMMANDS.get(action.command)
    if action.url is not None or known is None or not all(map(known.option, action.options)):
        return None
    return _written_options(tuple(action.options.items()))


@lru_cache(maxsize=2_048)
def _written_options(options: tuple[tuple[str, str], ...]) -> str:
    packed = [part for pair in options for part in pair]
    return json.dumps(packed, separators=(",", ":"), ensure_ascii=False)[1:-1]


def _mark(written: str) -> str:
    return hashlib.sha256(written.encode()).hexdigest()[:32]


def _custom_ids(components: object) -> Iterator[str]:
    for component in components if isinstance(components, list) else ():
        if isinstance(component, dict):
            if isinstance(found := component.get("custom_id"), str):
                yield found
            yield from _custom_ids(component.get("components"))
