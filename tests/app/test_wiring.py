"""The wiring: parts are restarted, HTTP answers, steps survive their faults, and the desk turns faults into words."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path

import httpx
import pytest

from bot import settings
from bot.app import http_server, scheduler
from bot.app.desk import FrontDesk
from bot.app.engine import DigestEngine
from bot.delivery import attempts
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.errors import DeliveryError, Failure, SourceError, StoreError, UnavailableStoreError
from bot.handlers import Handlers
from bot.model import Caller, Channel, Findings, Form, Message, Paper, Ref, Subscription
from bot.queue.in_process import InProcessQueue
from bot.search import Search
from bot.sources import sample
from bot.sources.connect import user_agent
from bot.sources.jsonl import parse_lines
from bot.store import Store
from bot.store.sqlite import SqliteStore
from tests.fakes import FakeClock, FakeOutlet, reactions
from tests.harness.store import new_store

CHANNEL, USER = Channel("fake:T1/C1"), Channel("fake:T1/U1")
CALLER = Caller(CHANNEL, USER, may_manage=True)


async def test_a_part_that_dies_or_ends_is_started_again_with_back_off():
    waits: list[float] = []
    starts = 0

    async def part() -> None:
        nonlocal starts
        starts += 1
        if starts % 2:
            raise RuntimeError("down")

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 6:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await scheduler.supervise("part", part, sleep=sleep)
    assert waits == [1.0, 5.0, 15.0, 60.0, 60.0, 60.0]


async def test_a_part_that_fails_at_its_end_is_not_started_again():
    starts = []

    async def part() -> None:
        starts.append("start")
        try:
            await asyncio.Event().wait()
        finally:
            raise StoreError("the server is away")

    task = asyncio.create_task(scheduler.supervise("part", part))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 60)
    assert starts == ["start"]


async def test_a_scheduled_step_that_fails_is_logged_and_the_next_one_comes(caplog):
    async def step() -> None:
        raise RuntimeError("no luck")

    with caplog.at_level(logging.ERROR, "paperboy.app"):
        await scheduler.log_failures(step)()
    assert "step=step" in caplog.text


async def test_a_step_that_is_cut_short_at_the_end_is_no_fault(caplog):
    going = asyncio.Event()

    async def step() -> None:
        going.set()
        await asyncio.Event().wait()

    with caplog.at_level(logging.INFO, "paperboy.app"):
        task = asyncio.create_task(scheduler.log_failures(step)())
        await going.wait()
        task.cancel()
        await task
    assert [record.levelname for record in caplog.records] == ["INFO"]


class Endpoint:
    """A front that is called over HTTP."""

    name = "echo"

    def __init__(self) -> None:
        self.asgi = ("/echo", self._answer)

    async def _answer(self, scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async def serve(self, desk) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize("collection", ["ends", "fails", "hangs"])
async def test_no_digest_is_chosen_before_the_sources_were_read_once_or_took_too_long(collection):
    ticks, release = [], asyncio.Event()

    async def collect():
        await release.wait()
        if collection == "fails":
            raise OSError("disk full")

    async def tick():
        ticks.append("tick")

    patience = 0.0 if collection == "hangs" else 60.0
    collect_first, tick_after = scheduler.after_first_collection(collect, tick, patience=patience)
    task = asyncio.create_task(collect_first())
    await tick_after()
    assert ticks == (["tick"] if collection == "hangs" else [])
    release.set()
    await asyncio.gather(task, return_exceptions=True)
    ticks.clear()
    await tick_after()
    assert ticks == ["tick"]


async def test_the_end_of_the_first_collection_is_told_once():
    ends = []

    async def collect() -> None:
        raise RuntimeError("as the test set it")

    collect_first, _ = scheduler.after_first_collection(collect, collect, opened=lambda: ends.append("opened"))
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await collect_first()
    assert ends == ["opened"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_one_server_carries_health_and_every_front(host: str):
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        port = probe.getsockname()[1]
    task = asyncio.create_task(http_server.serve((Endpoint(),), host, port))
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=5)) as client:
        assert (await client.get(f"{url}/healthz")).text == "ok\n"
        assert (await client.get(f"{url}/echo/x")).text.endswith("/x")
        assert (await client.get(f"{url}/nothing")).status_code == 404
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_port_that_is_taken_is_an_error_and_not_the_end_of_the_process():
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(OSError, match="in use"):
        await http_server.serve((), "127.0.0.1", listener.getsockname()[1])


def test_the_user_agent_carries_the_contact(monkeypatch):
    monkeypatch.setenv("PAPERBOY_CONTACT", "desk@example.org")
    assert "desk@example.org" in user_agent(settings.load())
    monkeypatch.delenv("PAPERBOY_CONTACT")
    assert user_agent(settings.load()).startswith("Paperboy/")


class Library:
    """A source that can look papers up."""

    def __init__(self, name: str, *papers: Paper, down: bool = False) -> None:
        self.name, self.papers, self.down = name, papers, down
        self.refused: tuple[str, ...] = ()

    async def fetch(self, since, now):
        raise SourceError(self.name, "lists nothing")

    async def lookup(self, ids, *, people=True):
        if self.down:
            raise SourceError(self.name, "closed today")
        skipped = tuple(f"paper {each}: refused" for each in ids if each in self.refused)
        return Findings(tuple(paper for paper in self.papers if paper.id in ids), skipped=skipped)

    async def search(self, query, limit):
        return ()


class Desk:
    """A desk on a real store with the sample week."""

    def __init__(self, store: Store, *sources: Library, outlet: FakeOutlet | None = None) -> None:
        self.clock = FakeClock(sample.NOW)
        self.outlet = outlet or FakeOutlet()
        outlets = {"fake": self.outlet}
        notices = Notices(store, outlets, self.clock, None)
        self.deliverer = Deliverer(store, outlets, self.clock, notices)
        self.queue = InProcessQueue(self.deliverer)
        self.engine = DigestEngine(store, sources, self.clock, notices=notices, outlets=outlets, queue=self.queue)
        self.desk = FrontDesk(self.engine, Handlers(store, Search(store), self.engine), self.deliverer)
        self.store = store


@pytest.fixture
async def store(tmp_path: Path):
    with new_store(tmp_path / "paperboy.db") as opened:
        await opened.papers.add(parse_lines(sample.read()), "file", sample.NOW)
        yield opened


async def test_a_paper_nobody_stored_is_looked_up_then_kept(store):
    paper = Paper("2405.14105", "An Older Paper", abstract="We present age.")
    desk = Desk(store, Library("closed", down=True), Library("open", paper))
    assert await desk.engine.fetch_paper("2405.14105") is not None
    assert "2405.14105" in await store.papers.get(["2405.14105"])


async def test_a_store_opened_for_reading_still_answers_about_a_paper_it_has_not(store):
    paper = Paper("2405.14105", "An Older Paper", abstract="We present age.")
    with SqliteStore(store.path, write=False) as reading:
        assert await Desk(reading, Library("open", paper)).engine.fetch_paper("2405.14105") == paper


async def test_a_paper_nobody_knows_is_none_and_a_closed_library_says_so(store):
    assert await Desk(store, Library("open")).engine.fetch_paper("2405.99999") is None
    with pytest.raises(SourceError, match="closed today"):
        await Desk(store, Library("closed", down=True)).engine.fetch_paper("2405.99999")


async def test_a_paper_whose_id_is_refused_is_not_said_to_be_unknown(store):
    library = Library("open")
    library.refused = ("2405.99999",)
    with pytest.raises(SourceError, match=r"open: paper 2405\.99999: refused"):
        await Desk(store, library).engine.fetch_paper("2405.99999")


async def test_what_the_outlet_cannot_prove_is_raised_with_its_reason(store):
    desk = Desk(store)
    await desk.engine.prove(CHANNEL)
    desk.outlet.fails_next(Failure.CHANNEL_GONE, "not in channel")
    with pytest.raises(DeliveryError, match="not in channel"):
        await desk.engine.prove(CHANNEL)
    with pytest.raises(DeliveryError, match="no adapter for pigeon"):
        await desk.engine.prove(Channel("pigeon:x"))


async def test_an_unexpected_fault_is_logged_and_answered_in_one_line(store, caplog):
    desk = Desk(store)
    store.close()
    answer = await desk.desk.run("status", CALLER, {})
    assert isinstance(answer, Message)
    assert "our side" in answer.text
    assert "a command failed command=status" in caplog.text


async def test_a_database_that_is_away_is_one_line_in_the_log_and_readers_learn_nothing_of_it(
    store, caplog, monkeypatch
):
    async def away(*_: object) -> None:
        raise UnavailableStoreError("cannot use the database: no route to 10.0.0.3; check PAPERBOY_DB")

    monkeypatch.setattr(store.subscriptions, "of", away)
    answer = await Desk(store).desk.run("settings", CALLER, {})
    assert isinstance(answer, Message)
    assert answer.text == "Paperboy can't reach its database just now. Please try again in a minute."
    await scheduler.log_failures(away)()
    lines = [record for record in caplog.records if "reason=cannot use the database: no route" in record.getMessage()]
    assert [record.exc_info for record in lines] == [None, None]


async def test_what_the_user_did_wrong_is_said_and_what_is_typed_is_run(store):
    desk = Desk(store).desk
    assert "Did you mean" in (await desk.say("serch x", CALLER)).text
    assert "Trending now" in (await desk.say("/papers today count:2", CALLER)).text
    assert await desk.complete("subscribe", "timezone", "Europe/Ber", CALLER) == ("Europe/Berlin",)
    form = await desk.run("settings", CALLER, {})
    if not isinstance(form, Message):
        assert not isinstance(await desk.read(form, CALLER.channel), Form)


async def test_a_reaction_to_a_posted_paper_counts_and_one_to_anything_else_does_not(store):
    desk = Desk(store)
    await store.subscriptions.put(Subscription(CHANNEL, next_due=sample.NOW))
    await desk.engine.tick()
    await desk.queue.drain()
    ref = desk.outlet.posts[1].ref
    await desk.desk.react(CHANNEL, ref, USER, 1)
    assert len(await reactions(store, CHANNEL)) == 1
    await desk.desk.react(CHANNEL, ref, USER, 0)
    await desk.desk.react(CHANNEL, Ref("nobody's"), USER, 1)
    assert await reactions(store, CHANNEL) == []


async def test_a_channel_that_is_gone_pauses_and_one_that_is_back_goes_on_with_one_hello(store):
    desk = Desk(store)
    await store.subscriptions.put(Subscription(CHANNEL, next_due=sample.NOW, set_by=USER))
    hello = await desk.desk.joined(CHANNEL, USER)
    assert hello is not None
    assert any(action.command == "subscribe" for action in hello.actions)
    await desk.desk.gone(CHANNEL, "it was archived")
    paused = await store.subscriptions.get(CHANNEL)
    assert paused is not None
    assert paused.pause_reason == "it was archived"
    assert await desk.desk.joined(CHANNEL, USER) is None
    again = await store.subscriptions.get(CHANNEL)
    assert again is not None
    assert again.paused_at is None


async def test_an_observation_is_thinned_once_a_day_by_the_engine(store):
    desk = Desk(store)
    assert (await store.papers.count())[1] > 0
    assert await store.secrets.use_once("a signature", desk.clock())
    desk.clock.advance(days=200)
    await desk.engine.tidy()
    assert (await store.papers.count())[1] > 0
    assert await store.secrets.use_once("a signature", desk.clock()), "it was forgotten"


@pytest.mark.parametrize(("claims", "kind"), [(True, Failure.UNKNOWN), (False, Failure.LATER)])
async def test_after_an_adapter_fault_only_a_claimed_message_may_have_left(store, claims, kind):
    desk = Desk(store)

    async def broken(*args, claim, **kwargs):
        if claims:
            await claim()
        raise ZeroDivisionError

    desk.outlet.post = broken
    with pytest.raises(DeliveryError) as caught:
        await attempts.post(desk.outlet, CHANNEL, Message(()), under=None, key="k")
    assert caught.value.kind is kind
