"""Kinds of fault that reading found in shown sentences; each case is made up after one of them."""

import pytest

from bot.summaries.extractive import key_sentence, tldr
from bot.summaries.extractive.faults import is_whole, points_back
from bot.summaries.extractive.quality import is_topic_only
from bot.summaries.extractive.rewriting import abbreviations, shown_sentence, spelt_out


@pytest.mark.parametrize(
    "sentence",
    [
        "We show that small drafters hardly encode such distant harbours in their vectors.",
        "We find and remove these noisy mistakes of gulls that are far out at sea.",
        "We formalize this with a drafter that has five axes and one decision.",
        "We show that both properties are good for gulls of any size.",
        "The improvements are larger, near 8%, where gulls are far out at sea.",
        "In the first stage, a drafter learns the words that gulls say.",
        "All other drafters are slower than crows by at least 4%.",
    ],
)
def test_pointers_that_are_not_explained_are_seen(sentence: str):
    assert points_back(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The drafter hears gulls and writes these into the next token of its answer.",
        "Both theoretically and empirically, gulls are cheaper than crows at sea.",
        "We train drafters, verifiers and harbours, and join these components in one model.",
    ],
)
def test_pronouns_and_lists_that_explain_themselves_are_no_pointers(sentence: str):
    assert not points_back(sentence)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("RESULTS We found that eight gulls reduced the noise.", "We found that eight gulls reduced the noise."),
        ("To address these issues we introduce Gull, a drafter for ships.", "Gull is a drafter for ships."),
        ("Gull is a live benchmark designed to overcome these challenges.", "Gull is a live benchmark."),
        ("Further, we show that Gull outperforms crows.", "Gull outperforms crows."),
        (
            "Gulls miss key aspects of storytelling such as ships and harbours.",
            "Gulls miss key aspects of storytelling such as ships and harbours.",
        ),
    ],
)
def test_labels_leads_and_purposes_without_a_noun_go(sentence: str, shown: str):
    assert shown_sentence(sentence) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Achieving 51.1 points in the harbour, demonstrating that gulls are the best drafters.",
        "We propose a new ecoupled raft (), with an encoder for the noise of gulls.",
        "This paper presents the architecture of a drafter with the following features.",
    ],
)
def test_fragments_are_no_sentences(text: str):
    assert not is_whole(text)


def test_a_topic_is_no_finding_though_it_says_how():
    assert is_topic_only("We study whether gulls can land on ships by using only their ears.")
    assert is_topic_only("This paper presents a detailed analysis of gulls, with a focus on ships.")
    assert not is_topic_only("We study gulls and find that they land on ships.")


def test_an_abbreviation_is_spelt_out_with_all_of_its_name_and_with_its_article():
    text = "We train Sparse Gulls. Specialised Sparse Gulls (SSGU) fly. Large gulls (LG) are large."
    long_forms = abbreviations(text)
    assert long_forms == {"SSGU": "Specialised Sparse Gulls", "LG": "large gulls"}
    assert spelt_out("It is an STS sensor.", {"STS": "see-through-skin"}, "").startswith(
        "It is a see-through-skin (STS)"
    )
    assert spelt_out("It has DCs (moDCs).", {"DC": "dendritic cells"}, "") == "It has DCs (moDCs)."


def test_a_proposal_is_preferred_to_the_problem_that_was_found_before_it():
    abstract = (
        "We find that current drafters see ships as if they were harbours, and ignore the noise of the sea. "
        "To address this, we propose Gull, a drafter that listens to waves through two microphones on a mast and "
        "locates ships by the delay between them. "
        "Moreover, we introduce a second drafter for crows in the fields of farmers near the coast."
    )
    assert tldr("A drafter on a mast", abstract).startswith("Gull is a drafter that listens to waves")


def test_the_second_sentence_is_a_result_rather_than_what_others_do():
    abstract = (
        "We present Gull, a drafter for long answers. Existing drafters overlook spatial composition, background "
        "evolution and narrative pacing of harbours. Gull reduces the time of decoding by 41% on four benchmarks of "
        "mathematical reasoning."
    )
    second = "Gull reduces the time of decoding by 41% on four benchmarks of mathematical reasoning."
    assert tldr("Gull: A Drafter for Long Answers", abstract) == f"Gull is a drafter for long answers. {second}"


@pytest.mark.parametrize(
    "sentence",
    [
        "Due to incomplete data, 181 gulls were excluded, resulting in 767 ships for the analysis.",
        "This work is an improved version of the study at arXiv:2402.02526 about harbours.",
        "Crow does not yet reach the speed of ships (8.2 FPS), even with better engines.",
        "We release better drafters of four sizes: 86M, 303M, 400M and 1B parameters.",
    ],
)
def test_a_setting_a_size_and_what_another_work_lacks_are_no_figures(sentence: str):
    abstract = f"We propose Gull, a drafter that learns from its own mistakes at sea. {sentence}"
    assert key_sentence("Drafting", abstract, "A drafter.") == ""
