"""The app manifest: name, command, permissions and events of the app that Slack creates. Pure.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapters.slack.events import CHANNEL_ENDED, CHANNEL_REOPENED, LINK_EVENTS
from adapters.slack.markup import Json
from adapters.slack.origin import AGENT_SCOPE
from adapters.slack.work_objects import CONTENT_ITEM
from bot.errors import UserError
from bot.model.client_ip import keeps_secrets

if TYPE_CHECKING:
    from bot.settings import Settings

SCOPES = {
    "app_mentions:read": "hear “@Paperboy why 2405.14105” in a thread, where commands do not run",
    "channels:history": "find out whether a post arrived after a broken connection",
    "channels:read": "notice that it was invited, removed, or that a channel was archived",
    "chat:write": "post",
    "commands": "/papers and the message shortcut",
    "groups:history": "channels:history for private channels it was invited to",
    "groups:read": "channels:read for private channels it was invited to",
    "im:history": "hear what people write to it directly",
    "im:write": "tell whoever set a channel up that it can no longer be reached",
    "reactions:read": "count 👍 and 👎 under its own posts",
    "users:read": "a person's time zone, and who is a workspace admin",
}
"""The bot's permissions and the use of each."""
OPTIONAL_SCOPES = {
    "files:read": "read a bibliography that somebody attaches to `saved import` in a message to it",
    "files:write": "send an exported reading list as a file, instead of as text in direct messages",
    "usergroups:read": "let a user group change a channel's settings, or be mentioned by its digests",
}
"""Permissions that may be left out: https://docs.slack.dev/changelog/2026/03/16/optional-scopes."""
LINK_SCOPES = {
    "links:read": "see links to papers that people post, where a channel wants cards for them",
    "links:write": "put a card under such a message",
}
"""Permissions of an app that shows cards for papers that people link to, and the use of each."""
AGENT_SCOPES = {AGENT_SCOPE: "suggest questions, name threads and show that it is searching, as an agent of Slack's"}
"""Permissions of an app that is an agent, and the use of each."""
AGENT_VIEW: Json = {
    "agent_description": "Searches today's research papers and everything stored, and says where each came from."
    " No language model answers: every line is from the papers and the sources.",
    "suggested_prompts": [
        {"title": "What trends today", "message": "today"},
        {"title": "Search for a subject", "message": "search video diffusion"},
        {"title": "What did I miss this week?", "message": "catchup 7"},
        {"title": "What can I type?", "message": "help"},
    ],
}
"""https://docs.slack.dev/reference/app-manifest: 300 characters, four prompts."""
WORK_OBJECTS: Json = {"is_active": True, "entity_types": [CONTENT_ITEM]}
FEATURES = {"links": LINK_SCOPES, "agent": AGENT_SCOPES}
"""Parts of an app that are off unless its manifest was made with them, and their permissions."""
LINK_DOMAINS = ("alphaxiv.org", "arxiv.org", "doi.org", "huggingface.co")
"""Domains of the links that such an app is told of; five at most."""

EVENTS = tuple(
    sorted(
        {
            *(*CHANNEL_ENDED, *CHANNEL_REOPENED, "channel_id_changed", "member_joined_channel"),
            *("app_home_opened", "app_mention", "message.im", "reaction_added", "reaction_removed"),
            *("app_uninstalled", "tokens_revoked"),
        }
    )
)
"""The events that `interactions.py` listens to, by name."""

COMMAND = "/papers"
SHORTCUT = "card"
"""The message shortcut's callback id."""
EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

_DESCRIPTION = "The day's trending research papers as a thread, each with the evidence behind it."
_LONG_DESCRIPTION = (
    "Paperboy posts the research papers that people notice today to your channel: a ranked list, and in its thread one"
    " short summary a paper, with the votes, stars and points behind it and where they come from.\n\n"
    "Each channel sets its own topics, exclusions, size, hour and days with /papers. Anybody can search, look for"
    " similar papers, ask why a paper ranks where it does, and keep a reading list. Nothing is posted before somebody"
    " subscribes the channel, and a day without papers says why.\n\n"
    "Thank you to arXiv for use of its open access interoperability."
)
_FEATURES: Json = {
    "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
    "bot_user": {"display_name": "Paperboy", "always_online": True},
    "shortcuts": [
        {
            "name": "Show the paper",
            "type": "message",
            "callback_id": SHORTCUT,
            "description": "Summary and evidence of a paper that this message links to",
        }
    ],
}
_SLASH_COMMAND = {
    "command": COMMAND,
    "description": "Trending papers, search, and this channel's digest",
    "usage_hint": "today | search video diffusion | subscribe | topics | settings | help",
    "should_escape": False,
}


def manifest(http_url: str | None, *, with_links: bool = False, with_agent: bool = False) -> Json:
    """A manifest ready to paste: for Socket Mode, or for HTTP with OAuth under this address. Raises UserError.

    `with_links`: Slack also tells of links to papers, in every channel that the app is in. `with_agent`: the direct
    messages are an agent's.
    """
    base = None if http_url is None else _base_url(http_url)
    scopes = sorted({*SCOPES, *(LINK_SCOPES if with_links else ()), *(AGENT_SCOPES if with_agent else ())})
    events = sorted({*EVENTS, *(LINK_EVENTS if with_links else ())})
    request_url = {"request_url": f"{base}{EVENTS_PATH}"} if base else {}
    return {
        "display_information": {
            "name": "Paperboy",
            "description": _DESCRIPTION,
            "long_description": _LONG_DESCRIPTION,
            "background_color": "#1f3a5f",
        },
        "features": {
            **_FEATURES,
            **({"unfurl_domains": list(LINK_DOMAINS), "rich_previews": WORK_OBJECTS} if with_links else {}),
            **({"agent_view": AGENT_VIEW} if with_agent else {}),
            "slash_commands": [_SLASH_COMMAND | ({"url": f"{base}{EVENTS_PATH}"} if base else {})],
        },
        "oauth_config": {
            **({"redirect_urls": [f"{base}{REDIRECT_PATH}"]} if base else {}),
            "scopes": {"bot": [*scopes, *OPTIONAL_SCOPES], "bot_optional": list(OPTIONAL_SCOPES)},
        },
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": events},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": base is None,
            "token_rotation_enabled": False,
        },
    }


def manifest_text(_settings: Settings, http_url: str | None, *, with_links: bool, with_agent: bool) -> str:
    """The app manifest as JSON, ready to paste. Raises UserError for a URL that Slack cannot call."""
    return json.dumps(manifest(http_url, with_links=with_links, with_agent=with_agent), indent=2, ensure_ascii=False)


def _base_url(http_url: str) -> str:
    """The address without a slash at its end. Raises UserError where Slack could not call it."""
    try:
        parts = urlsplit(http_url)
        usable = keeps_secrets(http_url)
    except ValueError:
        parts, usable = urlsplit(""), False
    if not usable or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment or " " in http_url:
        raise UserError("Slack calls apps over https only. Write the public address, such as https://paperboy.example")
    return http_url.rstrip("/")
