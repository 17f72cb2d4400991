"""App Home: drawing the tab for one person, and its buttons, which are answered by modals over it."""

from __future__ import annotations

import logging
from dataclasses import replace

from adapters.slack import forms, home_view, replies
from adapters.slack.client import error_summary
from adapters.slack.failures import TRANSPORT
from adapters.slack.files import without_file
from adapters.slack.home_view import SECTIONS, ViewState
from adapters.slack.markup import Json
from adapters.slack.origin import Origin
from adapters.slack.people import SlackUsers
from adapters.slack.repeats import repeated
from adapters.slack.visibility import Visibility
from bot.commands import COMMANDS
from bot.model import Caller, Form, Message
from bot.ports import Desk
from bot.wording.parts import say
from bot.wording.typed import as_typed

log = logging.getLogger("paperboy.slack")

HIDDEN = say("You cannot see this channel any more. Ask one of its members.")


class AppHome:
    """The tab of everybody."""

    def __init__(self, desk: Desk, users: SlackUsers, visibility: Visibility) -> None:
        self._desk = desk
        self._users = users
        self._visibility = visibility

    async def draw(self, origin: Origin, state: ViewState) -> None:
        """Draw the tab for the person; the origin's channel is their direct messages."""
        caller = await self._users.caller(origin)
        sections = [home_view.message_blocks(as_typed(home_view.INTRODUCTION, origin.command_word))]
        if state.channel:
            topics = await self._desk.run("topics list", caller, {})
            if isinstance(topics, Message):
                sections.append(home_view.message_blocks(home_view.own_digest(topics)))
        commands = [each for each in SECTIONS if caller.may_manage or COMMANDS[each].permission != "managers"]
        sections += [await self._section(command, origin, caller, state) for command in commands]
        try:
            view = home_view.home_view(sections, state)
            await repeated(lambda: origin.client.views_publish(user_id=origin.user, view=view), harmless=True)
        except TRANSPORT as error:
            log.warning("could not draw App Home user=%s reason=%r", origin.person, error_summary(error))

    async def _section(self, command: str, origin: Origin, caller: Caller, state: ViewState) -> list[Json]:
        page = state.pages.get(command)
        answer = await self._desk.run(command, caller, {"page": page} if page else {})
        if not isinstance(answer, Message):
            return []
        visible = await self._visibility.visible_part(answer, origin)
        if command != "subscriptions":
            return home_view.message_blocks(visible)
        return home_view.channel_rows(visible, await self._visibility.visible_channels(answer, origin))

    async def press(self, origin: Origin, view: Json, command: str, options: dict[str, str]) -> None:
        """Answer a button in the tab, in a modal over it, or in a form, which another one replaces."""
        if (form := forms.form_context(view)) is not None:
            await self._open_instead(forms.in_context(origin, form), view["id"], command, options)
            return
        state, in_tab = home_view.view_state(view), view.get("type") == "home"
        if in_tab and command in SECTIONS and "page" in options:
            await self.draw(origin, replace(state, pages={**state.pages, command: options["page"]}))
            return
        if in_tab and "start" in options and command in COMMANDS and COMMANDS[command].writes:
            await self._answer(origin, command, options)  # the list that it answers with is in the tab
            await self.draw(origin, state)
            return
        answer, there = await self._answer(replace(origin, home=state.channel), command, options)
        await show_answer(there, answer, state, None if in_tab else view["id"])
        if isinstance(answer, Message) and command in COMMANDS and COMMANDS[command].writes:
            await self.draw(origin, state)

    async def _open_instead(self, origin: Origin, view_id: str, command: str, options: dict[str, str]) -> None:
        answer = await self._desk.run(command, await self._users.caller(origin, COMMANDS.get(command)), options)
        if isinstance(answer, Message):
            await replies.send_answer(origin, answer)
            return
        try:
            await origin.client.views_update(view_id=view_id, view=forms.modal(answer, origin))
        except TRANSPORT as error:  # closed meanwhile
            log.info("no form in place of another one user=%s reason=%r", origin.person, error_summary(error))

    async def _answer(self, origin: Origin, command: str, options: dict[str, str]) -> tuple[Message | Form, Origin]:
        """The answer, and the origin with the channel that it is about."""
        channel = options.pop(home_view.CHANNEL, "")
        if channel:
            if not await self._visibility.sees(channel, origin):
                return HIDDEN, origin
            origin = replace(origin, channel=channel)
        answer = await self._desk.run(command, await self._users.caller(origin, COMMANDS.get(command)), options)
        return (await self._visibility.visible_part(answer, origin) if isinstance(answer, Message) else answer), origin


async def show_answer(origin: Origin, answer: Message | Form, state: ViewState, modal_id: str | None = None) -> None:
    """Show an answer in a modal over the tab, or in place of the modal whose button was pressed; a form opens over it.

    If a trigger has expired by then, the answer is a direct message.
    """
    client, trigger = origin.client, origin.trigger
    if isinstance(answer, Message):
        answer = await without_file(origin, answer)
    if trigger is None or (modal_id is None and isinstance(answer, Form)):
        await replies.send_answer(origin, answer)
        return
    try:
        if isinstance(answer, Form):
            await client.views_push(trigger_id=trigger, view=forms.modal(answer, origin))
        elif modal_id is None:
            await client.views_open(trigger_id=trigger, view=home_view.answer_modal(answer, state))
        else:
            view = home_view.answer_modal(answer, state)
            await repeated(lambda: client.views_update(view_id=modal_id, view=view), harmless=True)
    except TRANSPORT as error:
        log.info("answered in the direct messages instead user=%s reason=%r", origin.person, error_summary(error))
        await replies.send_answer(origin, answer)
    else:
        if isinstance(answer, Message):
            await replies.announce(origin, answer)
