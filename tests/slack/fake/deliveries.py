"""Delivery of interactions and events to the app: by socket or signed HTTP, acks timed, events retried."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from tests.slack.fake import hooks, payloads
from tests.slack.fake.methods import Refused
from tests.slack.fake.replies import Ack, Reply
from tests.slack.fake.signed import Caller
from tests.slack.fake.sockets import NotAcked
from tests.slack.fake.world import Channel, Posted

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack
    from tests.slack.fake.team import Team

SEEN_BY_A_PERSON = {"timeout": "operation_timeout", "no_connection": "dispatch_failed"}


class Deliveries:
    """Carries; `slack.acks` keeps what came of it."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self.caller = Caller(slack.signing_secret)

    async def deliver(self, kind: str, name: str, payload: dict[str, Any], attempt: int = 0, reason: str = "") -> Ack:
        """Deliver once, and record the ack or the reason why there was none."""
        slack, started = self._slack, time.monotonic()
        ack = Ack(kind, name, 0.0, attempt=attempt)
        try:
            if self.caller.url:
                now = slack.clock.now()
                ack.payload = await self.caller.deliver(kind, payload, now, attempt, reason, slack.ack_within)
            else:
                ack.payload = await slack.sockets.deliver(kind, payload, attempt, reason)
        except NotAcked as failed:
            ack.failure = str(failed)
        ack.seconds = time.monotonic() - started
        slack.acks.append(ack)
        slack.pulse()
        return ack

    async def interact(self, kind: str, payload: dict[str, Any], reply: Reply) -> None:
        """Something a person waits for: never tried again; an ack with words in it is an answer."""
        name = str(payload.get("command") or payload.get("type"))
        ack = await self.deliver(kind, name, payload)
        reply.acked.append(ack)
        if ack.failure:
            reply.failure = SEEN_BY_A_PERSON.get(ack.failure, ack.failure)
        elif kind == "slash_commands" and ack.payload and reply.hook is not None:
            try:
                hooks.answer(self._slack, reply.hook, ack.payload, reply.token)
            except Refused as refused:
                reply.failure = f"{refused.code} {refused.more.get('errors', '')}".strip()

    async def event(
        self,
        team: Team,
        body: dict[str, Any],
        *,
        channel: Channel | None = None,
        reply: Reply | None = None,
        named: str = "",
        last: bool = False,
    ) -> None:
        """An event, tried up to three times more. `last`: told although the token is gone."""
        slack = self._slack
        refusal = self._heard(team, named or body["type"], channel, last=last)
        if refusal is not None:
            if reply is not None:
                reply.failure = refusal
            return
        shared = bool(channel and channel.shared)
        payload = payloads.event(slack, team, {"event_ts": slack.clock.ts(), **body}, shared=shared)
        reason = ""
        for attempt, pause in enumerate((0.0, *slack.retry_after)):
            if attempt:
                await asyncio.sleep(pause)
            ack = await self.deliver("events_api", body["type"], payload, attempt, reason)
            if reply is not None:
                reply.acked.append(ack)
                reply.failure = ack.failure
            if ack.failure is None:
                return
            reason = ack.failure

    def _heard(self, team: Team, event: str, channel: Channel | None, *, last: bool) -> str | None:
        """Why the app does not hear of this, if it does not."""
        token = team.token
        if token is None or (token.error and not last):
            return "not installed"
        if not self._slack.app.hears(event, token.scopes, private=bool(channel and channel.private)):
            return f"not subscribed to {event}, or its scope is missing"
        if channel is not None and team.bot not in channel.members:
            return "not_in_channel"
        return None

    def echo(self, post: Posted) -> None:
        """The app hears its own direct messages too."""
        if self.caller.url or self._slack.sockets.live:
            body = {**post.raw, "channel": post.channel.id, "channel_type": "im", "event_ts": post.ts}
            self._slack.background(self.event(post.channel.team, body, channel=post.channel, named="message.im"))

    async def odd(self, payload: dict[str, Any] | None, *, secret: str | None = None, age: float = 0.0) -> int:
        """The status of a request that must not be believed."""
        sent = payload or {"command": "/papers", "text": "help", "team_id": "T1", "user_id": "U1", "channel_id": "C1"}
        answer = await self.caller.request("slash_commands", sent, self._slack.clock.now() - age, secret=secret)
        return answer.status
