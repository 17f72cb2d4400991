"""Sending an answer to the person who waits for it, by the first route that works.

agent     in a thread of direct messages by chat.postMessage
in place  by the response_url, which may be repeated; failing that like a private one
private   in a thread by chat.postEphemeral, elsewhere by the response_url, failing both as a direct message
public    by the response_url, which works where Paperboy is no member; failing that by chat.postMessage
"""

from __future__ import annotations

import dataclasses
import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import NamedTuple

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack import forms
from adapters.slack.blocks import ephemeral
from adapters.slack.client import error_summary, is_slack_url
from adapters.slack.failures import TRANSPORT, delivery_error
from adapters.slack.files import without_file
from adapters.slack.markup import Json
from adapters.slack.new_blocks import post_message
from adapters.slack.origin import Origin
from adapters.slack.pictures import without_refused
from adapters.slack.repeats import repeated
from bot.commands import COMMANDS
from bot.errors import Failure
from bot.model import Action, Form, Message
from bot.wording.changes import change_message
from bot.wording.notices import SHARED_PERHAPS
from bot.wording.parts import say

log = logging.getLogger("paperboy.slack")

Send = Callable[[Json], Awaitable[object]]
"""Sends a payload."""

MAX_ANSWER = 2_000
"""Bytes of a response_url's answer that are read; it is “ok” or an error code."""
_CODE = re.compile(r"[a-z_]{1,60}")

TOO_SLOW = "Slack gives a form three seconds to open, and that was not enough. Press to try again."
PRESS = "This opens a form, and Slack opens forms only after a button was pressed."


class _Route(NamedTuple):
    """A way to send an answer. `harmless`: arriving twice changes nothing."""

    name: str
    message: Message
    send: Send
    harmless: bool = False

    async def take(self, origin: Origin) -> None:
        """Send the answer, as often as that does no harm. Raises one of TRANSPORT."""
        removable = origin.agent and origin.channel.startswith("D")
        post = partial(post_message, origin.client, self.message, self.send, removable=removable)
        await repeated(post, harmless=self.harmless)


async def send_answer(origin: Origin, answer: Message | Form, *, replace: bool = False) -> None:
    """Send an answer; `replace` puts it in the place of the message whose button was pressed."""
    if isinstance(answer, Form):
        await _open_form(origin, answer)
        return
    answer = await without_file(origin, answer)
    for route in _routes(origin, answer, replace=replace):
        try:
            await route.take(origin)
        except TRANSPORT as error:
            if plain := without_refused(answer, error):
                await send_answer(origin, plain, replace=replace)
                return
            facts = (origin.address, route.name, error_summary(error))
            log.warning("could not answer channel=%s route=%s reason=%r", *facts)
            if not answer.private and delivery_error(error).kind is Failure.UNKNOWN:
                await send_answer(origin, SHARED_PERHAPS)  # by another route it might be there twice
                return
        else:
            await announce(origin, answer)
            return
    log.error("an answer was lost channel=%s user=%s", origin.address, origin.person)


async def announce(origin: Origin, answer: Message) -> None:
    """Tell the channel of the change that a private answer is about, by the first route that works."""
    if not answer.announcement or not answer.private:
        return
    for route in _routes(origin, change_message(answer.announcement), replace=False):
        try:
            await route.take(origin)
        except TRANSPORT as error:
            log.info("could not announce a change channel=%s reason=%r", origin.address, error_summary(error))
            if delivery_error(error).kind is Failure.UNKNOWN:
                return  # by another route it might be there twice
        else:
            return


async def _open_form(origin: Origin, form: Form) -> None:
    """Open a form; a trigger works once and for three seconds, and a written message carries none."""
    retry = (Action(form.title, form.command, form.options),)
    if origin.trigger is None:
        await send_answer(origin, say(PRESS, actions=retry))
        return
    try:
        await origin.client.views_open(trigger_id=origin.trigger, view=forms.modal(form, origin))
    except TRANSPORT as error:
        log.warning("could not open a form channel=%s reason=%r", origin.address, error_summary(error))
        await send_answer(origin, say(TOO_SLOW, actions=retry))


def _routes(origin: Origin, message: Message, *, replace: bool) -> Iterator[_Route]:
    url, post = _slack_url(origin), origin.client.chat_postMessage

    def posted(body: Json) -> Awaitable[object]:
        return post(channel=origin.channel, thread_ts=origin.thread, **body)

    def responded(**how: object) -> Send:
        return lambda body: _respond(origin, url or "", {**body, **how})

    is_direct = origin.channel.startswith("D")
    if origin.written or (is_direct and (url is None or (origin.agent and origin.thread and not replace))):
        yield _Route("message", message, posted)
        return
    if not message.private:
        if url is not None:
            yield _Route("response_url", message, responded(response_type="in_channel"))
        yield _Route("message", message, posted)
        return
    if url is not None and replace:
        yield _Route("edit", message, responded(replace_original=True), harmless=True)
    if origin.channel and (origin.thread or url is None):
        yield _Route("ephemeral", message, partial(_post_ephemeral, origin))
    if url is not None:
        yield _Route("response_url", message, responded(response_type="ephemeral"))
    direct = partial(post, channel=origin.user, thread_ts=None)
    yield _Route("direct message", _without_channels_buttons(message), lambda body: direct(**body))


def _without_channels_buttons(message: Message) -> Message:
    """The message without buttons if any changes a channel: pressed elsewhere, they are about that place."""
    commands = (COMMANDS.get(action.command) for action in message.actions)
    if any(command and command.permission == "managers" for command in commands):
        return dataclasses.replace(message, actions=())
    return message


def _slack_url(origin: Origin) -> str | None:
    """The response_url; None if there is none, or one on another host than Slack's."""
    url = origin.response_url
    if url is None or is_slack_url(url, origin.client.base_url):
        return url
    log.warning("a response_url is not Slack's, and is not called channel=%s", origin.address)
    return None


async def _post_ephemeral(origin: Origin, body: Json) -> None:
    post, content = origin.client.chat_postEphemeral, ephemeral(body)
    await post(channel=origin.channel, user=origin.user, thread_ts=origin.thread, **content)


async def _respond(origin: Origin, url: str, body: Json) -> None:
    """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: 5 times in 30 minutes."""
    if not body.get("replace_original"):
        body = {**body, "replace_original": False, **({"thread_ts": origin.thread} if origin.thread else {})}
    client = origin.client
    async with client.session.post(  # type: ignore[union-attr]  # ours, see client.py
        url, json=body, allow_redirects=False, ssl=client.ssl or True, proxy=client.proxy
    ) as answer:
        text = (await answer.content.read(MAX_ANSWER)).decode("utf-8", "replace")
        code = _error_of(text)
        if answer.status == 200 and code in {"", "ok"}:
            return
        response = AsyncSlackResponse(
            client=client,
            http_verb="POST",
            api_url="response_url",
            req_args={},
            data={"ok": False, "error": code or f"http_{answer.status}"} if answer.status < 500 else {},
            headers=dict(answer.headers),
            status_code=answer.status,
        )
        raise SlackApiError("the response_url was refused", response)  # type: ignore[no-untyped-call]  # the SDK's


def _error_of(text: str) -> str:
    """The error code of a refused use of a response_url: in JSON, or the text itself; "" for a page."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip() if _CODE.fullmatch(text.strip()) else ""
    return str(answer.get("error") or "") if isinstance(answer, dict) else ""
