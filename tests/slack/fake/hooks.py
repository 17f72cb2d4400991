"""response_url: five uses in thirty minutes, wherever the command was typed.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.fake.answering import apply_fault
from tests.slack.fake.chat import check_content, check_metadata, content, edit
from tests.slack.fake.limits import RESPONSE_SECONDS, RESPONSE_USES
from tests.slack.fake.methods import Call, Refused, arguments, refused_for, truthy

if TYPE_CHECKING:
    from tests.slack.fake.replies import Hook
    from tests.slack.fake.server import FakeSlack

KNOWN = frozenset(
    {
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
        "metadata",
        "mrkdwn",
        "parse",
        "link_names",
    }
)


async def respond(slack: FakeSlack, request: web.Request) -> web.StreamResponse:
    """Endpoint of a response_url, with the faults planned for `response_url`."""
    token = request.match_info["token"]
    if slack.redirects_hooks_to:
        raise web.HTTPTemporaryRedirect(f"{slack.redirects_hooks_to}/{token}")
    try:
        args = await arguments(request)
        fault, call = slack.plan.take("response_url", args), Call("response_url", args, None, slack.clock.now())
        if fault is not None and not fault.carried_out:
            return await apply_fault(slack, request, call, fault)
        use(slack, token, args)
        if fault is not None:
            return await apply_fault(slack, request, call, fault)
    except Refused as refused:
        slack.note_refusal(token, refused.code)
        return web.json_response({"ok": False, "error": refused.code, **refused.more}, status=refused.status)
    return web.json_response({"ok": True})


def use(slack: FakeSlack, token: str, args: dict[str, Any]) -> None:
    """Use a response_url once; a malformed request counts as well."""
    hook = slack.hooks.get(token)
    if hook is None or slack.clock.now() - hook.at > RESPONSE_SECONDS:
        raise Refused("expired_url", status=404)
    if hook.uses >= RESPONSE_USES:
        raise Refused("used_url", status=404)
    hook.uses += 1
    if hook.origin is not None and truthy(args.get("delete_original")):
        hook.origin.deleted = True
        return
    answer(slack, hook, args, token)


def answer(slack: FakeSlack, hook: Hook, args: dict[str, Any], via: str) -> None:
    """Add the app's answer, from here or from an ack: for the person alone unless it says `in_channel`."""
    unknown = sorted(set(args) - KNOWN)
    if unknown:
        raise refused_for("invalid_payload", [f"invalid additional property: {name}" for name in unknown])
    if args.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
        raise Refused("invalid_payload", status=400)
    try:
        check_content(slack, args)
        check_metadata(args)
    except Refused as refused:
        raise Refused(refused.code, status=400, **refused.more) from None
    if hook.origin is not None and truthy(args.get("replace_original")):
        hook.origin.deleted = False
        edit(slack, hook.origin, args)
        return
    bot = hook.user.team.token
    assert bot is not None
    only = None if args.get("response_type") == "in_channel" else hook.user.id
    slack.add_message(hook.channel, content(slack, bot, args), args, thread=args.get("thread_ts"), only=only, via=via)
