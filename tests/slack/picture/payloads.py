"""Payloads of the pictures: the sample's digest and a search in it, as the Slack adapter posts them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from adapters.slack.blocks import payload
from bot.app import collect
from bot.app.cli import preview
from bot.app.engine import DigestEngine
from bot.delivery.notices import Notices
from bot.handlers import Handlers
from bot.model import Caller, Channel, Message
from bot.search import Search
from bot.settings import Settings
from bot.sources import sample
from bot.sources.jsonl import parse_lines
from bot.store.sqlite import SqliteStore
from bot.wording.digest import digest_thread

QUERY = "long context reasoning"
HERE = Channel("slack:T1/C1")


async def digest() -> list[dict[str, Any]]:
    """The opener, and the first two replies of its thread."""
    chosen, _ = await preview.choose(Settings(), preview.console_subscription((), 5), sample=True)
    thread = digest_thread(chosen)
    opener, *replies = [payload(message) for message in (thread.opener, *thread.replies[:2])]
    return [{**opener, "note": f"{len(thread.replies)} replies"}, *replies]


async def search() -> list[dict[str, Any]]:
    """The answer to `/papers search`."""
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "week.db", write=True) as store:
        findings = preview.findings_at(parse_lines(sample.read()), sample.NOW)
        await store.papers.add(findings, "file", sample.NOW)
        await collect.describe(store)
        engine = DigestEngine(store, (), lambda: sample.NOW, notices=Notices(store, {}, lambda: sample.NOW, None))
        answers = Handlers(store, Search(store), engine)
        answer = await answers.run("search", Caller(HERE, HERE), {"query": QUERY})
    assert isinstance(answer, Message)
    return [payload(answer)]
