"""The manifest is one Slack takes, and asks for nothing that is not used."""

from __future__ import annotations

import json

import pytest

from adapters.slack.manifest import EVENTS, OPTIONAL_SCOPES, SCOPES, manifest
from bot.errors import UserError
from tests.slack.fake import limits, subscriptions

BOTH = pytest.mark.parametrize("url", [None, "https://paperboy.example/"])

NEEDED_BY_EVENT = {
    "app_mention": "app_mentions:read",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_id_changed": "channels:read",
    "channel_left": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "app_home_opened": None,
    "app_uninstalled": None,
    "tokens_revoked": None,
}
"""https://docs.slack.dev/reference/events, each event's page."""


@BOTH
def test_it_is_json_and_slack_takes_it(url: str | None):
    document = manifest(url)
    assert json.loads(json.dumps(document)) == document
    app = subscriptions.of(document)
    assert app.scopes == {*SCOPES, *OPTIONAL_SCOPES}
    assert set(document["oauth_config"]["scopes"]["bot_optional"]) == set(OPTIONAL_SCOPES) < app.scopes
    assert "/papers" in app.commands
    assert set(document) == {"display_information", "features", "oauth_config", "settings"}


@BOTH
def test_names_and_texts_keep_their_lengths(url: str | None):
    app = manifest(url)
    about, features = app["display_information"], app["features"]
    low, high = limits.APP_LONG_DESCRIPTION
    [command], [shortcut] = features["slash_commands"], features["shortcuts"]
    assert len(about["name"]) <= limits.APP_NAME
    assert len(about["description"]) <= limits.APP_DESCRIPTION
    assert low <= len(about["long_description"]) <= high
    assert len(features["bot_user"]["display_name"]) <= limits.BOT_NAME
    assert len(command["command"]) <= limits.COMMAND
    assert len(command["description"]) <= limits.COMMAND_DESCRIPTION
    assert len(command["usage_hint"]) <= limits.USAGE_HINT
    assert len(shortcut["name"]) <= limits.SHORTCUT_NAME
    assert len(shortcut["description"]) <= limits.SHORTCUT_DESCRIPTION


def test_every_event_has_its_scope_and_every_scope_its_reason():
    assert set(NEEDED_BY_EVENT) == set(EVENTS)
    assert {scope for scope in NEEDED_BY_EVENT.values() if scope} <= set(SCOPES)
    assert all(SCOPES.values())
    assert list(SCOPES) == sorted(SCOPES)


def test_without_an_address_it_is_socket_mode_and_names_no_url():
    app = manifest(None)
    assert app["settings"]["socket_mode_enabled"] is True
    assert "http" not in json.dumps({**app, "display_information": None})


def test_with_an_address_slack_is_told_where_everything_is():
    app = manifest("https://paperboy.example/")
    assert app["settings"]["socket_mode_enabled"] is False
    assert app["oauth_config"]["redirect_urls"] == ["https://paperboy.example/slack/oauth_redirect"]
    settings = app["settings"]
    urls = {settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]}
    assert urls | {app["features"]["slash_commands"][0]["url"]} == {"https://paperboy.example/slack/events"}


WRONG = ["paperboy.example", "http://paperboy.example", "https://", "https://u:p@h", "https://h/?a=1", "https://[x", ""]


@pytest.mark.parametrize("url", WRONG)
def test_an_address_slack_could_not_call_is_refused_with_an_example(url: str):
    with pytest.raises(UserError, match=r"https://paperboy\.example"):
        manifest(url)


def test_loopback_may_do_without_https():
    assert manifest("http://127.0.0.1:3000")["settings"]["interactivity"]["request_url"].startswith(
        "http://127.0.0.1:3000/"
    )
