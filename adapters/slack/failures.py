"""Slack's error codes -> the kind of delivery failure, and a reason to be read in a notice.

Codes: https://docs.slack.dev/reference/methods/chat.postMessage#errors and those of conversations.open, chat.delete.
A code that is not listed counts as MESSAGE_REFUSED: what concerns the channel or the workspace is documented.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.failures import FailureRule, connection_failure, retry_after
from bot.errors import DeliveryError, Failure

_REINSTALL = "Slack no longer accepts Paperboy's token: install the app again"
_NOT_ACCEPTED = "Slack does not accept Paperboy's token: check SLACK_BOT_TOKEN, or install the app again"
_UNREADABLE = "Slack could not read the request; please report this"
NOT_INSTALLED = "Paperboy is not installed in this workspace"
UNINSTALLED = "Paperboy was uninstalled from the workspace: install it again"
_FULL = "the workspace has reached its limit of messages: ask a workspace admin"
_DELETED = "the message it replies to was deleted"
_BUSY = "Slack is not available at the moment"

_REASONS: dict[Failure, dict[str, str]] = {
    Failure.CHANNEL_GONE: {
        "channel_not_found": (
            "the channel was deleted, or is private and Paperboy is no member: invite it with /invite @Paperboy"
        ),
        "channel_is_limited_access": "the channel is for selected people only: invite Paperboy",
        "not_in_channel": "Paperboy is no member of the channel: invite it with /invite @Paperboy",
        "is_archived": "the channel is archived",
        "is_inactive": "the channel is frozen",
        "method_not_supported_for_channel_type": "apps cannot post to this kind of channel",
        "channel_type_not_supported": "apps cannot post to this kind of channel",
        "restricted_action": "a setting of the workspace forbids Paperboy to post here: ask a workspace admin",
        "restricted_action_read_only_channel": "the channel is read-only",
        "restricted_action_thread_only_channel": "the channel takes only replies in threads",
        "restricted_action_non_threadable_channel": "the channel takes no replies in threads",
        **dict.fromkeys(("user_not_found", "users_not_found"), "this person is not in the workspace"),
        "user_not_visible": "Paperboy is not allowed to see this person",
        "user_disabled": "this person's account is deactivated",
        "cannot_dm_bot": "this is an app, and apps take no direct messages from apps",
        "messages_tab_disabled": "direct messages to Paperboy are switched off in the app's settings",
    },
    Failure.LATER: {
        # A token of ours that is wrong proves nothing about the workspace: it is not paused, and never erased for it.
        **dict.fromkeys(("invalid_auth", "token_expired"), _NOT_ACCEPTED),
        "not_authed": "there is no token for this workspace: set SLACK_BOT_TOKEN, or install the app",
        "not_allowed_token_type": "this is not a bot token: set SLACK_BOT_TOKEN to the one that starts with xoxb-",
        "external_channel_migrating": "the shared channel is being moved",
        "org_login_required": "the workspace is being moved into an organisation",
        **dict.fromkeys(("ratelimited", "rate_limited"), "Slack asks to go slower"),
        **dict.fromkeys(("message_limit_exceeded", "team_quota_exceeded"), _FULL),
        "service_unavailable": _BUSY,
    },
    Failure.WORKSPACE_GONE: dict.fromkeys(("account_inactive", "token_revoked"), _REINSTALL),
    Failure.WORKSPACE_CLOSED: {
        "missing_scope": "a permission (scope) is missing: install the app again with its manifest",
        "no_permission": "a permission is missing: install the app again with its manifest",
        "access_denied": "Slack denies Paperboy access: ask a workspace admin",
        "accesslimited": "Slack is not reachable for apps from this network: ask a workspace admin",
        "ekm_access_denied": "the workspace's admins have suspended posting",
        "enterprise_is_restricted": "the organisation allows no posts by apps: ask an organisation admin",
        "team_access_not_granted": "the app is not approved for this workspace: ask an organisation admin",
        "team_added_to_org": "the workspace joined an organisation: install the app again",
        "team_not_found": "the workspace no longer exists",
        "two_factor_setup_required": "the workspace requires two-factor authentication to be set up",
    },
    Failure.THREAD_GONE: {
        **dict.fromkeys(("thread_not_found", "invalid_thread_ts"), _DELETED),
        "restricted_action_thread_locked": "the thread is locked",
    },
    Failure.MESSAGE_REFUSED: {
        **dict.fromkeys(("invalid_blocks", "invalid_blocks_format"), "Slack refused its layout; please report this"),
        **dict.fromkeys(("msg_blocks_too_long", "msg_too_long"), "it is too long for Slack; please report this"),
        "no_text": "it is empty; please report this",
        **dict.fromkeys(("invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"), _UNREADABLE),
        **dict.fromkeys(("duplicate_message_not_found", "duplicate_channel_not_found"), _UNREADABLE),
        **dict.fromkeys(("invalid_arguments", "invalid_arg_name", "invalid_array_arg"), _UNREADABLE),
        **dict.fromkeys(("invalid_charset", "invalid_form_data", "invalid_json", "json_not_object"), _UNREADABLE),
        **dict.fromkeys(("as_user_not_supported", "invalid_post_type", "missing_post_type"), _UNREADABLE),
        "metadata_must_be_sent_from_app": "the token is not an app's: use the one that starts with xoxb-",
        "slack_connect_blocked_file_type": "the shared channel does not take it",
        "slack_connect_canvas_sharing_blocked": "the shared channel does not take it",
        "deprecated_endpoint": "this version of Paperboy is too old for Slack: upgrade it",
        "method_deprecated": "this version of Paperboy is too old for Slack: upgrade it",
        "unknown_method": "the Slack server does not know this method: check the API address",
        "message_not_found": "the message no longer exists",
        **dict.fromkeys(("cant_update_message", "edit_window_closed"), "Slack does not let Paperboy edit this message"),
        "cant_delete_message": "Slack does not let Paperboy delete this message",
        "compliance_exports_prevent_deletion": "the workspace forbids deleting messages",
    },
    # Slack says of these: “It's possible some aspect of the operation succeeded before the error was raised”
    Failure.UNKNOWN: dict.fromkeys(
        ("request_timeout", "internal_error", "fatal_error"), "Slack failed halfway, so the message may have arrived"
    ),
}
_NO_REPLIES = "a setting of the channel or the workspace forbids Paperboy to reply in threads: ask a workspace admin"
REPLY_FAILURES = {
    code: FailureRule(Failure.THREAD_FORBIDDEN, reason)
    for code, reason in {
        "restricted_action_non_threadable_channel": "the channel takes no replies in threads",
        **dict.fromkeys(("restricted_action", "restricted_action_read_only_channel"), _NO_REPLIES),
        "cannot_reply_to_message": "the message it replies to takes no replies",
    }.items()
}
"""Codes that mean, of a reply under a message that was accepted, that no replies may be posted."""
FAILURES = {code: FailureRule(kind, reason) for kind, reasons in _REASONS.items() for code, reason in reasons.items()}
"""Slack's error codes, each once."""
WORKSPACE_REASONS = (
    _REINSTALL,
    *dict.fromkeys(_REASONS[Failure.WORKSPACE_CLOSED].values()),
    NOT_INSTALLED,
    UNINSTALLED,
    "there is no token for this workspace: install the app",  # until 0.5.0, as the next
    "this is not a bot token: use the one that starts with xoxb-",
)
"""Reasons of pauses that end when the app is installed again, or gets another token."""

TRANSPORT = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError)
"""What a call through the SDK raises; ValueError and AttributeError for an answer that is no JSON though its media type
says so, or that is plain text."""
_NOT_PROCESSED = frozenset({429, 503})
"""HTTP statuses of requests that Slack did not begin to carry out; other 5xx may come after the work was done."""


def error_code(error: BaseException) -> str:
    """Slack's error code; "" where the answer has none."""
    return str(_answer_field(error, "error") or "") if isinstance(error, SlackApiError) else ""


def delivery_error(error: Exception, *, reply: bool = False) -> DeliveryError:
    """The DeliveryError for an exception of the SDK: of kind UNKNOWN unless it is certain that nothing was posted.

    `reply`: the exception of a reply, under a message that was accepted.
    """
    if not isinstance(error, SlackApiError):
        return connection_failure(error, "Slack")
    # The SDK hands over its own response, or for a body that it cannot read the transport's.
    status = getattr(error.response, "status_code", None) or getattr(error.response, "status", None)
    status, code = status if isinstance(status, int) else 200, error_code(error)
    wait = retry_after(getattr(error.response, "headers", None))
    if rule := (REPLY_FAILURES if reply else FAILURES).get(code, FAILURES.get(code)):
        scope = _answer_field(error, "needed") if code == "missing_scope" else None
        reason = f"{rule.reason} ({str(scope)[:100]})" if scope else rule.reason
        return DeliveryError(rule.kind, reason, retry_after=wait if rule.kind is Failure.LATER else None)
    if status in _NOT_PROCESSED:
        return DeliveryError(Failure.LATER, _BUSY, retry_after=wait)
    if code and status < 500:
        return DeliveryError(Failure.MESSAGE_REFUSED, f"Slack refused it ({code[:60]})")
    return DeliveryError(Failure.UNKNOWN, f"Slack failed to answer (HTTP {status})")


def _answer_field(error: SlackApiError, name: str) -> object:
    response: Any = error.response
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    return data.get(name) if isinstance(data, dict) else None
