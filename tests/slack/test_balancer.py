"""Two processes behind a balancer, HAProxy and a small one of ours: one ends, and nobody notices."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from adapters.slack.manifest import manifest
from tests.harness.balancer import haproxy, small_balancer
from tests.harness.postgres import clear_databases
from tests.slack.fake import FakeSlack
from tests.slack.fake.signed import signature
from tests.slack.test_together import process, typed


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    yield
    clear_databases()


@pytest.mark.parametrize("balancer", [small_balancer, haproxy], ids=["own", "haproxy"])
async def test_commands_go_on_when_a_process_behind_the_balancer_ends(tmp_path: Path, balancer):
    async with FakeSlack(manifest=manifest("https://paperboy.example")) as slack, contextlib.AsyncExitStack() as stack:
        ada = slack.team("T1").user("U1")
        channel = slack.team("T1").channel("C1", [ada])
        second = await stack.enter_async_context(process(slack, tmp_path))
        async with contextlib.AsyncExitStack() as life_of_first:
            first = await life_of_first.enter_async_context(process(slack, tmp_path))
            ports = [urlsplit(each.url).port or 0 for each in (first, second)]
            url = await stack.enter_async_context(balancer(ports, tmp_path))

            async def commands(count: int) -> None:
                for _ in range(count):
                    body, kind = typed(slack, ada, channel, "today")
                    stamp = str(int(time.time()))
                    headers = {
                        "content-type": kind,
                        "x-slack-request-timestamp": stamp,
                        "x-slack-signature": signature(slack.signing_secret, stamp, body),
                    }
                    async with httpx.AsyncClient(timeout=60) as client:
                        answer = await client.post(f"{url}/slack/events", content=body, headers=headers)
                    assert answer.status_code == 200

            await commands(6)
            for each in (first, second):
                await each.front._tasks.finish(60.0)
            assert [len(each.desk.calls) for each in (first, second)] == [3, 3]
        await commands(6)
        await second.front._tasks.finish(60.0)
        assert len(second.desk.calls) == 9
