"""The engine and the command handlers on a store of the sample week, without any adapter.

sample_database()   a database with the bundled sample, as of its Friday morning
Desk(path)          handlers on a copy of it: await desk.ask("topics add video"), desk.press(message, "Follow")
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from pathlib import Path

from bot.app import collect
from bot.app.engine import DigestEngine
from bot.commands import parse_line
from bot.delivery.notices import Notices
from bot.errors import SourceError, UserError
from bot.handlers import Handlers, mistake
from bot.model import EVERY_DAY, Caller, Channel, Digest, Findings, Form, Message, Paper, Subscription, schedule
from bot.query.ast import Query
from bot.search import RemoteResults, Search
from bot.sources import sample
from bot.sources.jsonl import parse_lines
from bot.store import Store
from bot.store.sqlite import backup
from tests.fakes import FakeClock, FakeOutlet
from tests.harness.store import new_store

NOW = sample.NOW
HERE = Channel("slack:T1/C1")
ADA = Caller(HERE, Channel("slack:T1/U1"), may_manage=True, timezone="Europe/Berlin")
BEN = Caller(HERE, Channel("slack:T1/U2"), needs="the permission “Manage Channels”")
OMNI = "2510.15870"
"""A paper of the sample."""
SINKS = "2510.15731"
"""Another one, to which others are similar."""
ELSEWHERE = Paper("2401.00001", "A Paper Nobody Listed", "We describe something rare.", ("Cy Three",))


def findings_at(findings: Findings, now: datetime) -> Findings:
    """The papers listed and the signals observed by a time."""
    papers = tuple(paper for paper in findings.papers if paper.listed_at is None or paper.listed_at <= now)
    return Findings(papers, tuple(signal for signal in findings.signals if signal.seen_at <= now))


@cache
def sample_database() -> bytes:
    """A database of the sample week; made once, because indexing takes longer than a test."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        path = Path(folder) / "week.db"
        thread.submit(asyncio.run, _fill(path)).result()
        backup(path, path.with_name("copy.db"))
        return path.with_name("copy.db").read_bytes()


async def _fill(path: Path) -> None:
    with new_store(path) as store:
        await store.papers.add(findings_at(parse_lines(sample.read()), NOW), "file", NOW)
        await collect.describe(store)


class FakeArxiv:
    """A source that lists nothing and looks up the papers in `papers`; `fault` is raised instead if it is set."""

    name = "arxiv"

    def __init__(self) -> None:
        self.papers: dict[str, Paper] = {}
        self.fault: SourceError | None = None

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        return Findings(())

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> Findings:
        if self.fault is not None:
            raise self.fault
        return Findings(tuple(self.papers[paper_id] for paper_id in ids if paper_id in self.papers))

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        return ()


class SampleEngine(DigestEngine):
    """The engine on the sample week; the test sets the results of the sources' own search."""

    def __init__(self, store: Store, clock: FakeClock, archive: FakeArxiv, outlet: FakeOutlet) -> None:
        self.remote_results = RemoteResults()
        self.wakes = 0
        super().__init__(
            store,
            (archive,),
            clock,
            notices=Notices(store, {}, clock, None),
            outlets={outlet.name: outlet},
            nearness=Search(store),
        )
        self.listing_days = EVERY_DAY  # the sample's days are all alike

    def wake(self) -> None:
        self.wakes += 1

    async def search_sources(self, query: Query) -> RemoteResults:
        return self.remote_results


class Desk:
    """The command handlers, called as a person in a channel calls them."""

    def __init__(self, path: Path, *, empty: bool = False, keys: Sequence[str] = ()) -> None:
        if not empty:
            (path / "week.db").write_bytes(sample_database())
        self.store = new_store(path / "week.db", keys=keys)
        self.clock, self.archive, self.outlet = FakeClock(NOW), FakeArxiv(), FakeOutlet("slack")
        self.engine = SampleEngine(self.store, self.clock, self.archive, self.outlet)
        self.search = Search(self.store)
        self.handlers = Handlers(self.store, self.search, self.engine, version="1.2.3")

    async def say(self, line: str, caller: Caller = ADA) -> Message | Form:
        """Type a line, as at `bot.app.desk`."""
        try:
            command, options = parse_line(line)
        except UserError as error:
            return mistake(error)
        return await self.handlers.run(command, caller, options)

    async def ask(self, line: str, caller: Caller = ADA) -> Message:
        """Type a line that is answered with a message."""
        answer = await self.say(line, caller)
        assert isinstance(answer, Message), answer
        return answer

    async def form(self, line: str = "settings", caller: Caller = ADA, **options: str) -> Form:
        """Type a line that is answered with a form."""
        answer = await (self.handlers.run(line, caller, options) if options else self.say(line, caller))
        assert isinstance(answer, Form), answer
        return answer

    async def press(self, message: Message, label: str, caller: Caller = ADA) -> Message:
        """Press a button under a message."""
        action = next((action for action in message.actions if action.label == label), None)
        assert action is not None, f"no button {label} among {[a.label for a in message.actions]}"
        return await self.run(action.command, caller, **dict(action.options))

    async def run(self, command: str, caller: Caller = ADA, /, **options: str) -> Message:
        """Run a command with options, as a platform does."""
        answer = await self.handlers.run(command, caller, options)
        assert isinstance(answer, Message), answer
        return answer

    async def subscription(self, channel: Channel = HERE) -> Subscription:
        """The channel's subscription."""
        subscription = await self.store.subscriptions.get(channel)
        assert subscription is not None
        return subscription

    async def deliver(self, channel: Channel = HERE) -> Digest:
        """Choose and store the channel's digest of now, as a tick does."""
        subscription = await self.subscription(channel)
        digest = await self.engine.preview(subscription)
        await self.store.ledger.keep([digest], {subscription.key: schedule.next_due(subscription, self.clock())})
        return digest


def options_of(message: Message, label: str) -> Mapping[str, str]:
    """The options of a button."""
    return next(action.options for action in message.actions if action.label == label)


def listed(message: Message) -> list[str]:
    """The ids of a list's papers, from its buttons."""
    return [action.options["paper"] for action in message.actions if action.label.startswith("#")]
