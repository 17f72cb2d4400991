"""The steps of a Web API call: token, scopes, arguments, faults, the method, the answer.

https://docs.slack.dev/apis/web-api. A method is a row in a table: function, scopes, the arguments it knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.fake.state import Channel, Token

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack
    from tests.slack.fake.team import Team


class Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """An error that Slack answers instead of carrying out the call."""

    def __init__(self, code: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.headers, self.more = code, status, dict(headers or {}), more


def refused_for(code: str, faults: list[str]) -> Refused:
    """A refusal that says where the payload is wrong."""
    return Refused(code, errors=faults, response_metadata={"messages": [f"[ERROR] {fault}" for fault in faults]})


def too_fast(seconds: float) -> Refused:
    """429 with Retry-After, whole seconds."""
    return Refused("ratelimited", status=429, headers={"Retry-After": str(max(1, int(seconds + 0.999)))})


@dataclass
class Call:
    """A Web API call and its result."""

    method: str
    args: dict[str, Any]
    team: str | None
    at: float
    """The fake's time."""
    error: str | None = None
    status: int = 200


@dataclass(frozen=True)
class Method:
    """A method of the Web API."""

    run: Callable[[FakeSlack, Token, dict[str, Any]], dict[str, Any]]
    accepts: frozenset[str]
    scopes: tuple[str, ...] = ()
    app_token: bool | None = False
    """True: an app-level token; None: either."""
    required: tuple[str, ...] = ()


@dataclass
class Pace:
    """The time of the last call of each kind, for rate limits."""

    last: dict[tuple[str, ...], float] = field(default_factory=dict)

    def take(self, key: tuple[str, ...], every: float, now: float) -> None:
        """Count one; Refused if the last one is less than `every` seconds ago (a tenth is forgiven)."""
        due = self.last.get(key, float("-inf")) + every
        if now < due - every / 10:
            raise too_fast(due - now)
        self.last[key] = now


async def arguments(request: web.Request) -> dict[str, Any]:
    """The arguments of a request: query, form or JSON; structured ones may be JSON in a string."""
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        try:
            args |= json.loads(body) if body else {}
        except (ValueError, TypeError):
            raise Refused("invalid_json") from None
    elif request.method == "POST":
        args |= dict(await request.post())
    for name in ("blocks", "attachments", "metadata", "view"):
        if isinstance(args.get(name), str):
            try:
                args[name] = json.loads(args[name])
            except ValueError:
                code = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
                raise Refused(code.get(name, "invalid_arguments")) from None
    return args


def token_of(slack: FakeSlack, request: web.Request, args: dict[str, Any]) -> Token:
    """The token of a request."""
    header = request.headers.get("Authorization", "")
    value = header.removeprefix("Bearer ") if header.startswith("Bearer ") else str(args.pop("token", ""))
    args.pop("token", None)
    if not value:
        raise Refused("not_authed")
    token = slack.tokens.get(value)
    if token is None:
        raise Refused("invalid_auth")
    if token.error:
        raise Refused(token.error)
    return token


def check(token: Token, method: Method, args: dict[str, Any]) -> None:
    """Refused unless the token has the kind and scopes, and the arguments the names, that the method takes."""
    if method.app_token is not None and method.app_token != (token.team is None):
        raise Refused("not_allowed_token_type")
    need(token, *method.scopes)
    unknown = sorted(set(args) - method.accepts - {"team_id"})  # the SDK adds it to every call it makes for a team
    if unknown:
        raise refused_for("invalid_arguments", [f"unknown argument: {name}" for name in unknown])
    missing = [name for name in method.required if args.get(name) in (None, "")]
    if missing:
        raise refused_for("invalid_arguments", [f"missing required field: {name}" for name in missing])


def need(token: Token, *scopes: str) -> None:
    """Refused unless the token has all of these scopes."""
    for scope in scopes:
        if scope not in token.scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(sorted(token.scopes)))


def team_of(token: Token) -> Team:
    """The workspace of a bot's token."""
    assert token.team is not None
    return token.team


def channel_of(token: Token, args: Mapping[str, Any], name: str = "channel") -> Channel:
    """The conversation in the arguments. Refused if this bot may not know of it."""
    team = team_of(token)
    channel = team.channels.get(str(args.get(name) or ""))
    if channel is None or (channel.private and team.bot not in channel.members):
        raise Refused("channel_not_found")
    return channel


def truthy(value: Any) -> bool:
    """Whether a flag is set, as JSON or as text."""
    return value in (True, 1, "1", "true", "True")


FAMILY = {"channel": "channels", "group": "groups", "im": "im"}
"""The first half of a conversation's scopes."""
