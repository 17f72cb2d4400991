"""Payloads of the pictures: the sample's digest, a search, App Home and Zotero, as the Slack adapter posts them."""

from __future__ import annotations

import re
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.slack import home_view
from adapters.slack.blocks import payload
from adapters.slack.new_blocks import new_payload
from adapters.web.share_card import share_card
from bot.app import collect
from bot.app.cli import preview
from bot.app.engine import DigestEngine
from bot.commands import with_places
from bot.delivery.notices import Notices
from bot.handlers import Handlers
from bot.handlers.zotero import close_trends
from bot.model import Caller, Channel, Message, Trend
from bot.search import Search
from bot.settings import Settings
from bot.sources import sample
from bot.sources.jsonl import parse_lines
from bot.wording.cards import Entry
from bot.wording.digest import digest_thread
from bot.wording.parts import without_share
from bot.wording.visibility import without_hidden
from bot.wording.zotero import daily_message
from tests.harness.store import new_store
from tests.harness.zotero import zotero_desk

QUERY = "long context reasoning"
HERE = Channel("slack:T1/C1")
ADA = Caller(Channel("slack:T1/D1"), Channel("slack:T1/U1"), may_manage=True, timezone="Europe/Berlin")


async def digest() -> list[dict[str, Any]]:
    """The opener, and the first two replies of its thread."""
    chosen, _ = await preview.choose(Settings(), preview.console_subscription((), 5), sample=True)
    thread = digest_thread(chosen)
    messages = (thread.opener, *thread.replies[:2])
    opener, *replies = [new_payload(message) or payload(message) for message in messages]
    for reply, pick in zip(replies, chosen.picks, strict=False):
        _draw_picture(reply["blocks"], pick.trend)
    return [{**opener, "note": f"{len(thread.replies)} replies"}, *replies]


def _draw_picture(blocks: list[dict[str, Any]], trend: Trend) -> None:
    """Put our own card of a paper in the place of Hugging Face's picture, which cannot be fetched here."""
    for block in blocks:
        if block["type"] == "image":
            block["image_url"] = f"data:image/png;base64,{b64encode(share_card(trend)).decode()}"


@asynccontextmanager
async def answering() -> AsyncIterator[Handlers]:
    """The handlers of a Paperboy that has read the sample."""
    with tempfile.TemporaryDirectory() as folder, new_store(Path(folder) / "week.db") as store:
        findings = preview.findings_at(parse_lines(sample.read()), sample.NOW)
        await store.papers.add(findings, "file", sample.NOW)
        await collect.describe(store)
        engine = DigestEngine(store, (), lambda: sample.NOW, notices=Notices(store, {}, lambda: sample.NOW, None))
        yield Handlers(store, Search(store), engine)


async def message(handlers: Handlers, command: str, caller: Caller = ADA, **options: str) -> Message:
    """The answer to a command."""
    answer = await handlers.run(command, caller, options)
    assert isinstance(answer, Message)
    return answer


async def search() -> list[dict[str, Any]]:
    """The answer to `/papers search`."""
    async with answering() as handlers:
        return [payload(await message(handlers, "search", query=QUERY))]


async def zotero() -> list[dict[str, Any]]:
    """The answer to [Save] of a connected person, and the message that comes to them next morning."""
    with tempfile.TemporaryDirectory() as folder:
        async with zotero_desk(Path(folder)) as desk:
            desk.zotero.has_collection("Reading", "READ2345")
            for title in ("Video diffusion transformers", "Controllable video generation", "Long video understanding"):
                desk.zotero.has(title=title, abstract=f"{title} with large models of motion and time.")
            desk.clock.set(sample.NOW - timedelta(minutes=10))
            await desk.connect(caller=ADA)
            await message(desk.handlers, "zotero collection", name="reading")
            await desk.sync.round()
            saved = await message(desk.handlers, "save", paper="2510.20579")
            account = await desk.store.zotero.account(ADA.user)
            assert account is not None
            trends = await close_trends(desk.store, desk.search, account, await desk.engine.shortlist())
            entries = [Entry(trend.paper, trend.evidence, listed=trend.listed) for trend in trends[:3]]
            return [payload(saved), payload(daily_message(account, entries, sample.NOW))]


async def agent() -> list[dict[str, Any]]:
    """A thread of the agent: a question, what is written below its answer, and the second answer."""
    typed = ["any papers on long context reasoning?", "why #1"]
    there = replace(ADA, direct=True, command_word="")
    async with answering() as handlers:
        papers = await message(handlers, "search", there, query=QUERY, count="2")
        why = await message(handlers, "why", there, paper=with_places(typed[1], papers.actions).removeprefix("why "))
    shown = (without_share(papers), without_share(why))
    answers = [new_payload(each, removable=True) for each in shown]
    return [
        each for text, answer in zip(typed, answers, strict=True) for each in ({"name": "Ada", "text": text}, answer)
    ]


async def home() -> list[dict[str, Any]]:
    """App Home of somebody with a digest, a reading list and a channel."""
    async with answering() as handlers:
        await message(handlers, "subscribe", ADA, size="3")
        await message(handlers, "subscribe", replace(ADA, channel=HERE))
        await message(handlers, "save", ADA, paper="2510.20579")
        topics = await message(handlers, "topics list")
        overview = await message(handlers, "subscriptions", replace(ADA, channel=HERE))
        saved = await message(handlers, "saved list")
    names = {"slack:T1/C1": "#reading-group", "slack:T1/D1": "Direct messages", "slack:T1/U1": "Ada"}
    address = re.compile(r"slack:T1/[A-Z0-9]+")
    visible = without_hidden(overview, address, (), lambda each: names.get(each, ""))
    sections = [
        home_view.message_blocks(home_view.INTRODUCTION),
        home_view.message_blocks(home_view.own_digest(topics)),
        home_view.message_blocks(saved),
        home_view.channel_rows(visible, ["C1", "D1"]),
    ]
    return [home_view.home_view(sections, home_view.ViewState("D1"))]
