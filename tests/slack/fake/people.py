"""People and their actions, which the app receives as requests and events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.slack.fake import files, forms, payloads
from tests.slack.fake.installing import install_as_a_browser
from tests.slack.fake.reading import escaped
from tests.slack.fake.replies import Reply, Unanswered
from tests.slack.fake.state import Channel, Posted, View, name
from tests.slack.fake.views import as_sent

if TYPE_CHECKING:
    from tests.slack.fake.team import Team

_URL = re.compile(r"https?://[^\s<>]+?(?=&[lg]t;|\s|$)")
WITHIN = 60.0


class User:
    """A person in a workspace. Their actions return when the app has acknowledged and, if `answered`, has answered."""

    def __init__(
        self, team: Team, user_id: str, user_name: str, *, tz: str, admin: bool, guest: bool, bot: bool
    ) -> None:
        self.team, self.id, self.name, self.tz = team, user_id, user_name, tz
        self.admin, self.guest, self.bot = admin, guest, bot
        self.deactivated = False
        self.view: View | None = None
        """The modal on top, if one is open."""
        self.home: View | None = None
        self._dm: Channel | None = None

    @property
    def has_dm(self) -> bool:
        """Whether direct messages with the app were ever opened."""
        return self._dm is not None

    @property
    def dm(self) -> Channel:
        """The direct messages with the app."""
        if self._dm is None:
            channel_id = f"D{self.id}"
            self._dm = Channel(channel_id, self.team, "", "im", {self.id, self.team.bot})
            self.team.channels[channel_id] = self._dm
        return self._dm

    def private(self, channel: Channel) -> list[Posted]:
        """The ephemeral messages of this person in a channel."""
        return [post for post in channel.posts if post.user == self.id and not post.deleted]

    async def command(
        self,
        command: str,
        text: str = "",
        channel: Channel | None = None,
        *,
        answered: bool = True,
        within: float = WITHIN,
        raw: bool = False,
    ) -> Reply:
        """Type a slash command (default: in the app's direct messages). `raw`: `text` is sent as it is, not escaped."""
        channel = channel or self.dm
        slack = self.team.slack
        slack.check_command(command)
        reply = slack.reply(self, channel)
        typed = command, text if raw else escaped(text)
        sent = payloads.command(slack, self, channel, typed, slack.hook_url(reply), reply.trigger)
        await slack.interact("slash_commands", sent, reply)
        return await _settled(reply, answered, within)

    async def click(
        self, on: Posted | View, what: str | tuple[str, str], *, answered: bool = True, within: float = WITHIN
    ) -> Reply:
        """Press a button: by label, action_id, or (action_id, value); or choose the entry of that label in a menu."""
        control, entry = forms.pressed(on, what)
        return await self._press(on, control, entry, answered=answered, within=within)

    async def choose(
        self, on: Posted | View, what: str, option: str, *, answered: bool = True, within: float = WITHIN
    ) -> Reply:
        """Choose from a menu: by action_id or label, and the option's label or value."""
        control, chosen = forms.option(on, what, option)
        return await self._press(on, control, chosen, answered=answered, within=within)

    async def _press(
        self,
        on: Posted | View,
        control: dict[str, Any],
        chosen: dict[str, Any] | None,
        *,
        answered: bool,
        within: float,
    ) -> Reply:
        slack = self.team.slack
        origin = on if isinstance(on, Posted) else None
        reply = slack.reply(self, origin.channel if origin else None, origin=origin)
        body = payloads.interaction(slack, "block_actions", self, reply.trigger)
        if isinstance(on, Posted):
            assert on.user in (None, self.id), f"{self.id} does not see this message"
            assert self.id in on.channel.members or on.kind == "ephemeral", f"{self.id} is not in {on.channel.id}"
            body |= {**payloads.on_message(on), "response_url": slack.hook_url(reply)}
        else:
            body |= payloads.on_view(slack, on, forms.initial(on))
        body["actions"] = [payloads.action(slack, control, chosen)]
        body["state"] = {"values": {}}
        await slack.interact("interactive", body, reply)
        return await _settled(reply, answered, within)

    async def submit(
        self, view: View, values: dict[str, Any] | None = None, *, answered: bool = False, within: float = WITHIN
    ) -> Reply:
        """Fill in and submit a modal; fields by block id, action_id or label. `reply.errors` has the ack's errors."""
        assert view.open, "this modal is closed"
        slack = self.team.slack
        reply = slack.reply(self, None)
        body = payloads.interaction(slack, "view_submission", self, reply.trigger)
        body |= payloads.on_view(slack, view, forms.filled(view, values or {}))
        body |= {"response_urls": []}
        await slack.interact("interactive", body, reply)
        if not reply.failure:
            forms.respond(slack, view, reply)
        return await _settled(reply, answered, within)

    async def closes(self, view: View) -> Reply:
        """Close a modal, which the app is told if the view says notify_on_close."""
        view.open = False
        self.view = view.below
        reply = self.team.slack.reply(self, None)
        if view.raw.get("notify_on_close"):
            body = payloads.interaction(self.team.slack, "view_closed", self, "")
            body |= {**payloads.on_view(self.team.slack, view), "is_cleared": False}
            await self.team.slack.interact("interactive", body, reply)
        return reply

    async def shortcut(
        self, message: Posted, callback_id: str, *, answered: bool = True, within: float = WITHIN
    ) -> Reply:
        """Use a message shortcut."""
        slack = self.team.slack
        slack.check_shortcut(callback_id)
        reply = slack.reply(self, message.channel)
        body = payloads.interaction(slack, "message_action", self, reply.trigger)
        body |= {"callback_id": callback_id, "message_ts": message.ts, "message": message.raw}
        body |= {"channel": payloads.on_message(message)["channel"], "response_url": slack.hook_url(reply)}
        await slack.interact("interactive", body, reply)
        return await _settled(reply, answered, within)

    async def reacts(self, message: Posted, emoji: str, *, answered: bool = False, within: float = WITHIN) -> Reply:
        """Add a reaction."""
        return await self._reaction("reaction_added", message, emoji, answered=answered, within=within)

    async def unreacts(self, message: Posted, emoji: str, *, answered: bool = False, within: float = WITHIN) -> Reply:
        """Take a reaction back."""
        return await self._reaction("reaction_removed", message, emoji, answered=answered, within=within)

    async def _reaction(self, kind: str, message: Posted, emoji: str, *, answered: bool, within: float) -> Reply:
        forms.react(message, self.id, emoji, added=kind == "reaction_added")
        item = {"type": "message", "channel": message.channel.id, "ts": message.ts}
        body = {"type": kind, "user": self.id, "reaction": emoji, "item": item, "item_user": message.raw["user"]}
        reply = self.team.slack.reply(self, message.channel)
        await self.team.slack.event(self.team, body, channel=message.channel, reply=reply)
        return await _settled(reply, answered, within)

    async def mentions(
        self,
        channel: Channel,
        thread_ts: str | None,
        text: str,
        *,
        answered: bool = True,
        within: float = WITHIN,
        raw: bool = False,
    ) -> Reply:
        """Write `@Paperboy text` in a channel, or in a thread of it."""
        post = self.says(channel, f"<@{self.team.bot}> " + (text if raw else _typed(text)), thread_ts)
        reply = self.team.slack.reply(self, channel)
        body = {**post.raw, "type": "app_mention", "channel": channel.id}
        await self.team.slack.event(self.team, body, channel=channel, reply=reply)
        return await _settled(reply, answered, within)

    async def writes(
        self,
        text: str,
        *,
        thread_ts: str | None = None,
        answered: bool = True,
        within: float = WITHIN,
        raw: bool = False,
        file: bytes | None = None,
    ) -> Reply:
        """Write to the app in its direct messages, with a file if there is one."""
        post = self.says(self.dm, text if raw else _typed(text), thread_ts)
        if file is not None:
            post.raw |= {"subtype": "file_share", "files": [files.attach(self.team.slack, file)]}
        reply = self.team.slack.reply(self, self.dm)
        body = {**post.raw, "channel": self.dm.id, "channel_type": "im"}
        await self.team.slack.event(self.team, body, channel=self.dm, reply=reply, named="message.im")
        return await _settled(reply, answered, within)

    def says(self, channel: Channel, text: str, thread_ts: str | None = None) -> Posted:
        """Post a message, in Slack's markup, of which the app gets no event."""
        raw = {"type": "message", "user": self.id, "text": text, "team": self.team.id, "client_msg_id": name("m")}
        post = self.team.slack.add_message(channel, raw, {}, thread=thread_ts)
        post.raw["event_ts"] = post.ts
        return post

    async def posts_link(
        self, channel: Channel, text: str, *urls: str, answered: bool = True, composing: bool = False
    ) -> Posted:
        """Post a message with links, of which the app is told; `composing`: it is still being written."""
        post = self.says(channel, text)
        links = [{"url": url, "domain": url.split("/")[2]} for url in urls]
        body: dict[str, Any] = {"type": "link_shared", "user": self.id, "channel": channel.id, "links": links}
        body |= {"message_ts": post.ts, "source": "composer" if composing else "conversations_history"}
        reply = self.team.slack.reply(self, channel)
        await self.team.slack.event(self.team, body, channel=channel, reply=reply)
        if answered:
            await self.team.slack.until(lambda: bool(post.unfurls))
        return post

    async def opens_card(self, post: Posted, url: str) -> dict[str, Any]:
        """Open the Work Object under a message; the details that the app presents, or its error."""
        slack, entity = self.team.slack, post.objects[url]
        reply = slack.reply(self, post.channel)
        body = {
            "type": "entity_details_requested",
            "user": self.id,
            "trigger_id": reply.trigger,
            "user_locale": "en-US",
        }
        body |= {"external_ref": entity["external_ref"], "entity_url": entity["url"], "app_unfurl_url": url}
        body |= {"link": {"url": url, "domain": url.split("/")[2]}, "channel": post.channel.id, "message_ts": post.ts}
        slack.details.pop(self.id, None)
        await slack.event(self.team, body, channel=post.channel, reply=reply)
        await slack.until(lambda: self.id in slack.details)
        return slack.details[self.id]

    async def opens_messages(self, beside: Channel | None = None) -> list[tuple[str, str]]:
        """Open the app's messages, perhaps beside a channel; the lines that the app suggests there."""
        body: dict[str, Any] = {"type": "app_home_opened", "user": self.id, "channel": self.dm.id, "tab": "messages"}
        if beside is not None:
            body["context"] = {"entities": [{"type": "slack#/types/channel_id", "value": beside.id}]}
        self.dm.prompts = []
        await self.team.slack.event(self.team, body, reply=self.team.slack.reply(self, None))
        await self.team.slack.until(lambda: bool(self.dm.prompts))
        return self.dm.prompts

    async def opens_home(self, *, tab: str = "home", answered: bool = True, within: float = WITHIN) -> Reply:
        """Open the app's home tab."""
        body: dict[str, Any] = {"type": "app_home_opened", "user": self.id, "channel": self.dm.id, "tab": tab}
        if self.home is not None:
            body["view"] = as_sent(self.team.slack, self.home)
        reply = self.team.slack.reply(self, None)
        await self.team.slack.event(self.team, body, reply=reply)
        return await _settled(reply, answered, within)

    async def invites(
        self, channel: Channel, *, named: bool = True, answered: bool = False, within: float = WITHIN
    ) -> Reply:
        """Add the app to a channel. `named`: the event names the inviter."""
        channel.members.add(self.team.bot)
        reply = self.team.slack.reply(self, channel)
        body = {
            "type": "member_joined_channel",
            "user": self.team.bot,
            "channel": channel.id,
            "channel_type": "G" if channel.private else "C",
            "team": self.team.id,
        }
        if named:
            body["inviter"] = self.id
        await self.team.slack.event(self.team, body, channel=channel, reply=reply)
        return await _settled(reply, answered, within)

    async def removes(self, channel: Channel) -> None:
        """Remove the app from a channel."""
        slack, bot = self.team.slack, self.team.bot
        channel.members.discard(bot)
        kind = "group_left" if channel.private else "channel_left"
        await slack.event(self.team, {"type": kind, "channel": channel.id, "actor_id": self.id})
        event = {"type": "member_left_channel", "user": bot, "channel": channel.id, "team": self.team.id}
        await slack.event(self.team, {**event, "channel_type": "G" if channel.private else "C"})

    async def leaves(self, channel: Channel) -> None:
        """Leave a channel."""
        channel.members.discard(self.id)
        await self._membership_event(channel, "member_left_channel")

    async def joins(self, channel: Channel) -> None:
        """Join a channel."""
        channel.members.add(self.id)
        await self._membership_event(channel, "member_joined_channel")

    async def _membership_event(self, channel: Channel, kind: str) -> None:
        event = {"type": kind, "user": self.id, "channel": channel.id, "team": self.team.id}
        await self.team.slack.event(self.team, {**event, "channel_type": "G" if channel.private else "C"})

    async def archives(self, channel: Channel) -> None:
        """Archive a channel."""
        channel.archived = True
        await self._channel_event(channel, "archive")

    async def unarchives(self, channel: Channel) -> None:
        """Unarchive a channel."""
        channel.archived = False
        await self._channel_event(channel, "unarchive")

    async def deletes_channel(self, channel: Channel) -> None:
        """Delete a channel for good."""
        await self._channel_event(channel, "deleted")
        for team in self.team.slack.teams.values():
            team.channels.pop(channel.id, None)

    async def _channel_event(self, channel: Channel, what: str) -> None:
        kind = f"{'group' if channel.private else 'channel'}_{what}"
        await self.team.slack.event(self.team, {"type": kind, "channel": channel.id, "user": self.id}, channel=channel)

    async def installs(self, install_url: str) -> tuple[int, str]:
        """Install the app with a browser: its install page, Slack's consent, back to the app. Last status and page."""
        return await install_as_a_browser(self, install_url)

    def __repr__(self) -> str:
        return f"User({self.id})"


def _typed(text: str) -> str:
    """A typed message as Slack stores it: escaped, addresses in angle brackets."""
    return _URL.sub(lambda match: f"<{match[0]}>", escaped(text))


async def _settled(reply: Reply, answered: bool, within: float) -> Reply:
    """The reply, with an answer if `answered`."""
    if not answered:
        return reply
    if reply.failure:
        raise Unanswered(f"Slack shows: {reply.failure}")
    await reply.more(within)
    return reply
