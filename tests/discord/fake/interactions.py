"""Actions of people on Discord: commands, buttons, modals, reactions; and the bot's reply to each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.discord.fake import checks
from tests.discord.fake.world import ALL, MANAGE_CHANNELS, PUBLIC_THREAD, Channel, Json, Posted

if TYPE_CHECKING:
    from tests.discord.fake.server import FakeDiscord

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
TOKEN_LIFETIME, ACKNOWLEDGED_WITHIN = 15 * 60.0, 30.0
FOLLOW_UPS = 5
"""https://discord.com/developers/docs/interactions/receiving-and-responding#create-followup-message"""
IN_OTHERS_DMS = 1 << 14 | 1 << 15 | 1 << 17
"""Attach Files, Embed Links, Mention Everyone: the application's permissions in direct messages of others."""
IN_SERVER, BOT_DMS, OTHERS_DMS = 0, 1, 2
"""https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-context-types"""
MESSAGE_CONTENT = 1 << 15
"""https://discord.com/developers/docs/events/gateway#message-content-intent"""


@dataclass
class Reply:
    """The bot's reply to an interaction."""

    user: str
    channel: Channel
    started_at: float
    pressed: Posted | None = None
    ack: Json | None = None
    seconds: float | None = None
    """Until it was acknowledged."""
    is_personal: bool = False
    """Whether the application is installed by the person alone, not in the place."""
    message: Posted | None = None
    """The promised answer, or the pressed message as it was changed."""
    follow_ups: list[Posted] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        """Text of the answer."""
        return self.message.text if self.message else ""

    @property
    def modal(self) -> Json:
        """The modal that opened."""
        assert self.ack is not None
        assert self.ack["type"] == 9, self.ack
        data: Json = self.ack["data"]
        return data

    @property
    def choices(self) -> list[str]:
        """Completions offered while typing."""
        assert self.ack is not None
        return [each["value"] for each in self.ack["data"]["choices"]]


class Interactions:
    """All interactions, by token."""

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord
        self._open: dict[str, Reply] = {}
        self.acks: list[float] = []
        """Seconds that each acknowledgement took."""
        self.attachment_size_limit = 10 << 20
        """Bytes."""
        self.late_acks = 0
        """Number of acknowledgements after more than three seconds."""

    # --- people ---------------------------------------------------------------------------------------------------

    async def command(
        self,
        user: str,
        channel: Channel,
        words: str,
        *,
        manager: bool = True,
        permissions: int = ALL,
        **options: object,
    ) -> Reply:
        """Run `/papers words options` and return the answer; `permissions` are the person's bits in the channel."""
        if problem := checks.chosen(self._discord.menu, words, options):
            raise AssertionError(problem)
        files = {f"7{n}": value for n, value in enumerate(options.values()) if isinstance(value, bytes)}
        self._discord.attached |= files
        ids = {content: file_id for file_id, content in files.items()}
        node: Json = {"options": [{"name": name, "type": checks.option_type(value), "value": ids.get(value, value)}
                                  for name, value in options.items()]}  # fmt: skip
        parts = words.split()
        for depth, word in enumerate(reversed(parts)):
            node = {"options": [{**node, "name": word, "type": 2 if depth else 1}]}
        data = {"id": "1", "name": checks.root_of(self._discord.menu, words), "type": 1, **node}
        if files:
            described = {
                file_id: {"id": file_id, "filename": "refs.bib", "size": len(content),
                          "url": f"{self._discord.api_url.removesuffix('/api')}/attachments/{file_id}"}
                for file_id, content in files.items()
            }  # fmt: skip
            data["resolved"] = {"attachments": described}
        return await self._interact(user, channel, COMMAND, data, manager=manager, permissions=permissions)

    async def autocomplete(self, user: str, channel: Channel, words: str, option: str, prefix: str) -> list[str]:
        """Type into an option and return the completions."""
        node: Json = {"options": [{"name": option, "type": 3, "value": prefix, "focused": True}]}
        for depth, word in enumerate(reversed(words.split())):
            node = {"options": [{**node, "name": word, "type": 2 if depth else 1}]}
        data = {"id": "1", "name": checks.root_of(self._discord.menu, words), "type": 1, **node}
        reply = await self._interact(user, channel, AUTOCOMPLETE, data)
        return reply.choices

    async def use_message_command(
        self, user: str, channel: Channel, message: Json, name: str = "Related papers"
    ) -> Reply:
        """Choose an app's entry in the context menu of a message."""
        message_id = self._discord.ids.next()
        messages = {message_id: {"id": message_id, "content": "", "embeds": [], "components": [], **message}}
        data = {"id": "2", "name": name, "type": 3, "target_id": message_id, "resolved": {"messages": messages}}
        return await self._interact(user, channel, COMMAND, data)

    async def click(
        self, user: str, message: Posted, label: str, *, manager: bool = True, permissions: int = ALL
    ) -> Reply:
        """Press the button with this label; `permissions` are the person's bits in the channel."""
        labelled = [each for each in message.buttons if each["label"] == label]
        assert labelled, f"no button {label} among {[each['label'] for each in message.buttons]}"
        data = {"custom_id": labelled[0]["custom_id"], "component_type": 2}
        return await self._interact(
            user, message.channel, COMPONENT, data, pressed=message, manager=manager, permissions=permissions
        )

    async def submit(self, user: str, message: Posted, modal: Json, values: dict[str, str]) -> Reply:
        """Submit a modal with some inputs changed; several choices are joined by commas."""
        rows = []
        for row in modal["components"]:
            part = row["component"]
            name = part["custom_id"]
            chosen = [each["value"] for each in part.get("options") or () if each.get("default")]
            chosen = values[name].split(",") if name in values else chosen
            state: Json = {"values": chosen}
            if part["type"] == 21:
                state = {"value": next(iter(chosen), None)}
            elif part["type"] == 4:
                state = {"value": values.get(name, part.get("value", ""))}
            rows.append({"type": 18, "component": {"type": part["type"], "custom_id": name, **state}})
        data = {"custom_id": modal["custom_id"], "components": rows}
        return await self._interact(user, message.channel, MODAL, data, pressed=message)

    async def write(self, user: str, channel: Channel, text: str, *, reply_to: Posted | None = None) -> Posted:
        """Write a message. Without the privileged intent, the bot is sent the text of those that mention it alone."""
        discord, bot = self._discord, self._discord.bot
        discord.person(user)
        replies_to_bot = reply_to is not None and reply_to.author == bot["id"]
        mentioned = f"<@{bot['id']}>" in text or replies_to_bot
        raw: Json = {"content": text, "mentions": [bot] if mentioned else [], "type": 19 if reply_to else 0}
        post = discord.add_message(channel, raw, user)
        body = {**post.as_json(discord.people), **raw, "channel_id": channel.id}
        if channel.guild is not None:
            body |= {
                "guild_id": channel.guild.id,
                "content": text if mentioned or discord.gateway.intents & MESSAGE_CONTENT else "",
            }
            member = channel.guild.member(discord.person(user))
            body["member"] = {name: value for name, value in member.items() if name != "user"}
        await discord.gateway.dispatch("MESSAGE_CREATE", body)
        return post

    async def react(self, user: str, message: Posted, emoji: str, *, added: bool = True) -> None:
        """Add a reaction, or take it back."""
        users = message.reactions.setdefault(emoji, set())
        users.add(user) if added else users.discard(user)
        body = {"user_id": user, "channel_id": message.channel.id, "message_id": message.id, "type": 0, "burst": False,
                "message_author_id": message.author, "emoji": {"id": None, "name": emoji}}  # fmt: skip
        if not added:
            del body["message_author_id"]
        if message.channel.guild is not None:
            guild = message.channel.guild
            body["guild_id"] = guild.id
            if added:  # Discord names no member with the others
                body["member"] = guild.member(self._discord.person(user))
        await self._discord.gateway.dispatch(f"MESSAGE_REACTION_{'ADD' if added else 'REMOVE'}", body)

    # --- the bot --------------------------------------------------------------------------------------------------

    def acknowledged(self, token: str, body: Json) -> None:
        """Record the bot's acknowledgement."""
        from tests.discord.fake.rest import Refused  # noqa: PLC0415 - rest imports this module

        reply = self._open.get(token)
        seconds = self._discord.ids.now() - reply.started_at if reply else 0.0
        if reply is None or seconds > ACKNOWLEDGED_WITHIN:
            self.late_acks += 1
            raise Refused(404, 10_062, "Unknown interaction")
        if reply.ack is not None:
            raise Refused(400, 40_060, "Interaction has already been acknowledged.")
        reply.ack, reply.seconds = body, seconds
        self.acks.append(seconds)
        if body["type"] in {8, 9}:
            reply.done.set()

    def answered(self, token: str, body: Json) -> Posted:
        """Keep the bot's answer: a new message, or a change of the message whose button was pressed."""
        reply = self._acknowledged(token)
        if reply.ack["type"] == 6 and reply.pressed is not None:
            before = reply.pressed.raw
            flags = body.get("flags", 0) | (before.get("flags", 0) & 64)  # who sees it cannot be changed
            reply.pressed.raw = {**before, **body, "flags": flags}
            reply.message = reply.pressed
        else:
            private = bool((reply.ack.get("data") or {}).get("flags", 0) & 64)
            raw = {**body, "flags": body.get("flags", 0) | (64 if private else 0)}
            author = self._discord.bot["id"]
            reply.message = self._discord.add_message(
                reply.channel, raw, author, visible_to=reply.user if private else None
            )
        reply.done.set()
        return reply.message

    def followed_up(self, token: str, body: Json) -> Posted:
        """Keep a further message; the first after a promised one takes its place."""
        from tests.discord.fake.rest import Refused  # noqa: PLC0415 - rest imports this module

        reply = self._acknowledged(token)
        if reply.ack["type"] == 5 and reply.message is None:
            return self.answered(token, body)
        if reply.is_personal and len(reply.follow_ups) >= FOLLOW_UPS:
            raise Refused(400, 40_094, "This interaction has hit the maximum number of follow up messages")
        private = bool(body.get("flags", 0) & 64)
        author = self._discord.bot["id"]
        post = self._discord.add_message(reply.channel, body, author, visible_to=reply.user if private else None)
        reply.follow_ups.append(post)
        reply.done.set()
        return post

    def _acknowledged(self, token: str) -> Any:
        from tests.discord.fake.rest import Refused  # noqa: PLC0415 - rest imports this module

        reply = self._open.get(token)
        if reply is None or self._discord.ids.now() - reply.started_at > TOKEN_LIFETIME:
            raise Refused(401, 50_027, "Invalid Webhook Token")
        if reply.ack is None:
            raise Refused(404, 10_015, "Unknown Webhook")
        return reply

    async def _interact(
        self,
        user: str,
        channel: Channel,
        kind: int,
        data: Json,
        *,
        pressed: Posted | None = None,
        **rights: Any,
    ) -> Reply:
        reply = Reply(user, channel, self._discord.ids.now(), pressed)
        body = self.body(user, channel, kind, data, pressed=pressed, **rights)
        owners = body["authorizing_integration_owners"]
        reply.is_personal = "0" not in owners
        if kind in {COMMAND, AUTOCOMPLETE} and (problem := checks.usable(self._discord.menu, body)):
            raise AssertionError(problem)
        self._open[body["token"]] = reply
        await self._discord.gateway.dispatch("INTERACTION_CREATE", body)
        async with asyncio.timeout(60):
            await reply.done.wait()
        return reply

    def _installs(self, user: str, channel: Channel) -> Json:
        """Through which installations the application is there, and in what kind of place."""
        owners = {"1": user} if user in self._discord.installed_by else {}
        if channel.guild is not None:
            if channel.guild.has_bot:
                owners["0"] = channel.guild.id
            return {"authorizing_integration_owners": owners, "context": IN_SERVER}
        if channel.recipient_id is None:
            return {"authorizing_integration_owners": owners, "context": OTHERS_DMS}
        return {"authorizing_integration_owners": {**owners, "0": "0"}, "context": BOT_DMS}

    def body(
        self,
        user: str,
        channel: Channel,
        kind: int,
        data: Json,
        *,
        pressed: Posted | None = None,
        manager: bool = True,
        permissions: int = ALL,
    ) -> Json:
        """The interaction as Discord sends it."""
        discord = self._discord
        token = f"token-{discord.ids.next()}"
        body: Json = {
            "id": discord.ids.next(), "application_id": discord.bot["id"], "type": kind, "token": token, "version": 1,
            "data": data, "channel_id": channel.id, "locale": "en-US", "entitlements": [],
            "app_permissions": str((channel.parent or channel).bot_permissions),
            **self._installs(user, channel), "attachment_size_limit": self.attachment_size_limit,
            "channel": {**channel.as_json(), "permissions": str(ALL)},
        }  # fmt: skip
        if channel.guild is not None:
            permissions |= MANAGE_CHANNELS if manager else 0
            body |= {"guild_id": channel.guild.id, "guild": {"id": channel.guild.id, "locale": "en-US", "features": []}}
            body["member"] = {**channel.guild.member(discord.person(user)), "permissions": str(permissions)}
        else:
            body["user"] = discord.person(user)
        if body["context"] == OTHERS_DMS:
            body["app_permissions"] = str(IN_OTHERS_DMS)
        if channel.kind == PUBLIC_THREAD:
            body["channel"]["parent_id"] = channel.parent.id if channel.parent else None
        if pressed is not None:
            body["message"] = pressed.as_json(discord.people)
        return body
