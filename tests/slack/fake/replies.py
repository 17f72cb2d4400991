"""Replies to a person's action: its ack and answers, response_url and trigger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.slack.fake.state import Channel, Posted, View

if TYPE_CHECKING:
    from tests.slack.fake.people import User
    from tests.slack.fake.server import FakeSlack


class Unanswered(AssertionError):  # noqa: N818 - reads as what happened
    """The action had no answer, or an error."""


@dataclass
class Ack:
    """The app's acknowledgement of one delivery."""

    kind: str
    """`slash_commands`, `events_api` or `interactive`."""
    name: str
    """The command, the event's type or the interaction's."""
    seconds: float
    payload: dict[str, Any] = field(default_factory=dict)
    attempt: int = 0
    """0, or the number of the retry."""
    failure: str | None = None
    """`timeout`, `no_connection`, `connection_failed`, `http_error 500`."""


@dataclass(eq=False)
class Trigger:
    """A trigger_id: its person, age and use."""

    user: User
    at: float
    used: bool = False


@dataclass(eq=False)
class Hook:
    """A response_url: its person, channel, age and uses."""

    user: User
    channel: Channel
    at: float
    origin: Posted | None = None
    """The message that was clicked."""
    uses: int = 0


@dataclass(eq=False)
class Reply:
    """The answers so far. `failure` is the error that Slack shows the person, `operation_timeout` for one."""

    slack: FakeSlack
    user: User
    channel: Channel | None = None
    hook: Hook | None = None
    token: str = ""
    """The last part of the response_url."""
    trigger: str = ""
    acked: list[Ack] = field(default_factory=list)
    answers: list[Posted | View] = field(default_factory=list)
    failure: str | None = None
    refusals: list[str] = field(default_factory=list)
    """Errors that the app's use of this response_url met."""
    awaited: int = 0
    """Answers that `more` has returned."""

    @property
    def ack(self) -> dict[str, Any]:
        """The payload of the ack."""
        return self.acked[-1].payload if self.acked else {}

    @property
    def seconds(self) -> float:
        """Seconds from the request to the ack."""
        return self.acked[-1].seconds if self.acked else float("inf")

    @property
    def errors(self) -> dict[str, str]:
        """The errors of a submission, by block id."""
        errors: dict[str, str] = self.ack.get("errors") or {}
        return errors

    @property
    def messages(self) -> list[Posted]:
        """The answers that are messages."""
        return [answer for answer in self.answers if isinstance(answer, Posted)]

    @property
    def message(self) -> Posted:
        """The latest answer that is a message."""
        assert self.messages, f"no message came back; answers: {self.answers}"
        return self.messages[-1]

    @property
    def view(self) -> View:
        """The latest modal or home tab."""
        views = [answer for answer in self.answers if isinstance(answer, View)]
        assert views, f"no view came back; answers: {self.answers}"
        return views[-1]

    @property
    def text(self) -> str:
        """The visible text of every answer."""
        return "\n".join(answer.shown for answer in self.answers)

    async def more(self, within: float = 60.0) -> Posted | View:
        """The next answer that was not waited for yet."""
        number = self.awaited
        try:
            await self.slack.until(lambda: len(self.answers) > number, within)
        except TimeoutError:
            raise Unanswered(f"no answer within {within} s (failure: {self.failure}, {self.refusals})") from None
        self.awaited = number + 1
        return self.answers[number]

    def is_answered_by(self, thing: Posted | View, via: str) -> bool:
        """Whether a message or a view is an answer to this action."""
        if via:
            return via == self.token
        if isinstance(thing, View):
            return thing.user is self.user
        if thing.raw.get("bot_id") is None:
            return False
        if thing.kind == "ephemeral" and thing.user != self.user.id:
            return False
        return thing.channel is self.channel or (self.user.has_dm and thing.channel is self.user.dm)
