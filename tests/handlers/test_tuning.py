"""The feedback profile: overview, undo, exclusion and reset, and its effect on digests, catchup and why."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.model import Caller, Channel, Message
from bot.wording.digest import digest_thread
from tests.fakes import reactions
from tests.harness.desk import ADA, BEN, HERE, OMNI, Desk, listed, options_of

MANAGER = replace(BEN, may_manage=True)


async def best_papers(desk: Desk, number: int) -> list[str]:
    return [trend.paper.id for trend in (await desk.engine.shortlist()).trends[:number]]


async def give_feedback(desk: Desk) -> Message:
    """One paper liked, another disliked."""
    liked, disliked = (await best_papers(desk, 30))[20], (await best_papers(desk, 30))[3]
    await desk.run("like", paper=liked)
    await desk.run("dislike", paper=disliked)
    return await desk.ask("tuning")


async def test_before_anybody_reacts_there_is_nothing_to_see_and_nothing_to_undo(desk: Desk):
    assert "Nothing has been taught here yet" in (await desk.ask("tuning")).text
    assert "no feedback to take back" in (await desk.ask("tuning undo")).text
    assert "Nothing has been taught" in (await desk.ask("tuning reset")).text
    assert not (await desk.ask("tuning reset")).actions


async def test_words_and_papers_are_shown_with_what_they_count(desk: Desk):
    overview = await give_feedback(desk)
    papers = await desk.store.papers.get(await best_papers(desk, 30))
    liked, disliked = papers[(await best_papers(desk, 30))[20]], papers[(await best_papers(desk, 30))[3]]
    assert overview.private
    assert f"for {liked.title} · +1.00" in overview.text
    assert f"against {disliked.title} · −1.00" in overview.text
    words = [block.text for block in overview.blocks if block.role == "item" and liked.title not in block.text]
    assert any(line.startswith("for ") for line in words)
    assert "From 2 papers" in overview.text


async def test_a_word_of_the_list_is_forgotten_and_counts_again(desk: Desk):
    overview = await give_feedback(desk)
    word = options_of(overview, "Forget #1")["item"]
    answer = await desk.press(overview, "Forget #1")
    assert f"No longer counts: {word}" in answer.text
    without = await desk.ask("tuning")
    assert all(not block.text.startswith((f"for {word} ", f"against {word} ")) for block in without.blocks)
    assert f"Not counted: “{word}”" in without.text
    assert f"Counts again: {word}" in (await desk.press(answer, "Count it again")).text
    assert (await desk.ask("tuning")).text == overview.text


async def test_a_paper_that_is_forgotten_teaches_nothing_even_when_somebody_likes_it_again(desk: Desk):
    await desk.run("like", paper=OMNI)
    assert "No longer counts" in (await desk.ask(f"tuning forget https://arxiv.org/abs/{OMNI}")).text
    await desk.run("like", MANAGER, paper=OMNI)
    overview = await desk.ask("tuning")
    assert f"Not counted: “{OMNI}”" in overview.text
    assert "From 0 papers" in overview.text
    profile_match = await desk.engine.profile_match(HERE, await desk.engine.shortlist())
    assert profile_match is not None
    assert not profile_match.influence.any()


@pytest.mark.parametrize("item", ["zymurgy", "2401.00001", "the", "🙂", "x" * 400])
async def test_what_was_never_learnt_cannot_be_forgotten_and_the_answer_says_what_to_do(desk: Desk, item: str):
    await give_feedback(desk)
    text = (await desk.ask(f"tuning forget {item}")).text
    assert "/papers tuning shows" in text or "Did you mean" in text
    assert len(text) < 250


async def test_a_misspelt_word_gets_the_nearest_one(desk: Desk):
    overview = await give_feedback(desk)
    word = next(
        options_of(overview, f"Forget #{number}")["item"]
        for number in range(1, 9)
        if len(options_of(overview, f"Forget #{number}")["item"]) > 5
    )
    assert (
        f"Did you mean /papers tuning forget {word}?" in (await desk.ask(f"tuning forget {word[:-2]}x{word[-2:]}")).text
    )


async def test_undo_takes_back_the_latest_sign_and_names_no_person(desk: Desk):
    await desk.run("like", paper=OMNI)
    desk.clock.advance(minutes=1)
    await desk.run("dislike", MANAGER, paper=OMNI)
    answer = await desk.ask("tuning undo")
    assert "Taken back: 👎 on" in answer.text
    assert "U2" not in answer.text
    assert await reactions(desk.store, HERE) == [(OMNI, 1)]
    assert "Taken back: 👍 on" in (await desk.press(answer, "Undo another")).text


@pytest.mark.parametrize(
    ("gesture", "text"),
    [
        *(("👍", "👍"), ("👎", "👎"), ("Save", "the save"), ("Share", "the share")),
        ("Let's discuss", "“Let's discuss”"),
    ],
)
async def test_undo_says_what_it_took_back_and_it_counts_no_more(desk: Desk, gesture: str, text: str):
    card = await desk.ask(f"paper {OMNI}")
    await desk.press(card, gesture)
    assert "From 1 paper." in (await desk.ask("tuning")).text
    answer = await desk.ask("tuning undo")
    assert answer.text.startswith(f"Taken back: {text} on OmniVinci")
    assert "Nothing has been taught" in (await desk.ask("tuning")).text


async def test_who_shared_and_disliked_a_paper_is_not_counted_as_having_liked_it(desk: Desk):
    await desk.ask("subscribe")
    await desk.run("paper", paper=OMNI, share="yes")
    await desk.run("dislike", paper=OMNI)
    await desk.run("like", BEN, paper=OMNI)
    await desk.run("save", Caller(HERE, Channel("slack:T1/U3")), paper=OMNI)
    assert "raises it, " not in (await desk.ask(f"why {OMNI}")).text
    assert "raises it: it fits this channel better" in (await desk.ask(f"why {OMNI}")).text


async def test_one_persons_sign_moves_no_paper_by_more_than_one_place_and_tuning_says_so(desk: Desk):
    await desk.ask("subscribe size:5")
    before = [pick.paper.id for pick in (await desk.engine.preview(await desk.subscription())).picks]
    await desk.run("like", paper=(await best_papers(desk, 30))[25])
    after = [pick.paper.id for pick in (await desk.engine.preview(await desk.subscription())).picks]
    assert all(abs(after.index(each) - before.index(each)) <= 1 for each in before[:4])
    assert len(set(before) - set(after)) <= 1
    assert "moves no paper by more than one place" in (await desk.ask("tuning")).text
    assert "by one place at most" in (await desk.ask(f"why {(await best_papers(desk, 30))[25]}")).text


async def test_reset_asks_first_then_erases_all_of_it(desk: Desk):
    await give_feedback(desk)
    question = await desk.ask("tuning reset")
    assert "erases 2 signs" in question.text
    assert "From 2 papers" in (await desk.ask("tuning")).text
    assert "Erased 2 signs" in (await desk.press(question, "Reset")).text
    assert "Nothing has been taught" in (await desk.ask("tuning")).text


@pytest.mark.parametrize("line", ["tuning undo", "tuning reset confirm:yes", f"tuning forget {OMNI}"])
async def test_only_managers_change_what_was_learnt_and_everybody_may_see_it(desk: Desk, line: str):
    before = await give_feedback(desk)
    assert "you need" in (await desk.ask(line, BEN)).text
    assert (await desk.ask("tuning", BEN)).text == before.text


async def test_forgetting_the_channel_erases_what_it_taught(desk: Desk):
    await give_feedback(desk)
    await desk.run("paper", paper=OMNI, share="yes")
    erased = await desk.run("forget", what="channel", confirm="yes")
    assert "2 reactions" in erased.text
    assert "1 share." in erased.text
    assert await desk.engine.profile_match(HERE, await desk.engine.shortlist()) is None


async def test_forgetting_a_person_erases_what_they_taught_and_leaves_the_others(desk: Desk):
    await desk.ask(f"save {OMNI}")
    await desk.run("like", BEN, paper=(await best_papers(desk, 1))[0])
    await desk.run("forget", what="me", confirm="yes")
    assert OMNI not in str((await desk.ask("tuning")).actions)
    assert "From 1 paper." in (await desk.ask("tuning")).text


async def test_saving_and_sharing_a_paper_teach_and_taking_it_off_the_list_takes_that_back(desk: Desk):
    await desk.ask(f"save {OMNI}")
    assert "· +0.50" in (await desk.ask("tuning")).text
    await desk.ask(f"unsave {OMNI}")
    assert "Nothing has been taught" in (await desk.ask("tuning")).text
    await desk.press(await desk.ask(f"paper {OMNI}"), "Share")
    assert "· +0.50" in (await desk.ask("tuning")).text


async def test_what_somebody_else_saved_is_counted_and_never_named(desk: Desk):
    other = Caller(HERE, Channel("slack:T1/U3"), may_manage=True)
    await desk.run("save", other, paper=OMNI)
    overview = await desk.ask("tuning")
    assert "From 1 paper." in overview.text
    assert "Saved by somebody, which is private, and counted without its name: 1 paper." in overview.text
    assert "OmniVinci" not in overview.text
    assert "for OmniVinci" in (await desk.ask("tuning", other)).text, "their own"
    undone = await desk.ask("tuning undo")
    assert undone.text.startswith("Taken back: a save by somebody else.")
    assert "Nothing has been taught" in (await desk.ask("tuning")).text


async def test_sharing_a_list_or_an_unknown_paper_teaches_nothing(desk: Desk):
    await desk.run("today", share="yes")
    await desk.run("paper", paper="2401.77777", share="yes")
    assert "Nothing has been taught" in (await desk.ask("tuning")).text


async def test_a_long_profile_is_paged_and_no_page_has_more_buttons_than_a_platform_takes(desk: Desk):
    for paper_id in await best_papers(desk, 25):
        await desk.run("like", paper=paper_id)
    page, items, numbers = await desk.ask("tuning"), set(), []
    while True:
        listed = sum(block.role == "item" for block in page.blocks)
        numbers += range(page.first, page.first + listed)
        assert [f"Forget #{number}" for number in numbers[-listed:]] == [a.label for a in page.actions[:listed]]
        assert len(page.actions) <= 25
        items |= {a.options["item"] for a in page.actions if a.label.startswith("Forget #")}
        if not any(action.label == "More" for action in page.actions):
            break
        page = await desk.press(page, "More")
    assert set(await best_papers(desk, 25)) <= items
    assert numbers == list(range(1, len(numbers) + 1)), "numbers go on from page to page"


async def test_other_channels_see_nothing_of_it(desk: Desk):
    await give_feedback(desk)
    elsewhere = Caller(Channel("slack:T1/C2"), ADA.user, may_manage=True)
    assert "Nothing has been taught" in (await desk.ask("tuning", elsewhere)).text


async def test_why_says_what_feedback_adds_and_for_which_words(desk: Desk):
    await desk.ask("subscribe")
    liked = (await best_papers(desk, 30))[20]
    assert "feedback" not in (await desk.ask(f"why {liked}")).text
    await desk.run("like", paper=liked)
    await desk.run("save", BEN, paper=liked)
    raised = (await desk.ask(f"why {liked}")).text
    assert "This channel's feedback raises it: it fits this channel better than others." in raised
    assert "liked “" not in raised  # one person's 👍, and a save, which is private
    await desk.run("like", BEN, paper=liked)
    named = (await desk.ask(f"why {liked}")).text
    sentence = r"This channel's feedback raises it: it liked “[^”\d]+”(?: and “[^”\d]+”)?\.$"
    assert re.search(sentence, named, re.MULTILINE), "a comparison: no numbers, which would have to add up"
    await desk.run("dislike", paper=liked)
    await desk.run("dislike", BEN, paper=liked)
    lowered = (await desk.ask(f"why {liked}")).text
    assert "This channel's feedback lowers it: it disliked “" in lowered


async def test_one_persons_dislike_and_likes_alone_name_nothing_as_disliked(desk: Desk):
    await desk.ask("subscribe")
    papers = await best_papers(desk, 30)
    for each in (ADA, BEN):
        for paper in (papers[3], papers[8]):
            await desk.run("like", each, paper=paper)
    answers = [(await desk.ask(f"why {paper}")).text for paper in papers]
    assert any("feedback lowers it: it fits this channel less well than others." in text for text in answers)
    assert not any("disliked" in text for text in answers)
    await desk.run("dislike", paper=papers[20])
    assert "disliked" not in (await desk.ask(f"why {papers[20]}")).text
    await desk.run("dislike", BEN, paper=papers[20])
    assert "lowers it: it disliked “" in (await desk.ask(f"why {papers[20]}")).text


async def test_a_digest_says_what_the_channel_liked_and_keeps_saying_it_once_it_is_past(desk: Desk):
    await desk.ask("subscribe size:20")
    liked = (await best_papers(desk, 30))[5]
    for each in (ADA, BEN):
        await desk.run("like", each, paper=liked)
    assert "your channel liked “" in (await desk.ask("preview")).text
    digest = await desk.deliver()
    assert any(pick.liked for pick in digest.picks)
    past = await desk.store.ledger.digest(HERE, digest.day)
    assert past == digest
    replies = [message.text for message in digest_thread(digest).messages]
    assert any("Your channel liked “" in text for text in replies)


async def test_topics_and_mutes_stay_exact_whatever_was_liked(desk: Desk):
    await desk.ask("subscribe size:20")
    before = await desk.engine.preview(await desk.subscription())
    disliked = before.picks[0].paper.id
    await desk.run("dislike", paper=disliked)
    after = await desk.engine.preview(await desk.subscription())
    order = [pick.paper.id for pick in after.picks]
    assert order.index(disliked) > 0 if disliked in order else True
    await desk.run("topics mute", topic=f"like:{order[0]}", confirm="yes")
    await desk.run("like", MANAGER, paper=order[0])
    muted = await desk.engine.preview(await desk.subscription())
    assert order[0] not in [pick.paper.id for pick in muted.picks]


async def test_catchup_lists_what_the_channel_likes_first_and_today_is_the_same_for_everybody(desk: Desk):
    liked = (await best_papers(desk, 30))[20]
    today = (await desk.ask("today count:20")).text
    for each in (ADA, BEN):
        await desk.run("like", each, paper=liked)
    first = listed(await desk.ask("catchup 14 count:3"))
    assert liked in first
    assert (await desk.ask("today count:20")).text == today
