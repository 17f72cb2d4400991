"""Misspelt words and unknown categories: what was looked for instead is said, and what was typed is offered."""

from __future__ import annotations

import pytest

from tests.harness.desk import Desk, listed, options_of


async def test_a_misspelt_topic_is_previewed_as_papers_spell_it_and_the_typed_one_is_offered(desk: Desk):
    right = await desk.ask("topics add video diffusion")
    preview = await desk.ask("topics add vidoe difusion")
    assert "Looked for “video” instead of “vidoe”; “diffusion” instead of “difusion”" in preview.text
    assert options_of(preview, "Follow") == options_of(right, "Follow")
    await desk.press(preview, "Save as typed")
    assert (await desk.subscription()).topics == ("vidoe difusion",)


async def test_a_misspelt_mute_is_corrected_too(desk: Desk):
    preview = await desk.ask("topics mute vidoe")
    assert options_of(preview, "Mute")["topic"] == "video"


async def test_words_that_papers_have_are_not_touched(desk: Desk):
    preview = await desk.ask('topics add video "vidoe" -difusion')
    assert "Looked for" not in preview.text
    assert options_of(preview, "Follow")["topic"] == 'video "vidoe" -difusion'


async def test_today_corrects_a_topic_and_offers_the_typed_one(desk: Desk):
    answer = await desk.ask("today vidoe")
    assert "Looked for “video” instead of “vidoe”, which no stored paper has." in answer.text
    assert listed(answer) == listed(await desk.ask("today video"))
    assert "Nothing matches" in (await desk.press(answer, "As typed")).text


async def test_a_corrected_search_offers_the_typed_words(desk: Desk):
    answer = await desk.ask("search vidoe difusion count:3")
    assert "Looked for" in answer.text
    exact = options_of(answer, "As typed")
    assert (exact["query"], exact["count"]) == ('"vidoe" "difusion"', "3")
    assert "Looked for" not in (await desk.press(answer, "As typed")).text


@pytest.mark.parametrize(
    "line", ["today cat:cs.XX", "search cat:cs.XX", "topics add cat:cs.XX", "topics mute cat:cs.XX"]
)
async def test_a_category_that_arxiv_does_not_have_is_asked_about(desk: Desk, line: str):
    question = await desk.ask(line)
    assert question.text.startswith("arXiv has no category “cs.XX”. Did you mean cs.CL, cs.CV or cs.LG?")
    assert "cat:cs.CL" in (options_of(question, "cs.CL").get("topic") or options_of(question, "cs.CL")["query"])
    assert "no category" not in (await desk.press(question, "cs.CL")).text


@pytest.mark.parametrize("line", ["today cat:biorxiv.neurosciense", "topics add cat:biorxiv.neurosciense"])
async def test_a_category_that_biorxiv_does_not_have_is_asked_about(desk: Desk, line: str):
    question = await desk.ask(line)
    assert question.text.startswith("bioRxiv has no category “biorxiv.neurosciense”. Did you mean biorxiv.neuroscience")
    assert "no category" not in (await desk.press(question, "biorxiv.neuroscience")).text


@pytest.mark.parametrize("topic", ["cat:biorxiv", "cat:biorxiv.cell-biology", "cat:medRxiv.Oncology -mice"])
async def test_categories_of_biorxiv_and_medrxiv_can_be_followed(desk: Desk, topic: str):
    await desk.press(await desk.ask(f"topics add {topic}"), "Follow")
    assert (await desk.subscription()).topics == (topic.replace("medRxiv.Oncology", "medrxiv.oncology"),)


async def test_an_unknown_category_can_be_followed_all_the_same(desk: Desk):
    await desk.press(await desk.ask("topics add cat:cs.XX"), "Save as typed")
    assert (await desk.subscription()).topics == ("cat:cs.XX",)


async def test_a_category_is_followed_in_arxivs_spelling(desk: Desk):
    assert options_of(await desk.ask("topics add cat:CS.cl"), "Follow")["topic"] == "cat:cs.CL"
    assert "cs.CL" in (await desk.ask("today cat:nlp")).text


@pytest.mark.parametrize(
    "line", ["search cat:cs.XYZ", "search cat:cs.xy video", "today cat:cs.Xy", 'search cat:"cs.XY"']
)
async def test_the_remedy_for_an_unknown_category_names_a_known_one_however_it_was_typed(desk: Desk, line: str):
    question = await desk.ask(line)
    assert "cat:cs.CL" in question.text
    assert "no category" not in (await desk.press(question, "cs.CV")).text


async def test_a_category_typed_as_a_word_is_offered_as_a_category(desk: Desk):
    answer = await desk.ask("search cs.CL")
    assert "Did you mean cat:cs.CL instead of cs.CL?" in answer.text
    assert options_of(answer, "cat:cs.CL")["query"] == "cat:cs.CL"
    assert "Did you mean" not in (await desk.ask("search cat:cs.CL")).text


async def test_a_misspelt_organisation_is_asked_about(desk: Desk):
    answer = await desk.ask("search org:nvida")
    assert "Did you mean org:nvidia instead of org:nvida?" in answer.text
    assert "Did you mean" not in (await desk.press(answer, "org:nvidia")).text
