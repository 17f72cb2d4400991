"""Commands typed in the thread of a digest, and lines that tell a channel of changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Message, Ref, State
from tests.harness.desk import ADA, BEN, NOW, Desk

OPENER, REPLY = Ref("1.0"), Ref("1.2")
THERE = replace(ADA, thread=OPENER, name="Ada")


@pytest.fixture
async def papers(desk: Desk) -> list[str]:
    """Ids of a digest that was posted, its opener and one reply with their handles."""
    await desk.ask("subscribe")
    chosen = await desk.deliver()
    for slot, ref in ((0, OPENER), (2, REPLY)):
        paper = chosen.picks[slot - 1].paper.id if slot else None
        await desk.store.ledger.claim(chosen.post, slot, paper, NOW)
        await desk.store.ledger.settle(chosen.post, slot, State.POSTED, NOW, ref=ref)
    return [pick.paper.id for pick in chosen.picks]


@pytest.mark.parametrize("line", ["why #4", "why 4", "why is #4 so high", "why # 4"])
async def test_a_number_in_a_digests_thread_is_its_paper(desk, papers, line):
    assert (await desk.ask(line, THERE)).paper_id == papers[3]


@pytest.mark.parametrize("line", ["why", "why this", "why does this rank so high?", "similar"])
async def test_without_a_number_the_papers_are_offered(desk, papers, line):
    question = await desk.ask(line, THERE)
    assert question.text.startswith("Which paper? Press its number, or write ")
    labels = [action.label for action in question.actions]
    assert labels == [f"#{n}" for n in range(1, len(papers) + 1)]
    assert (await desk.press(question, "#2")).text
    assert dict(question.actions[1].options) == {"paper": papers[1]}


async def test_under_a_papers_own_message_it_is_that_paper(desk, papers):
    assert (await desk.ask("why", replace(ADA, thread=REPLY))).paper_id == papers[1]


async def test_a_number_that_no_paper_has_is_told_the_last_one(desk, papers):
    assert (
        f"This digest has {len(papers)} papers. Try /papers why #{len(papers)}."
        in (await desk.ask("why #9", THERE)).text
    )


async def test_elsewhere_nothing_is_known(desk, papers):
    for caller in (ADA, replace(ADA, thread=Ref("9.9"))):
        assert "A paper is missing" in (await desk.ask("why", caller)).text
    assert (await desk.ask(f"why {papers[2]}", THERE)).paper_id == papers[2]


@pytest.mark.parametrize(
    ("line", "announced"),
    [
        ("subscribe size:3", "Ada changed the size of this channel's digest: 3 papers at 09:00 (Europe/Berlin), every"),
        ("pause", "Ada paused this channel's digest."),
        ("pause until:2025-11-01", "Ada paused this channel's digest until Sat 1 Nov."),
        ("topics add video confirm:yes", "Ada added the topic “video” of this channel's digest."),
        ("topics mute video confirm:yes", "Ada muted “video” in this channel's digest."),
        ("unsubscribe", "Ada ended this channel's digest."),
        ("tuning reset confirm:yes", "Ada erased this channel's feedback and what it had taught."),
        ("forget channel confirm:yes", "Ada erased this channel's feedback and what it had taught."),
        ("topics add video", ""),
        ("subscribe size:5", ""),
        ("resume", ""),
        ("forget me confirm:yes", ""),
        ("today", ""),
    ],
)
async def test_a_change_of_a_channels_digest_is_told_to_the_channel(desk, line, announced):
    await desk.ask("subscribe", THERE)
    message = await desk.ask(line, THERE)
    assert message.announcement.startswith(announced)
    assert bool(message.announcement) == bool(announced)
    assert "\n" not in message.announcement


async def test_subscribing_and_what_is_taken_back_are_told_too(desk):
    assert (await desk.ask("subscribe", THERE)).announcement.startswith("Ada subscribed this channel: 5 papers at")
    await desk.ask("pause")
    assert (await desk.ask("resume")).announcement.startswith("Somebody resumed this channel's digest: next digest")
    await desk.run("topics add", topic="video", confirm="yes")
    removed = await desk.ask("topics remove video", THERE)
    assert removed.announcement == "Ada removed the topic “video” of this channel's digest."
    form = await desk.run("settings", THERE, size="9")
    assert form.announcement.startswith("Ada changed the size")


async def test_nobody_is_told_where_nobody_else_reads(desk):
    alone = replace(THERE, direct=True)
    answers: list[Message] = [await desk.ask(line, alone) for line in ("subscribe", "subscribe size:3", "pause")]
    assert not any(answer.announcement for answer in answers)
    assert not (await desk.ask("subscribe size:7", BEN)).announcement, "who may not change it changes nothing"


@pytest.mark.parametrize("line", ["why #4", "paper 1", "similar #1", "save # 2"])
async def test_a_number_outside_a_digests_thread_is_told_where_numbers_work(desk, papers, line):
    for caller in (ADA, replace(ADA, thread=Ref("9.9"))):
        answer = await desk.ask(line, caller)
        assert "Numbers work in a digest's thread." in answer.text
        assert f"/papers {line.split()[0]} 2405.14105" in answer.text


async def test_a_note_that_is_written_in_a_thread_keeps_its_text_while_its_paper_is_asked_for(desk, papers):
    question = await desk.ask("saved note looks good: at 9", THERE)
    assert question.text.startswith("Which paper?")
    assert "looks good: at 9" in (await desk.press(question, "#2")).text
    numbered = await desk.ask("saved note #3 later", THERE)
    assert (numbered.paper_id, "later" in numbered.text) == (papers[2], True)
    own = await desk.ask("saved note soon", replace(ADA, thread=REPLY))
    assert own.paper_id == papers[1]
    notes = {each.paper.id: each.note for each in await desk.store.reading_lists.entries(ADA.user)}
    assert notes == {papers[1]: "soon", papers[2]: "later"}
