"""What people do in Slack, carried to the desk: commands, buttons, forms, mentions, direct messages, App Home.

    Slack ─► Bolt ─► acknowledged ─► an errand: who asks? ─► desk ─► what may they see? ─► replies

Everything is acknowledged first. A submitted form alone is looked at before, as only the acknowledgement can say what
is wrong with it; that comes from memory.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.paper_links import linked_paper_ids
from adapters.slack import events, forms, home, origin, replies
from adapters.slack.access import Access, sdk_log
from adapters.slack.blocks import decode_action, is_link
from adapters.slack.origin import Body, Spot
from adapters.slack.people import Managers, People
from adapters.slack.visibility import Sight
from adapters.tasks import BackgroundTasks
from adapters.ttl_cache import TtlCache
from bot import wording
from bot.commands import goes_on, read_form
from bot.model import Caller, Form, Message, SubscriptionChanges
from bot.ports import Desk

log = logging.getLogger("paperboy.slack")

REPEATS = 3_600.0
"""Seconds in which Slack may deliver an event again: it tries three times, the last after five minutes."""
CHECKED_WITHIN = 2.0
"""Seconds of the three that an acknowledgement may take."""
TRY_AGAIN = "This took too long to check. Please press the button again."
NOT_INSTALLED = (
    "Paperboy is not installed in this workspace, or could not ask Slack about it just now. Please try again in a"
    " minute; if that does not help, reinstall the app."
)
ADDRESSED = " \t\n\u00a0:,"
"""What people write between a name and what they want: “@Paperboy: help”."""
ANY = re.compile(".*")
"""Whatever a workspace calls the command: another app may have taken /papers."""

Handler = Callable[..., Awaitable[None]]


class Hearing:
    """A Bolt app's listeners, for one desk."""

    def __init__(
        self, desk: Desk, access: Access, managers: Managers, errands: BackgroundTasks, clock: Callable[[], float]
    ) -> None:
        self._desk = desk
        self._access = access
        self._errands = errands
        self._people = People(managers, clock=clock)
        self._sight = Sight(self._people, clock=clock)
        self._happenings = events.Happenings(desk, access)
        self._heard: TtlCache[str, bool] = TtlCache(REPEATS, clock=clock)

    def app(self, signing_secret: str = "") -> AsyncApp:
        """The Bolt app, everything registered."""

        async def authorize(context: AsyncBoltContext) -> AuthorizeResult | None:
            return await self._access.bot(context.team_id, context.enterprise_id)

        async def before(req: AsyncBoltRequest, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002 - Bolt's
            await self._at_home(req)
            await next()

        async def once(body: Body, next: Callable[[], Awaitable[None]]) -> BoltResponse | None:  # noqa: A002 - Bolt's
            if body.get("type") == "app_rate_limited":  # about events, and none itself: Bolt would answer 404
                log.warning("Slack holds events back, as there are too many workspace=%s", body.get("team_id"))
                return BoltResponse(status=200)
            if "event_id" in body and self._heard.put(str(body["event_id"]), value=True):
                return BoltResponse(status=200)
            await next()
            return None

        app = AsyncApp(
            name="slack",  # Bolt sets the level of the logger of this name: it must not be ours
            logger=sdk_log,
            client=self._access.wire.client(),
            signing_secret=signing_secret,
            authorize=authorize,  # type: ignore[arg-type]  # None is what Bolt takes for “not installed”
            before_authorize=before,
            user_facing_authorize_error_message=NOT_INSTALLED,
            process_before_response=False,
        )
        app.use(once)
        self._register(app)
        return app

    async def _at_home(self, req: AsyncBoltRequest) -> None:
        """In a channel shared by workspaces, the installation that posted what was pressed answers for it."""
        message = req.body.get("message")
        known = message if isinstance(message, dict) else {}
        team = known.get("team") if known.get("app_id") == req.body.get("api_app_id") else None
        if team and await self._access.bot(team, None) is not None:
            req.context["team_id"] = team

    def _register(self, app: AsyncApp) -> None:
        listen = self._listener
        app.command(ANY)(listen("command", self._command))
        app.action(ANY)(listen("button", self._pressed))
        app.message_shortcut(ANY)(listen("shortcut", self._shortcut))
        app.event("app_mention")(listen("mention", self._written))
        app.event("message")(listen("message", self._message))
        app.event("app_home_opened")(listen("home", self._home))
        for kind in ("reaction_added", "reaction_removed"):
            app.event(kind)(listen("reaction", self._happenings.reacted))
        app.event("member_joined_channel")(listen("joined", self._happenings.joined))
        for kind in events.REOPENED:
            app.event(kind)(listen("reopened", self._happenings.reopened))
        for kind in events.ENDED:
            app.event(kind)(listen("ended", self._happenings.ended))
        app.event("channel_id_changed")(listen("moved", self._happenings.moved))
        for kind in ("app_uninstalled", "tokens_revoked"):
            app.event(kind)(listen("uninstalled", self._happenings.uninstalled))
        app.event(ANY)(listen("other", self._ignored))

        @app.view(forms.CALLBACK)
        async def submitted(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            await self._submitted(ack, body, context)

    def _listener(self, name: str, handle: Handler) -> Handler:
        """Acknowledge, then go on with it outside of Bolt."""

        async def listener(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            await ack()
            self._errands.start(name, handle(body, context, self._client(context)))  # type: ignore[arg-type]  # coroutines

        return listener

    def _client(self, context: AsyncBoltContext) -> AsyncWebClient:
        """Not Bolt's own: that one adds the workspace's id to every call."""
        return self._access.wire.client(context.bot_token, patient=True)

    # --- typed ---------------------------------------------------------------------------------------------------

    async def _command(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await self._say(origin.of_command(body, context, client), body.get("text") or "")

    async def _written(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A mention, or a message in the direct messages. Apps talking to each other would never end."""
        event = body["event"]
        if event.get("bot_id") or event.get("hidden") or not event.get("user"):
            return
        await self._say(origin.of_event(body, context, client), asked(event.get("text") or "", context.bot_user_id))

    async def _message(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        event = body["event"]
        typed = event.get("subtype") in {None, "thread_broadcast", "file_share"}
        if event.get("channel_type") == "im" and typed and (event.get("text") or "").strip():
            await self._written(body, context, client)

    async def _ignored(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """An event that somebody ticked in the app's settings."""

    async def _say(self, where: Spot, line: str) -> None:
        caller = await self._people.caller(where)
        await self._show(where, await self._desk.say(line, caller))

    async def _run(self, where: Spot, command: str, options: dict[str, str]) -> Message | Form:
        answer = await self._desk.run(command, await self._people.caller(where), options)
        return await self._sight.seen(answer, where) if isinstance(answer, Message) else answer

    async def _show(self, where: Spot, answer: Message | Form, *, in_place: bool = False) -> None:
        if isinstance(answer, Message):
            answer = await self._sight.seen(answer, where)
        await replies.show(where, answer, replace=in_place and where.own)

    # --- pressed -------------------------------------------------------------------------------------------------

    async def _pressed(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        action = body["actions"][0]
        command, options = decode_action(action.get("action_id") or "", action.get("value"))
        if body.get("view") and command:
            await self._pressed_in_view(body, context, client, command, options)
            return
        where = origin.of_click(body, context, client)
        if not command:
            if not is_link(action.get("action_id")) and not body.get("view"):
                await self._show(where, wording.outdated_button())
            return
        await self._show(where, await self._run(where, command, options), in_place=goes_on(options))

    async def _pressed_in_view(
        self, body: Body, context: AsyncBoltContext, client: AsyncWebClient, command: str, options: dict[str, str]
    ) -> None:
        view = body["view"]
        memo = home.memo_of(view)
        where = origin.of_view(body, context, client, memo.channel)
        if view.get("type") == "home" and command in home.SECTIONS and "page" in options:
            await self._draw_home(where, memo.turned(command, options["page"]))
            return
        answer = await self._run(where, command, options)
        if view.get("type") == "home":
            await home.open_answer(where, answer, memo)
        else:
            await home.turn_answer(where, answer, view["id"], memo)

    async def _shortcut(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        where = origin.of_click(body, context, client)
        message = body.get("message") or {}
        found = linked_paper_ids([message.get(part) for part in ("text", "blocks", "attachments")])
        if len(found) == 1:
            await self._show(where, await self._run(where, "paper", {"paper": found[0]}))
        else:
            await self._show(where, wording.linked_in_a_message(found, "paper"))

    # --- App Home ------------------------------------------------------------------------------------------------

    async def _home(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        event = body["event"]
        if event.get("tab", "home") == "home":
            await self._draw_home(origin.of_event(body, context, client), home.Memo(event.get("channel") or ""))

    async def _draw_home(self, where: Spot, memo: home.Memo) -> None:
        caller = await self._people.caller(where)
        await home.publish(self._desk, where, caller, self._sight, memo)

    # --- forms ---------------------------------------------------------------------------------------------------

    async def _submitted(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        view: dict[str, Any] = body["view"]
        place, form = forms.place_of(view), forms.filled(view)
        where = origin.of_view(body, context, self._client(context), place.channel if place else "")
        if place is None or place.team != where.team:
            await ack()  # no form of this workspace's
            return
        where = replace(where, thread=place.thread, response_url=place.response_url)
        changes = read_form(form)
        if isinstance(changes, Form):
            await ack(response_action="errors", errors=forms.errors(changes))
            return
        try:
            async with asyncio.timeout(CHECKED_WITHIN):
                caller = await self._people.caller(where)
        except TimeoutError:
            await ack(response_action="errors", errors={form.fields[0].name: TRY_AGAIN})
            return
        await ack()
        self._errands.start("form", self._save(where, changes, caller))

    async def _save(self, where: Spot, changes: SubscriptionChanges, caller: Caller) -> None:
        await self._show(where, await self._desk.apply(changes, caller))


def asked(text: str, bot: str | None) -> str:
    """What is asked of Paperboy in a message: what follows its name, else what precedes it. Pure."""
    if not bot:
        return text
    before, mention, after = text.partition(f"<@{bot}")
    if not mention:
        return text
    said = after.partition(">")[2].lstrip(ADDRESSED)
    return said if said.strip() else before
