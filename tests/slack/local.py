"""A fake Slack by others, npm's `local-slack`, in a cache outside the tree, on loopback.

It accepts any token, has no scopes, limits or metadata, and answers to everybody where Slack would answer to one: those
are tested with `tests.slack.fake`. It tests that others understand Slack's protocols in the way of our fake.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

PACKAGE, VERSION = "local-slack-linux-x64", "0.1.8"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "paperboy-tests" / f"{PACKAGE}-{VERSION}"
SECRET = "test-signing-secret"
TEAM, CHANNEL, ADMIN, BOB = "T000000001", "C000000001", "U000000001", "U02BOB"
PATIENCE = 120.0
ON_LOOPBACK = """\
const serve = Bun.serve.bind(Bun);
(Bun as any).serve = (options: any) => serve({ ...options, hostname: "127.0.0.1" });
"""
"""Without this it listens on every interface."""
CONFIG = """\
workspace: {{ name: Test Workspace, domain: test-workspace, teamId: {team} }}
apps:
  - {{ appId: A1, botUserId: U0BOT, botName: paperboy, botToken: xoxb-local-test, appToken: xapp-local-test,
      signingSecret: {secret}, mode: socket }}
  - {{ appId: A2, botUserId: U0BOT2, botName: paperboy-http, botToken: xoxb-local-http, appToken: xapp-local-http,
      signingSecret: {secret}, mode: events, requestUrl: "http://127.0.0.1:{port}/slack/events" }}
users:
  - {{ id: {admin}, name: admin, real_name: Admin, email: a@example.com, tz: Europe/Berlin }}
  - {{ id: {bob}, name: bob, real_name: Bob Brown }}
channels:
  - {{ id: {channel}, name: general, members: [{admin}, {bob}, U0BOT, U0BOT2] }}
"""


def installed() -> Path:
    """The server's program, fetched once. Skips the test where that can't be done."""
    program = CACHE / "node_modules" / PACKAGE / "bin" / "local-slack"
    if program.exists():
        return program
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip(f"{PACKAGE} runs on Linux on x86-64 only")
    if (npm := shutil.which("npm")) is None:
        pytest.skip(f"npm is missing: it fetches {PACKAGE}, the independent Slack")
    CACHE.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), f"{PACKAGE}@{VERSION}"]
    fetched = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if fetched.returncode or not program.exists():
        pytest.skip(f"npm could not fetch {PACKAGE}@{VERSION}: {fetched.stderr.strip()[-200:]}")
    return program


class LocalSlack:
    """The running server: what people do in it, and what they see."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url, self._client = url, client

    async def do(self, what: str, **args: str | dict[str, Any]) -> None:
        """A person's action: command, message, interact, reaction, open-home."""
        (await self._client.post(f"{self.url}/_control/{what}", json=args)).raise_for_status()

    async def messages(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """Everything in a channel, oldest first, private answers too."""
        messages: list[dict[str, Any]] = (await self._client.get(f"{self.url}/_control/messages/{channel}")).json()[
            "messages"
        ]
        return messages

    async def calls(self, method: str) -> list[dict[str, Any]]:
        """The app's Web API calls, by method."""
        log = (await self._client.get(f"{self.url}/_control/log")).json()
        entries = log if isinstance(log, list) else next(iter(log.values()))
        return [entry["detail"] for entry in entries if entry.get("summary") == method]

    async def until(self, *words: str, times: int = 1, channel: str = CHANNEL) -> dict[str, Any]:
        """The first message whose text has all these words, once there are so many of them."""

        def matches(message: dict[str, Any]) -> bool:
            return all(word in message["text"] for word in words)

        messages = await self._eventually(lambda messages: [m for m in messages if matches(m)][:times], times, channel)
        return messages[0]

    async def thread(self, opener: dict[str, Any], replies: int) -> list[dict[str, Any]]:
        """The replies under a message, once there are so many."""
        return await self._eventually(
            lambda messages: [m for m in messages if m.get("thread_ts") == opener["ts"] and m["ts"] != opener["ts"]],
            replies,
            CHANNEL,
        )

    async def press(self, message: dict[str, Any], label: str, user: str = ADMIN, *, channel: str = CHANNEL) -> None:
        """Press a button by what it says, or choose that entry of a menu."""
        rows = [block for block in message["blocks"] if block["type"] == "actions"]
        controls = [each for row in rows for each in row["elements"]]
        icons = [
            each for block in message["blocks"] if block["type"] == "context_actions" for each in block["elements"]
        ]
        for pair in (each for each in icons if each["type"] == "feedback_buttons"):
            controls += [{**pair, **pair[name]} for name in ("positive_button", "negative_button")]
        entries = [{**menu, "selected_option": entry} for menu in controls for entry in menu.get("options", ())]
        labelled = [each for each in controls if each.get("text", {}).get("text") == label]
        [control] = labelled or [each for each in entries if each["selected_option"]["text"]["text"] == label]
        kept = ("type", "action_id", "value", "block_id", "selected_option")
        action = {key: control[key] for key in kept if key in control}
        await self.do("interact", channel=channel, messageTs=message["ts"], user=user, action=action)

    async def _eventually(
        self, look: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], number: int, channel: str
    ) -> list[dict[str, Any]]:
        matches: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while len(matches := look(await self.messages(channel))) < number:
                    await asyncio.sleep(0.02)  # the server reports no changes
        except TimeoutError:
            texts = [message["text"] for message in await self.messages(channel)]
            raise AssertionError(f"only {len(matches)} of {number} in time: {texts}") from None
        return matches


@contextlib.asynccontextmanager
async def local_slack(folder: Path, port: int, events_port: int) -> AsyncIterator[LocalSlack]:
    """Start it with two apps: A1 over a socket, A2 over HTTP to `events_port`."""
    program = installed()
    loop, config = folder / "loop.ts", folder / "local.yaml"
    loop.write_text(ON_LOOPBACK)
    config.write_text(CONFIG.format(team=TEAM, secret=SECRET, port=events_port, admin=ADMIN, bob=BOB, channel=CHANNEL))
    with (folder / "local-slack.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(program, "--config", str(config), "--port", str(port), "--base-host", "127.0.0.1"),
            env=os.environ | {"BUN_OPTIONS": f"--preload={loop}"},
            stdout=log,
            stderr=log,
        )
    try:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            slack = LocalSlack(f"http://127.0.0.1:{port}", client)
            async with asyncio.timeout(PATIENCE):
                while not await _answers(slack):
                    assert process.returncode is None, (folder / "local-slack.log").read_text()
                    await asyncio.sleep(0.05)  # it does not report when it listens
            yield slack
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(slack: LocalSlack) -> bool:
    try:
        await slack.messages()
    except (httpx.HTTPError, ValueError, KeyError):
        return False
    return True
