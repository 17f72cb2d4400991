"""The app's scopes, events, commands and shortcuts; from a manifest, or by default everything needed.

https://docs.slack.dev/reference/app-manifest, https://docs.slack.dev/reference/events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EVENT_SCOPES: dict[str, tuple[str, ...]] = {
    "app_mention": ("app_mentions:read",),
    "message.im": ("im:history",),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_id_changed": ("channels:read", "groups:read"),
    "channel_left": ("channels:read",),
    "channel_rename": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "app_home_opened": (),
    "app_uninstalled": (),
    "tokens_revoked": (),
    "link_shared": ("links:read",),
    "entity_details_requested": (),
}
"""Any one of the scopes will do; for the two with two, public and private channels are told apart."""
EVENTS = frozenset(EVENT_SCOPES) - {"message.channels", "message.groups", "link_shared", "entity_details_requested"}
SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "usergroups:read",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "reactions:read",
        "users:read",
    }
)


@dataclass(frozen=True)
class App:
    """The app's registration."""

    scopes: frozenset[str]
    events: frozenset[str]
    commands: frozenset[str] | None = None
    """None: any."""
    shortcuts: frozenset[str] | None = None

    def receives(self, event: str, scopes: frozenset[str], *, private: bool) -> bool:
        """Whether an event reaches an installation with these scopes."""
        needed = EVENT_SCOPES[event]
        if len(needed) == 2:
            needed = needed[1:] if private else needed[:1]
        return event in self.events and all(scope in scopes for scope in needed)


def of(manifest: dict[str, Any]) -> App:
    """The app of a manifest. Fails where Slack would refuse the manifest."""
    features = manifest.get("features", {})
    settings = manifest.get("settings", {})
    scopes = frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []))
    events = frozenset(settings.get("event_subscriptions", {}).get("bot_events", []))
    unknown = events - set(EVENT_SCOPES)
    assert not unknown, f"unknown events: {sorted(unknown)}"
    for event in sorted(events):
        needed = EVENT_SCOPES[event]
        assert not needed or scopes & set(needed), f"{event} needs one of {needed}"
    commands = features.get("slash_commands", [])
    assert not commands or "commands" in scopes, "slash commands need the scope commands"
    shortcuts = frozenset(each["callback_id"] for each in features.get("shortcuts", []))
    return App(scopes, events, frozenset(each["command"] for each in commands), shortcuts)
