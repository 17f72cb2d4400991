"""Two processes behind one Slack app, on one PostgreSQL: what Slack sends to either is done once, and known to both."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from adapters.shares import Shares
from adapters.slack.connect import build
from adapters.slack.http import SlackHttp
from adapters.slack.installs import KEPT_BY_SEVERAL
from adapters.slack.manifest import manifest
from bot.store import Store
from bot.store.postgres import PostgresStore
from bot.wording.parts import say
from tests.fakes.front import AnsweringDesk
from tests.harness.postgres import clear_databases, database
from tests.slack.fake import Channel, FakeSlack, User, payloads
from tests.slack.fake.signed import encoded, signature
from tests.slack.harness import connected, over_http, over_oauth

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
KEY = Fernet.generate_key().decode()


@dataclass
class Process:
    """A front on a store of its own, and the desk that it asks."""

    store: Store
    front: SlackHttp
    desk: AnsweringDesk
    url: str

    async def receives(self, body: bytes, kind: str, slack: FakeSlack, *, at: float | None = None) -> int:
        """Post a request, signed at a time; waits until it is carried out."""
        stamp = str(int(at or time.time()))
        headers = {
            "content-type": kind,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": signature(slack.signing_secret, stamp, body),
        }
        async with httpx.AsyncClient(timeout=60) as client:
            status = (await client.post(f"{self.url}/slack/events", content=body, headers=headers)).status_code
        await self.front._tasks.finish(60.0)
        return status


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(manifest=manifest("https://paperboy.example")) as ready:
        yield ready


@contextlib.asynccontextmanager
async def process(slack: FakeSlack, path: Path, *, oauth: bool = False) -> AsyncIterator[Process]:
    with PostgresStore(database(path), write=True, keys=(KEY,)) as store:
        config = over_oauth(slack) if oauth else over_http(slack)
        _, front = build(config, store.secrets, leases=store.leases)
        assert isinstance(front, SlackHttp)
        desk = AnsweringDesk(say("Here they are"))
        async with connected(slack, front, desk) as url:
            yield Process(store, front, desk, url)


def typed(slack: FakeSlack, user: User, channel: Channel, line: str) -> tuple[bytes, str]:
    """The request of a command, for either process."""
    reply = slack.reply(user, channel)
    parts = (("/papers", line), slack.hook_url(reply), reply.trigger)
    return encoded("slash_commands", payloads.command(slack, user, channel, *parts))


@pytest.fixture(autouse=True)
def cleared() -> object:
    yield
    clear_databases()


async def test_an_event_that_slack_sends_to_both_is_handled_once(slack: FakeSlack, tmp_path: Path):
    team = slack.team("T1")
    ada = team.user("U1")
    post = ada.says(team.channel("C1", [ada]), f"<@{team.bot}> today")
    event = payloads.event(slack, team, {**post.raw, "type": "app_mention", "channel": "C1"})
    body, kind = encoded("events_api", event)
    async with process(slack, tmp_path) as first, process(slack, tmp_path) as second:
        for age, each in enumerate((first, second, first)):
            assert await each.receives(body, kind, slack, at=time.time() - age) == 200
        assert [len(each.desk.calls) for each in (first, second)] == [1, 0]


async def test_a_request_that_is_replayed_to_the_other_process_changes_nothing(slack: FakeSlack, tmp_path: Path):
    ada = slack.team("T1").user("U1")
    channel = slack.team("T1").channel("C1", [ada])
    body, kind = typed(slack, ada, channel, "subscribe")
    async with process(slack, tmp_path) as first, process(slack, tmp_path) as second:
        at = time.time()
        assert [await each.receives(body, kind, slack, at=at) for each in (first, second)] == [200, 200]
        assert [len(each.desk.calls) for each in (first, second)] == [1, 0]


async def test_an_answer_is_shared_once_whichever_process_is_pressed(slack: FakeSlack, tmp_path: Path):
    async with process(slack, tmp_path) as first, process(slack, tmp_path) as second:
        here, there = Shares(first.store.secrets), Shares(second.store.secrets)
        assert await here.begin("slack:T1/C1", "1.2", "search")
        assert not await there.begin("slack:T1/C1", "1.2", "search")
        await here.undo("slack:T1/C1", "1.2", "search")
        assert await there.begin("slack:T1/C1", "1.2", "search")


async def test_a_workspace_installed_through_one_process_is_served_and_ended_by_the_other(
    slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert KEPT_BY_SEVERAL <= 2
    monkeypatch.setattr(sys.modules[build.__module__], "KEPT_BY_SEVERAL", 0.0)  # no test waits two seconds
    ada = slack.team("T1", installed=False).user("U1")
    async with process(slack, tmp_path, oauth=True) as first, process(slack, tmp_path, oauth=True) as second:
        assert (await ada.installs(f"{first.url}/slack/install"))[0] == 200
        channel = slack.team("T1").channel("C1", [ada])
        body, kind = typed(slack, ada, channel, "today")
        assert await second.receives(body, kind, slack) == 200
        assert len(second.desk.calls) == 1
        installs = first.front._workspaces.installs
        install = await installs.of("T1")
        assert install is not None
        install.bot_token = "xoxb-renewed"
        await installs.async_save_bot(install.to_bot())
        assert (await second.front._workspaces.client("T1")).token == "xoxb-renewed"
        await first.front._workspaces.forget("T1", None, whole_org=False)
        with pytest.raises(LookupError):
            await second.front._workspaces.client("T1")
