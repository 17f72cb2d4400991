"""Settings -> the Slack outlet and front."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from adapters.slack.client import SlackClient
from adapters.slack.http import SlackHttp, oauth_flow
from adapters.slack.installs import KEPT_BY_SEVERAL, InstallationStore, SecretStore
from adapters.slack.manifest import FEATURES
from adapters.slack.outlet import SlackOutlet
from adapters.slack.people import Managers
from adapters.slack.socket import SlackSocket
from adapters.slack.states import OAuthStates
from adapters.slack.workspaces import InstalledWorkspaces, SingleWorkspace
from bot.errors import SettingsError
from bot.ports.leases import Leases
from bot.settings import Settings, secret_value

API_URL = "https://slack.com/api/"
AUTHORIZE_URL = "https://slack.com/oauth/v2/authorize"
Mode = Literal["socket", "http", "oauth"]
_REQUIRED: dict[Mode, tuple[str, ...]] = {
    "oauth": ("signing_secret", "client_id", "client_secret"),
    "http": ("bot_token", "signing_secret"),
    "socket": ("bot_token", "app_token"),
}
_REMEDIES = {
    "bot_token": "the xoxb- token under OAuth & Permissions, after Install App",
    "app_token": "make an app-level token with connections:write, under Basic Information",
    **dict.fromkeys(_REQUIRED["oauth"], "it is under Basic Information, App Credentials"),
}


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """Credentials and options. What is not set is None or empty; secrets are in no repr.

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
    features: tuple[str, ...] = ()
    """Names of `manifest.FEATURES` whose permissions an installation by OAuth asks for."""
    authorize_url: str = AUTHORIZE_URL

    @property
    def is_set(self) -> bool:
        """Whether anything about Slack is set."""
        return any(getattr(self, name) for name in _REMEDIES)

    @property
    def mode(self) -> Mode:
        """The way requests arrive: over a socket, by HTTP, or by HTTP from any workspace that installed the app."""
        if self.client_id or self.client_secret:
            return "oauth"
        return "http" if self.signing_secret and not self.app_token else "socket"

    def problems(self) -> tuple[str, ...]:
        """Problems with their remedies; empty if the configuration is complete and valid."""
        missing = [name for name in _REQUIRED[self.mode] if not getattr(self, name)]
        problems = [f"SLACK_{name.upper()} is missing: {_REMEDIES[name]}" for name in missing]
        if self.bot_token and not self.bot_token.startswith(("xoxb-", "xoxe.xoxb-")):
            problems.append(
                "SLACK_BOT_TOKEN starts with xoxb-: take the Bot User OAuth Token, under OAuth & Permissions"
            )
        if self.app_token and not self.app_token.startswith("xapp-"):
            problems.append("SLACK_APP_TOKEN starts with xapp-: make an app-level token, under Basic Information")
        if self.managers not in {"members", "admins"}:
            problems.append(f"managers is members or admins, not {self.managers[:40]!r}")
        if unknown := sorted({*self.features} - {*FEATURES}):
            problems.append(f"PAPERBOY_SLACK_FEATURES are {' and '.join(FEATURES)}, not {unknown[0][:40]!r}")
        urls = (self.api_url, self.authorize_url)
        return (*problems, *(f"{url[:80]!r} is no web address" for url in urls if not _is_web_url(url)))


def build(
    config: SlackConfig,
    secrets: SecretStore,
    *,
    leases: Leases | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[SlackOutlet, SlackSocket | SlackHttp]:
    """The outlet and the front; `clock` tells monotonic seconds. Raises SettingsError naming everything wrong.

    `leases` are given where other processes share the store.
    """
    if problems := config.problems():
        raise SettingsError(problems)
    managers: Managers = "admins" if config.managers == "admins" else "members"
    slack = SlackClient(config.api_url)
    new_outlet = partial(SlackOutlet, internal_app=config.internal_app, leases=leases, memberships=slack.memberships)
    secret = config.signing_secret or ""
    if config.mode == "oauth":
        app = {"client_id": config.client_id or "", "client_secret": config.client_secret or ""}
        kept = float("inf") if leases is None else KEPT_BY_SEVERAL
        installed = InstalledWorkspaces(slack, InstallationStore(secrets, kept=kept), **app, leases=leases)
        states = OAuthStates(secrets, app["client_secret"])
        scopes = tuple(scope for name in config.features for scope in FEATURES[name])
        flow = oauth_flow(installed, states, **app, authorize_url=config.authorize_url, more_scopes=scopes)
        outlet = new_outlet(installed.client)
        return outlet, SlackHttp(installed, secret, managers, names=secrets, flow=flow, clock=clock)
    single = SingleWorkspace(slack, config.bot_token or "")
    outlet = new_outlet(single.client)
    if config.mode == "http":
        return outlet, SlackHttp(single, secret, managers, names=secrets, clock=clock)
    return outlet, SlackSocket(single, config.app_token or "", managers, names=secrets, clock=clock)


def _is_web_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def config_from_settings(settings: Settings) -> SlackConfig:
    """The credentials and options in the settings."""
    return SlackConfig(
        bot_token=secret_value(settings.slack_bot_token),
        app_token=secret_value(settings.slack_app_token),
        signing_secret=secret_value(settings.slack_signing_secret),
        client_id=settings.slack_client_id,
        client_secret=secret_value(settings.slack_client_secret),
        api_url=settings.slack_api_url,
        managers=settings.slack_managers,
        internal_app=settings.slack_internal_app,
        features=settings.slack_features,
    )


def connect(
    settings: Settings, secrets: SecretStore, leases: Leases | None = None
) -> tuple[SlackOutlet, SlackSocket | SlackHttp] | None:
    """The outlet and the front, or None where nothing about Slack is set. Raises SettingsError naming all problems."""
    config = config_from_settings(settings)
    if not config.is_set:
        return None
    if config.mode == "oauth" and settings.secret_key is None:
        raise SettingsError(
            ("PAPERBOY_SECRET_KEY is missing: `paperboy key` makes one; tokens are stored encrypted only",)
        )
    return build(config, secrets, leases=leases)
