"""The app as an agent of Slack's: direct messages are threads, with suggestions, titles and a status. No model answers.

app_home_opened (Messages) ─► suggestions: what is followed, what trends
message.im                 ─► status ─► a search, a command, or a follow-up on the thread's latest answer ─► answer

https://docs.slack.dev/ai/developing-agents
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from adapters.slack.buttons import shown_actions
from adapters.slack.client import error_summary
from adapters.slack.failures import TRANSPORT
from adapters.slack.markup import one_line
from adapters.slack.origin import Body, Origin
from adapters.slack.people import SlackUsers
from adapters.slack.visibility import Visibility
from adapters.text import truncate
from bot.commands import follow_up, with_places, written_command, written_line
from bot.errors import UserError
from bot.model import Action, Caller, Form, Message
from bot.ports import Desk
from bot.wording.parts import say, without_share
from bot.wording.results import NO_MORE

log = logging.getLogger("paperboy.slack")

SEARCHING = "is searching…"
"""Follows the app's name; Slack takes it away when the answer comes, or after two minutes."""
PATIENCE = 1.0
"""Seconds that an answer waits for its status and its title."""
PROMPTS_TITLE = "What shall I look for?"
PROMPT_TITLE, THREAD_TITLE = 75, 60
"""Characters; no page states a limit."""
THREAD_PAGE, THREAD_PAGES = 200, 5
"""Messages of a thread that are read at once, and pages at most: a thread is read from its beginning."""
CHANNEL = "slack#/types/channel_id"


class Agent:
    """The agent in everybody's direct messages."""

    def __init__(self, desk: Desk, users: SlackUsers, visibility: Visibility) -> None:
        self._desk, self._users, self._visibility = desk, users, visibility

    async def suggest(self, origin: Origin, event: Body) -> None:
        """Offer lines to begin with: from the topics of the channel that the person looks at, else their own."""
        caller = await self._users.caller(await self._where_looking(origin, event))
        prompts = [
            {"title": truncate(one_line(label), PROMPT_TITLE), "message": line}
            for label, line in await self._desk.suggest(caller)
        ]
        if prompts:
            client = origin.client
            call = client.assistant_threads_setSuggestedPrompts(
                channel_id=origin.channel, title=PROMPTS_TITLE, prompts=prompts
            )
            await _tried("suggestions", call, origin)

    async def _where_looking(self, origin: Origin, event: Body) -> Origin:
        """The origin in the channel beside which the messages were opened, where the person may see it."""
        for each in (event.get("context") or {}).get("entities") or ():
            if each.get("type") == CHANNEL and await self._visibility.sees(str(each.get("value")), origin):
                return replace(origin, channel=str(each["value"]))
        return origin

    async def answer(self, origin: Origin, event: Body, text: str, caller: Caller) -> Message | Form | None:
        """Answer what was written, below it. `origin.thread` is the thread's first message, which may be this one."""
        with suppress(UserError):
            if written_line(text) is None:  # thanks and the like
                return None
        client, channel, thread = origin.client, origin.channel, origin.thread or event["ts"]
        status = client.assistant_threads_setStatus(channel_id=channel, thread_ts=thread, status=SEARCHING)
        answer, _ = await asyncio.gather(self._answer(origin, event, text, caller), _tried("status", status, origin))
        if thread == event["ts"]:
            title = truncate(one_line(text), THREAD_TITLE)
            call = client.assistant_threads_setTitle(channel_id=channel, thread_ts=thread, title=title)
            await _tried("title", call, origin)
        return without_share(answer) if isinstance(answer, Message) else answer

    async def _answer(self, origin: Origin, event: Body, text: str, caller: Caller) -> Message | Form | None:
        meaning: tuple[str, dict[str, str]] | Literal["end"] | None = None
        if origin.thread != event["ts"]:
            actions, today = await _latest_actions(origin), datetime.fromtimestamp(float(event["ts"]), UTC).date()
            with suppress(UserError):  # a text that is too long, which `hear` answers
                meaning, text = follow_up(text, actions, today), with_places(text, actions)
        if meaning == "end":
            return say(NO_MORE)
        if meaning is not None:
            return _with_search(await self._desk.run(meaning[0], caller, meaning[1]), *meaning)
        answer = await self._desk.hear(text, caller)
        return _with_search(answer, *written_command(text))


def _with_search(answer: Message | Form | None, command: str, options: dict[str, str]) -> Message | Form | None:
    """A list that a search found with one more button that holds the search, from which a follow-up goes on."""
    if command != "search" or not isinstance(answer, Message) or not answer.items:
        return answer
    label, order = ("Best first", "best") if options.get("order", "best") != "best" else ("Newest first", "newest")
    again = {name: text for name, text in options.items() if name != "start"}
    return replace(answer, actions=(*answer.actions, Action(label, "search", {**again, "order": order})))


async def _latest_actions(origin: Origin) -> list[Action]:
    """The buttons of the thread's latest list of papers; none where Slack does not hand the thread over."""
    latest: list[Action] = []
    cursor: str | None = None
    try:
        for _ in range(THREAD_PAGES):
            page = await origin.client.conversations_replies(
                channel=origin.channel, ts=origin.thread or "", limit=THREAD_PAGE, cursor=cursor
            )
            for message in page.get("messages") or ():
                actions = shown_actions(message.get("blocks") or ()) if message.get("bot_id") else []
                if any(each.label == "More" or each.label.startswith("#") for each in actions):
                    latest = actions
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
    except TRANSPORT as error:
        log.warning("could not read a thread channel=%s reason=%r", origin.address, error_summary(error))
    return latest


async def _tried(what: str, call: Awaitable[object], origin: Origin) -> None:
    """Await a call without which the answer comes all the same."""
    try:
        async with asyncio.timeout(PATIENCE):
            await call
    except TRANSPORT as error:
        log.info("no %s channel=%s reason=%r", what, origin.address, error_summary(error))
