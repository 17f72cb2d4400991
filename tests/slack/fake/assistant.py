"""assistant.threads.*: suggestions, titles and the status of an agent's threads.

https://docs.slack.dev/reference/methods/assistant.threads.setStatus and its neighbours
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.fake.methods import Method, Refused, channel_of, refused_for
from tests.slack.fake.state import Channel, Token

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack

PROMPTS = 4


def _thread(token: Token, args: dict[str, Any]) -> Channel:
    """The direct messages of a thread that exists there."""
    channel = channel_of(token, args, "channel_id")
    if channel.kind != "im" or channel.find(args["thread_ts"]) is None:
        raise Refused("invalid_thread_ts")
    return channel


def set_status(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """Show what the app does; "" ends it, and so does its next message there."""
    _thread(token, args).statuses.append((args["thread_ts"], args["status"]))
    return {}


def set_title(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """Name a thread."""
    _thread(token, args).titles[args["thread_ts"]] = args["title"]
    return {}


def set_prompts(_slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """Offer lines; without a thread they are at the top of the messages."""
    channel, prompts = channel_of(token, args, "channel_id"), args["prompts"]
    if not 1 <= len(prompts) <= PROMPTS or any(set(each) != {"title", "message"} for each in prompts):
        raise refused_for("invalid_arguments", ["prompts [json-pointer:/prompts]"])
    channel.prompts = [(each["title"], each["message"]) for each in prompts]
    return {}


_SCOPES = ("assistant:write",)
_IN_THREAD = frozenset({"channel_id", "thread_ts"})
METHODS = {
    "assistant.threads.setStatus": Method(
        set_status, _IN_THREAD | {"status", "loading_messages"}, _SCOPES, required=("channel_id", "thread_ts")
    ),
    "assistant.threads.setTitle": Method(
        set_title, _IN_THREAD | {"title"}, _SCOPES, required=("channel_id", "thread_ts", "title")
    ),
    "assistant.threads.setSuggestedPrompts": Method(
        set_prompts, _IN_THREAD | {"title", "prompts"}, _SCOPES, required=("channel_id", "prompts")
    ),
}
