"""REST calls and their refusals, as in https://discord.com/developers/docs/reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.discord.fake import checks
from tests.discord.fake.world import (
    ANNOUNCEMENT,
    CROSSPOSTS,
    CROSSPOSTS_WITHIN,
    DM,
    FORUM,
    HISTORY,
    IN_THREADS,
    PUBLIC_THREAD,
    SEND,
    TEXT_CHANNEL,
    THREADS,
    VIEW,
    Channel,
    Json,
    Posted,
    TooMany,
)

if TYPE_CHECKING:
    from tests.discord.fake.server import FakeDiscord


class Refused(Exception):  # noqa: N818 - Discord's no
    """A refusal: HTTP status, Discord's error code and message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


def _channel(discord: FakeDiscord, channel_id: str, needs: int = VIEW) -> Channel:
    channel = discord.channels.get(channel_id)
    if channel is None or (channel.guild is not None and not channel.guild.has_bot):
        raise Refused(404, 10_003, "Unknown Channel")
    rules = channel.parent or channel
    if not rules.bot_permissions & VIEW:
        raise Refused(403, 50_001, "Missing Access")
    if needs & ~rules.bot_permissions:
        raise Refused(403, 50_013, "Missing Permissions")
    return channel


def _message(channel: Channel, message_id: str) -> Posted:
    message = channel.find(message_id)
    if message is None:
        raise Refused(404, 10_008, "Unknown Message")
    return message


def _require_valid(problem: str | None) -> None:
    if problem:
        raise Refused(400, 50_035, f"Invalid Form Body: {problem}")


def current_user(discord: FakeDiscord, body: Json, query: Json) -> Json:
    return discord.bot


def application(discord: FakeDiscord, body: Json, query: Json) -> Json:
    return {"id": discord.bot["id"], "name": "Paperboy", "flags": 0, "bot_public": discord.bot_public,
            "owner": discord.bot, "description": "", "icon": None, "rpc_origins": None, "verify_key": "", "team": None,
            "bot_require_code_grant": False, "integration_types_config": discord.install_config}  # fmt: skip


def edit_application(discord: FakeDiscord, body: Json, query: Json) -> Json:
    # https://discord.com/developers/docs/resources/application#edit-current-application
    config = body["integration_types_config"]
    _require_valid(checks.install_config(config, public=discord.bot_public))
    discord.install_config = config
    return application(discord, body, query)


def gateway(discord: FakeDiscord, body: Json, query: Json) -> Json:
    remaining, reset_after = discord.gateway.sessions_left, discord.gateway.sessions_again_after
    limits = {"total": 1_000, "remaining": remaining, "reset_after": reset_after, "max_concurrency": 1}
    url = discord.gateway.url or f"ws://127.0.0.1:{discord.port}/gateway"
    return {"url": url, "shards": discord.gateway.shards, "session_start_limit": limits}


def put_commands(discord: FakeDiscord, body: Any, query: Json, application_id: str) -> list[Json]:
    _require_valid(checks.commands(body, {int(kind) for kind in discord.install_config or {"0": {}}}))
    discord.menu = [{**command, "id": discord.ids.next()} for command in body]
    return discord.menu


def open_dm(discord: FakeDiscord, body: Json, query: Json) -> Json:
    channel = discord.dm(body["recipient_id"])
    return {**channel.as_json(), "recipients": [discord.person(body["recipient_id"])]}


def get_channel(discord: FakeDiscord, body: Json, query: Json, channel_id: str) -> Json:
    return _channel(discord, channel_id).as_json()


def get_guild(discord: FakeDiscord, body: Json, query: Json, guild_id: str) -> Json:
    guild = discord.guilds.get(guild_id)
    if guild is None or not guild.has_bot:
        raise Refused(404, 10_004, "Unknown Guild")
    return guild.as_json(discord.bot)


def get_member(discord: FakeDiscord, body: Json, query: Json, guild_id: str, user_id: str) -> Json:
    guild = discord.guilds.get(guild_id)
    if guild is None or not guild.has_bot:
        raise Refused(404, 10_004, "Unknown Guild")
    if user_id in guild.left:
        raise Refused(404, 10_007, "Unknown Member")
    return guild.member(discord.person(user_id))


def get_roles(discord: FakeDiscord, body: Json, query: Json, guild_id: str) -> list[Json]:
    guild = discord.guilds.get(guild_id)
    if guild is None or not guild.has_bot:
        raise Refused(404, 10_004, "Unknown Guild")
    return guild.every_role


def create_message(discord: FakeDiscord, body: Json, query: Json, channel_id: str) -> Json:
    needs = IN_THREADS if channel_id in discord.channels and discord.channels[channel_id].parent else SEND
    channel = _channel(discord, channel_id, VIEW | needs)
    if channel.kind == FORUM:
        raise Refused(400, 50_008, "Cannot send messages in a non-text channel")
    if channel.kind == DM and not channel.takes_dms:
        raise Refused(403, 50_007, "Cannot send messages to this user")
    if channel.locked:
        raise Refused(400, 50_083, "Thread is archived")
    _require_valid(checks.message(body))
    nonce = body.get("nonce")
    earlier = discord.nonces.get((channel_id, str(nonce))) if body.get("enforce_nonce") else None
    if earlier and discord.ids.now() - earlier[0] < discord.nonces_last and not earlier[1].deleted:
        return {**earlier[1].as_json(discord.people), "nonce": nonce}
    post = discord.add_message(channel, body, discord.bot["id"])
    if nonce:
        discord.nonces[channel_id, str(nonce)] = (discord.ids.now(), post)
    return {**post.as_json(discord.people), "nonce": nonce}


def history(discord: FakeDiscord, body: Json, query: dict[str, str], channel_id: str) -> list[Json]:
    channel = _channel(discord, channel_id)
    if not (channel.parent or channel).bot_permissions & HISTORY:
        return []
    limit = int(query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise Refused(400, 50_035, "Invalid Form Body: limit")
    posts = [post for post in channel.messages if int(post.id) > int(query.get("after", 0))]
    page = posts[:limit] if "after" in query else posts[-limit:]
    return [post.as_json(discord.people) for post in reversed(page)]


def get_message(discord: FakeDiscord, body: Json, query: Json, channel_id: str, message_id: str) -> Json:
    return _message(_channel(discord, channel_id, VIEW | HISTORY), message_id).as_json(discord.people)


def delete(discord: FakeDiscord, body: Json, query: Json, channel_id: str, message_id: str) -> None:
    _message(_channel(discord, channel_id), message_id).deleted = True


def crosspost(discord: FakeDiscord, body: Json, query: Json, channel_id: str, message_id: str) -> Json:
    channel = _channel(discord, channel_id, VIEW | SEND)
    if channel.kind != ANNOUNCEMENT:
        raise Refused(400, 50_024, "Cannot execute action on this channel type")
    post = _message(channel, message_id)
    if post.crossposted:
        raise Refused(400, 40_033, "This message has already been crossposted")
    now = discord.ids.now()
    recent = sorted(each.crossposted for each in channel.posts if now - each.crossposted < CROSSPOSTS_WITHIN)
    if len(recent) >= CROSSPOSTS:
        raise TooMany(recent[0] + CROSSPOSTS_WITHIN - now)
    post.crossposted = now
    return post.as_json(discord.people)


def edit_message(discord: FakeDiscord, body: Json, query: Json, channel_id: str, message_id: str) -> Json:
    """https://discord.com/developers/docs/resources/message#edit-message."""
    channel = _channel(discord, channel_id)
    post = _message(channel, message_id)
    if post.author != discord.bot["id"]:
        raise Refused(403, 50_005, "Cannot edit a message authored by another user")
    if channel.archived or channel.locked:
        raise Refused(400, 50_083, "Thread is archived")
    _require_valid(checks.message(body))
    _require_valid("nonce: unknown field" if "nonce" in body else None)
    discord.edit(post, body)
    return post.as_json(discord.people)


def start_thread(discord: FakeDiscord, body: Json, query: Json, channel_id: str, message_id: str) -> Json:
    channel = _channel(discord, channel_id, VIEW | THREADS)
    if channel.kind not in {TEXT_CHANNEL, ANNOUNCEMENT}:
        raise Refused(400, 50_024, "Cannot execute action on this channel type")
    _require_valid(checks.thread(body))
    if message_id in discord.channels:
        raise Refused(400, 160_004, "A thread has already been created for this message")
    _message(channel, message_id)
    thread = Channel(message_id, PUBLIC_THREAD, body["name"], channel.guild, channel)
    thread.archive_minutes = body.get("auto_archive_duration", 1_440)
    discord.channels[thread.id] = thread
    assert channel.guild is not None
    channel.guild.channels[thread.id] = thread
    return thread.as_json()


def create_post(discord: FakeDiscord, body: Json, query: Json, channel_id: str) -> Json:
    forum = _channel(discord, channel_id, VIEW | SEND)
    if forum.kind != FORUM:
        raise Refused(400, 50_024, "Cannot execute action on this channel type")
    _require_valid(checks.thread(body) or checks.message(body["message"]))
    _require_valid("nonce: unknown field" if "nonce" in body["message"] else None)
    if forum.requires_tag and not set(body.get("applied_tags") or ()) & set(forum.tags.values()):
        raise Refused(400, 40_067, "A tag is required to create a forum post in this channel")
    applied = body.get("applied_tags") or []
    own = {tag for name, tag in forum.tags.items() if name not in forum.moderated_tags}
    _require_valid("applied_tags: BASE_TYPE_MAX_LENGTH" if len(applied) > 5 else None)
    if set(applied) - own:
        raise Refused(403, 50_013, "Missing Permissions")
    discord.applied_tags += applied
    assert forum.guild is not None
    thread = Channel(discord.ids.next(), PUBLIC_THREAD, body["name"], forum.guild, forum)
    thread.archive_minutes = body.get("auto_archive_duration", 1_440)
    discord.channels[thread.id] = forum.guild.channels[thread.id] = thread
    first = discord.add_message(thread, body["message"], discord.bot["id"], message_id=thread.id)
    return {**thread.as_json(), "message": first.as_json(discord.people)}


def active_threads(discord: FakeDiscord, body: Json, query: Json, guild_id: str) -> Json:
    guild = discord.guilds[guild_id]
    threads = [channel for channel in guild.channels.values() if channel.kind == PUBLIC_THREAD and not channel.archived]
    return {"threads": [channel.as_json() for channel in threads], "members": []}


def archived_threads(discord: FakeDiscord, body: Json, query: Json, channel_id: str) -> Json:
    parent = _channel(discord, channel_id, VIEW | HISTORY)
    threads = [channel for channel in discord.channels.values() if channel.parent is parent and channel.archived]
    return {"threads": [channel.as_json() for channel in threads], "members": [], "has_more": False}


def change_channel(discord: FakeDiscord, body: Json, query: Json, channel_id: str) -> Json:
    thread = _channel(discord, channel_id)
    if thread.kind != PUBLIC_THREAD or set(body) - {"archived"}:
        raise Refused(403, 50_013, "Missing Permissions")
    thread.archived = bool(body["archived"])
    return thread.as_json()


def get_reactions(
    discord: FakeDiscord, body: Json, query: Json, channel_id: str, message_id: str, emoji: str
) -> list[Json]:
    post = _message(_channel(discord, channel_id), message_id)
    return [discord.person(each) for each in post.reactions.get(unquote(emoji), ())]


def respond(discord: FakeDiscord, body: Json, query: Json, interaction_id: str, token: str) -> None:
    _require_valid(checks.callback(body))
    discord.interactions.acknowledged(token, body)


def answer(discord: FakeDiscord, body: Json, query: Json, application_id: str, token: str) -> Json:
    _require_valid(checks.message(body))
    return discord.interactions.answered(token, body).as_json(discord.people)


def follow_up(discord: FakeDiscord, body: Json, query: Json, application_id: str, token: str) -> Json:
    _require_valid(checks.message(body))
    return discord.interactions.followed_up(token, body).as_json(discord.people)


def _route(method: str, path: str, handle: Callable[..., Any]) -> tuple[str, re.Pattern[str], Callable[..., Any]]:
    return method, re.compile(path.replace("#", r"([^/]+)")), handle


ROUTES = (
    _route("GET", "/users/@me", current_user),
    _route("GET", "/oauth2/applications/@me", application),
    _route("PATCH", "/applications/@me", edit_application),
    _route("GET", "/gateway/bot", gateway),
    _route("PUT", "/applications/#/commands", put_commands),
    _route("POST", "/users/@me/channels", open_dm),
    _route("GET", "/channels/#", get_channel),
    _route("PATCH", "/channels/#", change_channel),
    _route("POST", "/channels/#/threads", create_post),
    _route("GET", "/channels/#/threads/archived/public", archived_threads),
    _route("GET", "/guilds/#/threads/active", active_threads),
    _route("GET", "/guilds/#", get_guild),
    _route("GET", "/guilds/#/members/#", get_member),
    _route("GET", "/guilds/#/roles", get_roles),
    _route("POST", "/channels/#/messages", create_message),
    _route("GET", "/channels/#/messages", history),
    _route("GET", "/channels/#/messages/#", get_message),
    _route("PATCH", "/channels/#/messages/#", edit_message),
    _route("DELETE", "/channels/#/messages/#", delete),
    _route("POST", "/channels/#/messages/#/threads", start_thread),
    _route("POST", "/channels/#/messages/#/crosspost", crosspost),
    _route("GET", "/channels/#/messages/#/reactions/#", get_reactions),
    _route("POST", "/interactions/#/#/callback", respond),
    _route("POST", "/webhooks/#/#", follow_up),
    _route("PATCH", "/webhooks/#/#/messages/@original", answer),
)
