"""How many files and functions a paper, a command, a mail form and a reaction pass: `python -m tests.bench hops`.

Counted by `sys.setprofile` in every thread: Python functions of `bot/` and `adapters/` that are called at least once
between two points. Lambdas, comprehensions and module bodies are not counted; neither are calls that happen anyway
(settings, start). One run, no median: the count is exact.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from adapters.slack.blocks import payload
from bot.model import Channel, Message, Ref
from bot.ports import Claim, no_claim
from bot.sources import http_client, sample
from bot.sources.huggingface import HuggingFace
from bot.sources.jsonl import parse_lines
from tests.bench.figures import Row
from tests.bench.scale import Scale
from tests.email.harness import FORM, token, wired_mail
from tests.email.server import MailServer, certificate, link_to
from tests.fakes.http_server import Loopback, json_answer
from tests.harness.desk import ADA, HERE
from tests.harness.engine import running_backend

ROOT = Path(__file__).parents[2]
ROOMS = (str(ROOT / "bot"), str(ROOT / "adapters"))


class Hops:
    """Code that ran while `counting()`."""

    def __init__(self) -> None:
        self.functions: set[CodeType] = set()
        self._counting = False

    @property
    def figure(self) -> str:
        """Files and functions, as text."""
        return f"{len({code.co_filename for code in self.functions})} files, {len(self.functions)} functions"

    def install(self) -> None:
        """Watch this thread and every later one."""
        threading.setprofile(self._called)
        sys.setprofile(self._called)

    def remove(self) -> None:
        """Stop watching."""
        threading.setprofile(None)
        sys.setprofile(None)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count from nothing until the block ends."""
        self.functions = set()
        self._counting = True
        yield
        self._counting = False

    def _called(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if self._counting and event == "call" and code.co_filename.startswith(ROOMS) and code.co_name[0] != "<":
            self.functions.add(code)


class PayloadOutlet:
    """An outlet named `slack` that makes each message's payload and sends it nowhere."""

    name, threads, pace = "slack", True, 0.0

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Make the payload."""
        await claim()
        self.payloads.append(payload(message))
        return Ref(f"{len(self.payloads)}")

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: object) -> Ref | None:
        """Nothing is ever lost here."""
        return None

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Nothing to delete."""

    async def prove(self, channel: Channel) -> None:
        """Nothing can be missing here."""


def measure(_: Scale) -> Iterator[Row]:
    """Four ways through, each once."""
    hops = Hops()
    hops.install()
    try:
        rows = asyncio.run(_ways(hops))
    finally:
        hops.remove()
    for what, figure in rows:
        yield Row("hops", what, figure)


async def _ways(hops: Hops) -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("thread", "chat", "mail")]
        for path in paths:
            path.mkdir()
        return [*await _thread(hops, paths[0]), *await _chat(hops, paths[1]), *await _mail(hops, paths[2])]


async def _thread(hops: Hops, path: Path) -> list[tuple[str, str]]:
    six = parse_lines(sample.read()).papers[:6]
    items = [
        {
            "paper": {
                "id": paper.id,
                "title": paper.title,
                "summary": paper.abstract,
                "authors": [{"name": name} for name in paper.authors],
                "upvotes": 10 + number,
                "publishedAt": "2025-10-23T08:00:00.000Z",
                "submittedOnDailyAt": "2025-10-24T02:00:00.000Z",
            }
        }
        for number, paper in enumerate(six)
    ]
    (path / "week.db").touch()
    outlet = PayloadOutlet()
    limits = http_client.HttpLimits(timeout=5, attempts=1, wait_initial=0, wait_max=0, wait_jitter=0)
    async with Loopback() as server, http_client.HttpClient("bench", limits=limits) as client:
        server.on(
            "/api/daily_papers", lambda request: json_answer(items if request.query.get("date") == "2025-10-24" else [])
        )
        with running_backend(path, {"slack": outlet}) as house:
            house.engine.sources = (HuggingFace(client, server.url, trending=False),)
            await house.desk.run("subscribe", ADA, {"at": "09:00", "size": "6"})
            house.clock.advance(days=1)
            with hops.counting():
                await house.engine.collect()
                await house.engine.tick()
                await house.queue.drain()
    assert len(outlet.payloads) == 7, f"an opener and six replies, not {len(outlet.payloads)}: {outlet.payloads}"
    return [("Hugging Face's JSON of six papers to the payloads of a Slack thread", hops.figure)]


async def _chat(hops: Hops, path: Path) -> list[tuple[str, str]]:
    outlet = PayloadOutlet()
    rows = []
    with running_backend(path, {"slack": outlet}) as house:
        await house.desk.run("subscribe", ADA, {"at": "09:00", "size": "3"})
        house.clock.advance(days=1)
        await house.deliver()
        with hops.counting():
            payload(await house.desk.run("search", ADA, {"query": "video diffusion"}))
        rows.append(("`/papers search` from the desk to its payload", hops.figure))
        with hops.counting():
            await house.desk.react(HERE, Ref("2"), Channel("slack:T1/U2"), 1)
        subscription = await house.store.subscriptions.get(HERE)
        rows.append(("a 👍 to the row in the store", hops.figure))
        with hops.counting():
            await house.engine.preview(subscription)
        rows.append(("the order it changes", hops.figure))
    return rows


async def _mail(hops: Hops, path: Path) -> list[tuple[str, str]]:
    os.environ["SSL_CERT_FILE"] = str(certificate()[0])
    figures = []
    async with MailServer() as server, wired_mail(path, server.server()) as mail:
        with hops.counting():
            await mail.mailing.request({"address": "ada@example.com", **FORM}, "192.0.2.1")
        figures.append(hops.figure)
        with hops.counting():
            await mail.letters.send()
        figures.append(hops.figure)
        with hops.counting():
            await mail.mailing.confirm(token(link_to(server.mails[-1], "confirm")))
        figures.append(hops.figure)
        mail.clock.advance(days=1)
        with hops.counting():
            await mail.backend.deliver()
        figures.append(hops.figure)
        assert len(server.mails) == 2, "the letter and a digest"
    steps = (
        "a mail form to its letter in the store",
        "the letter by SMTP",
        "the link to a subscription",
        "the digest by SMTP",
    )
    return list(zip(steps, figures, strict=True))
