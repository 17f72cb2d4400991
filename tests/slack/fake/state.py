"""The fake's state: tokens, channels, messages and views. No protocol."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.slack.fake.reading import Reading, controls, decoded, mrkdwn, normalized, of_payload

if TYPE_CHECKING:
    from tests.slack.fake.people import User
    from tests.slack.fake.team import Team


BUTTONS = ("button", "feedback_buttons", "icon_button")


class Clock:
    """The fake's clock: real time and the jumps of a test."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._last = 0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def jump(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._ahead += seconds

    def ts(self) -> str:
        """A message's ts: later than every earlier one."""
        self._last = max(self._last + 1, int(self.now() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"


@dataclass
class Token:
    """An access token and what it may do."""

    value: str
    team: Team | None
    scopes: frozenset[str]
    error: str | None = None
    """The error code of a token that no longer works: `token_revoked`, `account_inactive`."""


class Readable:
    """What a person sees of blocks, and can press in them."""

    raw: dict[str, Any]

    @property
    def reading(self) -> Reading:
        """The blocks as a person reads them."""
        return of_payload(self.raw)

    @property
    def shown(self) -> str:
        """The visible text."""
        return self.reading.shown

    @property
    def links(self) -> list[tuple[str, str]]:
        """(address, what is read)."""
        return self.reading.links

    @property
    def controls(self) -> list[dict[str, Any]]:
        """The elements to press, choose or fill in, with `label` and `block_id`."""
        return controls(self.raw)

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons."""
        return [each["label"] for each in self.controls if each["type"] in BUTTONS]

    @property
    def menu(self) -> list[str]:
        """The entries of its menus."""
        menus = [each["options"] for each in self.controls if each["type"] == "overflow"]
        return [decoded(entry["text"]["text"]) for options in menus for entry in options]


@dataclass(eq=False)
class Posted(Readable):
    """A message, public or shown to one person."""

    channel: Channel
    ts: str
    raw: dict[str, Any]
    """As stored and returned by history, with `metadata`; `unfurl_` arguments are in `arguments` alone."""
    arguments: dict[str, Any]
    """The arguments it was posted with."""
    kind: Literal["message", "ephemeral"] = "message"
    user: str | None = None
    """The person who sees an ephemeral message."""
    deleted: bool = False
    edits: int = 0
    unfurls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Blocks under the message by the URL of a link in it."""
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Work Objects under the message by the URL of a link in it."""
    versions: list[dict[str, Any]] = field(default_factory=list)
    """Text and blocks of each version: an edit may notify too."""

    @property
    def thread_ts(self) -> str | None:
        """The opener's ts, for a reply."""
        thread: str | None = self.raw.get("thread_ts")
        return thread if thread != self.ts else None

    @property
    def reading(self) -> Reading:
        """The message as a person reads it."""
        return self._read(self.raw)

    def _read(self, version: dict[str, Any]) -> Reading:
        return of_payload({**{name: self.arguments.get(name) for name in ("parse", "link_names")}, **version})

    def record_version(self) -> None:
        """Append the present text and blocks to `versions`."""
        self.versions.append({name: self.raw[name] for name in ("text", "blocks") if name in self.raw})

    @property
    def notification(self) -> str:
        """The top-level text, for notifications and screen readers."""
        return mrkdwn(str(self.raw.get("text") or "")).shown

    @property
    def pings(self) -> list[str]:
        """People and groups that any version notified."""
        return list(dict.fromkeys(who for version in self.versions for who in self._read(version).pings))

    @property
    def auto_mentions(self) -> list[str]:
        """Bare @here and the like where Slack may parse them."""
        return self.reading.auto_mentions

    @property
    def metadata(self) -> dict[str, Any] | None:
        """The metadata for apps."""
        metadata: dict[str, Any] | None = self.raw.get("metadata")
        return metadata

    def __repr__(self) -> str:
        return f"Posted({self.channel.id}/{self.ts} {self.kind} {self.shown!r})"


@dataclass(eq=False)
class Channel:
    """A conversation: public, private, or a direct message."""

    id: str
    team: Team
    name: str
    kind: Literal["channel", "group", "im"] = "channel"
    members: set[str] = field(default_factory=set)
    archived: bool = False
    posts: list[Posted] = field(default_factory=list)
    """Every message in the order posted, deleted and ephemeral ones too."""
    shared: bool = False
    statuses: list[tuple[str, str]] = field(default_factory=list)
    """Thread and status of an agent, in the order shown."""
    titles: dict[str, str] = field(default_factory=dict)
    """Titles of an agent's threads."""
    prompts: list[tuple[str, str]] = field(default_factory=list)
    """Title and message of what an agent suggests."""

    @property
    def private(self) -> bool:
        """Whether outsiders must not know of it."""
        return self.kind != "channel"

    @property
    def messages(self) -> list[Posted]:
        """The messages visible to every member, oldest first."""
        return [post for post in self.posts if post.kind == "message" and not post.deleted]

    @property
    def roots(self) -> list[Posted]:
        """The messages outside of threads, oldest first."""
        return [post for post in self.messages if post.thread_ts is None]

    def thread(self, ts: str) -> list[Posted]:
        """The replies under that opener, oldest first."""
        return [post for post in self.messages if post.thread_ts == ts]

    def find(self, ts: object) -> Posted | None:
        """The message of that ts, if it is still there."""
        return next((post for post in reversed(self.posts) if post.ts == ts and not post.deleted), None)


@dataclass(eq=False)
class View(Readable):
    """A modal or a home tab."""

    id: str
    team: Team
    user: User
    raw: dict[str, Any]
    hash: str
    open: bool = True
    errors: dict[str, str] = field(default_factory=dict)
    """Errors of the last submission, by block id."""
    below: View | None = None

    @property
    def kind(self) -> str:
        """`modal` or `home`."""
        return str(self.raw["type"])

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """The input blocks by block id."""
        return {block["block_id"]: block for block in self.raw["blocks"] if block["type"] == "input"}

    def __repr__(self) -> str:
        return f"View({self.id} {self.kind} {self.shown!r})"


_names = itertools.count(1)


def name(prefix: str) -> str:
    """A new id."""
    return f"{prefix}{next(_names):08X}"


def stored(value: Any) -> Any:
    """Blocks as Slack keeps them: every block and action has an id, plain texts hold entities."""
    if isinstance(value, list):
        return [stored(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    parts = {key: stored(part) for key, part in value.items()}
    if parts.get("type") == "plain_text" and isinstance(parts.get("text"), str):
        return {**parts, "text": normalized(parts["text"]), "emoji": parts.get("emoji", True)}
    return parts


def stored_blocks(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A list of blocks as Slack stores them; missing ids are made up."""
    copies: list[dict[str, Any]] = stored(blocks)
    for block in copies:
        block.setdefault("block_id", name("b"))
        for element in [*(block.get("elements") or []), block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and _is_pressed(str(element.get("type"))):
                element.setdefault("action_id", name("a"))
    return copies


def _is_pressed(kind: str) -> bool:
    return kind not in ("image", "mrkdwn", "plain_text") and not kind.startswith("rich_text_")
