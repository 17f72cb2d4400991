"""A real newsroom for the tests of answers: the engine's steps on a store of the sample week, without any adapter.

stocked()        a database with the bundled sample, as known on its Friday morning
Desk(path)       answers wired to a copy of it: await desk.ask("topics add video"), desk.press(message, "Save")
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from pathlib import Path

from bot import wording
from bot.app import closeness, collect
from bot.app.learner import Learner
from bot.commands import parse_line
from bot.digest import selection
from bot.digest.selection import LONGEST_WINDOW, Shortlist
from bot.errors import SourceError, UserError
from bot.handlers import Answers
from bot.model import Caller, Channel, Digest, Findings, Form, Message, Paper, Subscription, schedule
from bot.query.ast import Query
from bot.ranking.profile import Leaning
from bot.ranking.trend import rank
from bot.search import Elsewhere, Search
from bot.sources import sample
from bot.sources.jsonl import parse_lines
from bot.store import Store, backup

NOW = sample.NOW
HERE = Channel("slack:T1/C1")
ADA = Caller(HERE, Channel("slack:T1/U1"), may_manage=True, timezone="Europe/Berlin")
BEN = Caller(HERE, Channel("slack:T1/U2"), needs="the permission “Manage Channels”")
OMNI = "2510.15870"
"""A paper of the sample."""
ELSEWHERE = Paper("2401.00001", "A Paper Nobody Listed", "We describe something rare.", ("Cy Three",))


def known_then(findings: Findings, now: datetime) -> Findings:
    """What had been listed and counted by then."""
    papers = tuple(paper for paper in findings.papers if paper.listed_at is None or paper.listed_at <= now)
    return Findings(papers, tuple(signal for signal in findings.signals if signal.seen_at <= now))


@cache
def stocked() -> bytes:
    """The database of that Friday morning; made once, because indexing takes longer than a test."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as aside:
        path = Path(folder) / "week.db"
        aside.submit(asyncio.run, _stock(path)).result()
        backup(path, path.with_name("copy.db"))
        return path.with_name("copy.db").read_bytes()


async def _stock(path: Path) -> None:
    with Store(path, write=True) as store:
        await store.papers.add(known_then(parse_lines(sample.read(), "the sample"), NOW), "file", NOW)
        await collect.describe(store)


class WeekNewsroom:
    """The engine's promises to answers, kept on a store; papers that somebody could look up are told beforehand."""

    def __init__(self, store: Store, now: datetime = NOW) -> None:
        self.store, self.time = store, now
        self.learner = Learner(store)
        self.strangers: dict[str, Paper] = {}
        self.beyond = Elsewhere()
        self.faults: tuple[str, ...] = ()
        self.fault: SourceError | None = None
        self.refusal: str | None = None
        self.woken = 0
        self._shortlist: Shortlist | None = None

    def now(self) -> datetime:
        return self.time

    async def shortlist(self) -> Shortlist:
        if self._shortlist is None or self._shortlist.now != self.time or self._shortlist.faults != self.faults:
            papers = await self.store.papers.candidates(self.time - LONGEST_WINDOW, self.time)
            signals = await self.store.papers.signals((p.id for p in papers), self.time - LONGEST_WINDOW)
            self._shortlist = Shortlist(
                rank(papers, signals, self.time), self.time, faults=self.faults, blind=bool(self.faults)
            )
        return self._shortlist

    def latest(self) -> tuple[Paper, ...]:
        return tuple(trend.paper for trend in self._shortlist.trends) if self._shortlist else ()

    async def preview(self, wish: Subscription) -> Digest:
        shortlist = await self.shortlist()
        shown = await self.store.ledger.shown_in(wish.channel, (trend.paper.id for trend in shortlist.trends))
        day = schedule.local_day(wish, self.time)
        leaning = await self.leaning(wish.channel, shortlist)
        return selection.choose(wish, shortlist, shortlist.mask(shown), day=day, due_at=self.time, leaning=leaning)

    async def leaning(self, channel: Channel, shortlist: Shortlist) -> Leaning | None:
        return await self.learner.leaning(channel, shortlist)

    async def fetch_paper(self, paper_id: str) -> Paper | None:
        known = (await self.store.papers.get((paper_id,))).get(paper_id)
        if known is not None:
            return known
        if self.fault is not None:
            raise self.fault
        if paper_id not in self.strangers:
            return None
        await self.store.papers.add(Findings((self.strangers[paper_id],)), "arxiv", self.time)
        await collect.describe(self.store)
        return self.strangers[paper_id]

    async def elsewhere(self, query: Query) -> Elsewhere:
        return self.beyond

    async def understand(self, shortlist: Shortlist, topics: Sequence[str]) -> None:
        await closeness.learn(Search(self.store), shortlist, topics)

    async def prove(self, channel: Channel) -> str | None:
        return self.refusal

    def wake(self) -> None:
        self.woken += 1


class Desk:
    """Somebody at the console of a test."""

    def __init__(self, path: Path, *, empty: bool = False) -> None:
        if not empty:
            (path / "week.db").write_bytes(stocked())
        self.store = Store(path / "week.db", write=True)
        self.newsroom = WeekNewsroom(self.store)
        self.search = Search(self.store)
        self.answers = Answers(self.store, self.search, self.newsroom, version="1.2.3")

    async def say(self, line: str, caller: Caller = ADA) -> Message | Form:
        """Type a line, as at `bot.app.desk`."""
        try:
            command, options = parse_line(line)
        except UserError as error:
            return wording.problem(str(error))
        return await self.answers.run(command, caller, options)

    async def ask(self, line: str, caller: Caller = ADA) -> Message:
        """Type a line that is answered with a message."""
        answer = await self.say(line, caller)
        assert isinstance(answer, Message), answer
        return answer

    async def form(self, line: str = "settings", caller: Caller = ADA, **options: str) -> Form:
        """Type a line that is answered with a form."""
        answer = await (self.answers.run(line, caller, options) if options else self.say(line, caller))
        assert isinstance(answer, Form), answer
        return answer

    async def press(self, message: Message, label: str, caller: Caller = ADA) -> Message:
        """Press a button under a message."""
        action = next((action for action in message.actions if action.label == label), None)
        assert action is not None, f"no button {label} among {[a.label for a in message.actions]}"
        return await self.run(action.command, caller, **dict(action.options))

    async def run(self, command: str, caller: Caller = ADA, **options: str) -> Message:
        """Run a command with options, as a platform does."""
        answer = await self.answers.run(command, caller, options)
        assert isinstance(answer, Message), answer
        return answer

    async def wish(self, channel: Channel = HERE) -> Subscription:
        """What the channel wants by now."""
        found = await self.store.subscriptions.get(channel)
        assert found is not None
        return found

    async def deliver(self, channel: Channel = HERE) -> Digest:
        """Choose and keep the channel's digest of now, as a tick does."""
        wish = await self.wish(channel)
        kept = await self.newsroom.preview(wish)
        await self.store.ledger.keep([kept], {channel: schedule.next_due(wish, self.newsroom.time)})
        return kept


def options_of(message: Message, label: str) -> Mapping[str, str]:
    """What a button carries."""
    return next(action.options for action in message.actions if action.label == label)


def listed(message: Message) -> list[str]:
    """The ids of a list, as its buttons know them."""
    return [action.options["paper"] for action in message.actions if action.label.startswith("#")]
