"""Sending an answer to the person who waits for it, by the first route that works.

private   in a thread by chat.postEphemeral, elsewhere by the response_url, failing both as a direct message
public    by the response_url, which works where Paperboy is no member; failing that by chat.postMessage
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator

from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack import forms
from adapters.slack.blocks import payload
from adapters.slack.client import error_summary, sdk_log
from adapters.slack.failures import TRANSPORT
from adapters.slack.markup import Json
from adapters.slack.origin import Origin
from bot.model import Action, Form, Message
from bot.wording.parts import say

log = logging.getLogger("paperboy.slack")

Send = Callable[[], Awaitable[object]]

TOO_SLOW = "Slack gives a form three seconds to open, and that was not enough. Press to try again."
PRESS = "This opens a form, and Slack opens forms only after a button was pressed."


async def send_answer(origin: Origin, answer: Message | Form, *, replace: bool = False) -> None:
    """Send an answer; `replace` puts it in the place of the message whose button was pressed."""
    if isinstance(answer, Form):
        await _open_form(origin, answer)
        return
    for route, send in _routes(origin, answer, replace=replace):
        try:
            await send()
        except TRANSPORT as error:
            log.warning("could not answer channel=%s route=%s reason=%r", origin.address, route, error_summary(error))
        else:
            return
    log.error("an answer was lost channel=%s user=%s", origin.address, origin.person)


async def _open_form(origin: Origin, form: Form) -> None:
    """Open a form; a trigger works once and for three seconds, and a written message carries none."""
    retry = (Action(form.title, form.command),)
    if origin.trigger is None:
        await send_answer(origin, say(PRESS, actions=retry))
        return
    try:
        await origin.client.views_open(trigger_id=origin.trigger, view=forms.modal(form, origin))
    except TRANSPORT as error:
        log.warning("could not open a form channel=%s reason=%r", origin.address, error_summary(error))
        await send_answer(origin, say(TOO_SLOW, actions=retry))


def _routes(origin: Origin, message: Message, *, replace: bool) -> Iterator[tuple[str, Send]]:
    body, url, post = payload(message), origin.response_url, origin.client.chat_postMessage
    if origin.written or (url is None and origin.channel.startswith("D")):
        yield "message", lambda: post(channel=origin.channel, thread_ts=origin.thread, **body)
        return
    if not message.private:
        if url is not None:
            yield "response_url", lambda: _respond(origin, url, {**body, "response_type": "in_channel"})
        yield "message", lambda: post(channel=origin.channel, thread_ts=origin.thread, **body)
        return
    if url is not None and replace:
        yield "response_url", lambda: _respond(origin, url, {**body, "replace_original": True})
        return
    if origin.channel and (origin.thread or url is None):
        content = {name: body[name] for name in ("text", "blocks")}  # chat.postEphemeral takes no unfurl_ arguments
        yield (
            "ephemeral",
            lambda: origin.client.chat_postEphemeral(
                channel=origin.channel, user=origin.user, thread_ts=origin.thread, **content
            ),
        )
    if url is not None:
        yield "response_url", lambda: _respond(origin, url, {**body, "response_type": "ephemeral"})
    yield "direct message", lambda: post(channel=origin.user, thread_ts=None, **body)


async def _respond(origin: Origin, url: str, body: Json) -> None:
    """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: 5 times in 30 minutes."""
    if not body.get("replace_original"):
        body = {**body, "replace_original": False, **({"thread_ts": origin.thread} if origin.thread else {})}
    hook = AsyncWebhookClient(
        url,
        session=origin.client.session,
        ssl=origin.client.ssl,
        proxy=origin.client.proxy,
        logger=sdk_log,
        retry_handlers=[AsyncRateLimitErrorRetryHandler()],
    )
    response = await hook.send_dict(body)
    if response.status_code != 200:
        raise OSError(f"HTTP {response.status_code} {response.body}"[:200])
