"""auth.test, apps.connections.open, and installation by OAuth."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.slack.fake.methods import Method, Refused, team_of
from tests.slack.fake.state import Token

if TYPE_CHECKING:
    from tests.slack.fake.people import User
    from tests.slack.fake.server import FakeSlack

CODE_SECONDS = 600.0
"""https://docs.slack.dev/authentication/installing-with-oauth"""


@dataclass
class Code:
    """An OAuth code, which a browser carries from Slack to the app."""

    user: User
    scopes: frozenset[str]
    redirect_uri: str | None
    at: float
    used: bool = False


def auth_test(slack: FakeSlack, token: Token, _args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/auth.test."""
    if token.team is None:
        return {"app_name": "Paperboy", "app_id": slack.app_id}
    team = team_of(token)
    return {
        "url": f"{slack.url}/",
        "team": team.name,
        "user": "paperboy",
        "team_id": team.id,
        "user_id": team.bot,
        "bot_id": team.bot_id,
        "is_enterprise_install": False,
    }


def connections_open(slack: FakeSlack, _token: Token, _args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/apps.connections.open: an address that works once."""
    return {"url": slack.sockets.address()}


def revoke(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/auth.revoke."""
    if str(args.get("test", "")) not in ("1", "true"):
        slack.tokens[token.value].error = "token_revoked"
    return {"revoked": True}


def access(slack: FakeSlack, authorization: str, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/oauth.v2.access: a code for a token."""
    client = args.get("client_id"), args.get("client_secret")
    if authorization.startswith("Basic "):
        client_id, _, client_secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        client = client_id, client_secret
    if client[0] != slack.client_id:
        raise Refused("invalid_client_id")
    if client[1] != slack.client_secret:
        raise Refused("bad_client_secret")
    if args.get("grant_type") == "refresh_token":
        return _refreshed(slack, str(args.get("refresh_token")))
    code = slack.codes.get(str(args.get("code")))
    if code is None or slack.clock.now() - code.at > CODE_SECONDS:
        raise Refused("invalid_code")
    if code.used:
        raise Refused("code_already_used")
    if code.redirect_uri is not None and args.get("redirect_uri") != code.redirect_uri:
        raise Refused("bad_redirect_uri")
    code.used = True
    team = code.user.team
    token = team.install(code.scopes)
    return {
        "app_id": slack.app_id,
        "authed_user": {"id": code.user.id},
        "scope": ",".join(sorted(token.scopes)),
        "token_type": "bot",
        "access_token": token.value,
        "bot_user_id": team.bot,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _refreshed(slack: FakeSlack, refresh_token: str) -> dict[str, Any]:
    """https://docs.slack.dev/authentication/using-token-rotation: the earlier token ends at once here."""
    team = slack.teams.get(refresh_token.removeprefix("xoxe-"))
    if team is None or team.token is None:
        raise Refused("invalid_refresh_token")
    team.token.error = "token_expired"
    token = team.install(team.token.scopes)
    return {
        "access_token": token.value,
        "expires_in": 43_200,
        "refresh_token": refresh_token,
        "token_type": "bot",
        "scope": ",".join(sorted(token.scopes)),
        "bot_user_id": team.bot,
        "app_id": slack.app_id,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
    }


METHODS = {
    "auth.test": Method(auth_test, frozenset(), app_token=None),
    "auth.revoke": Method(revoke, frozenset({"test"})),
    "apps.connections.open": Method(connections_open, frozenset(), ("connections:write",), app_token=True),
}
