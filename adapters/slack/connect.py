"""Settings -> the two halves of the adapter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.access import Access, Installations, OneWorkspace, Wire
from adapters.slack.http import SlackHttp, oauth_flow
from adapters.slack.installs import Installs, Safe
from adapters.slack.outlet import SlackOutlet
from adapters.slack.people import Managers
from adapters.slack.socket import SlackSocket
from adapters.slack.states import States
from bot.errors import SettingsError
from bot.settings import Settings, secret_value

API_URL = "https://slack.com/api/"
AUTHORIZE_URL = "https://slack.com/oauth/v2/authorize"
Mode = Literal["socket", "http", "oauth"]


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """How Paperboy is known to Slack. What is not set is None or empty; secrets are in no repr.

    bot_token and app_token: Socket Mode. bot_token and signing_secret: HTTP for one workspace. signing_secret,
    client_id and client_secret: HTTP, installed by OAuth into any number.
    """

    bot_token: str | None = field(default=None, repr=False)
    app_token: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    api_url: str = API_URL
    managers: str = "members"
    internal_app: bool = False
    authorize_url: str = AUTHORIZE_URL

    @property
    def is_set(self) -> bool:
        """Whether Slack is wanted at all."""
        return bool(self.bot_token or self.app_token or self.signing_secret or self.client_id or self.client_secret)

    @property
    def mode(self) -> Mode:
        """How Slack and Paperboy meet."""
        if self.client_id or self.client_secret:
            return "oauth"
        return "http" if self.signing_secret and not self.app_token else "socket"

    def problems(self) -> tuple[str, ...]:
        """What is missing or wrong, each with the remedy; nothing if it can work."""
        found = [f"{name} is missing: {where}" for name, value, where in self._needed() if not value]
        if self.bot_token and not self.bot_token.startswith(("xoxb-", "xoxe.xoxb-")):
            found.append("SLACK_BOT_TOKEN starts with xoxb-: take the Bot User OAuth Token, under OAuth & Permissions")
        if self.app_token and not self.app_token.startswith("xapp-"):
            found.append("SLACK_APP_TOKEN starts with xapp-: make an app-level token, under Basic Information")
        if self.managers not in {"members", "admins"}:
            found.append(f"managers is members or admins, not {self.managers[:40]!r}")
        found += [f"{each[:80]!r} is no web address" for each in (self.api_url, self.authorize_url) if not _web(each)]
        return tuple(found)

    def _needed(self) -> tuple[tuple[str, str | None, str], ...]:
        bot = ("SLACK_BOT_TOKEN", self.bot_token, "the xoxb- token under OAuth & Permissions, after Install App")
        secret = ("SLACK_SIGNING_SECRET", self.signing_secret, "it is under Basic Information, App Credentials")
        match self.mode:
            case "oauth":
                where = "it is under Basic Information, App Credentials"
                client = ("SLACK_CLIENT_ID", self.client_id, where)
                return (secret, client, ("SLACK_CLIENT_SECRET", self.client_secret, where))
            case "http":
                return (bot, secret)
            case "socket":
                make = "make an app-level token with connections:write, under Basic Information"
                return (bot, ("SLACK_APP_TOKEN", self.app_token, make))


def make(
    config: SlackConfig, safe: Safe, *, clock: Callable[[], float] = time.monotonic
) -> tuple[SlackOutlet, SlackSocket | SlackHttp]:
    """The outlet and the front. Raises SettingsError naming everything that is wrong.

    `clock` tells seconds that only ever grow.
    """
    if problems := config.problems():
        raise SettingsError(problems)
    managers: Managers = "admins" if config.managers == "admins" else "members"
    wire = Wire(f"{config.api_url.rstrip('/')}/")
    front: SlackSocket | SlackHttp
    access: Access
    if config.mode == "oauth":
        client_id, client_secret = config.client_id or "", config.client_secret or ""
        access = many = Installations(wire, Installs(safe), client_id=client_id, client_secret=client_secret)
        flow = oauth_flow(
            many,
            States(safe, client_secret),
            client_id=client_id,
            client_secret=client_secret,
            authorize_url=config.authorize_url,
        )
        front = SlackHttp(access, config.signing_secret or "", managers, flow=flow, clock=clock)
    else:
        access = one = OneWorkspace(wire, config.bot_token or "")
        if config.mode == "socket":
            front = SlackSocket(one, config.app_token or "", managers, clock=clock)
        else:
            front = SlackHttp(access, config.signing_secret or "", managers, clock=clock)
    return _outlet(access, config), front


def _outlet(access: Access, config: SlackConfig) -> SlackOutlet:
    async def clients(team: str) -> AsyncWebClient:
        return await access.client(team)

    return SlackOutlet(clients, internal_app=config.internal_app)


def _web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def configured(settings: Settings) -> SlackConfig:
    """What the settings say about Slack."""
    return SlackConfig(
        bot_token=secret_value(settings.slack_bot_token),
        app_token=secret_value(settings.slack_app_token),
        signing_secret=secret_value(settings.slack_signing_secret),
        client_id=settings.slack_client_id,
        client_secret=secret_value(settings.slack_client_secret),
        api_url=settings.slack_api_url,
        managers=settings.slack_managers,
        internal_app=settings.slack_internal_app,
    )


def connect(settings: Settings, safe: Safe) -> tuple[SlackOutlet, SlackSocket | SlackHttp] | None:
    """The two halves, or None where nothing about Slack is set. Raises SettingsError naming all that is wrong."""
    config = configured(settings)
    if not config.is_set:
        return None
    if config.mode == "oauth" and settings.secret_key is None:
        raise SettingsError(
            ("PAPERBOY_SECRET_KEY is missing: `paperboy key` makes one; tokens are stored encrypted only",)
        )
    return make(config, safe)
