"""PAPERBOY_SUMMARIES: Hugging Face's summaries from its list into the store, and out of it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import settings
from bot.app import databases, wiring
from bot.app.doctor import examine
from bot.errors import SettingsError
from bot.model import Paper
from tests.fakes.http_server import Loopback, json_answer

ABSTRACT = (
    "Answers take long. We propose Gull, a drafter that learns from its own mistakes without any labels. On 3.5 M"
    " prompts, Gull is 2.1x faster than FastDraft and loses 0.4% accuracy."
)
GOOD = "Gull is a drafter that learns from its own mistakes and is 2.1x faster than FastDraft."
SUMMARIES = {
    "passes": GOOD,
    "has another number": "Gull is a drafter that learns from its own mistakes and is 9.9x faster than FastDraft.",
    "pings": "Gull is a drafter that learns from its own mistakes <!channel> @everyone.",
    "has markup": "[Gull](https://evil.example) is a drafter that learns from its own mistakes.",
    "is far too long": f"{GOOD} " * 400,
    "is none": None,
    "is no text": {"html": "<script>"},
}


def item(number: int, summary: object) -> dict[str, object]:
    day = "2025-10-24T08:00:00.000Z"
    paper = {"id": f"2510.9{number:04}", "title": "Gull: Cheap Drafts", "summary": ABSTRACT, "publishedAt": day}
    return {"paper": {**paper, "submittedOnDailyAt": day, "upvotes": 5, "ai_summary": summary}}


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "clock").write_text("2025-10-24T09:00:00+00:00")
    async with Loopback() as server:
        server.on("/api/daily_papers", json_answer([item(n, each) for n, each in enumerate(SUMMARIES.values())]))
        for name, value in {
            "CLOCK": str(tmp_path / "clock"),
            "DB": str(tmp_path / "p.db"),
            "SOURCES": "huggingface",
            "HUGGINGFACE_URL": server.url,
        }.items():
            monkeypatch.setenv(f"PAPERBOY_{name}", value)
        yield server


async def collected(**overrides: object) -> list[Paper]:
    """The papers after a collection with these settings, in the order of `SUMMARIES`."""
    loaded = settings.load(**overrides)
    with databases.open_store(loaded.db, write=True) as store:
        async with wiring.build(loaded, store) as built:
            await built.engine.collect()
        return sorted(
            (await store.papers.get(item(n, "")["paper"]["id"] for n in range(9))).values(), key=lambda p: p.id
        )


async def test_they_are_stored_where_they_pass_and_only_as_long_as_the_operator_wants_them(server: Loopback):
    off = await collected()
    assert {paper.tldr_by for paper in off} == {""}
    on = await collected(summaries="huggingface")
    assert [paper.tldr_by for paper in on] == ["Hugging Face", *[""] * (len(SUMMARIES) - 1)]
    assert on[0].tldr == GOOD
    assert {paper.tldr for paper in on[1:]} == {off[0].tldr}, "the authors' sentence stays"
    assert await collected(summaries="huggingface") == on
    assert await collected() == off


async def test_doctor_says_whose_summaries_are_shown_and_what_is_left_over(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
):
    async def check() -> tuple[str, str]:
        [found] = [each for each in await examine(None, {}) if each.subject == "summaries"]
        return found.result, found.remedy

    await collected(summaries="huggingface")
    text, remedy = await check()
    assert "the authors', but 1 by Hugging Face are still stored" in text
    assert "`paperboy run`" in remedy
    monkeypatch.setenv("PAPERBOY_SUMMARIES", "huggingface")
    monkeypatch.setenv("PAPERBOY_LLM_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("PAPERBOY_LLM_MODEL", "tiny-1b")
    text, _ = await check()
    assert "Hugging Face's that pass the checks (1 stored)" in text
    assert "tiny-1b at PAPERBOY_LLM_URL goes before them" in text


async def test_an_unknown_value_is_one_line_with_the_remedy_and_doctor_names_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PAPERBOY_SUMMARIES", "robot")
    with pytest.raises(SettingsError) as refused:
        settings.load()
    [line] = refused.value.faults
    assert line == "PAPERBOY_SUMMARIES: input should be 'authors' or 'huggingface'"
    [check] = await examine(None, {})
    assert check.fault
    assert line in check.result
