"""The control API over HTTP, below /_fake/, for a fake in a process of its own. `tests.fakes.process` has a client.

POST setup    {"team", "users": [{"id", "tz", "admin"}], "channels": [{"id", "members", "private"}]}
GET  posts    ?channel=C1        every message, as read and raw
GET  acks, calls, counts; spent: seconds of CPU
POST command  {"team", "user", "channel", "command", "text", "answered", "within"} -> the reply
POST click    {"team", "user", "channel", "ts", "what"} -> the reply;  mention, write: {"text", "thread_ts"}
POST react    {"team", "user", "channel", "ts", "emoji"}
POST fails    {"method", "kind", "code", "http", "seconds", "carried_out", "times"}
POST later {"seconds"}; events_to {"url"}; disconnect {"reason"}; drop {}; offline {"is"}; wipe {}: all messages
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.fake.faults import Fault
from tests.slack.fake.replies import Reply, Unanswered
from tests.slack.fake.state import Posted

if TYPE_CHECKING:
    from tests.slack.fake.people import User
    from tests.slack.fake.server import FakeSlack

Endpoint = Callable[["FakeSlack", dict[str, Any]], Awaitable[Any]]


def as_json(post: Posted) -> dict[str, Any]:
    """A message as JSON, for another process."""
    return {
        "channel": post.channel.id,
        "ts": post.ts,
        "thread_ts": post.thread_ts,
        "kind": post.kind,
        "user": post.user,
        "deleted": post.deleted,
        "shown": post.shown,
        "pings": post.pings,
        "raw": post.raw,
    }


def reply_as_json(reply: Reply) -> dict[str, Any]:
    """A reply as JSON, for another process."""
    return {
        "acked": reply.failure is None,
        "seconds": reply.seconds if reply.acked else None,
        "failure": reply.failure,
        "ack": reply.ack,
        "text": reply.text,
        "messages": [as_json(post) for post in reply.messages],
    }


def _user(slack: FakeSlack, args: dict[str, Any]) -> User:
    return slack.team(args.get("team", "T1")).user(args["user"])


def _post(slack: FakeSlack, args: dict[str, Any]) -> Posted:
    post = slack.team(args.get("team", "T1")).channels[args["channel"]].find(args["ts"])
    assert post is not None, "no such message"
    return post


def _wait_options(args: dict[str, Any], answered: bool) -> dict[str, Any]:
    return {"answered": args.get("answered", answered), "within": args.get("within", 5.0)}


async def setup(slack: FakeSlack, args: dict[str, Any]) -> Any:
    team = slack.team(args.get("team", "T1"))
    for user in args.get("users", []):
        team.user(user.pop("id"), **user)
    for channel in args.get("channels", []):
        team.channel(channel.pop("id"), channel.pop("members", ()), **channel)
    return {"bot_token": team.bot_token, "app_token": slack.app_token, "bot": team.bot}


async def command(slack: FakeSlack, args: dict[str, Any]) -> Any:
    user = _user(slack, args)
    channel = user.team.channels.get(args.get("channel") or "", user.dm)
    reply = await user.command(
        args.get("command", "/papers"), args.get("text", ""), channel, **_wait_options(args, answered=True)
    )
    return reply_as_json(reply)


async def click(slack: FakeSlack, args: dict[str, Any]) -> Any:
    return reply_as_json(
        await _user(slack, args).click(_post(slack, args), args["what"], **_wait_options(args, answered=False))
    )


async def mention(slack: FakeSlack, args: dict[str, Any]) -> Any:
    user = _user(slack, args)
    channel = user.team.channels[args["channel"]]
    return reply_as_json(
        await user.mentions(channel, args.get("thread_ts"), args["text"], **_wait_options(args, answered=True))
    )


async def write(slack: FakeSlack, args: dict[str, Any]) -> Any:
    return reply_as_json(await _user(slack, args).writes(args["text"], **_wait_options(args, answered=True)))


async def react(slack: FakeSlack, args: dict[str, Any]) -> Any:
    return reply_as_json(await _user(slack, args).reacts(_post(slack, args), args["emoji"]))


async def fails(slack: FakeSlack, args: dict[str, Any]) -> Any:
    method, times, channel = args.pop("method"), args.pop("times", 1), args.pop("channel", None)
    slack.fails(method, Fault(**args), times=times, channel=channel)


async def later(slack: FakeSlack, args: dict[str, Any]) -> Any:
    slack.later(args["seconds"])


async def events_to(slack: FakeSlack, args: dict[str, Any]) -> Any:
    slack.events_to(args["url"])


async def disconnect(slack: FakeSlack, args: dict[str, Any]) -> Any:
    await slack.disconnect(args.get("reason", "warning"))


async def drop(slack: FakeSlack, _args: dict[str, Any]) -> Any:
    slack.drop_sockets()


async def offline(slack: FakeSlack, args: dict[str, Any]) -> Any:
    slack.is_offline = args["is"]
    if args["is"]:
        slack.drop_sockets()


async def wipe(slack: FakeSlack, _args: dict[str, Any]) -> Any:
    slack.posts.clear()
    for team in slack.teams.values():
        for channel in team.channels.values():
            channel.posts.clear()


async def posts(slack: FakeSlack, args: dict[str, Any]) -> Any:
    return [as_json(post) for post in slack.posts if args.get("channel") in (None, post.channel.id)]


async def acks(slack: FakeSlack, _args: dict[str, Any]) -> Any:
    return [asdict(ack) for ack in slack.acks]


async def calls(slack: FakeSlack, args: dict[str, Any]) -> Any:
    return [asdict(call) for call in slack.calls(args.get("method"))]


async def counts(slack: FakeSlack, _args: dict[str, Any]) -> Any:
    tally = Counter(call.method for call in slack.all_calls)
    return {"posts": len(slack.posts), "sockets": len(slack.sockets.live), "pings": len(slack.pings), "calls": tally}


async def spent(slack: FakeSlack, _args: dict[str, Any]) -> Any:
    return {"cpu": time.process_time(), "sockets": len(slack.sockets.live)}


GET: tuple[Endpoint, ...] = (posts, acks, calls, counts, spent)
POST: tuple[Endpoint, ...] = (
    setup,
    command,
    click,
    mention,
    write,
    react,
    fails,
    later,
    events_to,
    disconnect,
    drop,
    offline,
    wipe,
)


def add_routes(app: web.Application, slack: FakeSlack) -> None:
    """Add the endpoints of the control API."""

    def endpoint(function: Endpoint, *, takes_body: bool) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            args = await request.json() if takes_body else dict(request.query)
            try:
                return web.json_response(await function(slack, args))
            except Unanswered as unanswered:
                return web.json_response({"acked": False, "failure": str(unanswered)}, status=504)
            except (AssertionError, KeyError) as error:
                return web.json_response({"failure": repr(error)}, status=400)

        return handle

    for each in GET:
        app.router.add_get(f"/_fake/{each.__name__}", endpoint(each, takes_body=False))
    for each in POST:
        app.router.add_post(f"/_fake/{each.__name__}", endpoint(each, takes_body=True))
