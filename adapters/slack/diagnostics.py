"""`paperboy doctor` for Slack: tokens, permissions, and whether Paperboy may post where it is subscribed."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.client import SlackClient, error_summary, granted_scopes
from adapters.slack.connect import config_from_settings
from adapters.slack.failures import TRANSPORT
from adapters.slack.installs import TEAM, InstallationStore, SecretStore, UnreadableTokenError
from adapters.slack.manifest import OPTIONAL_SCOPES, SCOPES
from bot.model import Channel, Check, platform, workspace
from bot.settings import Settings

MAX_CHANNELS = 20
"""Channels checked in a workspace: conversations.info answers fifty times a minute."""


async def examine(settings: Settings, secrets: SecretStore | None, channels: Sequence[Channel]) -> list[Check]:
    """Check everything about Slack; empty if Slack is not set up. `secrets` is None before there is a database."""
    config = config_from_settings(settings)
    if not config.is_set:
        return []
    if problems := config.problems():
        return [Check("slack", each, fault=True, remedy="see the README on Slack") for each in problems]
    slack = SlackClient(config.api_url)
    try:
        checks = await _check_app_token(slack, config.app_token or "") if config.mode == "socket" else []
        if config.mode == "oauth":
            return checks + await _check_installations(slack, secrets, channels)
        return checks + await _check_workspace(slack.web_client(config.bot_token), channels, only=True)
    finally:
        await slack.close()


async def _check_app_token(slack: SlackClient, app_token: str) -> list[Check]:
    try:
        await slack.web_client(app_token).apps_connections_open(app_token=app_token)
    except TRANSPORT as error:
        remedy = "make a new app-level token with connections:write, under Basic Information, and set SLACK_APP_TOKEN"
        return [Check("slack socket", error_summary(error), fault=True, remedy=remedy)]
    return [Check("slack socket", "opens")]


async def _check_installations(
    slack: SlackClient, secrets: SecretStore | None, channels: Sequence[Channel]
) -> list[Check]:
    names = await secrets.names(TEAM) if secrets is not None else []
    if secrets is None or not names:
        return [Check("slack", "no workspace has installed it yet", remedy="open /slack/install on your public URL")]
    checks: list[Check] = []
    for name in names:
        team = name.removeprefix(TEAM)
        try:
            install = await InstallationStore(secrets).of(team)
        except UnreadableTokenError:
            install = None
        if install is None or not install.bot_token:
            remedy = "put the earlier PAPERBOY_SECRET_KEY back (several are separated by commas), or install it again"
            checks.append(Check(f"slack {team}", "its token can't be opened", fault=True, remedy=remedy))
        else:
            checks += await _check_workspace(slack.web_client(install.bot_token), channels)
    return checks


async def _check_workspace(client: AsyncWebClient, channels: Sequence[Channel], *, only: bool = False) -> list[Check]:
    """Check a token and the channels of its workspace; `only` if there is no other token."""
    try:
        identity = await client.auth_test()
    except TRANSPORT as error:
        remedy = "take the Bot User OAuth Token under OAuth & Permissions and set SLACK_BOT_TOKEN; check the network"
        return [Check("slack", error_summary(error), fault=True, remedy=remedy)]
    team = str(identity.get("team_id"))
    checks = [Check(f"slack {team}", f"connected as {identity.get('user')} in {identity.get('team')}")]
    granted = granted_scopes(identity)
    remedy = "paste `paperboy manifest slack` into the app's manifest again and reinstall it"
    if granted and (missing := sorted(set(SCOPES) - granted)):
        scopes = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
        checks.append(Check(f"slack {team} permissions", f"missing {scopes}", fault=True, remedy=remedy))
    checks += [
        Check(f"slack {team} permissions", f"without {scope}, which would {use}", remedy=remedy)
        for scope, use in OPTIONAL_SCOPES.items()
        if granted and scope not in granted
    ]
    own = [channel for channel in channels if workspace(channel) == f"slack:{team}"]
    if only and not identity.get("is_enterprise_install"):
        checks += _check_others(channels, team)
    for channel in own[:MAX_CHANNELS]:
        checks += await _check_channel(client, channel)
    return checks


def _check_others(channels: Sequence[Channel], team: str) -> list[Check]:
    """One check for each workspace with subscriptions that the only token is not for."""
    others = {workspace(channel) for channel in channels if platform(channel) == "slack"} - {f"slack:{team}"}
    remedy = "set SLACK_BOT_TOKEN to the token of that workspace, or `paperboy forget` it"
    return [
        Check(each.replace(":", " "), "has subscriptions, and the token is not for it: they are kept", remedy=remedy)
        for each in sorted(others)
    ]


async def _check_channel(client: AsyncWebClient, channel: Channel) -> list[Check]:
    """Empty for a channel that Paperboy can post in, and for direct messages."""
    channel_id = channel.rpartition("/")[2]
    if not channel_id.startswith(("C", "G")):
        return []
    try:
        info = (await client.conversations_info(channel=channel_id)).get("channel") or {}
    except TRANSPORT as error:
        remedy = "invite it there: /invite @Paperboy"
        return [Check(f"channel {channel}", error_summary(error), fault=True, remedy=remedy)]
    if info.get("is_archived"):
        return [Check(f"channel {channel}", "is archived", fault=True, remedy="unarchive it, or unsubscribe it")]
    if not info.get("is_member"):
        return [Check(f"channel {channel}", "Paperboy is no member", fault=True, remedy="/invite @Paperboy there")]
    return []
