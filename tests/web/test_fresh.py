"""Cards remember what they were made of: what changes shows at the next view, and nothing is read twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import collect
from bot.model import Findings, Paper, Signal
from tests.harness.desk import NOW, OMNI
from tests.web.harness import Reader, running_site

OLD = Paper(
    "2401.00001",
    "Zebrafish Agents",
    "Zebrafish agents are <i>old</i>.",
    authors=("Ann Bee",),
    listed_at=NOW - timedelta(days=90),
)


async def add(reader: Reader, paper: Paper, *signals: Signal) -> None:
    await reader.backend.store.papers.add(Findings((paper,), signals), "arxiv", NOW)
    await collect.describe(reader.backend.store)
    await reader.backend.engine.collect()


@pytest.mark.parametrize("candidate", [False, True])
async def test_votes_titles_and_withdrawals_show_at_the_next_view(tmp_path: Path, candidate: bool):
    async with running_site(tmp_path) as reader:
        [omni] = (await reader.backend.store.papers.get([OMNI])).values()
        paper = replace(OLD, listed_at=NOW - timedelta(days=1), abstract=omni.abstract) if candidate else OLD
        await add(reader, paper)
        paths = ("/search?q=zebrafish", "/search?q=zebrafish&order=newest", *(("/topics/zebrafish",) * candidate))
        for path in paths:
            assert (await reader.get(path)).titles == ["Zebrafish Agents"]
        voted = Signal(paper.id, "huggingface", "upvotes", 4_000, NOW)
        await add(reader, paper, voted)
        for path in paths:
            assert "4k upvotes" in (await reader.get(path)).text
        changed = replace(paper, title="Zebrafish Renamed", abstract="Zebrafish agents are new.", authors=("Cy Dee",))
        await add(reader, changed)
        for path in paths:
            page = await reader.get(path)
            assert page.titles == ["Zebrafish Renamed"]
            assert "Cy Dee" in page.text
            assert page.all(".//details/p") == ["Zebrafish agents are new."]
        await add(reader, replace(changed, withdrawn=True))
        for path in paths[:2]:
            assert "Withdrawn by its authors." in (await reader.get(path)).text


async def test_the_signals_of_a_page_of_results_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with running_site(tmp_path) as reader:
        await add(reader, OLD, Signal(OLD.id, "huggingface", "upvotes", 40, NOW - timedelta(days=89)))
        await reader.backend.engine.shortlist()
        papers, reads = reader.backend.store.papers, []
        signals = papers.signals

        async def counted(ids, since):
            reads.append(since)
            return await signals(ids, since)

        monkeypatch.setattr(papers, "signals", counted)
        assert "40 upvotes" in (await reader.get("/search?q=zebrafish")).text
        assert len(reads) == 1


async def test_the_way_to_this_week_and_month_loads_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with running_site(tmp_path) as reader:
        monkeypatch.setattr(type(reader.backend.desk.library), "today", None)
        for path, now in (("/week", "/week/2025-W43"), ("/month", "/month/2025-10"), ("/day/2025-10-24", "/")):
            assert (await reader.get(path)).answer.headers["location"] == now
