"""Payloads that Slack sends to an app: https://docs.slack.dev/reference/interaction-payloads, /reference/events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.fake.state import Channel, Posted, View, name
from tests.slack.fake.views import as_sent

if TYPE_CHECKING:
    from tests.slack.fake.people import User
    from tests.slack.fake.server import FakeSlack
    from tests.slack.fake.team import Team


def channel_name(channel: Channel) -> str:
    """The channel's name in commands and clicks."""
    return {"im": "directmessage", "group": "privategroup"}.get(channel.kind, channel.name)


def command(
    slack: FakeSlack, user: User, channel: Channel, typed: tuple[str, str], hook: str, trigger: str
) -> dict[str, Any]:
    """https://docs.slack.dev/interactivity/implementing-slash-commands."""
    return {
        "token": "verification",
        "team_id": user.team.id,
        "team_domain": user.team.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": typed[0],
        "text": typed[1],
        "api_app_id": slack.app_id,
        "is_enterprise_install": "false",
        "response_url": hook,
        "trigger_id": trigger,
    }


def interaction(slack: FakeSlack, kind: str, user: User, trigger: str) -> dict[str, Any]:
    """The part that every click, shortcut and submission has."""
    return {
        "type": kind,
        "token": "verification",
        "api_app_id": slack.app_id,
        "action_ts": slack.clock.ts(),
        "team": {"id": user.team.id, "domain": user.team.domain},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team.id},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": trigger,
    }


def on_message(post: Posted) -> dict[str, Any]:
    """Container and message of a click; an ephemeral message itself is not sent along."""
    fields: dict[str, Any] = {
        "container": {
            "type": "message",
            "message_ts": post.ts,
            "channel_id": post.channel.id,
            "is_ephemeral": post.kind == "ephemeral",
        },
        "channel": {"id": post.channel.id, "name": channel_name(post.channel)},
    }
    if post.thread_ts:
        fields["container"]["thread_ts"] = post.thread_ts
    return fields if post.kind == "ephemeral" else {**fields, "message": post.raw}


def on_view(slack: FakeSlack, view: View, values: dict[str, Any] | None = None) -> dict[str, Any]:
    """Container and view of a click or a submission."""
    sent = as_sent(slack, view)
    sent["state"] = {"values": values or {}}
    return {"view": sent, "container": {"type": "view", "view_id": view.id}}


def action(slack: FakeSlack, control: dict[str, Any], chosen: dict[str, Any] | None) -> dict[str, Any]:
    """The pressed element."""
    action = {name: control[name] for name in ("type", "action_id", "block_id")}
    action["action_ts"] = slack.clock.ts()
    action |= {key: control[key] for key in ("text", "value", "style", "url", "placeholder") if key in control}
    if chosen is not None:
        action["selected_option"] = chosen
    return action


def event(slack: FakeSlack, team: Team, body: dict[str, Any], *, shared: bool = False) -> dict[str, Any]:
    """https://docs.slack.dev/apis/events-api/#event-type-structure."""
    return {
        "token": "verification",
        "team_id": team.id,
        "context_team_id": team.id,
        "api_app_id": slack.app_id,
        "event": body,
        "type": "event_callback",
        "event_id": name("Ev"),
        "event_time": int(slack.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team.id,
                "user_id": team.bot,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
    }
