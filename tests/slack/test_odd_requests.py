"""Signed requests with odd bodies: 400 or an acknowledgement, never a crash, whatever is changed in them.

The bodies that are changed were recorded in a journey through `tests.slack.fake`, and through `local-slack`, a Slack
written by others (tests/recorded/slack_requests.json).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.connect import SlackConfig, build
from adapters.slack.http import SlackHttp
from adapters.slack.manifest import AGENT_SCOPES
from bot.model import Block, Message, Span
from tests.fakes.front import AnsweringDesk
from tests.harness.examples import examples
from tests.harness.json_mutations import REMOVED, mutated
from tests.slack.fake import FakeSlack, subscriptions
from tests.slack.fake.signed import encoded, signature
from tests.slack.harness import InMemorySecrets

RECORDED: dict[str, dict[str, Any]] = json.loads(Path("tests/recorded/slack_requests.json").read_text())
SECRET = "signing-secret"
Json = Any


def kind_of(body: Json) -> str:
    """How Slack sends such a body."""
    if "command" in body:
        return "slash_commands"
    return "events_api" if "event" in body or body.get("type") == "event_callback" else "interactive"


class Front:
    """A front over HTTP in a loop of its own, for tests that send very many requests."""

    def __init__(self, slack: FakeSlack, front: SlackHttp, client: httpx.AsyncClient) -> None:
        self._slack, self._front, self._client = slack, front, client
        self._number = 0

    async def send(self, body: bytes, kind: str = "application/json") -> httpx.Response:
        """Send a signed request, and wait until its task is done."""
        self._number += 1
        stamp = str(int(time.time()) - self._number % 200)  # a body may be drawn twice
        headers = {
            "content-type": kind,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": signature(SECRET, stamp, body),
        }
        response = await self._client.post("/events", content=body, headers=headers)
        await self._front._tasks.finish(60.0)
        return response


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def front(runner: asyncio.Runner) -> Iterator[Front]:
    slack = FakeSlack(scopes={*subscriptions.SCOPES, *AGENT_SCOPES})

    async def start() -> tuple[Front, asyncio.Task[None]]:
        await slack.start()
        ada = slack.team("T1").user("U1")
        for channel in ("C1", "C000000001"):
            slack.team("T1").channel(channel, [ada])
        config = SlackConfig(bot_token=slack.team("T1").bot_token, signing_secret=SECRET, api_url=slack.api_url)
        _, front = build(config, InMemorySecrets())
        assert isinstance(front, SlackHttp)
        assert front.asgi is not None
        task = asyncio.create_task(front.serve(AnsweringDesk(Message((Block("text", (Span("Yes"),)),)))))
        await slack.until(lambda: bool(slack.calls("auth.test")))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(front.asgi[1]), base_url="http://slack.test")
        return Front(slack, front, client), task

    async def stop(task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await slack.stop()

    ready, task = runner.run(start())
    yield ready
    runner.run(stop(task))


@pytest.fixture
def no_traceback(caplog: pytest.LogCaptureFixture) -> Callable[[], None]:
    def check() -> None:
        bad = [record for record in caplog.records if record.exc_info]
        assert bad == [], [record.getMessage() for record in bad]
        caplog.clear()

    return check


# --- what is sent back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RECORDED)
def test_what_was_recorded_is_understood(front: Front, runner: asyncio.Runner, no_traceback, name: str):
    body, kind = encoded(kind_of(RECORDED[name]), RECORDED[name])
    assert runner.run(front.send(body, kind)).status_code == 200
    no_traceback()


def changed(name: str, *path: str | int, to: Json) -> bytes:
    body = mutated(RECORDED[name], path, to)
    return encoded(kind_of(body), body)[0]


def as_json(name: str, *path: str | int, to: Json) -> bytes:
    """A command as Socket Mode sends it: a form has texts alone."""
    return json.dumps(mutated(RECORDED[name], path, to)).encode()


def pressed(body: Json) -> bytes:
    return urlencode({"payload": json.dumps(body)}).encode()


DEEP = b'{"type":"event_callback","event":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
ODD = {
    "an event that is a text": changed("app_mention", "event", to="x"),
    "an event without a type": changed("app_mention", "event", to={"channel": "C1"}),
    "a channel that is a number": changed("app_mention", "event", "channel", to=5),
    "a channel that is none": changed("channel_archive", "event", "channel", to=None),
    "no workspace": changed("app_mention", "team_id", to=None)
    .replace(b'"authorizations"', b'"was"')
    .replace(b'"team"', b'"_"'),
    "a click of no workspace": changed("block_actions", "team", to=None).replace(b"team_id", b"_"),
    "a click with no action": changed("block_actions", "actions", to=[]),
    "a click whose action is a text": changed("block_actions", "actions", to=["today"]),
    "a click by a text": changed("block_actions", "user", to=["U1"]),
    "a form without a person": changed("view_submission", "user", to=None),
    "a form whose values are a list": changed("view_submission", "view", "state", to={"values": ["x"]}),
    "50,000 levels": DEEP,
    "50,000 levels of a payload": b"payload=" + b"[" * 50_000,
    "1,000 levels that can be read": b'{"type":"event_callback","event":' + b"[" * 400 + b"]" * 400 + b"}",
    "half a surrogate": b'{"type":"event_callback","team_id":"T1","event":{"type":"app_mention","text":"\\ud800"}}',
    "a payload that is not JSON": b"payload=x",
    "a payload that is a list": b"payload=%5B%5D",
    "no JSON": b"{",
    "a list": b"[]",
    "nothing": b"",
    "an unknown kind": b'{"type":"surprise","team_id":"T1"}',
    "a shortcut in a channel that is a text": changed("message_action", "channel", to="0"),
    "a shortcut by an id": changed("message_action", "user", to="U1"),
    "a shortcut of a workspace that is a text": changed("message_action", "team", to="T1"),
    "a shortcut of an organisation that is a text": changed("message_action", "enterprise", to="E1"),
    "a shortcut on a message that is a text": changed("message_action", "message", to="look"),
    "a shortcut on a message whose time is a number": changed("message_action", "message_ts", to=1),
    "a click in a channel that is a text": changed("block_actions", "channel", to="C1"),
    "a click in a container that is a list": changed("block_actions", "container", to=[]),
    "a click with an event that is none": changed("block_actions", "event", to=None),
    "a click with the id of an event that is a list": changed("block_actions", "event_id", to=[]),
    "a click in a home without an id": changed("block_actions in a home", "view", "id", to=REMOVED),
    "a form in a channel that is a text": changed("view_submission", "channel", to="C1"),
    "a form without a name": changed("view_submission", "view", "callback_id", to=None),
    "a command in a channel that is an object": as_json("command", "channel", to={"id": "C1"}),
    "a command by an object": as_json("command", "user", to={"id": "U1"}),
    "a command with a view that is a list": as_json("command", "view", to=["V1"]),
    "an event of a workspace that is an object": changed("app_mention", "team", to={"id": "T1"}),
    "an event with a message of a workspace that is a list": changed("app_mention", "message", to={"team": ["T1"]}),
    "a home of a thread that is a list": changed("app_home_opened", "event", "thread_ts", to=["1.1"]),
    "a home of a workspace that is a number": changed("app_home_opened", "event", "team", to=1),
    "a reaction to a message in no channel": changed("reaction_added", "event", "item", "channel", to=REMOVED),
    "a reaction to a message of no time": changed("reaction_removed", "event", "item", "ts", to=None),
    "an address with an event that is none": b'{"type":"url_verification","challenge":"x","event":null}',
    "a look at the certificate that is something else": b"ssl_check=0&type=message_action",
    "an address as a channel": changed("app_mention", "event", "channel", to="C1/../../T2"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_body_is_refused_with_a_line_in_the_log(front: Front, runner, no_traceback, caplog, name: str):
    kind = "application/json" if ODD[name][:1] in b"{[" else "application/x-www-form-urlencoded"
    assert runner.run(front.send(ODD[name], kind)).status_code == 400
    lines = [record.getMessage() for record in caplog.records if "request was refused" in record.getMessage()]
    assert len(lines) == 1
    assert len(lines[0]) < 300
    no_traceback()


def test_a_missing_field_of_any_request_is_no_crash(front: Front, runner, no_traceback):
    for name, body in RECORDED.items():
        if name.startswith("local-slack"):
            continue  # the same kinds again
        for path in paths(body):
            encoded_body, kind = encoded(kind_of(body), mutated(body, path, REMOVED))
            status = runner.run(front.send(encoded_body, kind)).status_code
            assert status in {200, 400}, (name, path, status)
    no_traceback()


def paths(body: Json) -> list[tuple[str | int, ...]]:
    """The way to each part of a body, outermost first; in long lists to the first part alone."""
    found: list[tuple[str | int, ...]] = []
    keys: list[Any] = list(body) if isinstance(body, dict) else list(range(min(len(body), 1)))
    for key in keys:
        found.append((key,))
        if isinstance(body[key], dict | list):
            found += [(key, *rest) for rest in paths(body[key])]
    return found


@contextmanager
def tracebacks() -> Iterator[list[str]]:
    """The lines of the log with a traceback: `caplog` lives as long as a test, and hypothesis runs one many times."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(handler.format(record)) if record.exc_info else None  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)


ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        ["", "T1", "C1", "U1", "im", "view", "errors", "\ud800", "[" * 3_000, {"id": None}, [None], [[]], {}]
    ),
    st.recursive(st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5),
)


OTHER_FIELDS = sorted({(field,) for body in RECORDED.values() for field in body})
"""Fields of all kinds of requests; they may turn up in those of another kind."""


@examples(100)
@given(st.data())
def test_whatever_is_changed_in_a_request_is_no_crash(front: Front, runner, data: st.DataObject):
    body = RECORDED[data.draw(st.sampled_from(sorted(RECORDED)), "request")]
    kind = kind_of(body)
    for _ in range(data.draw(st.integers(1, 3), "changes")):
        path = data.draw(st.sampled_from([*paths(body), *OTHER_FIELDS]), "where")
        body = mutated(body, path, data.draw(ODD_VALUES, "value"))
    sent = json.dumps(body).encode() if kind == "events_api" else pressed(body)
    content = "application/json" if kind == "events_api" else "application/x-www-form-urlencoded"
    with tracebacks() as lines:
        assert runner.run(front.send(sent, content)).status_code in {200, 400}
    assert lines == []
