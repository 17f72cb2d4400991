"""Answers about watches: previewed, saved, changed, listed, removed, by whom and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from bot.handlers.watches import WATCHES_MOST
from bot.model import Caller, Channel, Message, QuietHours, Watch
from tests.harness.desk import ADA, BEN, HERE, NOW, Desk, options_of

DM = Caller(Channel("slack:T1/D2"), BEN.user, may_manage=True, direct=True)


async def watches(desk: Desk, *channels: Channel) -> list[Watch]:
    return await desk.store.watches.of(channels or (HERE,))


async def test_a_watch_is_previewed_before_it_is_saved_and_then_said_to_everybody(desk):
    preview = await desk.ask("watch add diffusion most:2 quiet:10pm-8am")
    assert "It would have matched 8 papers over the last 5 days (1.6 a day)" in preview.text
    pace = "at most 2 a day one by one, the rest in one message at 18:00, quiet from 22:00 to 08:00."
    assert f"posted here: {pace}" in preview.text
    assert "A step stricter" not in preview.text
    assert "subscribes" not in preview.text
    assert await watches(desk) == []
    saved = await desk.press(preview, "Watch")
    assert saved.text == f"Watching diffusion: here, {pace}"
    assert saved.announcement.endswith("set a watch for “diffusion”: such papers are posted here when they come.")
    hours = QuietHours(time(22), time(8))
    assert await watches(desk) == [
        Watch(HERE, "diffusion", 2, hours, timezone="Europe/Berlin", set_by=ADA.user, set_at=NOW)
    ]
    assert await desk.store.subscriptions.get(HERE) is None


async def test_misspelt_words_are_corrected_and_can_be_kept(desk):
    preview = await desk.ask("watch add difusion to:dm")
    assert options_of(preview, "Watch") == {"topic": "diffusion", "to": "dm", "confirm": "yes"}
    await desk.press(preview, "Save as typed")
    assert [each.line for each in await watches(desk, ADA.user)] == ["difusion"]


async def test_the_same_line_twice_is_said_and_what_is_named_is_changed_at_once(desk):
    await desk.run("watch add", topic="video diffusion", confirm="yes")
    again = await desk.ask("watch add Video  Diffusion")
    assert again.text.startswith("Already watching video diffusion: here, at most 3 a day")
    changed = await desk.ask("watch add video diffusion most:1 quiet:22-8")
    assert changed.text.startswith("Changed: video diffusion: here, at most 1 a day")
    kept = await desk.ask("watch add video diffusion quiet:off")
    assert kept.text.endswith("at most 1 a day one by one, the rest in one message at 18:00.")
    assert [(each.most, each.quiet) for each in await watches(desk)] == [(1, None)]


async def test_only_managers_set_and_remove_a_channels_watches_and_anybody_their_own(desk):
    await desk.run("watch add", topic="robotics", confirm="yes")
    for line in ("watch add diffusion", "watch remove robotics"):
        refused = await desk.ask(line, BEN)
        assert "you need the permission “Manage Channels”" in refused.text
    mine = await desk.press(await desk.ask("watch add diffusion to:dm", BEN), "Watch", BEN)
    assert mine.text.startswith("Watching diffusion: to you alone, by direct message, at most 3 a day")
    assert not mine.announcement
    [watch] = await watches(desk, BEN.user)
    assert (watch.direct, watch.set_by) == (True, BEN.user)
    listed = await desk.ask("watch list", BEN)
    assert [block.text for block in listed.blocks[1:3]] == [
        "robotics\nat most 3 a day one by one, the rest in one message at 18:00",
        "diffusion\nat most 3 a day one by one, the rest in one message at 18:00, to you alone",
    ]
    assert "diffusion" not in (await desk.ask("watch list")).text
    await desk.press(listed, "Remove #2", BEN)
    assert await watches(desk, BEN.user) == []


async def test_in_direct_messages_a_watch_is_the_persons_own_beside_those_set_from_a_channel(desk):
    await desk.run("watch add", BEN, topic="robotics", to="dm", confirm="yes")
    saved = await desk.press(await desk.ask("watch add diffusion", DM), "Watch", DM)
    assert saved.text.startswith("Watching diffusion: here")
    [watch] = await watches(desk, DM.channel)
    assert watch.direct
    listed = await desk.ask("watches", DM)
    assert [block.text.partition("\n")[0] for block in listed.blocks[1:3]] == ["diffusion", "robotics"]
    await desk.ask("watch remove #2", DM)
    assert [each.line for each in await watches(desk, BEN.user, DM.channel)] == ["diffusion"]


async def test_a_watch_is_removed_by_its_line_its_number_or_its_button_and_that_can_be_undone(desk):
    for line in ('"Speculative Decoding"', "cat:cs.CL", "org:nvidia"):
        await desk.run("watch add", topic=line, most="5", quiet="22-8", confirm="yes")
    removed = await desk.ask('watch remove "speculative decoding"')
    assert removed.text == 'No longer watching "Speculative Decoding".'
    assert removed.announcement.endswith("removed the watch for “Speculative Decoding”.")
    await desk.ask("watch remove 2")
    await desk.press(await desk.ask("watch list"), "Remove #1")
    assert await watches(desk) == []
    await desk.press(removed, "Undo")
    [watch] = await watches(desk)
    assert (watch.line, watch.most, watch.quiet) == ('"Speculative Decoding"', 5, QuietHours(time(22), time(8)))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("watch add", "A topic is missing."),
        ("watch add autor:x", "autor"),
        ("watch add x most:0", "At least 1 paper."),
        ("watch add x most:21", "At most 20 papers."),
        ("watch add x quiet:22:00", "“22:00” is not a part of the day. Write it as 22:00-08:00, or off."),
        ("watch add x quiet:9-9", "“9-9” is the whole day, so that nothing would be posted."),
        ("watch add x quiet:25-9", "“25” is not a time of day."),
        ("watch add x to:me", "to: takes here or dm."),
        ("watch remove", "A watch is missing. /papers watch list lists them."),
        ("watch remove x", 'Nothing is watched here. Begin with /papers watch add "speculative decoding".'),
        ("watch list", "Nothing is watched here."),
    ],
)
async def test_a_mistake_is_answered_in_one_line_with_the_remedy(desk, line, answer):
    text = (await desk.ask(line)).text
    assert answer in text
    assert "\n" not in text or "autor" in line


async def test_a_line_that_is_not_watched_is_asked_about(desk):
    await desk.run("watch add", topic="video diffusion", confirm="yes")
    answer = await desk.ask("watch remove video difusion")
    assert answer.text == "“video difusion” is not watched here. Did you mean /papers watch remove video diffusion?"
    await desk.press(answer, "video diffusion")
    assert await watches(desk) == []


async def test_a_channel_has_at_most_twenty_watches_and_so_has_a_person(desk):
    for number in range(WATCHES_MOST):
        await desk.run("watch add", topic=f"word{number}", confirm="yes")
    full = await desk.run("watch add", topic="one more")
    assert full.text.startswith("At most 20 watches. Remove one first: /papers watch list lists them.")
    await desk.run("watch add", topic="one more", to="dm", confirm="yes")
    assert len(await watches(desk, HERE, ADA.user)) == 21
    first = await desk.ask("watch list")
    assert "Page 1 of 3" in first.text
    second = await desk.press(first, "More")
    assert await _removes(desk, second, "Remove #11") == "word18"  # those set at one moment stand by their lines


async def _removes(desk: Desk, answer: Message, label: str) -> str:
    await desk.press(answer, label)
    left = {each.line for each in await watches(desk)}
    [gone] = {f"word{n}" for n in range(WATCHES_MOST)} - left
    return gone


async def test_one_that_was_stopped_says_why_and_is_started_again_by_its_button(desk):
    await desk.run("watch add", topic="robotics", most="2", confirm="yes")
    await desk.store.watches.stop(HERE, NOW, "the channel was archived")
    listed = await desk.ask("watch list")
    assert "stopped: the channel was archived" in listed.text
    await desk.press(listed, "Start #1 again")
    [watch] = await watches(desk)
    assert (watch.stop_reason, watch.most) == ("", 2)


async def test_lines_are_completed_from_what_is_watched(desk):
    await desk.run("watch add", topic="robotics", confirm="yes")
    await desk.run("watch add", topic="diffusion", to="dm", confirm="yes")
    assert await desk.handlers.complete("watch remove", "watch", "", ADA) == ("robotics", "diffusion")
    assert await desk.handlers.complete("watch remove", "watch", "dif", ADA) == ("diffusion",)
    assert await desk.handlers.complete("watch remove", "watch", "", BEN) == ("robotics",)


async def test_a_watch_names_what_keeps_paperboy_from_posting_there(desk):
    blocked = replace(ADA, obstacle="it is not in this channel. Invite it with /invite @Paperboy")
    saved = await desk.run("watch add", blocked, topic="robotics", confirm="yes")
    assert "This is saved, but nothing can be posted here yet: it is not in this channel." in saved.text
    mine = await desk.run("watch add", blocked, topic="robotics", to="dm", confirm="yes")
    assert "nothing can be posted" not in mine.text


async def test_forgetting_oneself_erases_ones_own_watches(desk):
    await desk.run("watch add", BEN, topic="robotics", to="dm", confirm="yes")
    answer = await desk.run("forget", BEN, what="me", confirm="yes")
    assert answer.text == "Erased: 1 watch."


async def test_who_ends_the_digests_reads_that_watches_go_on(desk):
    await desk.ask("subscribe")
    await desk.run("watch add", topic="robotics", confirm="yes")
    answer = await desk.ask("unsubscribe")
    assert answer.text.endswith("1 watch here still posts papers: /papers watch list.")


async def test_a_pause_and_an_end_of_all_digests_say_what_becomes_of_the_watches(desk):
    await desk.ask("subscribe")
    await desk.ask("subscribe name:rl video")
    assert "watch" not in (await desk.ask("pause name:all")).text
    await desk.ask("resume name:all")
    await desk.run("watch add", topic="video", confirm="yes")
    await desk.run("watch add", topic="robotics", confirm="yes")
    assert "watch" not in (await desk.ask("pause name:rl")).text
    assert "2 watches here rest too: /papers watch list." in (await desk.ask("pause name:main")).text
    rest = "The digests here are paused, and the watches rest with them."
    assert rest in (await desk.ask("watch list")).text
    assert rest in (await desk.run("watch add", topic="diffusion", confirm="yes")).text
    assert rest not in (await desk.run("watch add", topic="diffusion", to="dm", confirm="yes")).text
    ended = await desk.run("unsubscribe", name="all", confirm="yes")
    assert "3 watches here still post papers" in ended.text
    assert rest not in (await desk.ask("watch list")).text


async def test_forgetting_a_channel_keeps_its_watches_and_says_so(desk):
    await desk.run("watch add", topic="video", confirm="yes")
    question = await desk.ask("forget channel")
    assert "Its digests and watches stay" in question.text
    await desk.press(question, "Erase")
    assert [each.line for each in await watches(desk)] == ["video"]
