"""State of the fake Discord: servers, channels, threads, messages; its ids; markdown as a person reads it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
REQUEST_ONLY = frozenset({"nonce", "enforce_nonce", "allowed_mentions", "files"})
EPOCH = 1_420_070_400_000
TEXT_CHANNEL, DM, VOICE, GROUP_DM, ANNOUNCEMENT, PUBLIC_THREAD, FORUM = 0, 1, 2, 3, 5, 11, 15

OWNER = "123456789012345678"
"""The bot, which owns every thread."""
VIEW, SEND, HISTORY, THREADS, IN_THREADS = 1 << 10, 1 << 11, 1 << 16, 1 << 35, 1 << 38
ADMINISTRATOR, MANAGE_CHANNELS, MANAGE_SERVER = 1 << 3, 1 << 4, 1 << 5
ALL = VIEW | SEND | HISTORY | THREADS | IN_THREADS


class TooMany(Exception):  # noqa: N818 - Discord's no
    """A rate limit: seconds to wait."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"{seconds:.0f} s")


CROSSPOSTS, CROSSPOSTS_WITHIN = 10, 3_600.0
"""Messages that a channel can publish in so many seconds."""


class Ids:
    """Snowflakes: ids that grow with time and contain it."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._last = 0

    def now(self) -> float:
        """Seconds since 1970; tests jump by adding to `ahead`."""
        return time.time() + self.ahead

    def next(self) -> str:
        """A new id."""
        self._last = max(self._last + 1, (int(self.now() * 1_000) - EPOCH) << 22)
        return str(self._last)


@dataclass(eq=False)
class Posted:
    """A message."""

    id: str
    channel: Channel
    author: str
    raw: Json
    visible_to: str | None = None
    """Id of the only person who sees the message; None if everybody does."""
    deleted: bool = False
    crossposted: float = 0.0
    """When it was passed on to the servers that follow the channel; 0: it was not."""
    reactions: dict[str, set[str]] = field(default_factory=dict)
    edits: list[float] = field(default_factory=list)
    """When it was edited."""

    @property
    def texts(self) -> list[str]:
        """The markdown of its text displays."""
        return [part["content"] for part in self.raw.get("components", ()) if part["type"] == 10]

    @property
    def text(self) -> str:
        """Text as a person reads it."""
        return rendered("\n".join(self.texts) or self.raw.get("content", ""))

    @property
    def files(self) -> dict[str, bytes]:
        """Contents of the attached files by name."""
        return dict(self.raw.get("files") or {})

    @property
    def buttons(self) -> list[Json]:
        """All buttons, in order."""
        return [each for row in self.raw.get("components", ()) if row["type"] == 1 for each in row["components"]]

    def as_json(self, people: dict[str, Json]) -> Json:
        """The message as Discord sends it, without fields of the request."""
        body = {name: value for name, value in self.raw.items() if name not in REQUEST_ONLY}
        reactions = [{"emoji": {"name": name}, "count": len(users)} for name, users in self.reactions.items() if users]
        return {
            "content": "", "embeds": [], "attachments": [], "mentions": [], "mention_roles": [], "components": [],
            "type": 0, "tts": False, "pinned": False, "mention_everyone": False, "edited_timestamp": None,
            **body,
            "id": self.id, "channel_id": self.channel.id, "author": people[self.author],
            "timestamp": "2026-01-01T00:00:00+00:00", "reactions": reactions,
        }  # fmt: skip


@dataclass(eq=False)
class Channel:
    """A text channel, a forum, a thread or direct messages."""

    id: str
    kind: int = TEXT_CHANNEL
    name: str = ""
    guild: Guild | None = None
    parent: Channel | None = None
    recipient_id: str | None = None
    posts: list[Posted] = field(default_factory=list)
    bot_permissions: int = ALL
    """Permission bits of the bot."""
    locked: bool = False
    takes_dms: bool = True
    requires_tag: bool = False
    hidden_from_people: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    """Ids of a forum's tags by name."""
    archived: bool = False
    archive_minutes: int = 10_080
    """Of a thread: minutes without a message after which it is archived."""
    moderated_tags: set[str] = field(default_factory=set)
    """Names of tags that only moderators may use."""

    @property
    def messages(self) -> list[Posted]:
        """Messages that everybody sees, oldest first."""
        return [post for post in self.posts if not post.deleted and post.visible_to is None]

    def find(self, message_id: object) -> Posted | None:
        """The message with this id, if it was not deleted."""
        return next((post for post in self.posts if post.id == message_id and not post.deleted), None)

    def as_json(self) -> Json:
        """The channel as Discord sends it."""
        body: Json = {"id": self.id, "type": self.kind, "name": self.name, "position": 0, "permission_overwrites": []}
        if self.guild is not None:
            body["guild_id"] = self.guild.id
            denied = 0 if self.kind == PUBLIC_THREAD else ALL & ~self.bot_permissions
            if self.hidden_from_people:
                denied = VIEW
            if denied:
                everyone = {"id": self.guild.id, "type": 0, "allow": "0", "deny": str(denied)}
                body["permission_overwrites"] = [everyone]
        if self.kind == VOICE:
            body |= {"bitrate": 64_000, "user_limit": 0}
        if self.kind == FORUM:
            body["flags"] = 1 << 4 if self.requires_tag else 0
            body["available_tags"] = [
                {
                    "id": tag,
                    "name": name,
                    "moderated": name in self.moderated_tags,
                    "emoji_id": None,
                    "emoji_name": None,
                }
                for name, tag in self.tags.items()
            ]
        if self.parent is not None:
            body["parent_id"] = self.parent.id
            about = {"archived": self.archived, "locked": self.locked, "auto_archive_duration": self.archive_minutes}
            about["archive_timestamp"] = "2026-01-01T00:00:00+00:00"
            body |= {"owner_id": OWNER, "message_count": 0, "member_count": 1, "thread_metadata": about}
        return body


@dataclass(eq=False)
class Guild:
    """A server."""

    id: str
    name: str = "Server"
    channels: dict[str, Channel] = field(default_factory=dict)
    has_bot: bool = True
    members: int = 2
    left: set[str] = field(default_factory=set)
    """Ids of people who left it."""
    roles: dict[str, Json] = field(default_factory=dict)
    """Roles besides @everyone, by id."""
    roles_of: dict[str, list[str]] = field(default_factory=dict)
    """Ids of each person's roles, by the person's id."""

    def role(self, role_id: str, name: str, *people: str, mentionable: bool = True, **more: Any) -> str:
        """Make a role, or rename it, and give it to people; returns its id."""
        self.roles[role_id] = _role(role_id, name) | {"mentionable": mentionable, "permissions": "0", **more}
        for person in people:
            self.roles_of.setdefault(person, []).append(role_id)
        return role_id

    def delete_role(self, role_id: str) -> None:
        """Delete a role, and take it from everybody."""
        del self.roles[role_id]
        for roles in self.roles_of.values():
            roles[:] = [each for each in roles if each != role_id]

    @property
    def every_role(self) -> list[Json]:
        """Its roles as Discord sends them."""
        return [_role(self.id, "@everyone"), *self.roles.values()]

    def member(self, user: Json) -> Json:
        """A person as a member, as Discord sends it."""
        return {"user": user, "roles": list(self.roles_of.get(user["id"], ())), "deaf": False, "mute": False,
                "joined_at": "2026-01-01T00:00:00+00:00", "flags": 0}  # fmt: skip

    def as_json(self, bot: Json) -> Json:
        """The server as GUILD_CREATE sends it."""
        channels = [channel.as_json() for channel in self.channels.values() if channel.kind != PUBLIC_THREAD]
        threads = [channel.as_json() for channel in self.channels.values() if channel.kind == PUBLIC_THREAD]
        return {
            "id": self.id, "name": self.name, "owner_id": "2", "roles": self.every_role, "emojis": [], "features": [],
            "channels": channels, "threads": threads, "members": [self.member(bot)],
            "member_count": self.members, "unavailable": False,
            "large": False, "voice_states": [], "presences": [], "stage_instances": [], "guild_scheduled_events": [],
            "system_channel_id": None, "system_channel_flags": 0, "verification_level": 0, "nsfw_level": 0,
            "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0, "premium_tier": 0,
            "preferred_locale": "en-US", "afk_timeout": 300, "afk_channel_id": None, "stickers": [],
            "soundboard_sounds": [], "application_id": None, "joined_at": "2026-01-01T00:00:00+00:00",
        }  # fmt: skip


def _role(role_id: str, name: str) -> Json:
    return {"id": role_id, "name": name, "permissions": str(ALL), "position": 0, "color": 0, "hoist": False,
            "managed": False, "mentionable": False, "flags": 0}  # fmt: skip


_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
_LINK = re.compile(r"\[((?:\\.|[^\]\\])*)\]\(<([^<>\s]*)>\)")
_COMMAND = re.compile(r"(?<!\\)</([^:<>\n]+):\d+>")
_CODE = re.compile(r"(?<!\\)`[^`\n]+`")
_PING = re.compile(r"(?<!\\)@(?:everyone|here)|(?<!\\)<@[!&]?\d+>")
SILENT = 1 << 12


def rendered(text: str) -> str:
    """Markdown as a person reads it: links by their words, marks gone, escaped characters themselves."""
    text = _COMMAND.sub(r"/\1", _LINK.sub(r"\1", text))
    text = re.sub(r"^(?:#{1,3} |-# )", "", text, flags=re.MULTILINE)
    text = re.sub(r"(?<!\\)(?:\*\*|\*|__|_|~~|`)", "", text)
    return _ESCAPED.sub(r"\1", text)


def mentions(raw: Json) -> list[str]:
    """Texts shown as mentions, whether or not they notify; escaped ones and code are none."""
    parts = [part.get("content", "") for part in raw.get("components") or () if part.get("type") == 10]
    return _PING.findall(_CODE.sub("", "\n".join([str(raw.get("content") or ""), *parts])))


def pings(raw: Json) -> list[str]:
    """Mentions that are allowed to notify: all of them unless the message says which."""
    allowed = raw.get("allowed_mentions") or {}
    if "parse" not in allowed:
        return mentions(raw)
    of_kinds = {"everyone": r"@(?:everyone|here)", "roles": r"<@&\d+>", "users": r"<@!?\d+>"}
    patterns = [of_kinds[kind] for kind in allowed["parse"]]
    patterns += [f"<@&{role}>" for role in allowed.get("roles") or ()]
    patterns += [f"<@!?{user}>" for user in allowed.get("users") or ()]
    return [each for each in mentions(raw) if any(re.fullmatch(pattern, each) for pattern in patterns)]
