"""The fake Slack: servers, settings, and what tests observe."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, Self

from tests.slack.fake import apps, files, subscriptions
from tests.slack.fake.api_server import ApiServer
from tests.slack.fake.deliveries import Deliveries
from tests.slack.fake.faults import Fault, Plan
from tests.slack.fake.methods import Call, Pace
from tests.slack.fake.replies import Ack, Hook, Reply, Trigger
from tests.slack.fake.sockets import Sockets
from tests.slack.fake.state import Channel, Clock, Posted, Token, View, name
from tests.slack.fake.team import Team


class FakeSlack:
    """A fake Slack. `async with FakeSlack() as slack`, or `await start()` and `await stop()`.

    manifest      the app's manifest: scopes, events, commands and shortcuts are taken from it, others are refused
    latency       seconds before a Web API call is carried out
    per_channel   seconds between two posts to a channel, else 429 (real Slack: 1.0); 0 is no limit
    internal      False: history and replies once a minute, 15 objects (apps sold outside the Marketplace)
    unthreads     True: a reply under a deleted message becomes a root message, silently, as real Slack was seen to do
                  (slack-go#1571); False: thread_not_found
    ack_within    seconds an ack may take (real: 3; the machine of a test may be busy)
    retry_after   seconds before each retry of an event (real: 0, 60, 300)
    """

    def __init__(
        self,
        *,
        manifest: dict[str, Any] | None = None,
        scopes: Iterable[str] = subscriptions.SCOPES,
        events: Iterable[str] = subscriptions.EVENTS,
        latency: float = 0.0,
        port: int = 0,
        per_channel: float = 0.0,
        internal: bool = True,
        unthreads: bool = False,
        ack_within: float = 30.0,
        retry_after: tuple[float, ...] = (0.0, 0.05, 0.1),
        ping_every: float = 10.0,
    ) -> None:
        self.app = subscriptions.of(manifest) if manifest else subscriptions.App(frozenset(scopes), frozenset(events))
        self.latency, self.per_channel, self.internal, self.unthreads = latency, per_channel, internal, unthreads
        self.ack_within, self.retry_after, self.ping_every = ack_within, retry_after, ping_every
        self.app_id, self.client_id, self.client_secret = "A1FAKE", "1.2", "client-secret"
        self.signing_secret = "signing-secret"
        self.app_token = f"xapp-1-{self.app_id}-fake"
        self.clock = Clock()
        self.teams: dict[str, Team] = {}
        self.tokens = {self.app_token: Token(self.app_token, None, frozenset({"connections:write"}))}
        self.codes: dict[str, apps.Code] = {}
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self.posts: list[Posted] = []
        self.acks: list[Ack] = []
        self.uploads: dict[str, files.Upload] = {}
        self.attached: dict[str, files.Upload] = {}
        """Files that people attached, by id."""
        """Files by id."""
        self.restricted_replies: dict[str, str] = {}
        """Channel ids where replies in threads are refused, and the code."""
        self.details: dict[str, dict[str, Any]] = {}
        """What the app presented last of a Work Object, or its error, by person."""
        self.work_objects, self.new_blocks = True, True
        """False: refused, as in a workspace that does not have them."""
        self.restricted: dict[str, str] = {}
        """Channel ids where posting is refused, and the code: `restricted_action`, `ekm_access_denied`."""
        self.redirects_hooks_to = ""
        """An address that every response_url redirects to."""
        self.pace, self.plan, self.sockets = Pace(), Plan(), Sockets(self)
        self.closing = asyncio.Event()
        self.is_offline = False
        self.all_calls: list[Call] = []
        self._replies: weakref.WeakSet[Reply] = weakref.WeakSet()
        self._changed = asyncio.Event()
        self._api_server = ApiServer(self, port)
        self._deliveries: Deliveries | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    # -- start and stop ---------------------------------------------------------------------------------------------

    async def start(self) -> Self:
        """Start the servers on loopback."""
        await self._api_server.open()
        self._deliveries = Deliveries(self)
        return self

    async def stop(self) -> None:
        """Stop the servers and every task."""
        self.closing.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.sockets.cut()
        assert self._deliveries is not None
        await self._deliveries.signed_requests.session.close()
        await self._api_server.close()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # -- addresses -------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://127.0.0.1:{self._api_server.port}"

    @property
    def api_url(self) -> str:
        """The base_url of an AsyncWebClient."""
        return f"{self.url}/api/"

    @property
    def authorize_url(self) -> str:
        """The authorization_url of AsyncOAuthSettings."""
        return f"{self.url}/oauth/v2/authorize"

    @property
    def scopes(self) -> frozenset[str]:
        """The bot scopes the app may have."""
        return self.app.scopes

    @property
    def deliveries(self) -> Deliveries:
        """The part that delivers events to the app."""
        assert self._deliveries is not None, "not started"
        return self._deliveries

    def events_to(self, url: str | None) -> None:
        """Call the app here over signed HTTP instead of Socket Mode; None: back to sockets."""
        self.deliveries.signed_requests.url = url

    # -- workspaces ------------------------------------------------------------------------------------------------

    def team(self, team_id: str = "T1", *, installed: bool = True, scopes: Iterable[str] | None = None) -> Team:
        """A workspace, made on first use, with the app installed (`scopes`: only these)."""
        if team_id not in self.teams:
            team = self.teams[team_id] = Team(self, team_id)
            if installed:
                team.install(self.scopes if scopes is None else scopes)
        return self.teams[team_id]

    # -- set by a test ----------------------------------------------------------------------------------------

    def fails(self, method: str, *faults: Fault | str, times: int = 1, channel: str | None = None) -> None:
        """Let the next calls of a method (`*`: any) meet these faults, each `times` times; a string is an error."""
        for fault in faults:
            for _ in range(times):
                one_fault = Fault.error(fault) if isinstance(fault, str) else fault
                self.plan.add(method, one_fault, lambda args: channel is None or args.get("channel") == channel)

    def later(self, seconds: float) -> None:
        """Advance the fake's clock."""
        self.clock.jump(seconds)

    async def disconnect(self, reason: str = "warning", closes_in: float = 1.0) -> None:
        """Ask every socket to reconnect (`warning`, `refresh_requested`); close those that do not leave by then."""
        await self.sockets.disconnect(reason, closes_in)

    def drop_sockets(self) -> None:
        """Cut every socket without a closing frame."""
        self.sockets.cut()

    def freeze_sockets(self) -> None:
        """Keep every socket open without events or pongs."""
        self.sockets.freeze()

    @contextlib.asynccontextmanager
    async def offline(self) -> AsyncIterator[None]:
        """Cut every socket and reset every connection."""
        self.is_offline = True
        self.sockets.cut()
        try:
            yield
        finally:
            self.is_offline = False

    # -- read by a test --------------------------------------------------------------------------------------------

    @property
    def pings(self) -> list[tuple[Posted, str]]:
        """Every notification that the app caused: message and person."""
        return [(post, who) for post in self.posts if post.raw.get("bot_id") for who in post.pings]

    def calls(self, method: str | None = None) -> list[Call]:
        """The Web API calls so far."""
        return [call for call in self.all_calls if method in (None, call.method)]

    async def until(self, condition: Callable[[], bool], within: float = 60.0) -> None:
        """Wait until a condition holds. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not condition():
                await self._changed.wait()

    async def connected(self, sockets: int = 1, within: float = 60.0) -> None:
        """Wait for so many live sockets."""
        await self.until(lambda: len(self.sockets.live) >= sockets, within)

    async def posted(self, number: int = 1, channel: Channel | None = None, within: float = 60.0) -> list[Posted]:
        """Wait until there are so many messages (in a channel); all of them."""
        await self.until(lambda: len(channel.messages if channel else self.posts) >= number, within)
        return channel.messages if channel else list(self.posts)

    async def forged(self, payload: dict[str, Any] | None = None) -> int:
        """The status of a request signed with another secret."""
        return await self.deliveries.send_unverified(payload, secret="somebody-else")

    async def stale(self, payload: dict[str, Any] | None = None) -> int:
        """The status of a signed request that is six minutes old."""
        return await self.deliveries.send_unverified(payload, age=360)

    # -- for the parts of the fake -------------------------------------------------------------------------------------

    def notify(self) -> None:
        """Wake every `until`: something changed."""
        self._changed.set()
        self._changed = asyncio.Event()

    def announce(self, thing: Posted | View, via: str = "") -> None:
        """Add a message or a view to the replies that it answers."""
        for reply in list(self._replies):
            if reply.is_answered_by(thing, via):
                reply.answers.append(thing)
        self.notify()

    def add_message(
        self,
        channel: Channel,
        raw: dict[str, Any],
        arguments: dict[str, Any],
        *,
        thread: str | None = None,
        only: str | None = None,
        via: str = "",
    ) -> Posted:
        """Add a message to a channel; `only` names the one person who sees an ephemeral one."""
        raw = {**raw, "ts": self.clock.ts()} | ({"thread_ts": thread} if thread else {})
        post = Posted(channel, raw["ts"], raw, arguments, "ephemeral" if only else "message", only)
        post.record_version()
        channel.posts.append(post)
        self.posts.append(post)
        self.announce(post, via)
        if channel.kind == "im" and raw.get("bot_id") and not only:
            self.deliveries.deliver_own_message(post)
        return post

    def pace_post(self, channel: Channel) -> None:
        """Refused if the last post to this channel is too recent."""
        if self.per_channel:
            self.pace.take(("chat.postMessage", channel.id), self.per_channel, self.clock.now())

    def background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start a task that is not waited for."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def reply(self, user: Any, channel: Channel | None, *, origin: Posted | None = None) -> Reply:
        """A Reply that collects answers, with a new trigger_id and response_url."""
        trigger, token = name("trigger."), name("response")
        self.triggers[trigger] = Trigger(user, self.clock.now())
        hook = None
        if channel is not None:
            hook = self.hooks[token] = Hook(user, channel, self.clock.now(), origin)
        reply = Reply(self, user, channel, hook, token, trigger)
        self._replies.add(reply)
        return reply

    def hook_url(self, reply: Reply) -> str:
        """The response_url of a reply."""
        return f"{self.url}/respond/{reply.token}"

    def note_refusal(self, token: str, code: str) -> None:
        """Record that a use of a response_url was refused."""
        for reply in self._replies:
            if reply.token == token:
                reply.refusals.append(code)
        self.notify()

    def check_command(self, command: str) -> None:
        """Fails where the manifest has no such command."""
        assert self.app.commands is None or command in self.app.commands, f"{command} is not in the manifest"

    def check_shortcut(self, callback_id: str) -> None:
        """Fails where the manifest has no such shortcut."""
        assert self.app.shortcuts is None or callback_id in self.app.shortcuts, f"{callback_id} is not in the manifest"

    async def interact(self, kind: str, payload: dict[str, Any], reply: Reply) -> None:
        """Deliver an interaction."""
        await self.deliveries.interact(kind, payload, reply)

    async def event(self, team: Team, body: dict[str, Any], **more: Any) -> None:
        """Deliver an event, if the app asked for it and may know of it."""
        await self.deliveries.event(team, body, **more)
