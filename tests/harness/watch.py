"""New papers for a watch."""

from __future__ import annotations

from dataclasses import replace

from bot.app import collect
from bot.model import Findings, Paper
from tests.fakes import paper
from tests.harness.engine import Backend

LINE = '"speculative decoding"'


async def paper_comes(backend: Backend, number: int) -> Paper:
    """Half an hour later the sources have a new paper on speculative decoding; what is due is posted."""
    backend.clock.advance(minutes=30)
    now = backend.clock()
    title = f"Speculative Decoding, Part {number}"
    new = replace(paper(number, at=now, title=title), listed_at=None, published_at=now)
    await backend.store.papers.add(Findings((new,)), "arxiv", now)
    await collect.describe(backend.store)
    await backend.engine.refresh()
    await backend.queue.drain()
    return new
