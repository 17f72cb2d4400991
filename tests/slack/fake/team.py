"""A workspace: its channels, its people, and the app's token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tests.slack.fake.people import User
from tests.slack.fake.state import Channel, Token

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack


class Team:
    """One workspace. `bot` is the bot's user id, `bot_token` its token."""

    def __init__(self, slack: FakeSlack, team_id: str) -> None:
        self.id = team_id
        self.name = f"Team {team_id}"
        self.domain = f"team-{team_id.lower()}"
        self.bot = f"UB{team_id}"
        self.bot_id = f"B{team_id}"
        self.channels: dict[str, Channel] = {}
        self.people: dict[str, User] = {}
        self.groups: dict[str, tuple[str, set[str]]] | None = {}
        """Handle and people of each user group, by its id; None on a plan without them."""
        self.slack = slack
        self.token: Token | None = None
        self._installs = 0
        self.user(self.bot, bot=True, named="paperboy")

    @property
    def bot_token(self) -> str:
        """The last token, valid or revoked."""
        assert self.token is not None, f"the app is not installed in {self.id}"
        return self.token.value

    def install(self, scopes: Iterable[str]) -> Token:
        """Give the app a token, or more scopes to the one that it has."""
        if self.token is None or self.token.error:
            self._installs += 1
            number = "" if self._installs == 1 else f"-{self._installs}"
            self.token = Token(f"xoxb-{self.id}{number}", self, frozenset(scopes))
            self.slack.tokens[self.token.value] = self.token
        else:
            self.token.scopes |= frozenset(scopes)
        return self.token

    def user(
        self,
        user_id: str,
        *,
        tz: str = "UTC",
        admin: bool = False,
        guest: bool = False,
        named: str = "",
        bot: bool = False,
    ) -> User:
        """A person, created on first use."""
        if user_id not in self.people:
            self.people[user_id] = User(
                self, user_id, named or user_id.lower(), tz=tz, admin=admin, guest=guest, bot=bot
            )
        return self.people[user_id]

    def channel(
        self,
        channel_id: str,
        members: Iterable[User | str] = (),
        *,
        private: bool = False,
        bot: bool = True,
        named: str = "",
    ) -> Channel:
        """A channel, made on first use; `bot` says whether the app is in it."""
        if channel_id not in self.channels:
            kind = "group" if private else "channel"
            self.channels[channel_id] = Channel(channel_id, self, named or channel_id.lower(), kind)  # type: ignore[arg-type]
        channel = self.channels[channel_id]
        channel.members |= {member if isinstance(member, str) else member.id for member in members}
        if bot:
            channel.members.add(self.bot)
        return channel

    def shares(self, channel: Channel, *, bot: bool = True) -> Channel:
        """Share a channel of another workspace with this one (Slack Connect)."""
        self.channels[channel.id] = channel
        channel.shared = True
        if bot:
            channel.members.add(self.bot)
        return channel

    async def uninstalls(self) -> None:
        """Remove the app: its token is revoked, it leaves every channel, and it gets the events."""
        assert self.token is not None
        self.token.error = "account_inactive"
        for channel in self.channels.values():
            channel.members.discard(self.bot)
        await self.slack.event(self, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot]}}, last=True)
        await self.slack.event(self, {"type": "app_uninstalled"}, last=True)

    async def revokes_tokens(self) -> None:
        """Revoke the bot's token, and send the event."""
        assert self.token is not None
        self.token.error = "token_revoked"
        await self.slack.event(self, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot]}}, last=True)

    def __repr__(self) -> str:
        return f"Team({self.id})"
