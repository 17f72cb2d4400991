"""Carrying an answer to where somebody waits for it, by the first way that works.

shown to them alone   in a thread by chat.postEphemeral, elsewhere by the response_url, failing both as a direct message
shown to everybody    by the response_url, which works where Paperboy is no member; failing that by chat.postMessage
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack import forms
from adapters.slack.access import reason, sdk_log
from adapters.slack.blocks import payload
from adapters.slack.failures import TRANSPORT
from adapters.slack.markup import Json
from adapters.slack.origin import Spot
from bot import wording
from bot.model import Action, Form, Message

log = logging.getLogger("paperboy.slack")

Way = Callable[[], Awaitable[object]]

TOO_SLOW = "Slack gives a form three seconds to open, and that was not enough. Press to try again."
PRESS = "This opens a form, and Slack opens forms only after a button was pressed."


async def show(spot: Spot, answer: Message | Form, *, replace: bool = False) -> None:
    """Show an answer; `replace` puts it in the place of the message that was pressed."""
    if isinstance(answer, Form):
        await _open(spot, answer)
        return
    async for name, way in _ways(spot, answer, replace=replace):
        try:
            await way()
        except TRANSPORT as error:
            log.warning("could not answer channel=%s by=%s reason=%r", spot.address, name, reason(error))
        else:
            return
    log.error("nobody was answered channel=%s user=%s", spot.address, spot.person)


async def _open(spot: Spot, form: Form) -> None:
    """Open a form; a trigger works once and for three seconds, and a message that is written carries none."""
    again = (Action(form.title, form.command),)
    if spot.trigger is None:
        await show(spot, wording.say(PRESS, actions=again))
        return
    try:
        await spot.client.views_open(trigger_id=spot.trigger, view=forms.modal(form, forms.Place.of(spot)))
    except TRANSPORT as error:
        log.warning("could not open a form channel=%s reason=%r", spot.address, reason(error))
        await show(spot, wording.say(TOO_SLOW, actions=again))


async def _ways(spot: Spot, message: Message, *, replace: bool) -> AsyncIterator[tuple[str, Way]]:
    body = payload(message)
    url = spot.response_url
    if spot.written or (url is None and spot.direct):
        yield "message", lambda: _post(spot, spot.channel, body, spot.thread)
        return
    if not message.private:
        if url is not None:
            yield "response_url", lambda: _respond(spot, url, {**body, "response_type": "in_channel"})
        yield "message", lambda: _post(spot, spot.channel, body, spot.thread)
        return
    if url is not None and replace:
        yield "response_url", lambda: _respond(spot, url, {**body, "replace_original": True})
        return
    if spot.channel and (spot.thread or url is None):
        yield "ephemeral", lambda: _whisper(spot, body)
    if url is not None:
        yield "response_url", lambda: _respond(spot, url, {**body, "response_type": "ephemeral"})
    yield "direct message", lambda: _post(spot, spot.user, body, None)


async def _respond(spot: Spot, url: str, body: Json) -> None:
    """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: 5 times in 30 minutes."""
    more: Json = {} if body.get("replace_original") else {"replace_original": False}
    if spot.thread and not body.get("replace_original"):
        more["thread_ts"] = spot.thread
    hook = AsyncWebhookClient(
        url,
        session=spot.client.session,
        ssl=spot.client.ssl,
        proxy=spot.client.proxy,
        logger=sdk_log,
        retry_handlers=[AsyncRateLimitErrorRetryHandler()],
    )
    said = await hook.send_dict({**body, **more})
    if said.status_code != 200:
        raise OSError(f"HTTP {said.status_code} {said.body}"[:200])


async def _whisper(spot: Spot, body: Json) -> None:
    """chat.postEphemeral takes nothing about unfurling."""
    content = {name: body[name] for name in ("text", "blocks")}
    await spot.client.chat_postEphemeral(channel=spot.channel, user=spot.user, thread_ts=spot.thread, **content)


async def _post(spot: Spot, channel: str, body: Json, thread: str | None) -> None:
    await spot.client.chat_postMessage(channel=channel, thread_ts=thread, **body)
