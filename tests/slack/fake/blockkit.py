"""Block Kit, checked as Slack checks it: unknown fields, missing ones, lengths, counts, ids that repeat.

    message_faults(blocks) -> ["must be less than 3001 characters [json-pointer:/blocks/0/text/text]", ...]
    view_faults(view)      -> the same below /view
    all_text(blocks)       -> characters that count towards msg_blocks_too_long

The tables are in `shapes`; pages: https://docs.slack.dev/reference/block-kit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.slack.fake.checks import Faults, items
from tests.slack.fake.limits import MESSAGE_BLOCKS, VIEW_BLOCKS
from tests.slack.fake.shapes import BLOCKS, HOME, MODAL

NOT_IN_VIEWS = frozenset({"markdown", "table", "file", "context_actions"})


def message_faults(blocks: Any) -> list[str]:
    """Faults of a message's blocks; empty for blocks that Slack takes."""
    faults: Faults = []
    items(BLOCKS, 0, MESSAGE_BLOCKS)(blocks, "/blocks", faults)
    return faults or _repeats(blocks, "/blocks")


def view_faults(view: Any) -> list[str]:
    """Faults of a modal or a home tab."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["unsupported type [json-pointer:/view/type]"]
    faults: Faults = []
    (MODAL if view["type"] == "modal" else HOME)(view, "/view", faults)
    if faults:
        return faults
    blocks = view["blocks"]
    faults += [f"unsupported type: {each['type']} [json-pointer:/view/blocks]" for each in _of(blocks, NOT_IN_VIEWS)]
    if view["type"] == "modal" and any(_of(blocks, {"input"})) and "submit" not in view:
        faults.append("missing required field: submit [json-pointer:/view]")
    if len(blocks) > VIEW_BLOCKS:
        faults.append(f"no more than {VIEW_BLOCKS} items allowed [json-pointer:/view/blocks]")
    return faults + _repeats(blocks, "/view/blocks")


def _of(blocks: list[dict[str, Any]], kinds: Any) -> Iterator[dict[str, Any]]:
    return (block for block in blocks if block["type"] in kinds)


def _repeats(blocks: list[dict[str, Any]], pointer: str) -> list[str]:
    """Block ids that occur twice, and action ids that occur twice in one block."""
    faults = []
    for name, times in Counter(block["block_id"] for block in blocks if "block_id" in block).items():
        if times > 1:
            faults.append(f"block_id: {name} already exists [json-pointer:{pointer}]")
    for number, block in enumerate(blocks):
        inner = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        ids = Counter(each["action_id"] for each in inner if isinstance(each, dict) and "action_id" in each)
        for name, times in ids.items():
            if times > 1:
                faults.append(f"action_id: {name} already exists in this block [json-pointer:{pointer}/{number}]")
    return faults


def all_text(value: Any) -> int:
    """Characters of every text and address in these blocks."""
    if isinstance(value, dict):
        own = sum(len(part) for name, part in value.items() if name in ("text", "url") and isinstance(part, str))
        return own + sum(all_text(part) for part in value.values() if isinstance(part, dict | list))
    if isinstance(value, list):
        return sum(map(all_text, value))
    return 0
