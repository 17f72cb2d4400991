"""Hugging Face's AI summaries in answers: marked wherever they stand, and left out where a channel wants none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.adopted_summaries import adopt
from bot.model.paper import HUGGING_FACE
from bot.wording.digest import digest_preview, digest_thread
from bot.wording.mail_digest import digest_message
from bot.wording.summaries import AI_SUMMARY, FROM_ABSTRACT
from tests.harness.desk import ADA, NOW, OMNI, Desk

GOOD = "LightMem is a memory system that gains up to 10.9% in accuracy over strong baselines on LongMemEval."
"""A summary with nothing that the sample's abstract does not have."""
FAULTY = "LightMem is the greatest memory system, with 11.9% more accuracy than Mem0 on LongMemEval."
LIGHT = "2510.18866"
LISTS = ("today count:20", "search lightmem", "saved", "catchup 5 count:20", f"paper {LIGHT}")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    with desk.store:
        assert await adopt(desk.store, [(LIGHT, GOOD), (OMNI, FAULTY), ("2510.99999", GOOD)]) == 1
        await desk.ask(f"save {LIGHT}")
        yield desk


def shown(message) -> str:
    return "\n".join("".join(span.text for span in (*block.spans, *block.note)) for block in message.blocks)


@pytest.mark.parametrize("line", LISTS)
async def test_an_ai_summary_is_shown_with_its_mark_and_not_where_the_channel_chose_the_authors(desk: Desk, line: str):
    text = shown(await desk.ask(line))
    assert text.count(GOOD) == text.count(AI_SUMMARY) == 1
    assert FAULTY not in text
    await desk.ask("subscribe summaries:authors")
    text = shown(await desk.ask(line))
    assert "LightMem" in text
    assert GOOD not in text
    assert AI_SUMMARY not in text


async def test_the_card_of_a_paper_has_both_each_with_its_mark(desk: Desk):
    card = shown(await desk.ask(f"paper {LIGHT}")).split("\n")
    at = card.index(GOOD)
    assert card[at + 1] == AI_SUMMARY
    assert card[at + 2].startswith("LightMem is a memory system for")
    assert card[at + 3] == FROM_ABSTRACT
    other = shown(await desk.ask(f"paper {OMNI}"))
    assert AI_SUMMARY not in other
    assert FROM_ABSTRACT not in other, "there is one summary alone"


async def test_why_says_which_summary_is_shown(desk: Desk):
    assert f"Summary shown: {AI_SUMMARY}" in (await desk.ask(f"why {LIGHT}")).text
    assert "Summary shown: from the abstract" in (await desk.ask(f"why {OMNI}")).text
    await desk.ask("subscribe summaries:authors")
    assert "Summary shown: from the abstract" in (await desk.ask(f"why {LIGHT}")).text


async def test_a_digest_marks_it_in_every_style_and_a_stored_one_follows_the_channels_choice(desk: Desk):
    await desk.ask("subscribe size:20")
    await desk.deliver()

    async def words() -> list[str]:
        kept = await desk.store.ledger.digest(ADA.channel, desk.clock.now.date())
        assert kept is not None
        thread = "\n".join(map(shown, digest_thread(kept).messages))
        return [thread, shown(digest_preview(kept, subscribed=True)), shown(digest_message(kept))]

    for text in await words():
        assert (text.count(GOOD), text.count(AI_SUMMARY)) == (1, 1)
    await desk.ask("subscribe summaries:authors")
    for text in await words():
        assert "LightMem" in text
        assert AI_SUMMARY not in text
        assert GOOD not in text


async def test_a_preview_marks_it_and_follows_the_channels_choice(desk: Desk):
    await desk.ask("subscribe size:20")
    assert GOOD in (preview := shown(await desk.ask("preview")))
    assert AI_SUMMARY in preview
    await desk.ask("subscribe summaries:authors")
    assert AI_SUMMARY not in shown(await desk.ask("preview"))


async def test_a_file_says_who_wrote_a_summary(desk: Desk):
    exported = (await desk.ask("saved export csv")).file
    assert exported is not None
    assert exported.content.decode().endswith(f",{GOOD},{HUGGING_FACE},,,\n")


async def test_the_setting_is_one_like_the_others(desk: Desk):
    async def value() -> str:
        return next(field.value for field in (await desk.form()).fields if field.name == "summaries")

    assert await value() == "any"
    answer = await desk.ask("subscribe summaries:authors")
    assert "in the authors' words" in answer.text
    assert await value() == "authors"
    assert "in the authors' words" in (await desk.ask("status")).text
    assert "Changed the summaries" in (await desk.run("settings", summaries="any")).text
    assert "any or authors" in (await desk.ask("subscribe summaries:robot")).text
    assert "summaries:" in (await desk.ask("help subscribe")).text


async def test_a_language_models_summary_goes_before_it_and_a_new_version_is_checked_too(desk: Desk):
    await adopt(desk.store, [(LIGHT, FAULTY)])
    (without,) = (await desk.store.papers.get([LIGHT])).values()
    assert without.tldr_by == "", "the next version has a fault, so neither is shown"
    await adopt(desk.store, [(LIGHT, GOOD)])
    assert [each.id for each in await desk.store.summaries.unwritten(NOW - timedelta(days=9), 100)].count(LIGHT) == 1
    assert await desk.store.summaries.write(without, "Written by an operator's model.", "tiny-1b")
    assert await adopt(desk.store, [(LIGHT, GOOD)]) == 0
    (written,) = (await desk.store.papers.get([LIGHT])).values()
    assert written.tldr_by == "tiny-1b"
    assert "Summary written by tiny-1b" in (await desk.ask(f"paper {LIGHT}")).text
    assert await desk.store.summaries.forget_adopted() == 0
    await desk.ask("subscribe summaries:authors")
    assert "tiny-1b" not in (await desk.ask(f"paper {LIGHT}")).text
