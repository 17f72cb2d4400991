"""The calendar: days with the number of papers listed on them, and the lists filtered by a category."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adapters.web.month_calendar import months, weeks
from bot.model import Findings, Signal
from tests.fakes import paper
from tests.harness.desk import NOW
from tests.web.harness import running_site


async def test_each_day_has_its_number_of_papers_and_leads_to_its_list(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        early = replace(paper(1), listed_at=datetime(2025, 10, 1, tzinfo=UTC))  # in its first minute
        withdrawn = replace(paper(2), listed_at=datetime(2025, 10, 7, tzinfo=UTC), withdrawn=True)
        unlisted = replace(paper(3), listed_at=None)
        await reader.backend.store.papers.add(Findings((early, withdrawn, unlisted)), "huggingface", NOW)
        start = (await reader.get("/calendar")).answer
        assert (start.status_code, start.headers["location"]) == (307, "/calendar/2025-10")
        page = await reader.get("/calendar/2025-10")
        assert page.heading == "Calendar · October 2025"
        listed = await reader.backend.desk.library.listed(date(2025, 10, 1), date(2025, 10, 31), limit=1_000)
        counts = Counter(day for _, day in listed)
        assert counts[date(2025, 10, 1)] == 1
        labels = {cell.attrib["href"]: cell.attrib["aria-label"] for cell in page.tree.iterfind(".//td/a")}
        for day, count in counts.items():
            assert labels[f"/day/{day}"].endswith(f": {count} paper{'s' * (count != 1)}")
        assert "/day/2025-10-02" in labels, "its list has the papers of three days"
        assert not labels.keys() & {"/day/2025-10-04", "/day/2025-10-07", "/day/2025-10-25"}
        [today] = [cell for cell in page.tree.iter("a") if cell.attrib.get("aria-current") == "date"]
        assert today.attrib["href"] == "/day/2025-10-24"
        assert {"/week/2025-W43", "/month/2025-10", "/calendar/2025-09", "/calendar/2025-01"} <= set(page.links())
        assert not [link for link in page.links() if link.startswith(("/calendar/2025-11", "/week/2025-W44"))]
        for path in ("/calendar/2025-09", "/calendar/2025-11", "/calendar/2025-1", "/calendar/2025-13"):
            assert (await reader.get(path)).status == 404, path


def test_a_month_is_a_table_of_whole_weeks_and_busier_days_are_darker():
    first, today = date(2026, 2, 1), date(2026, 2, 20)
    rows = weeks(first, {date(2026, 2, 10): 40, date(2026, 2, 11): 10, date(2026, 2, 12): 1}, today)
    assert [row.number for row in rows] == [5, 6, 7, 8, 9]
    assert all(len(row.days) == 7 for row in rows)
    days = {day.number: day for row in rows for day in row.days if day}
    assert list(days) == list(range(1, 29))
    assert [days[n].shade for n in (10, 11, 12, 13)] == [4, 1, 1, 0]
    assert [bool(days[n].path) for n in (9, 10, 14, 15)] == [False, True, True, False]
    assert [bool(path) for _, path in months(first, today)] == [True] * 2 + [False] * 10


@pytest.mark.parametrize("path", ["/", "/day/2025-10-23", "/week/2025-W43", "/month/2025-10"])
async def test_a_list_is_filtered_by_a_category(tmp_path: Path, path: str):
    async with running_site(tmp_path) as reader:
        everything = await reader.get(path)
        assert f"{path}?cat=cs.CV" in everything.links()
        page = await reader.get(f"{path}?cat=cs.CV")
        library = reader.backend.desk.library
        categories = {
            link: (await library.paper(link.removeprefix("/paper/"), similar=0)).trend.paper.categories
            for link in page.links()
            if link.startswith("/paper/")
        }
        assert len(categories) == len(page.titles) > 3
        assert all("cs.CV" in each for each in categories.values())
        [shown] = [link for link in page.tree.iterfind(".//nav[@class='filters']/a") if "aria-current" in link.attrib]
        assert "".join(shown.itertext()).startswith("cs.CV ")
        none = await reader.get(f"{path}?cat=hep-th")
        assert (none.status, none.titles) == (200, [])
        assert "No paper of this list is in hep-th." in none.text
        assert (await reader.get(f"{path}?cat=<b>")).status == 404


async def test_a_filtered_list_goes_on_on_its_next_page(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        words = iter("abcdefghijklmnopqrstuvwxyz0123456789")
        many = [
            replace(paper(n, at=NOW - timedelta(hours=2), title=f"On {next(words) * 9} alone"), categories=("cs.RO",))
            for n in range(30)
        ]
        votes = tuple(Signal(each.id, "huggingface", "upvotes", 500 + n, NOW) for n, each in enumerate(many))
        await reader.backend.store.papers.add(Findings(tuple(many), votes), "huggingface", NOW)
        await reader.backend.engine.collect()
        assert "/?cat=cs.RO&page=2" in (await reader.get("/?cat=cs.RO")).links()
        assert len((await reader.get("/?cat=cs.RO&page=2")).titles) == 10
