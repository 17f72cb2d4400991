"""What Slack says when it takes no message -> what follows, and a sentence for whoever is told.

Codes: https://docs.slack.dev/reference/methods/chat.postMessage#errors and those of conversations.open, chat.delete.
A code that is not here refuses the message: it concerns what was sent, or it would be known.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import DeliveryError, Failure


class Row(NamedTuple):
    """A kind of failure and its reason, to be read in “… could not be posted (reason)”."""

    kind: Failure
    reason: str


_CHANNEL = Failure.CHANNEL_GONE
_WORKSPACE = Failure.WORKSPACE_GONE
_REFUSED = Failure.MESSAGE_REFUSED
_THREAD = Failure.THREAD_GONE
_LATER = Failure.LATER
_UNKNOWN = Failure.UNKNOWN

_HIDDEN = "the channel was deleted, or is private and Paperboy is no member: invite it with /invite @Paperboy"
_NOT_IN = "Paperboy is no member of the channel: invite it with /invite @Paperboy"
_FORBIDDEN = "a setting of the workspace forbids Paperboy to post here: ask a workspace admin"
_REINSTALL = "Slack no longer accepts Paperboy's token: install the app again"
_UNREADABLE = "Slack could not read the request; please report this"
_FULL = "the workspace has reached its limit of messages: ask a workspace admin"
_DELETED = "the message it replies to was deleted"
_HALFWAY = "Slack failed halfway, so the message may have arrived"
_BUSY = "Slack is not available at the moment"

FAILURES: dict[str, Row] = {
    # the channel, or the person
    "channel_not_found": Row(_CHANNEL, _HIDDEN),
    "channel_is_limited_access": Row(_CHANNEL, "the channel is for selected people only: invite Paperboy"),
    "not_in_channel": Row(_CHANNEL, _NOT_IN),
    "is_archived": Row(_CHANNEL, "the channel is archived"),
    "is_inactive": Row(_CHANNEL, "the channel is frozen"),
    "method_not_supported_for_channel_type": Row(_CHANNEL, "apps cannot post to this kind of channel"),
    "channel_type_not_supported": Row(_CHANNEL, "apps cannot post to this kind of channel"),
    "restricted_action": Row(_CHANNEL, _FORBIDDEN),
    "restricted_action_read_only_channel": Row(_CHANNEL, "the channel is read-only"),
    "restricted_action_thread_only_channel": Row(_CHANNEL, "the channel takes only replies in threads"),
    "restricted_action_non_threadable_channel": Row(_CHANNEL, "the channel takes no replies in threads"),
    "user_not_found": Row(_CHANNEL, "this person is not in the workspace"),
    "users_not_found": Row(_CHANNEL, "this person is not in the workspace"),
    "user_not_visible": Row(_CHANNEL, "Paperboy is not allowed to see this person"),
    "user_disabled": Row(_CHANNEL, "this person's account is deactivated"),
    "cannot_dm_bot": Row(_CHANNEL, "this is an app, and apps take no direct messages from apps"),
    "messages_tab_disabled": Row(_CHANNEL, "direct messages to Paperboy are switched off in the app's settings"),
    "external_channel_migrating": Row(_LATER, "the shared channel is being moved"),
    # the workspace
    "account_inactive": Row(_WORKSPACE, _REINSTALL),
    "token_revoked": Row(_WORKSPACE, _REINSTALL),
    "token_expired": Row(_WORKSPACE, _REINSTALL),
    "invalid_auth": Row(_WORKSPACE, _REINSTALL),
    "not_authed": Row(_WORKSPACE, "there is no token for this workspace: install the app"),
    "not_allowed_token_type": Row(_WORKSPACE, "this is not a bot token: use the one that starts with xoxb-"),
    "missing_scope": Row(_WORKSPACE, "a permission (scope) is missing: install the app again with its manifest"),
    "no_permission": Row(_WORKSPACE, "a permission is missing: install the app again with its manifest"),
    "access_denied": Row(_WORKSPACE, "Slack denies Paperboy access: ask a workspace admin"),
    "accesslimited": Row(_WORKSPACE, "Slack is not reachable for apps from this network: ask a workspace admin"),
    "ekm_access_denied": Row(_WORKSPACE, "the workspace's admins have suspended posting"),
    "enterprise_is_restricted": Row(_WORKSPACE, "the organisation allows no posts by apps: ask an organisation admin"),
    "team_access_not_granted": Row(_WORKSPACE, "the app is not approved for this workspace: ask an organisation admin"),
    "team_added_to_org": Row(_WORKSPACE, "the workspace joined an organisation: install the app again"),
    "team_not_found": Row(_WORKSPACE, "the workspace no longer exists"),
    "two_factor_setup_required": Row(_WORKSPACE, "the workspace requires two-factor authentication to be set up"),
    "org_login_required": Row(_LATER, "the workspace is being moved into an organisation"),
    # the thread
    "thread_not_found": Row(_THREAD, _DELETED),
    "invalid_thread_ts": Row(_THREAD, _DELETED),
    "cannot_reply_to_message": Row(_THREAD, "the message it replies to takes no replies"),
    "restricted_action_thread_locked": Row(_THREAD, "the thread is locked"),
    # this message
    "invalid_blocks": Row(_REFUSED, "Slack refused its layout; please report this"),
    "invalid_blocks_format": Row(_REFUSED, "Slack refused its layout; please report this"),
    "msg_blocks_too_long": Row(_REFUSED, "it is too long for Slack; please report this"),
    "msg_too_long": Row(_REFUSED, "it is too long for Slack; please report this"),
    "no_text": Row(_REFUSED, "it is empty; please report this"),
    "invalid_metadata_format": Row(_REFUSED, _UNREADABLE),
    "invalid_metadata_schema": Row(_REFUSED, _UNREADABLE),
    "metadata_must_be_sent_from_app": Row(_REFUSED, "the token is not an app's: use the one that starts with xoxb-"),
    "metadata_too_large": Row(_REFUSED, _UNREADABLE),
    "duplicate_message_not_found": Row(_REFUSED, _UNREADABLE),
    "duplicate_channel_not_found": Row(_REFUSED, _UNREADABLE),
    "slack_connect_blocked_file_type": Row(_REFUSED, "the shared channel does not take it"),
    "slack_connect_canvas_sharing_blocked": Row(_REFUSED, "the shared channel does not take it"),
    "as_user_not_supported": Row(_REFUSED, _UNREADABLE),
    "deprecated_endpoint": Row(_REFUSED, "this version of Paperboy is too old for Slack: upgrade it"),
    "method_deprecated": Row(_REFUSED, "this version of Paperboy is too old for Slack: upgrade it"),
    "unknown_method": Row(_REFUSED, "the Slack server does not know this method: check the API address"),
    "invalid_arguments": Row(_REFUSED, _UNREADABLE),
    "invalid_arg_name": Row(_REFUSED, _UNREADABLE),
    "invalid_array_arg": Row(_REFUSED, _UNREADABLE),
    "invalid_charset": Row(_REFUSED, _UNREADABLE),
    "invalid_form_data": Row(_REFUSED, _UNREADABLE),
    "invalid_json": Row(_REFUSED, _UNREADABLE),
    "json_not_object": Row(_REFUSED, _UNREADABLE),
    "invalid_post_type": Row(_REFUSED, _UNREADABLE),
    "missing_post_type": Row(_REFUSED, _UNREADABLE),
    "message_not_found": Row(_REFUSED, "the message no longer exists"),
    "cant_delete_message": Row(_REFUSED, "Slack does not let Paperboy delete this message"),
    "compliance_exports_prevent_deletion": Row(_REFUSED, "the workspace forbids deleting messages"),
    # wait
    "ratelimited": Row(_LATER, "Slack asks to go slower"),
    "rate_limited": Row(_LATER, "Slack asks to go slower"),
    "message_limit_exceeded": Row(_LATER, _FULL),
    "service_unavailable": Row(_LATER, _BUSY),
    "team_quota_exceeded": Row(_LATER, _FULL),
    # “It's possible some aspect of the operation succeeded before the error was raised”, Slack says of these
    "request_timeout": Row(_UNKNOWN, _HALFWAY),
    "internal_error": Row(_UNKNOWN, _HALFWAY),
    "fatal_error": Row(_UNKNOWN, _HALFWAY),
}
"""Every code once."""

TRANSPORT = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError)
"""What a call through the SDK raises; ValueError and AttributeError where the answer is no JSON but calls itself so, or
is plain text."""
_UNOPENED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_REFUSING = frozenset({429, 503})
"""Turned away at the door; other errors of the server may come after the work was done."""


def code_of(error: BaseException) -> str:
    """Slack's own code; empty where it gave none."""
    return str(_said(error, "error") or "") if isinstance(error, SlackApiError) else ""


def failed_post(error: Exception) -> DeliveryError:
    """What follows from a failed post. Unknown unless it is certain that Slack did nothing with it."""
    if not isinstance(error, SlackApiError):
        if isinstance(error, _UNOPENED):
            return DeliveryError(_LATER, "Slack cannot be reached")
        return DeliveryError(_UNKNOWN, "the connection to Slack broke before it answered")
    status, code = _status(error), code_of(error)
    if row := FAILURES.get(code):
        return DeliveryError(row.kind, _detailed(row, code, error), retry_after=_retry_after(error, row.kind))
    if status in _REFUSING:
        return DeliveryError(_LATER, _BUSY, retry_after=_retry_after(error, _LATER))
    if code and status < 500:
        return DeliveryError(_REFUSED, f"Slack refused it ({code[:60]})")
    return DeliveryError(_UNKNOWN, f"Slack failed to answer (HTTP {status})")


def _detailed(row: Row, code: str, error: SlackApiError) -> str:
    needed = _said(error, "needed") if code == "missing_scope" else None
    return f"{row.reason} ({str(needed)[:100]})" if needed else row.reason


def _retry_after(error: SlackApiError, kind: Failure) -> float | None:
    headers = getattr(error.response, "headers", None) or {}
    given = {str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after")
    try:
        wait = float(given)  # type: ignore[arg-type]  # whatever a server sends
    except (TypeError, ValueError):
        return None
    return wait if kind is _LATER and 0 <= wait < float("inf") else None


def _status(error: SlackApiError) -> int:
    """The SDK hands over its own response, or for a body it cannot read the transport's."""
    response: Any = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    return status if isinstance(status, int) else 200


def _said(error: SlackApiError, name: str) -> object:
    response: Any = error.response
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    return data.get(name) if isinstance(data, dict) else None
