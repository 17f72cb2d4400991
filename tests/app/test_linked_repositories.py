"""What names a paper is looked up once, one paper at a time, and a page waits for it no longer than a moment."""

from __future__ import annotations

import asyncio

import pytest

from bot.app import linked_repositories
from bot.app.linked_repositories import FAULT_PAUSE, HOURS_KEPT, WAITING, LinkedRepositories
from bot.errors import SourceError
from bot.model import LinkedRepository

MODEL = LinkedRepository("model", "lab/model", "https://huggingface.co/lab/model", 3)


class Hub:
    """A source that answers when it is let."""

    name = "huggingface"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.at_once = self.most_at_once = 0
        self.fault: Exception | None = None

    async def fetch(self, since, now):
        raise NotImplementedError

    async def repositories(self, paper_id: str) -> tuple[LinkedRepository, ...]:
        self.asked.append(paper_id)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await self.answers.wait()
        self.at_once -= 1
        if self.fault:
            raise self.fault
        return (MODEL,)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setattr(linked_repositories, "PAUSE", 0.0)
    return Hub()


async def test_a_paper_is_asked_about_once_in_some_hours(hub: Hub):
    now = 0.0
    links = LinkedRepositories((hub,), lambda: now)
    assert await asyncio.gather(*(links.of("2510.1") for _ in range(5))) == [(MODEL,)] * 5
    assert hub.asked == ["2510.1"]
    now = HOURS_KEPT * 3600 + 1
    assert await links.of("2510.1") == (MODEL,)
    assert hub.asked == ["2510.1"] * 2


async def test_a_slow_answer_shows_at_the_next_view(hub: Hub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(linked_repositories, "PATIENCE", 0.01)
    links = LinkedRepositories((hub,))
    hub.answers.clear()
    assert await links.of("2510.1") == ()
    hub.answers.set()
    await asyncio.gather(*links._running.values())
    assert await links.of("2510.1") == (MODEL,)


async def test_a_robot_brings_no_more_than_one_request_at_a_time_and_a_short_queue(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(linked_repositories, "PATIENCE", 0.01)
    links = LinkedRepositories((hub,))
    hub.answers.clear()
    await asyncio.gather(*(links.of(f"2510.{n}") for n in range(200)))
    assert len(links._running) == WAITING
    hub.answers.set()
    await asyncio.gather(*links._running.values())
    assert (len(hub.asked), hub.most_at_once) == (WAITING, 1)


@pytest.mark.parametrize("fault", [SourceError("huggingface", "it is down"), RuntimeError("broken")])
async def test_a_fault_is_no_fault_of_the_page(hub: Hub, fault: Exception):
    now = 0.0
    links = LinkedRepositories((hub,), lambda: now)
    hub.fault = fault
    assert await links.of("2510.1") == ()
    assert not links._running
    hub.fault = None
    now = FAULT_PAUSE / 2
    assert await links.of("2510.2") == (() if isinstance(fault, SourceError) else (MODEL,)), "it is left alone"
    now = FAULT_PAUSE
    assert await links.of("2510.1") == (MODEL,)


async def test_without_such_a_source_there_is_nothing():
    assert await LinkedRepositories(()).of("2510.1") == ()


async def test_requests_are_a_pause_apart(monkeypatch: pytest.MonkeyPatch):
    hub, now, slept = Hub(), 100.0, []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(linked_repositories.asyncio, "sleep", sleep)
    links = LinkedRepositories((hub,), lambda: now)
    await links.of("2510.1")
    await links.of("2510.2")
    assert slept == [0.0, 1.0]
