"""Commands, buttons, forms, mentions, direct messages and App Home, passed on to the engine.

    Slack ─► Bolt ─► acknowledged ─► a task: the caller ─► desk ─► the part that the caller may see ─► replies

Every request is acknowledged first, but for a submitted form: only the acknowledgement can report errors in it. The
check needs no network.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from cachetools import TTLCache
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.paper_links import linked_paper_ids
from adapters.shares import Shares, UsedNames
from adapters.slack import events, forms, replies
from adapters.slack.agent import Agent
from adapters.slack.attachments import IMPORT, import_file
from adapters.slack.buttons import is_link, pressed_action
from adapters.slack.client import sdk_log
from adapters.slack.failures import TRANSPORT
from adapters.slack.home import AppHome
from adapters.slack.home_view import ViewState, view_state
from adapters.slack.links import SharedLinks
from adapters.slack.new_blocks import BIN
from adapters.slack.obstacles import find_obstacle
from adapters.slack.origin import (
    Body,
    CommandName,
    Origin,
    from_click,
    from_command,
    from_event,
    from_view,
    text_to_paperboy,
)
from adapters.slack.people import Managers, SlackUsers
from adapters.slack.replays import Replays
from adapters.slack.visibility import Visibility
from adapters.slack.workspaces import Workspaces
from adapters.tasks import BackgroundTasks
from bot.commands import COMMANDS, replaces_message, typed_command
from bot.model import Caller, FilledForm, Form, Message, SubscriptionChanges
from bot.ports import Desk
from bot.wording.notices import ALREADY_SHARED, OUTDATED_BUTTON, linked_papers
from bot.wording.typed import as_typed

log = logging.getLogger("paperboy.slack")

EVENT_MEMORY_SECONDS = 3_600.0
"""Slack may deliver an event up to three times, the last after five minutes."""
MAX_EVENT_IDS = 10_000
CHECK_SECONDS = 2.0
"""Longest check of a form, of the three seconds that an acknowledgement may take."""
TRY_AGAIN = "This took too long to check. Please press the button again."
NOT_INSTALLED = (
    "Paperboy is not installed in this workspace, or could not ask Slack about it just now. Please try again in a"
    " minute; if that does not help, reinstall the app."
)
ANY = re.compile(".*")
"""Whatever a workspace calls the command: another app may have taken /papers."""

Handler = Callable[..., Coroutine[Any, Any, None]]


class Interactions:
    """The listeners of a Bolt app, for one desk."""

    def __init__(  # noqa: PLR0913, PLR0917 - what the listeners need
        self,
        desk: Desk,
        workspaces: Workspaces,
        managers: Managers,
        tasks: BackgroundTasks,
        clock: Callable[[], float],
        names: UsedNames,
    ) -> None:
        self._desk = desk
        self._workspaces = workspaces
        self._tasks = tasks
        self._command = CommandName()
        self._users = SlackUsers(managers, clock=clock)
        self._visibility = Visibility(self._users, clock=clock)
        self._home = AppHome(desk, self._users, self._visibility)
        self._events = events.PlatformEvents(desk, workspaces, self._users.caller, self._command)
        self._agent = Agent(desk, self._users, self._visibility)
        self._links = SharedLinks(desk, self._users, self._command)
        self._shares = Shares(names)
        self._replays = Replays(names)
        self._event_ids: TTLCache[str, bool] = TTLCache(MAX_EVENT_IDS, EVENT_MEMORY_SECONDS, timer=clock)

    def app(self, signing_secret: str = "") -> AsyncApp:
        """The Bolt app with every listener."""

        async def authorize(context: AsyncBoltContext) -> AuthorizeResult | None:
            return await self._workspaces.bot(context.team_id, context.enterprise_id)

        app = AsyncApp(
            name="slack",  # Bolt sets the level of the logger of this name: it must not be ours
            logger=sdk_log,
            client=self._workspaces.slack.web_client(),
            signing_secret=signing_secret,
            authorize=authorize,  # type: ignore[arg-type]  # Bolt takes None for “not installed”
            before_authorize=self._choose_installation,
            user_facing_authorize_error_message=NOT_INSTALLED,
        )
        app.use(self._once)
        app.command(ANY)(self._listener(self._on_command))
        app.action(ANY)(self._listener(self._on_button))
        app.view(ANY)(self._on_submission)
        app.view_closed(ANY)(_acknowledge)
        app.message_shortcut(ANY)(self._listener(self._on_shortcut))
        app.global_shortcut(ANY)(_acknowledge)  # one that an admin added in the app's settings
        event_listeners: dict[Handler, Sequence[str]] = {
            self._on_mention: ("app_mention",),
            self._on_message: ("message",),
            self._on_opened: ("app_home_opened",),
            self._events.on_reaction: ("reaction_added", "reaction_removed"),
            self._events.on_joined: ("member_joined_channel",),
            self._events.on_reopened: events.CHANNEL_REOPENED,
            self._events.on_ended: tuple(events.CHANNEL_ENDED),
            self._events.on_moved: ("channel_id_changed",),
            self._events.on_uninstalled: ("app_uninstalled", "tokens_revoked"),
            self._links.on_shared: (events.LINK_SHARED,),
            self._links.on_details: (events.DETAILS_REQUESTED,),
        }
        for handle, kinds in event_listeners.items():
            for kind in kinds:
                app.event(kind)(self._listener(handle))
        app.event(ANY)(_acknowledge)  # events that an admin ticked in the app's settings
        return app

    async def _choose_installation(
        self,
        req: AsyncBoltRequest,
        next: Callable[[], Awaitable[None]],  # noqa: A002 - Bolt's name
    ) -> None:
        """In a channel shared by workspaces, the installation that posted the message answers for its buttons."""
        message = req.body.get("message")
        if not isinstance(message, dict) or message.get("app_id") != req.body.get("api_app_id"):
            message = {}
        team = message.get("team")
        if team and await self._workspaces.bot(team, None) is not None:
            req.context["team_id"] = team
        await next()

    async def _once(self, body: Body, next: Callable[[], Awaitable[None]]) -> BoltResponse | None:  # noqa: A002 - Bolt's name
        """Acknowledge events that were delivered before without handling them again."""
        if body.get("type") == "app_rate_limited":  # about events, and none itself: Bolt would answer 404
            log.warning("Slack holds events back: too many workspace=%s", body.get("team_id"))
            return BoltResponse(status=200)
        if event_id := body.get("event_id"):
            if event_id in self._event_ids:
                return BoltResponse(status=200)
            self._event_ids[event_id] = True
        await next()
        return None

    def _listener(self, handle: Handler) -> Handler:
        """Acknowledge, then handle the request in a task of its own."""

        async def listener(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            await ack()
            work = partial(handle, body, context, self._client(context))
            self._tasks.start(handle.__name__.removeprefix("_on_"), self._replays.run_once(body, context, work))

        return listener

    def _client(self, context: AsyncBoltContext) -> AsyncWebClient:
        """A client in place of Bolt's own, which adds the workspace's id to every call."""
        return self._workspaces.slack.web_client(context.bot_token, retry_rate_limited=True)

    # --- commands ------------------------------------------------------------------------------------------------

    async def _on_command(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        origin, line = from_command(body, context, client), body.get("text") or ""
        self._command.word = origin.command_word
        await self._send(origin, await self._desk.say(line, await self._users.caller(origin, typed_command(line))))

    async def _on_mention(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Answer a mention or a direct message, but none of an app: two apps could go on for ever."""
        event = body["event"]
        if event.get("bot_id") or event.get("hidden") or not event.get("user"):
            return
        text = text_to_paperboy(event.get("text") or "", context.bot_user_id)
        origin = from_event(body, context, client)
        command = typed_command(text)
        caller = await self._users.caller(origin, command)
        answer = await import_file(self._desk, origin, event, caller) if command is COMMANDS[IMPORT] else None
        is_agents = origin.written and origin.agent and bool(event.get("ts"))
        if is_agents:
            origin = replace(origin, thread=origin.thread or event["ts"])
        if answer is None:
            hear = partial(self._agent.answer, origin, event) if is_agents else self._desk.hear
            answer = await hear(text, caller)
        if isinstance(answer, Message) and not answer.private:  # in a thread, not among the channel's own messages
            origin = replace(origin, thread=origin.thread or event.get("ts"))
        if answer is not None:
            await self._send(origin, answer)

    async def _on_message(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        event = body["event"]
        is_written = event.get("subtype") in {None, "thread_broadcast", "file_share"}
        if event.get("channel_type") == "im" and is_written and (event.get("text") or "").strip():
            await self._on_mention(body, context, client)

    async def _on_opened(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A person opened the app's tab, or the messages beside it, where an agent suggests lines to begin with."""
        event, origin = body["event"], from_event(body, context, client)
        if event.get("tab", "home") == "home":
            origin = replace(origin, command_word=self._command.word)
            await self._home.draw(origin, ViewState(event.get("channel") or ""))
        elif origin.agent and origin.channel:
            await self._agent.suggest(origin, event)

    async def _run(self, origin: Origin, command: str, options: dict[str, str]) -> Message | Form:
        return await self._desk.run(command, await self._users.caller(origin, COMMANDS.get(command)), options)

    async def _send(self, origin: Origin, answer: Message | Form, *, in_place: bool = False) -> None:
        await replies.send_answer(origin, await self._visible(answer, origin), replace=in_place and origin.own)

    async def _visible(self, answer: Message | Form, origin: Origin) -> Message | Form:
        """The answer without what the caller may not see."""
        return await self._visibility.visible_part(answer, origin) if isinstance(answer, Message) else answer

    # --- buttons -------------------------------------------------------------------------------------------------

    async def _on_button(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        action = body["actions"][0]
        command, options = pressed_action(action)
        if view := body.get("view"):
            if command:
                origin = from_view(body, context, client, view_state(view).channel, self._command)
                await self._home.press(origin, view, command, options)
            return
        origin = from_click(body, context, client, self._command)
        if action["action_id"] == BIN["action_id"]:
            await self._delete(origin, (body.get("container") or {}).get("message_ts"))
            return
        if command and options.get("share") == "yes":
            await self._share(origin, (body.get("container") or {}).get("message_ts"), command, options)
        elif command:
            await self._send(origin, await self._run(origin, command, options), in_place=replaces_message(options))
        elif not is_link(action.get("action_id")):
            await self._send(origin, as_typed(OUTDATED_BUTTON, origin.command_word))

    async def _delete(self, origin: Origin, message_ts: str | None) -> None:
        """Delete an answer in somebody's direct messages; one in a channel stays, for its other readers."""
        if message_ts and origin.channel.startswith("D"):
            with suppress(*TRANSPORT):  # deleted meanwhile
                await origin.client.chat_delete(channel=origin.channel, ts=message_ts)

    async def _share(self, origin: Origin, message_ts: str | None, command: str, options: dict[str, str]) -> None:
        """Post the answer for everybody, once."""
        key = origin.address, message_ts, command, *sorted(options.items())
        if not await self._shares.begin(*key):
            await self._send(origin, ALREADY_SHARED)
            return
        answer: Message | Form | None = None
        try:
            answer = await self._run(origin, command, options)
        finally:
            if not isinstance(answer, Message) or answer.private:
                await self._shares.undo(*key)
        await self._send(origin, answer)

    async def _on_shortcut(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        origin = from_click(body, context, client, self._command)
        message = body.get("message") or {}
        papers = linked_paper_ids([message.get(part) for part in ("text", "blocks", "attachments")])
        if len(papers) == 1:
            await self._send(origin, await self._run(origin, "paper", {"paper": papers[0]}))
        else:
            await self._send(origin, linked_papers(papers, "paper"))

    # --- forms ---------------------------------------------------------------------------------------------------

    async def _on_submission(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        view: dict[str, Any] = body["view"]
        form_origin, form = forms.form_context(view), forms.submitted_form(view)
        channel = form_origin.channel if form_origin else ""
        origin = from_view(body, context, self._client(context), channel, self._command)
        if form_origin is None or form_origin.team != origin.team:
            await ack()  # no form of this workspace's
            return
        origin = forms.in_context(origin, form_origin)
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                filled = await self._desk.read(form, origin.address)
                caller = await self._users.caller(origin)
        except TimeoutError:
            await ack(response_action="errors", errors={form.fields[0].name: TRY_AGAIN})
            return
        if isinstance(filled, Form):
            await ack(response_action="errors", errors=forms.field_errors(filled))
            return
        await ack()
        work = partial(self._save, origin, filled, caller)
        self._tasks.start("form", self._replays.run_once(body, context, work))

    async def _save(self, origin: Origin, filled: SubscriptionChanges | FilledForm, caller: Caller) -> None:
        caller = replace(caller, obstacle=await find_obstacle(origin))
        await self._send(origin, await self._desk.apply(filled, caller))
        if origin.home is not None:
            await self._home.draw(replace(origin, channel=origin.home), ViewState(origin.home))


async def _acknowledge(ack: AsyncAck) -> None:
    """Acknowledge what needs nothing done."""
    await ack()
