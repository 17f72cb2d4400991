"""Delivery of interactions and events to the app: by socket or signed HTTP, acks timed, events retried."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from tests.slack.fake import hooks, payloads
from tests.slack.fake.methods import Refused
from tests.slack.fake.replies import Ack, Reply
from tests.slack.fake.signed import SignedRequests
from tests.slack.fake.sockets import NotAcked
from tests.slack.fake.state import Channel, Posted

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack
    from tests.slack.fake.team import Team

SHOWN_ERRORS = {"timeout": "operation_timeout", "no_connection": "dispatch_failed"}


class Deliveries:
    """Delivers; `slack.acks` has the result of each delivery."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self.signed_requests = SignedRequests(slack.signing_secret)

    async def deliver(self, kind: str, name: str, payload: dict[str, Any], attempt: int = 0, reason: str = "") -> Ack:
        """Deliver once, and record the ack or the reason why there was none."""
        slack, started = self._slack, time.monotonic()
        ack = Ack(kind, name, 0.0, attempt=attempt)
        try:
            if self.signed_requests.url:
                now = slack.clock.now()
                ack.payload = await self.signed_requests.deliver(kind, payload, now, attempt, reason, slack.ack_within)
            else:
                ack.payload = await slack.sockets.deliver(kind, payload, attempt, reason)
        except NotAcked as failed:
            ack.failure = str(failed)
        ack.seconds = time.monotonic() - started
        slack.acks.append(ack)
        slack.notify()
        return ack

    async def interact(self, kind: str, payload: dict[str, Any], reply: Reply) -> None:
        """Deliver an interaction, without retries; an ack with a text in it is an answer."""
        name = str(payload.get("command") or payload.get("type"))
        ack = await self.deliver(kind, name, payload)
        reply.acked.append(ack)
        if ack.failure:
            reply.failure = SHOWN_ERRORS.get(ack.failure, ack.failure)
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
        """Deliver an event, with up to three retries. `last`: although the token was revoked."""
        slack = self._slack
        refusal = self._undeliverable(team, named or body["type"], channel, last=last)
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

    def _undeliverable(self, team: Team, event: str, channel: Channel | None, *, last: bool) -> str | None:
        """The reason for not delivering an event; None if the app receives it."""
        token = team.token
        if token is None or (token.error and not last):
            return "not installed"
        if not self._slack.app.receives(event, token.scopes, private=bool(channel and channel.private)):
            return f"not subscribed to {event}, or its scope is missing"
        if channel is not None and team.bot not in channel.members:
            return "not_in_channel"
        return None

    def deliver_own_message(self, post: Posted) -> None:
        """Deliver a direct message of the app's own to it, as Slack does."""
        if self.signed_requests.url or self._slack.sockets.live:
            body = {**post.raw, "channel": post.channel.id, "channel_type": "im", "event_ts": post.ts}
            self._slack.background(self.event(post.channel.team, body, channel=post.channel, named="message.im"))

    async def send_unverified(
        self, payload: dict[str, Any] | None, *, secret: str | None = None, age: float = 0.0
    ) -> int:
        """The status of a request with another secret or an old timestamp."""
        sent = payload or {"command": "/papers", "text": "help", "team_id": "T1", "user_id": "U1", "channel_id": "C1"}
        answer = await self.signed_requests.request(
            "slash_commands", sent, self._slack.clock.now() - age, secret=secret
        )
        return answer.status
