"""chat.*: posting, editing and deleting messages, ephemeral ones included."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.slack.fake import work_objects
from tests.slack.fake.blockkit import all_text, message_faults
from tests.slack.fake.limits import ALL_BLOCKS_TEXT, MESSAGE_TEXT, METADATA, UPDATE_TEXT
from tests.slack.fake.methods import Method, Refused, channel_of, refused_for, team_of
from tests.slack.fake.state import Channel, Posted, Token, stored, stored_blocks

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack

NEW_BLOCKS = ("table", "context_actions")
_CONTENT = frozenset({"text", "blocks", "attachments", "mrkdwn", "parse", "link_names"})
_STYLE = frozenset({"username", "icon_emoji", "icon_url", "as_user"})


def check_content(slack: FakeSlack, args: dict[str, Any], *, longest: int = MESSAGE_TEXT) -> None:
    """Refused unless there is a text or valid blocks, neither too long."""
    blocks = args.get("blocks")
    text = args.get("text") or ""
    if not isinstance(text, str):
        raise refused_for("invalid_arguments", ["must be a string [json-pointer:/text]"])
    if not text.strip() and not blocks and not args.get("attachments"):
        raise Refused("no_text")
    if len(text) > longest:
        raise Refused("msg_too_long")
    if blocks is None:
        return
    faults = message_faults(blocks)
    if not slack.new_blocks and any(each["type"] in NEW_BLOCKS for each in blocks):
        faults = ["unsupported type [json-pointer:/blocks]"]
    if faults:
        raise refused_for("invalid_blocks", faults)
    if all_text(blocks) > ALL_BLOCKS_TEXT:
        raise Refused("msg_blocks_too_long")


def check_metadata(args: dict[str, Any]) -> None:
    """Refused unless the metadata is an event_type and an object. https://docs.slack.dev/messaging/message-metadata"""
    metadata = args.get("metadata")
    if metadata in (None, {}):
        return
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload", "entities"}:
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(metadata["event_payload"]).encode()) > METADATA:
        raise Refused("metadata_too_large")


def destination(slack: FakeSlack, token: Token, args: dict[str, Any]) -> Channel:
    """The conversation to post to, or a person's direct messages."""
    team = team_of(token)
    target = str(args.get("channel") or "")
    channel = team.people[target].dm if target in team.people else channel_of(token, args)
    if channel.archived:
        raise Refused("is_archived")
    if team.bot not in channel.members and "chat:write.public" not in token.scopes:
        raise Refused("not_in_channel")
    if channel.id in slack.restricted:
        raise Refused(slack.restricted[channel.id])
    return channel


def thread_of(slack: FakeSlack, channel: Channel, args: dict[str, Any]) -> str | None:
    """The opener to reply under."""
    ts = args.get("thread_ts")
    if ts in (None, ""):
        return None
    if channel.id in slack.restricted_replies:
        raise Refused(slack.restricted_replies[channel.id])
    if not isinstance(ts, str) or not re.fullmatch(r"\d{10,}\.\d{6}", ts):
        raise Refused("invalid_thread_ts")
    opener = channel.find(ts)
    if opener is not None and opener.kind == "message":
        return opener.thread_ts or ts
    if any(post.thread_ts == ts for post in channel.messages):
        return ts
    if slack.unthreads:
        return None
    raise Refused("thread_not_found")


def content(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """A message as Slack stores it."""
    team = team_of(token)
    message: dict[str, Any] = {
        "type": "message",
        "user": team.bot,
        "bot_id": team.bot_id,
        "app_id": slack.app_id,
        "team": team.id,
        "text": args.get("text") or "",
    }
    if args.get("blocks"):
        message["blocks"] = stored_blocks(args["blocks"])
    if args.get("attachments"):
        message["attachments"] = stored(args["attachments"])
    if args.get("metadata"):
        message["metadata"] = args["metadata"]
    return message


def post_message(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.postMessage."""
    channel = destination(slack, token, args)
    check_content(slack, args)
    check_metadata(args)
    thread = thread_of(slack, channel, args)
    slack.pace_post(channel)
    post = slack.add_message(channel, content(slack, token, args), args, thread=thread)
    message = {name: value for name, value in post.raw.items() if name != "channel"}
    return {"channel": channel.id, "ts": post.ts, "message": message}


def post_ephemeral(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral."""
    channel = channel_of(token, args)
    if channel.archived:
        raise Refused("is_archived")
    if team_of(token).bot not in channel.members:
        raise Refused("not_in_channel")
    if args["user"] not in channel.members:
        raise Refused("user_not_in_channel")
    check_content(slack, args)
    thread = thread_of(slack, channel, args)
    post = slack.add_message(channel, content(slack, token, args), args, thread=thread, only=args["user"])
    return {"message_ts": post.ts}


def own_message(token: Token, args: dict[str, Any], code: str) -> tuple[Channel, Posted]:
    """A message of this bot. Refused with `code` for any other."""
    channel = channel_of(token, args)
    post = channel.find(args["ts"])
    if post is None or post.kind != "message":
        raise Refused("message_not_found")
    if post.raw.get("user") != team_of(token).bot:
        raise Refused(code)
    return channel, post


def update(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.update."""
    channel, post = own_message(token, args, "cant_update_message")
    if channel.archived:
        raise Refused("is_archived")
    check_content(slack, args, longest=UPDATE_TEXT)
    check_metadata(args)
    edit(slack, post, args)
    return {"channel": channel.id, "ts": post.ts, "text": post.raw["text"], "message": post.raw}


def edit(slack: FakeSlack, post: Posted, args: dict[str, Any]) -> None:
    """Replace a message's text and blocks; its metadata only where the arguments have some."""
    post.raw["text"] = args.get("text") or ""
    post.raw.pop("blocks", None)
    if args.get("blocks"):
        post.raw["blocks"] = stored_blocks(args["blocks"])
    if "metadata" in args:
        post.raw["metadata"] = args["metadata"]
    post.raw["edited"] = {"user": post.raw.get("user"), "ts": slack.clock.ts()}
    post.edits += 1
    post.record_version()
    slack.announce(post)


def delete(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.delete."""
    channel, post = own_message(token, args, "cant_delete_message")
    if channel.archived:
        raise Refused("is_archived")
    post.deleted = True
    return {"channel": channel.id, "ts": post.ts}


def unfurl(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.unfurl: cards for links of a message, by the URLs as posted."""
    post = channel_of(token, args).find(args["ts"])
    if post is None:
        raise Refused("cannot_find_message")
    for each in (args.get("metadata") or {}).get("entities", ()):
        if not slack.work_objects:
            raise Refused("invalid_metadata")
        work_objects.check_entity(each, linked=True)
        if each["app_unfurl_url"] not in str(post.raw.get("text")):
            raise Refused("cannot_unfurl_url")
        post.objects[each["app_unfurl_url"]] = each
    for url, card in args["unfurls"].items():
        if url not in str(post.raw.get("text")):
            raise Refused("cannot_unfurl_url")
        if faults := message_faults(card["blocks"]):
            raise refused_for("invalid_blocks", faults)
        post.unfurls[url] = card["blocks"]
    return {}


def permalink(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.getPermalink."""
    channel = channel_of(token, args)
    post = channel.find(args["message_ts"])
    if post is None:
        raise Refused("message_not_found")
    return {"channel": channel.id, "permalink": f"{slack.url}/archives/{channel.id}/p{post.ts.replace('.', '')}"}


_POST = _CONTENT | _STYLE | {"channel", "thread_ts", "reply_broadcast", "unfurl_links", "unfurl_media", "metadata"}
METHODS = {
    "chat.postMessage": Method(post_message, _POST | {"client_msg_id"}, ("chat:write",), required=("channel",)),
    "chat.postEphemeral": Method(
        post_ephemeral,
        _CONTENT | _STYLE | {"channel", "user", "thread_ts"},
        ("chat:write",),
        required=("channel", "user"),
    ),
    "chat.update": Method(
        update,
        _CONTENT | {"channel", "ts", "metadata", "reply_broadcast", "as_user", "unfurl_links", "unfurl_media"},
        ("chat:write",),
        required=("channel", "ts"),
    ),
    "chat.delete": Method(delete, frozenset({"channel", "ts", "as_user"}), ("chat:write",), required=("channel", "ts")),
    "chat.unfurl": Method(
        unfurl,
        frozenset({"channel", "ts", "unfurls", "metadata"}),
        ("links:write",),
        required=("channel", "ts", "unfurls"),
    ),
    "chat.getPermalink": Method(permalink, frozenset({"channel", "message_ts"}), required=("channel", "message_ts")),
}
