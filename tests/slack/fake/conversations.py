"""conversations.*, users.info and reactions.get."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.slack.fake.limits import HISTORY_OBJECTS, HISTORY_SECONDS
from tests.slack.fake.methods import FAMILY, Method, Refused, channel_of, need, team_of, truthy
from tests.slack.fake.state import Channel, Posted, Token

if TYPE_CHECKING:
    from tests.slack.fake.people import User
    from tests.slack.fake.server import FakeSlack


def conversation_object(channel: Channel, bot: str) -> dict[str, Any]:
    """A conversation object."""
    if channel.kind == "im":
        other = next(iter(channel.members - {bot}), bot)
        return {"id": channel.id, "is_im": True, "is_archived": channel.archived, "user": other, "is_org_shared": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_general": False,
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "is_member": bot in channel.members,
        "num_members": len(channel.members),
        "context_team_id": channel.team.id,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def user_object(user: User) -> dict[str, Any]:
    """A user object."""
    offset = datetime.now(UTC).astimezone(ZoneInfo(user.tz)).utcoffset()
    return {
        "id": user.id,
        "team_id": user.team.id,
        "name": user.name,
        "real_name": user.name.title(),
        "deleted": user.deactivated,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": {"real_name": user.name.title(), "display_name": user.name},
        "is_admin": user.admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.guest,
        "is_ultra_restricted": False,
        "is_bot": user.bot,
        "is_app_user": False,
        "updated": 0,
    }


def page(rows: list[Any], args: dict[str, Any], default: int, most: int) -> tuple[list[Any], dict[str, Any]]:
    """One page by cursor, and the fields that say whether there is more."""
    limit = int(args.get("limit") or default)
    if limit < 1:
        raise Refused("invalid_limit")
    limit = min(limit, most)
    start = 0
    if args.get("cursor"):
        try:
            start = int(base64.b64decode(str(args["cursor"]), validate=True).decode().removeprefix("next:"))
        except ValueError:
            raise Refused("invalid_cursor") from None
    more = start + limit < len(rows)
    cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    return rows[start : start + limit], {"has_more": more, "response_metadata": {"next_cursor": cursor}}


def _as_read(post: Posted, args: dict[str, Any]) -> dict[str, Any]:
    """A message as history returns it."""
    read = dict(post.raw)
    if not truthy(args.get("include_all_metadata")):
        read.pop("metadata", None)
    replies = post.channel.thread(post.ts)
    if replies:
        read |= {"thread_ts": post.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
    return read


def _between(posts: list[Posted], args: dict[str, Any]) -> list[Posted]:
    oldest, latest = str(args.get("oldest") or "0"), str(args.get("latest") or "9" * 12)
    if truthy(args.get("inclusive")):
        return [post for post in posts if float(oldest) <= float(post.ts) <= float(latest)]
    return [post for post in posts if float(oldest) < float(post.ts) < float(latest)]


def _may_read(slack: FakeSlack, token: Token, args: dict[str, Any], method: str) -> tuple[Channel, int]:
    """The conversation, and the most messages that a page may have. Refused without the right to read it."""
    channel = channel_of(token, args)
    need(token, f"{FAMILY[channel.kind]}:history")
    if team_of(token).bot not in channel.members:
        raise Refused("not_in_channel")
    if slack.internal:
        return channel, 999
    slack.pace.take((method, team_of(token).id), HISTORY_SECONDS, slack.clock.now())
    return channel, HISTORY_OBJECTS


def history(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.history: newest first, no replies."""
    channel, most = _may_read(slack, token, args, "conversations.history")
    posts = _between(channel.roots, args)[::-1]
    rows, more = page(posts, args, min(100, most), most)
    return {"messages": [_as_read(post, args) for post in rows], "pin_count": 0, **more}


def replies(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.replies: the opener, then the oldest first."""
    channel, most = _may_read(slack, token, args, "conversations.replies")
    opener = channel.find(args["ts"])
    thread = channel.thread(args["ts"])
    if opener is None and not thread:
        raise Refused("thread_not_found")
    posts = ([opener] if opener else []) + _between(thread, args)
    rows, more = page(posts, args, most, most)
    return {"messages": [_as_read(post, args) for post in rows], **more}


def info(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.info."""
    channel = channel_of(token, args)
    need(token, f"{FAMILY[channel.kind]}:read")
    return {"channel": conversation_object(channel, team_of(token).bot)}


def members(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.members."""
    channel = channel_of(token, args)
    need(token, f"{FAMILY[channel.kind]}:read")
    rows, more = page(sorted(channel.members), args, 100, 1_000)
    return {"members": rows, "response_metadata": more["response_metadata"]}


def list_channels(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.list."""
    team = team_of(token)
    names = {"public_channel": "channel", "private_channel": "group", "im": "im"}
    kinds = {names[kind.strip()] for kind in str(args.get("types") or "public_channel").split(",")}
    for kind in sorted(kinds):
        need(token, f"{FAMILY[kind]}:read")
    channels = [
        conversation_object(channel, team.bot)
        for channel in team.channels.values()
        if channel.kind in kinds
        and (not channel.private or team.bot in channel.members)
        and not (channel.archived and truthy(args.get("exclude_archived")))
    ]
    rows, more = page(channels, args, 100, 1_000)
    return {"channels": rows, "response_metadata": more["response_metadata"]}


def open_conversation(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.open: the direct messages with one person."""
    team = team_of(token)
    need(token, "im:write")
    if args.get("channel"):
        return {"channel": {"id": channel_of(token, args).id}}
    user = team.people.get(str(args.get("users") or ""))
    if user is None:
        raise Refused("user_not_found")
    if user.deactivated:
        raise Refused("user_disabled")
    already_open = user.has_dm
    more = {"no_op": True, "already_open": True} if already_open else {}
    full = conversation_object(user.dm, team.bot) if truthy(args.get("return_im")) else {"id": user.dm.id}
    return {"channel": full, **more}


def user_info(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/users.info."""
    user = team_of(token).people.get(str(args["user"]))
    if user is None:
        raise Refused("user_not_found")
    return {"user": user_object(user)}


def user_groups(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/usergroups.list."""
    groups = team_of(token).groups
    if groups is None:
        raise Refused("plan_upgrade_required")
    listed = [
        {
            "id": group_id,
            "team_id": team_of(token).id,
            "is_usergroup": True,
            "name": handle.title(),
            "handle": handle,
            "date_delete": 0,
            **({"users": sorted(people)} if truthy(args.get("include_users")) else {}),
        }
        for group_id, (handle, people) in groups.items()
    ]
    return {"usergroups": listed}


def reactions(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/reactions.get."""
    channel = channel_of(token, args)
    post = channel.find(args.get("timestamp"))
    if post is None:
        raise Refused("message_not_found")
    return {"type": "message", "channel": channel.id, "message": post.raw}


_PAGED = frozenset({"cursor", "limit"})
_READ = _PAGED | {"channel", "oldest", "latest", "inclusive", "include_all_metadata"}
METHODS = {
    "conversations.history": Method(history, _READ, required=("channel",)),
    "conversations.replies": Method(replies, _READ | {"ts"}, required=("channel", "ts")),
    "conversations.info": Method(
        info, frozenset({"channel", "include_locale", "include_num_members"}), required=("channel",)
    ),
    "conversations.members": Method(members, _PAGED | {"channel"}, required=("channel",)),
    "conversations.list": Method(list_channels, _PAGED | {"types", "exclude_archived", "team_id"}),
    "conversations.open": Method(open_conversation, frozenset({"channel", "users", "return_im", "prevent_creation"})),
    "users.info": Method(user_info, frozenset({"user", "include_locale"}), ("users:read",), required=("user",)),
    "usergroups.list": Method(
        user_groups, frozenset({"include_users", "include_count", "include_disabled"}), ("usergroups:read",)
    ),
    "reactions.get": Method(reactions, frozenset({"channel", "timestamp", "full"}), ("reactions:read",)),
}
