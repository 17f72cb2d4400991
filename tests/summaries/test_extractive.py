"""Abstracts to sentences: readable, literal, bounded, whatever the abstract."""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.summaries import extractive
from bot.summaries.extractive import SUMMARY_MAX, key_sentence, tldr
from bot.summaries.extractive.faults import points_back
from bot.summaries.extractive.ranker import weights
from bot.summaries.extractive.rewriting import abbreviations, shown_sentence
from bot.text.analyzer import words
from bot.text.cleaning import clean_text
from bot.text.sentences import shorten, split_sentences
from tests.harness.examples import examples

DATA = Path(os.environ.get("PAPERBOY_DATA", Path(__file__).parents[3] / "shared" / "data"))
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def foreign(summary: str, whole: str) -> set[str]:
    """Words of a summary that the text does not have, but for the two that may be added."""
    return set(words(summary)) - set(words(whole)) - {"is", "are"}


TITLE = "Gull: Cheap Drafts for Long Answers"
ABSTRACT = r"""Large models answer slowly, e.g. when answers are long (see Fig. 2). Recent work drafts tokens, but
drafts are often wrong. To address this, we propose \textbf{Gull}, a drafter of $O(n \log n)$ cost that learns from its
own mistakes~\cite{gull}. It needs no training data. On 3.5 M prompts, Gull is 2.1$\times$ faster than Smith et al. and
loses 0.4\% accuracy vs. the full model. Code is available at https://example.org/gull."""


FIGURES = "On 3.5 M prompts, Gull is 2.1× faster than Smith et al. and loses 0.4% accuracy vs. the full model."


def test_the_sentence_that_says_what_was_done_is_chosen_and_cleaned():
    first = "Gull is a drafter of O(n log n) cost that learns from its own mistakes."
    assert tldr(TITLE, ABSTRACT) == f"{first} {FIGURES}"


def test_the_second_sentence_has_the_figures_as_written():
    assert key_sentence(TITLE, ABSTRACT, "A drafter that learns from its own mistakes.") == FIGURES
    assert key_sentence(TITLE, ABSTRACT) == "", "the summary has them already"


def test_without_figures_there_is_no_second_sentence():
    assert (
        key_sentence("A title", "We propose GPT-4 agents for 3D scenes of 2024. They work well. Llama-3 helps.") == ""
    )


def test_without_figures_no_summary_is_made_for_the_second_sentence(monkeypatch: pytest.MonkeyPatch):
    """It takes milliseconds, in every process that delivers, for two papers of three."""
    monkeypatch.delattr(extractive, "best_candidates")
    assert key_sentence("Gulls", "We propose agents for gulls. They work well over harbours.") == ""


@pytest.mark.parametrize("abstract", ["", "  \n ", "…", "Gull: cheap drafts\nfor long answers", "$$ \\ {}"])
def test_nothing_to_tell_is_told_as_nothing(abstract: str):
    assert tldr(TITLE, abstract) == key_sentence(TITLE, abstract) == ""


def test_the_title_is_never_echoed_though_it_has_all_its_words():
    assert (
        tldr("We propose gulls", "We propose gulls. They fly at 3.2 m/s over the harbour of a city.")
        != "We propose gulls."
    )


def test_chinese_abstracts_are_split_and_told():
    abstract = (
        "长文本生成很慢。本文提出了一种新的草稿模型，能够从自身\n错误中学习。"
        "在3.5万个提示上，速度提升2.1倍，准确率仅下降0.4%。代码已开源。"
    )
    assert tldr("草稿模型", abstract) == "本文提出了一种新的草稿模型，能够从自身错误中学习。"
    assert key_sentence("草稿模型", abstract) == "在3.5万个提示上，速度提升2.1倍，准确率仅下降0.4%。"


def test_other_languages_are_told():
    french = "Les modèles sont lents depuis toujours. Nous proposons une méthode simple pour les accélérer. C'est tout."
    assert tldr("Méthode", french) == "Nous proposons une méthode simple pour les accélérer."


@pytest.mark.parametrize(
    ("raw", "readable"),
    [
        (r"$O(n \log n)$", "O(n log n)"),
        (r"$n\log n$ and $\log{n}$", "n log n and log n"),
        (r"\textbf{bold} \emph{it} {\em old}", "bold it old"),
        (r"re\textbf{Mo}di", "reModi"),
        (r"2$\times$, 40\% and 512$\times$512", "2×, 40% and 512×512"),
        (r"$6.4\times10^{-3}$, $x^{n+1}$, $\pi_{0}$", "6.4×10^-3, x^(n+1), π_0"),
        (r"$\alpha$-VAE, $\mathcal{L}_{\text{max}}$", "α-VAE, L_max"),
        (r"as shown~\cite{a,b}.", "as shown."),
        (r"costs $5 and $10", "costs $5 and $10"),
        (r"costs \$5 for $3$ models", "costs $5 for 3 models"),
        (r"10{,}000 or 10\,000", "10,000 or 10,000"),
        (r"S\~ao Erd\H{o}s G\"{o}del \'etude", "São Erdős Gödel étude"),
        (r"Fig.~2, ~10x and (~5%)", "Fig. 2, ~10x and (~5%)"),
        (r"45{\deg}, $80^{\circ}$", "45°, 80°"),
        (r"\href{https://a.b/c}{here} \url{https://d.e}", "https://a.b/c https://d.e"),
        (r"$\frac{1}{2}$ of $\sim$7\%", "1/2 of ~7%"),
        (r"``quoted'' -- so", "“quoted” – so"),
        (r"\ourname\xspace wins, \eg here", "ourname wins, e.g. here"),
        (r"a \% b $ lone {brace", "a % b $ lone brace"),
        ("a trans-\nformer reads", "a transformer reads"),
        ("state-of-the-\nart, GPT-\n4, self-\nattention", "state-of-the-art, GPT-4, self-attention"),
        ("low-\nand high-level", "low- and high-level"),
        ("encoders: an en-\ncoder and the encoder", "encoders: an encoder and the encoder"),
        ("大模\n型", "大模型"),
        ("a\u202eb\u200bc\x00d\r\ne", "ab cd e"),
        ("plain", "plain"),
    ],
)
def test_latex_and_line_breaks_are_undone(raw: str, readable: str):
    assert clean_text(raw) == readable


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We use A (e.g. B), i.e. C. It works.", 2),
        ("Smith et al. Propose X. In Fig. 2 it is 3.5 vs. 4.0.", 2),
        ("J. Smith of the U.S. Army left. However, we stay.", 2),
        ("It rained in the U.S. We stayed.", 2),
        ("And so... we wait. Wait… what? “Yes.” No!", 4),
        ("It can: 1. Plan. 2. Act.", 2),
        ("Since Jan. 2024 things changed. No. 5 is alive.", 2),
        ("We win by 3.5. Then 7 lose.", 2),
        ("It performs.We propose more.", 2),
        ("It is a long process.MoCam denoises it.", 2),
        ("See https://a.b/c.html for more. Done.", 2),
        ("第一。第二！他说“好。”第三", 4),
        ("no end", 1),
        ("", 0),
    ],
)
def test_sentences_end_where_they_end(text: str, count: int):
    parts = split_sentences(text)
    assert len(parts) == count
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_long_sentence_is_cut_at_a_word():
    text = "We propose " + "a rather long account of gulls " * 20 + "."
    summary = tldr("Gulls", text)
    assert len(summary) <= SUMMARY_MAX
    assert summary.endswith("…")
    assert clean_text(text).startswith(summary[:-1] + " ")


@pytest.mark.parametrize("at", range(1, 40))
def test_a_cut_never_parts_a_number_or_its_unit(at: int):
    text = "up to 1,234.56 % of 10 000 ± 0.3 and 12345678901234567890"
    beginning = shorten(text, at).rstrip("…")
    assert set(NUMBER.findall(beginning)) <= {"1,234.56", "10", "000", "0.3", "12345678901234567890"}
    assert not beginning.endswith(("10", "1,234.56", "±"))


ALPHABET = st.text(alphabet="ab1.5,% $\\{}^_~-\n\"'()[]é大。!?:;&#|<>×…", max_size=300)
PIECES = (
    r"gulls 3.5 10,000 40\% $O(n)$ \textbf{x} e.g. al. . 2$\times$ However, 本文提出 。 The https://a.b 1) (2) $ {"
    r" \cite{ accuracy improves"
)
TELLING = ["We propose", "To this end, we", "trans-\nformer", "\n", *PIECES.split()]
PHRASES = [
    "we propose a gull that",
    "we show that gulls",
    "learn from 3.5 M mistakes",
    "and",
    ", which is",
    "(see [3])",
    "by using 10,000 prompts",
    ", improving accuracy by 4%",
    "if they can",
    "and we prove that",
    "In this paper,",
    "; the",
    "may",
]
WORDS = st.lists(st.sampled_from(TELLING), max_size=60).map(" ".join)


@given(st.one_of(ALPHABET, WORDS), st.one_of(ALPHABET, WORDS))
@examples(100)
def test_every_word_and_number_told_stands_in_the_abstract(title: str, abstract: str):
    whole = clean_text(abstract)
    for summary in (tldr(title, abstract), key_sentence(title, abstract)):
        assert len(summary) <= SUMMARY_MAX
        assert "\n" not in summary
        assert not foreign(summary, whole)
        assert set(NUMBER.findall(summary)) <= set(NUMBER.findall(whole))
    assert not key_sentence(title, abstract) or key_sentence(title, abstract) != tldr(title, abstract)


@given(WORDS, st.lists(st.sampled_from(PHRASES), min_size=1, max_size=12).map(" ".join))
@examples(100)
def test_a_shown_sentence_has_the_abstract_s_words_and_its_numbers_whole(before: str, sentence: str):
    whole = clean_text(f"{before} {sentence}.")
    shown = shown_sentence(whole)
    assert not foreign(shown, whole)
    assert set(NUMBER.findall(shown)) <= set(NUMBER.findall(whole))


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("In this paper, we show that gulls can land on ships at sea.", "Gulls can land on ships at sea."),
        ("Specifically, we train a gull on 3,000 hours of video.", "We train a gull on 3,000 hours of video."),
        ("For example, it wins by 4%.", "It wins by 4%."),
        ("Building on this insight, we further train a gull on video.", "We train a gull on video."),
        ("We propose Gull, a new drafter for models (see Fig. 2).", "Gull is a new drafter for models."),
        ("We present the Gull Models (GM), a family of drafters.", "The Gull Models (GM) are a family of drafters."),
        ("We propose the opposite approach: Gull, a new drafter.", "Gull is a new drafter."),
        (
            "We propose Gull, a drafter, and show that it is fast.",
            "We propose Gull, a drafter, and show that it is fast.",
        ),
        (
            "Gull drafts answers on ships that are far out at sea, paving the way for more.",
            "Gull drafts answers on ships that are far out at sea.",
        ),
        (
            "Gull is a drafter that learns from errors to overcome these limitations.",
            "Gull is a drafter that learns from errors.",
        ),
        ("Extensive experiments on four benchmarks show that Gull outperforms crows.", "Gull outperforms crows."),
    ],
)
def test_leads_references_and_praise_go_and_a_noun_phrase_becomes_a_sentence(sentence: str, shown: str):
    assert shown_sentence(sentence) == shown


@pytest.mark.parametrize(
    "sentence",
    [
        "We find that gulls may land on ships if the sea is calm, which crows do not.",
        "We classify harbours with unramified covers under the usual assumptions of calm seas.",
        "We train on fish rather than bread, leading to gulls that do not fail on long answers.",
        "We prove that every gull returns, assuming that it was not fed.",
        "We introduce Gull, which drafts long answers from its own mistakes.",
        "We rest on one idea: gulls learn from the mistakes that they make themselves.",
    ],
)
def test_conditions_alternatives_verbs_and_definitions_stay(sentence: str):
    assert shown_sentence(sentence).endswith(sentence[-40:])


@pytest.mark.parametrize(
    "sentence",
    [
        "This challenge is met by a drafter that learns from errors.",
        "We meet this challenge by a drafter that learns from errors.",
        "We study their use in the harbours of large cities at night.",
        "The former lands on ships, and the others follow at night.",
        "We train drafters for such harbours with hours of video.",
        "In these harbours, gulls find ships faster than any radar.",
    ],
)
def test_a_sentence_that_points_to_another_one_is_seen(sentence: str):
    assert points_back(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "This paper presents a drafter that learns from its own errors.",
        "We train drafters such as gulls, and show that these drafters are fast.",
        "Gull makes it possible to draft answers that are long.",
        "We show that it is enough to train those that fly.",
    ],
)
def test_a_sentence_that_explains_its_pronouns_stands_alone(sentence: str):
    assert not points_back(sentence)


def test_a_second_sentence_is_shown_where_the_first_says_little_beside_the_title():
    abstract = (
        "Answers are slow. We propose Gull, a drafter for long answers. "
        "It learns from 3,000 rejected tokens of its verifier and halves the time of decoding."
    )
    second = "It learns from 3,000 rejected tokens of its verifier and halves the time of decoding."
    assert tldr("Gull: A Drafter for Long Answers", abstract) == f"Gull is a drafter for long answers. {second}"


def test_abbreviations_are_spelt_out_where_the_abstract_does():
    abstract = (
        "Optimal Power Flow (OPF) is slow at sea. We train a drafter that predicts OPF from the noise that gulls make"
        " over the harbour, and it needs ninety seconds for a night of four hundred ships."
    )
    assert "predicts Optimal Power Flow (OPF) from" in tldr("Drafting", abstract)
    assert abbreviations("Abstraction and Reasoning Corpus (ARC), tests (AND)") == {
        "ARC": "Abstraction and Reasoning Corpus"
    }


def test_the_sentence_with_figures_is_a_result_and_begins_no_example():
    abstract = (
        "Models of 7B parameters have been slow since 2019. We propose Gull, a drafter that learns from its rejected"
        " tokens, without labels, on one GPU of a harbour. For example, Gull is 2.1x faster than crows and loses 0.4%."
    )
    assert key_sentence(TITLE, abstract, "A drafter.") == "Gull is 2.1x faster than crows and loses 0.4%."


def test_the_claim_is_preferred_to_the_background_it_turns_against():
    background = "Large gulls are widely believed to be the best drafters for long answers of gull models."
    claim = "However, we show that small gulls are the better drafters for long answers."
    assert tldr("Drafters for long answers", f"{background} {claim}").lower().endswith(claim[23:].lower())


def test_a_word_that_a_line_break_made_is_not_shown_while_there_is_another_sentence():
    abstract = (
        "We propose off-the-\nshelf gulltrans-\nformers for ships. We show that gulls find ships faster than radar."
    )
    assert tldr("Gulls", abstract) == "Gulls find ships faster than radar."


def test_the_weights_are_readable_small_and_all_of_them_used():
    models = weights()
    assert len(models.sentences) > 50
    assert len(models.words.own) > 100
    assert models.words.columns.any(axis=1).mean() > 0.8
    assert (Path(tldr.__wrapped__.__code__.co_filename).parent / "weights.json").stat().st_size < 100_000


@given(st.text(max_size=400))
@examples(100)
def test_any_text_can_be_cleaned(text: str):
    assert clean_text(text) == clean_text(text).strip()
    assert split_sentences(clean_text(text)) == [] or clean_text(text)


UNITS = [
    "a",
    " ",
    ".",
    "a.",
    ". ",
    "$",
    "\\",
    "{",
    "}",
    "\\a{",
    "^{",
    "\\cite{",
    "1",
    "1,",
    "-",
    "a-",
    "-\n",
    "a-\n",
    "\n",
    "~",
    "。",
    "we ",
    "code ",
]


@pytest.mark.parametrize(
    "unit", [*UNITS, "$1 ", "\\frac{", "\\'", "大\n", "We propose ", "our model ", "(", '"', "e.g. ", "\\href{a}", "``"]
)
def test_fifty_thousand_characters_cost_little(unit: str):
    text = unit * (50_000 // len(unit))
    started = time.thread_time()
    tldr(text, text)
    key_sentence("x", text)
    split_sentences(clean_text(text))
    assert time.thread_time() - started < 2


@pytest.mark.skipif(not (DATA / "hf_daily_papers").exists(), reason="the evaluation data is not on this machine")
def test_real_abstracts_come_out_readable():
    with gzip.open(DATA / "hf_daily_papers" / "papers.jsonl.gz", "rt") as lines:
        papers = [json.loads(line) for _, line in zip(range(300), lines, strict=False)]
    for paper in papers:
        summary = tldr(paper["title"], paper["summary"])
        assert 20 <= len(summary) <= SUMMARY_MAX
        assert not re.search(r"[\n{}]|\\[a-z]", summary)
        assert summary != clean_text(paper["title"])
        assert set(NUMBER.findall(summary)) <= set(NUMBER.findall(clean_text(paper["summary"])))
