"""What `paperboy doctor` says about Slack: tokens, permissions, and whether it may post where it is subscribed."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.access import Wire, reason
from adapters.slack.connect import SlackConfig, configured
from adapters.slack.failures import TRANSPORT
from adapters.slack.installs import TEAM, Installs, Safe
from adapters.slack.manifest import SCOPES
from bot.model import Channel, Check, workspace
from bot.settings import Settings

MOST_CHANNELS = 20
"""Channels looked at: conversations.info answers fifty times a minute."""


async def examine(settings: Settings, safe: Safe | None, channels: Sequence[Channel]) -> list[Check]:
    """Look at everything about Slack; nothing if Slack is not set up. `safe` is None before there is a database."""
    config = configured(settings)
    if not config.is_set:
        return []
    if problems := config.problems():
        return [Check("slack", each, fault=True, remedy="see the README on Slack") for each in problems]
    wire = Wire(f"{config.api_url.rstrip('/')}/")
    try:
        checks = await _app_token(wire, config) if config.mode == "socket" else []
        if config.mode != "oauth":
            return checks + await _workspace(wire.client(config.bot_token), channels)
        return checks + await _installations(wire, safe, channels)
    finally:
        await wire.close()


async def _app_token(wire: Wire, config: SlackConfig) -> list[Check]:
    try:
        await wire.client(config.app_token).apps_connections_open(app_token=config.app_token or "")
    except TRANSPORT as error:
        remedy = "make a new app-level token with connections:write, under Basic Information, and set SLACK_APP_TOKEN"
        return [Check("slack socket", reason(error), fault=True, remedy=remedy)]
    return [Check("slack socket", "opens")]


async def _installations(wire: Wire, safe: Safe | None, channels: Sequence[Channel]) -> list[Check]:
    names = await safe.names(TEAM) if safe is not None else []
    if safe is None or not names:
        return [Check("slack", "no workspace has installed it yet", remedy="open /slack/install on your public URL")]
    checks: list[Check] = []
    for name in names:
        team = name.removeprefix(TEAM)
        found = await Installs(safe).of(team)
        if found is None or not found.bot_token:
            remedy = "put the earlier PAPERBOY_SECRET_KEY back (several are separated by commas), or install it again"
            checks.append(Check(f"slack {team}", "its token can't be opened", fault=True, remedy=remedy))
            continue
        here = [channel for channel in channels if workspace(channel) == f"slack:{team}"]
        checks += await _workspace(wire.client(found.bot_token), here)
    return checks


async def _workspace(client: AsyncWebClient, channels: Sequence[Channel]) -> list[Check]:
    try:
        said = await client.auth_test()
    except TRANSPORT as error:
        remedy = "take the Bot User OAuth Token under OAuth & Permissions and set SLACK_BOT_TOKEN; check the network"
        return [Check("slack", reason(error), fault=True, remedy=remedy)]
    team = str(said.get("team_id"))
    checks = [Check(f"slack {team}", f"connected as {said.get('user')} in {said.get('team')}")]
    headers = {name.lower(): value for name, value in (said.headers or {}).items()}
    granted = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",")} - {""}
    if granted and (missing := sorted(set(SCOPES) - granted)):
        remedy = "paste `paperboy manifest slack` into the app's manifest again and reinstall it"
        told = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
        checks.append(Check(f"slack {team} permissions", f"missing {told}", fault=True, remedy=remedy))
    mine = [channel for channel in channels if workspace(channel) == f"slack:{team}"]
    for channel in mine[:MOST_CHANNELS]:
        checks += await _channel(client, channel)
    return checks


async def _channel(client: AsyncWebClient, channel: Channel) -> list[Check]:
    """Nothing to say about a channel it can post in, nor about a direct message."""
    place = channel.rpartition("/")[2]
    if not place.startswith(("C", "G")):
        return []
    try:
        said = await client.conversations_info(channel=place)
    except TRANSPORT as error:
        return [Check(f"channel {channel}", reason(error), fault=True, remedy="invite it there: /invite @Paperboy")]
    info = said.get("channel") or {}
    if info.get("is_archived"):
        return [Check(f"channel {channel}", "is archived", fault=True, remedy="unarchive it, or unsubscribe it")]
    if not info.get("is_member"):
        return [Check(f"channel {channel}", "Paperboy is no member", fault=True, remedy="/invite @Paperboy there")]
    return []
