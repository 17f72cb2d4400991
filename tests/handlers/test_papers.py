"""Answers about papers, on a real store of the sample week."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import embeddings
from bot.app import collect
from bot.errors import SourceError
from bot.model import Findings, Signal, SourceReport
from bot.wording.forecast import EARLY_ORDER
from tests.harness.desk import ELSEWHERE, NOW, OMNI, Desk, listed, options_of


async def test_today_is_the_trend_list_with_a_sentence_and_evidence_each(desk):
    message = await desk.ask("today")
    assert message.private
    assert len(listed(message)) == 5
    assert all("upvote" in block.note[0].text for block in message.blocks if block.role == "item")


async def test_pages_of_today_follow_each_other(desk):
    first = await desk.ask("today count:3")
    second = await desk.press(first, "More")
    longer = await desk.ask("today count:6")
    assert listed(first) + listed(second) == listed(longer)
    assert listed(await desk.press(second, "Back")) == listed(first)


async def test_today_takes_a_topic(desk):
    message = await desk.ask("today cat:cs.CL count:20")
    papers = await desk.store.papers.get(listed(message))
    assert papers
    assert all("cs.CL" in paper.categories for paper in papers.values())


async def test_today_early_lists_what_nobody_has_noticed_yet_the_likeliest_first(desk):
    dull = replace(ELSEWHERE, id="2511.90001", title="Soil Moisture in Three Fields", abstract="Moisture.", version=1)
    text = "We introduce an open-source agent and release code and models on GitHub: https://github.com/example/agent"
    hot = replace(dull, id="2511.90002", title="OpenAgent: A Reasoning Agent", abstract=text, more_authors=11)
    hot = replace(hot, categories=("cs.CL", "cs.AI"), comment="Project page: https://example.org")
    await desk.store.papers.add(Findings((dull, hot), ()), "arxiv", NOW)
    await collect.describe(desk.store)  # or "moisture" is taken for a misspelt "mixture"
    message = await desk.ask("today order:early")
    assert listed(message) == [hot.id, dull.id]
    assert re.search(r"new · about \d in \d+ such papers gets? noticed", message.text)
    assert listed(await desk.ask("today soil moisture order:early")) == [dull.id]
    assert hot.id not in listed(await desk.ask("today count:20"))
    assert EARLY_ORDER in message.text
    assert EARLY_ORDER not in (await desk.ask("today")).text
    why = (await desk.ask(f"why {hot.id}")).text
    assert "For it: " in why
    assert "“Noticed” means listed on Hugging Face’s Daily Papers, where people vote" in why
    assert "votes so far" not in why, "the rule of votes has no part in it"
    assert "number of authors +" in why


async def test_share_gives_the_same_answer_to_everybody(desk):
    answer = await desk.ask("search diffusion count:2")
    shared = await desk.press(answer, "Share")
    assert answer.private
    assert not shared.private
    assert listed(shared) == listed(answer)
    assert "Share" not in [action.label for action in shared.actions]


async def test_search_marks_the_words_and_pages(desk):
    message = await desk.ask("search reinforcement learning count:2")
    assert any(span.bold and "einforcement" in span.text for block in message.blocks for span in block.spans)
    more = await desk.press(message, "More")
    assert not set(listed(message)) & set(listed(more))


async def test_search_for_an_id_or_link_shows_that_paper(desk):
    for typed in (OMNI, f"https://huggingface.co/papers/{OMNI}"):
        assert (await desk.ask(f"search {typed}")).paper_id == OMNI


async def test_a_paper_nobody_listed_is_looked_up(desk):
    desk.archive.papers[ELSEWHERE.id] = ELSEWHERE
    message = await desk.ask(f"paper {ELSEWHERE.id}")
    assert ELSEWHERE.title in message.text
    assert "new, no signals yet" in message.text


async def test_a_paper_card_tells_all_that_is_known(desk):
    desk.clock.advance(days=-3)  # to the day after the first counts: a trend compares with the day before
    text = (await desk.ask(f"paper arxiv.org/abs/{OMNI}v2")).text
    assert "Hanrong Ye, Chao-Han Huck Yang, Arushi Goel + 29 more · NVIDIA" in text
    assert "54 upvotes on Hugging Face (+22 from Mon to Tue)" in text
    assert "Abstract · PDF · Hugging Face · Code · Project" in text


async def test_similar_lists_others(desk):
    message = await desk.ask("similar 2510.15731 count:2")
    assert listed(message) == ["2510.18692", "2510.20766"], "attention in other diffusion models"
    desk.archive.papers[ELSEWHERE.id] = replace(ELSEWHERE, title="!!!", abstract="")
    assert "Nothing stored is close to “!!!”." in (await desk.ask(f"similar {ELSEWHERE.id}")).text


async def test_why_tells_every_signal_and_how_the_channel_sees_it(desk):
    desk.clock.advance(days=-3)  # to the day after the first counts: a trend compares with the day before
    await desk.run("topics add", topic="org:nvidia", confirm="yes")
    await desk.run("topics mute", topic="omni-modal", confirm="yes")
    text = (await desk.ask(f"why {OMNI}")).text
    assert "54 upvotes on Hugging Face, 32 on Mon 20 Oct, 09:49" in text
    assert "has not been shown, matches “org:nvidia”, is muted by “omni-modal”" in text
    assert "Rule " in text


async def test_catchup_is_one_list_without_repeats_papers_already_shown_included(desk):
    await desk.ask("subscribe")
    digest_ids = {pick.paper.id for pick in (await desk.deliver()).picks}
    message = await desk.ask("catchup 5 count:20")
    assert digest_ids <= set(listed(message))
    assert len(set(listed(message))) == len(listed(message)) == 20
    assert len(listed(await desk.ask("catchup 1 count:20"))) < 20


async def test_catchup_keeps_to_the_channels_topics_and_mutes(desk):
    await desk.run("topics add", topic="diffusion", confirm="yes")
    await desk.run("topics mute", topic="video", confirm="yes")
    papers = (await desk.store.papers.get(listed(await desk.ask("catchup 7 count:20")))).values()
    assert papers
    assert all("iffusion" in f"{paper.title} {paper.abstract}" for paper in papers)
    assert not any(re.search(r"\bvideos?\b", f"{paper.title} {paper.abstract}", re.IGNORECASE) for paper in papers)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("search zyzzyva", "Nothing found."),
        ("search the of", "in nearly every paper"),
        ("search video page:90", "There are no more."),
        ("today zyzzyva", "Nothing matches at the moment."),
        ("today page:90", "There are no more."),
        ("paper 2401.99999", "No source knows a paper 2401.99999."),
        ("search cat:", "needs a value"),
        ("today -medical", "leaves nothing to look for"),
    ],
)
async def test_nothing_to_show_is_said_in_one_line(desk, line, expected):
    message = await desk.ask(line)
    assert expected in message.text
    assert len(message.blocks) == 1


async def test_where_all_papers_are_old_that_is_said_and_a_topic_is_asked_of_none(desk):
    await collect.embed(desk.store, embeddings.load(embeddings.DEFAULT))
    desk.clock.now += timedelta(days=400)
    assert "The 67 papers that are stored are all older than two weeks" in (await desk.ask("today")).text
    message = await desk.run("topics add", topic="speculative decoding")
    assert "Nothing of the last day matches" in message.text


async def test_an_empty_store_says_where_to_look(tmp_path):
    desk = Desk(tmp_path, empty=True)
    assert "No papers are stored yet" in (await desk.ask("today")).text
    assert "Nothing found" in (await desk.ask("search video")).text
    desk.store.close()


async def test_a_source_that_does_not_answer_is_named(desk):
    desk.archive.fault = SourceError("arxiv", "HTTP 503")
    text = (await desk.ask("paper 2401.00001")).text
    assert "arXiv did not answer. Try again in a few minutes." in text
    assert "503" not in text


async def test_old_figures_are_named_in_one_answer_to_a_person_and_not_in_every_one(desk):
    await desk.store.papers.report(SourceReport("arxiv", desk.clock(), None, fault="HTTP 503"))
    assert "arXiv has not answered yet." in (await desk.ask("today")).text
    assert "has not answered" not in (await desk.ask("today")).text
    assert "has not answered" not in (await desk.ask("catchup 3")).text
    assert "503" in (await desk.ask("status")).text


@pytest.mark.parametrize("command", ["topics add", "topics mute"])
async def test_today_and_catchup_say_whether_the_channels_topics_apply_and_offer_the_other(desk, command):
    assert "topics" not in (await desk.ask("today")).text
    await desk.ask("subscribe")
    assert "topics" not in (await desk.ask("catchup 3")).text
    await desk.run(command, topic="video", confirm="yes")
    today = await desk.ask("today")
    assert "this channel's topics and mutes do not apply here" in today.text
    by_topics = await desk.press(today, "By this channel's topics")
    assert "By this channel's topics and mutes." in by_topics.text
    assert (await desk.press(by_topics, "Of everything")).text == today.text


async def test_why_leads_with_a_plain_sentence_and_names_the_time_zone(desk):
    first = options_of(await desk.ask("today"), "#1")["paper"]
    text = (await desk.ask(f"why {first}")).text
    assert text.splitlines()[1].startswith("First of the last three days: ")
    assert "upvotes" in text.splitlines()[1]
    assert "Times are those of Europe/Berlin." in text


@pytest.mark.parametrize("line", ["search model", "today", "catchup 14"])
async def test_a_list_goes_on_at_any_paper_and_numbers_go_on(desk, line):
    whole = listed(await desk.ask(f"{line} count:12"))
    assert len(whole) == 12
    message = await desk.ask(f"{line} count:5 start:4")
    assert listed(message) == whole[3:8]
    buttons = {action.label: action.options for action in message.actions}
    assert (message.first, buttons["Back"]["start"], buttons["More"]["start"]) == (4, "1", "9")
    assert [label for label in buttons if label.startswith("#")] == ["#4", "#5", "#6", "#7", "#8"]
    assert buttons["Share"]["start"] == "4"


async def test_catchup_goes_back_thirty_days_and_today_does_not(desk):
    """The list of digests holds fourteen days."""
    old = replace((await desk.store.papers.get([OMNI]))[OMNI], id="2509.00001", title="Beavers Build Dams", doi=None)
    old = replace(old, abstract="Beavers build dams of wood.", listed_at=NOW - timedelta(days=20))
    seen = Signal(old.id, "huggingface", "upvotes", 5_000, NOW - timedelta(days=20))
    await desk.store.papers.add(Findings((old,), (seen,)), "huggingface", NOW)
    assert old.id in listed(await desk.ask("catchup 30"))
    assert old.id not in listed(await desk.ask("catchup 19 count:20"))
    assert old.id not in listed(await desk.ask("catchup 14 count:20"))
    assert await desk.engine.shortlist_of(timedelta(days=15)) is await desk.engine.shortlist_of(timedelta(days=30))
