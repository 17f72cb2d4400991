"""Answers about a channel's topics and mutes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.commands import TOPICS_MAX, read_answers
from bot.handlers.completion import complete, paper_values
from bot.model import Findings, Paper, SubscriptionChanges
from tests.harness.desk import ADA, HERE, NOW, OMNI, options_of


async def test_a_topic_is_previewed_before_it_is_saved(desk):
    await desk.ask("subscribe")
    preview = await desk.ask("topics add diffusion")
    assert "It would have matched 8 papers over the last 5 days (1.6 a day)" in preview.text
    assert (await desk.subscription()).topics == ()
    saved = await desk.press(preview, "Follow")
    assert "Following diffusion." in saved.text
    assert (await desk.subscription()).topics == ("diffusion",)


async def test_saving_a_topic_in_a_new_channel_subscribes_it_and_says_so(desk):
    preview = await desk.ask("topics add diffusion")
    assert "this also subscribes it" in preview.text
    saved = await desk.press(preview, "Follow")
    assert "next digest Sat 25 Oct, 09:00" in saved.text
    subscription = await desk.subscription()
    assert (subscription.timezone, subscription.at, subscription.set_by) == ("Europe/Berlin", time(9), ADA.user)
    assert subscription.next_due == datetime(2025, 10, 25, 7, 0, tzinfo=UTC)
    assert desk.engine.wakes == 1


async def test_the_same_topic_in_other_words_is_not_added_twice(desk):
    await desk.run("topics add", topic="Video  Diffusion", confirm="yes")
    again = await desk.run("topics add", topic="“x” | y", confirm="yes")
    assert "Following" in again.text
    assert "Already following" in (await desk.run("topics add", topic="video diffusion", confirm="yes")).text
    assert (await desk.subscription()).topics == ("Video Diffusion", '"x" | y')


async def test_a_mute_shows_what_it_would_have_left_out(desk):
    await desk.ask("subscribe")
    preview = await desk.ask("topics mute video")
    assert "It would have left out" in preview.text
    await desk.press(preview, "Mute")
    assert (await desk.subscription()).mutes == ("video",)


async def test_topics_are_taken_off_by_what_they_say_or_by_button(desk):
    for topic in ("Video AI", "cat:cs.CL", "org:nvidia"):
        await desk.run("topics add", topic=topic, confirm="yes")
    await desk.run("topics mute", topic="medical", confirm="yes")
    await desk.ask("topics remove video ai")
    assert (await desk.subscription()).topics == ("cat:cs.CL", "org:nvidia")
    await desk.press(await desk.ask("topics"), "Remove #2")
    assert (await desk.subscription()).topics == ("cat:cs.CL",)
    await desk.ask("topics unmute MEDICAL")
    assert (await desk.subscription()).mutes == ()


async def test_removing_what_is_not_there_names_the_nearest(desk):
    await desk.run("topics add", topic="video diffusion", confirm="yes")
    assert (
        "Did you mean /papers topics remove video diffusion?" in (await desk.ask("topics remove vidoe diffusion")).text
    )
    assert "Nothing is muted here." in (await desk.ask("topics unmute x")).text


async def test_a_channel_has_at_most_fifty_topics(desk):
    await desk.ask("subscribe")
    full = replace(await desk.subscription(), topics=tuple(f"topic{i}" for i in range(TOPICS_MAX)))
    await desk.store.subscriptions.put(full)
    assert "A digest can have 50" in (await desk.ask("topics add one more")).text
    first = await desk.ask("topics")
    assert sum(block.role == "item" for block in first.blocks) == 10
    assert "Page 1 of 5." in first.text
    second = await desk.press(first, "More")
    assert second.first == 11
    assert dict(options_of(second, "Remove #11")) == {"topic": "topic10"}


async def test_a_topic_like_a_paper_of_long_ago_is_previewed_too(desk):
    twin = (await desk.store.papers.get([OMNI]))[OMNI]
    desk.archive.papers["2401.00002"] = replace(twin, id="2401.00002", listed_at=NOW - timedelta(days=90))
    preview = await desk.ask("topics add like:2401.00002")
    assert twin.title in preview.text


async def test_two_people_changing_topics_at_once_undo_nothing(desk):
    await desk.ask("subscribe")
    await asyncio.gather(*(desk.run("topics add", topic=f"topic{i}", confirm="yes") for i in range(20)))
    assert set((await desk.subscription()).topics) == {f"topic{i}" for i in range(20)}


@pytest.mark.parametrize(("button", "command"), [("Follow this…", "topics add"), ("Less of this…", "topics mute")])
async def test_follow_and_less_offer_authors_organisation_and_subject(desk, button, command):
    offers = await desk.press(await desk.ask(f"paper {OMNI}"), button)
    topics = {action.label: action.options["topic"] for action in offers.actions}
    assert topics["NVIDIA"] == 'org:"NVIDIA"'
    assert topics["cs.CV"] == "cat:cs.CV"
    assert topics["Hanrong Ye"] == 'author:"Hanrong Ye"'
    assert topics["Pavlo Molchanov"] == 'author:"Pavlo Molchanov"'
    assert topics["Papers like this"] == f"like:{OMNI}"
    assert {action.command for action in offers.actions} == {command}
    preview = await desk.press(offers, "Hanrong Ye")
    assert "OmniVinci" in preview.text


async def test_names_with_html_and_latex_are_offered_as_they_are_read(desk):
    crew = Paper(
        "2510.77777", "Q&amp;A", authors=("Jos\\'e Garc&iacute;a",), organization="AT&amp;T Labs", listed_at=NOW
    )
    await desk.store.papers.add(Findings((crew,)), "huggingface", NOW)
    answer = await desk.run("follow", paper=crew.id)
    topics = {action.label: action.options["topic"] for action in answer.actions}
    assert topics["AT&T Labs"] == 'org:"AT&T Labs"'
    assert topics["José García"] == 'author:"José García"'
    assert complete("paper", "paper", "", (), {"papers": paper_values([crew])}) == ("2510.77777 · Q&A",)


@pytest.mark.parametrize("number", ["#2", "2", "# 2"])
async def test_topics_and_mutes_are_taken_off_by_their_number_in_the_list(desk, number):
    for topic in ("video", "cat:cs.CL"):
        await desk.run("topics add", topic=topic, confirm="yes")
    await desk.run("topics mute", topic="medical", confirm="yes")
    assert "“#3” is not followed here" in (await desk.ask("topics remove #3")).text
    await desk.ask("topics unmute #3")
    await desk.ask(f"topics remove {number}")
    subscription = await desk.subscription()
    assert (subscription.topics, subscription.mutes) == (("video",), ())


@pytest.mark.parametrize("line", ["topics remove all", "topics clear", "unfollow everything"])
async def test_all_topics_are_removed_after_a_question(desk, line):
    for topic in ("video", "cat:cs.CL"):
        await desk.run("topics add", topic=topic, confirm="yes")
    await desk.run("topics mute", topic="medical", confirm="yes")
    question = await desk.ask(line)
    assert question.text.startswith("Remove 2 topics? The channel then follows everything that trends.")
    assert (await desk.subscription()).topics == ("video", "cat:cs.CL")
    saved = await desk.press(question, "Remove 2 topics")
    assert saved.text.startswith("Changed the topics")
    assert ((await desk.subscription()).topics, (await desk.subscription()).mutes) == ((), ("medical",))


async def test_all_mutes_are_removed_after_a_question(desk):
    await desk.run("topics mute", topic="medical", confirm="yes")
    await desk.press(await desk.ask("topics unmute all"), "Remove 1 mute")
    assert (await desk.subscription()).mutes == ()


@pytest.mark.parametrize(
    ("line", "either", "every"),
    [
        ("topics add video or audio", "video | audio", "video audio"),
        ("topics add LLMs, RAG, and agents", "LLMs | RAG | agents", "LLMs RAG agents"),
        ("today agents or robots", "agents | robots", "agents robots"),
        ('topics mute "image, video"; cat:cs.CV', '"image, video" | cat:cs.CV', '"image, video" cat:cs.CV'),
    ],
)
async def test_a_list_in_plain_words_is_offered_as_alternatives_or_all_of_them(desk, line, either, every):
    answer = await desk.ask(line)
    assert f"For either, write {either}." in answer.text
    assert [action.options["topic"] for action in answer.actions] == [either, every]
    assert "For either" not in (await desk.press(answer, either)).text


def test_a_list_in_plain_words_is_several_lines_of_a_form():
    changes, faults = read_answers({"topics": "diffusion,agents\nvideo, audio, and robotics", "mutes": "law or tax"})
    assert (changes.topics, faults) == (("diffusion", "agents", "video", "audio", "robotics"), {})
    assert changes.mutes == ("law", "tax")
    title = "Attention is all you need, or how transformers replaced recurrence"
    changes, _ = read_answers({"topics": f"{title}\ntext 1,000 tokens\nvideo | a, b"})
    assert changes.topics is not None
    assert len(changes.topics) == 3


def test_every_faulty_line_of_a_form_is_named():
    _, faults = read_answers({"topics": '"never closed\nfine\nnot medical\n-law'})
    assert all(part in faults["topics"] for part in ("never closed", "“not” leaves nothing out", "-law alone"))
    assert "fine" not in faults["topics"]


FAULTS = [
    ("vidoe difusion", "No paper has “vidoe” or “difusion”. Did you mean “video” and “diffusion”?"),
    ("vidoe", 'Did you mean “video”? If not, write "vidoe" with the quotes.'),
    ("cat:foo", "arXiv has no category “foo”. Did you mean "),
    ("cs.CL", "Did you mean cat:cs.CL instead of cs.CL?"),
    ("org:bytedanse", "Did you mean org:bytedance instead of org:bytedanse?"),
    ("the", "“the” is in nearly every paper: add a word that tells more."),
    ("video | of the", "“video | of the” is in nearly every paper"),
    ("注意力", "Papers are indexed in English: write “注意力” in English."),
]


@pytest.mark.parametrize(("line", "fault"), FAULTS)
async def test_a_line_of_the_settings_form_that_cannot_work_is_explained(desk, line, fault):
    for field in ("topics", "mutes"):
        form = await desk.form("settings", **{field: f"omni-modal\n{line}"})
        [error] = [each.error for each in form.fields if each.error]
        assert error is not None
        assert error.startswith(fault) or fault in error
        assert "omni" not in error
    assert await desk.store.subscriptions.get(HERE) is None


async def test_lines_that_work_are_saved_and_stored_ones_are_not_asked_about_again(desk):
    lines = '"vidoe"\nvideo -medical\nauthor:"何恺明"\ncat:cs.CL\nto be attention\n1,000 tokens'
    assert "Saved" in (await desk.run("settings", topics=lines)).text or await desk.subscription()
    await desk.press(await desk.ask("topics add vidoe"), "Save as typed")
    form = await desk.form("settings")
    again = await desk.handlers.read(form.filled({"size": "2"}), HERE)
    assert isinstance(again, SubscriptionChanges), again.faults


@pytest.mark.parametrize(
    ("topics", "mutes", "fault"),
    [
        ("video\naudio", "Video", "“video” is wanted too: keep it in one of the two lists."),
        ("video diffusion", "video", "“video” leaves nothing of “video diffusion”: take one of them out."),
        ("video | audio", "video", None),
        ("video", "video diffusion", None),
    ],
)
async def test_what_is_both_wanted_and_muted_is_named(desk, topics, mutes, fault):
    form = await desk.form("settings")
    read = await desk.handlers.read(form.filled({"topics": topics, "mutes": mutes}), HERE)
    assert fault is None or [each.error for each in read.fields if each.error] == [fault]
    assert isinstance(read, SubscriptionChanges) == (fault is None)
