"""Claims of a written summary that its abstract does not make."""

from __future__ import annotations

import pytest

from bot.summaries.llm import summary_fault

TITLE = "Heron: Posters from Papers"
ABSTRACT = (
    "Heron is a unified model for posters that abandons modular pipelines and rigid layouts. It renders text without"
    " any retraining and keeps the accuracy of Crane while it needs 2.1x less memory. On PosterBench it reaches 71.3"
    " points, where large language models trained on LaTeX reach 60."
)
SUPPORTED = [
    "Heron is a unified model for posters that keeps the accuracy of Crane with 2.1x less memory.",
    "Heron renders text in posters with no retraining and keeps the accuracy of Crane.",
    "Heron abandons modular pipelines and rigid layouts to render text in posters.",
    "Heron is a unified model that reaches 71.3 points on PosterBench, where Large Language Models reach 60.",
]
UNSUPPORTED = {
    "what it does without": "Heron is a unified, modular pipeline that renders text in posters without retraining.",
    "another superlative": "Heron renders the crispest text in posters and keeps the accuracy of Crane.",
    "most": "Heron renders text in most posters and keeps the accuracy of Crane without retraining.",
    "outperforming": "Heron is a unified model for posters, outperforming Crane with 2.1x less memory on PosterBench.",
    "superior": "Heron is a unified model for posters with superior accuracy on PosterBench and less memory.",
    "significantly": "Heron renders text in posters with significantly 2.1x less memory than Crane.",
    "another negation": "Heron is a unified model for posters that renders text without layouts on PosterBench.",
    "not": "Heron is a unified model that does not need memory and keeps the accuracy of Crane.",
    "a name in capitals": "Heron is a unified model for posters that keeps the accuracy of GAN on PosterBench.",
    "a ping": "Heron is a unified model for posters @everyone that keeps the accuracy of Crane.",
}


@pytest.mark.parametrize("summary", SUPPORTED)
def test_a_claim_of_the_abstract_passes_in_other_words_too(summary: str):
    assert summary_fault(summary, TITLE, ABSTRACT) == ""


@pytest.mark.parametrize("summary", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_a_claim_that_the_abstract_does_not_make_is_a_fault(summary: str):
    assert summary_fault(summary, TITLE, ABSTRACT)


def test_pass_at_k_is_no_ping():
    abstract = f"{ABSTRACT} With Pass@k as its reward Heron explores more."
    assert summary_fault("Heron explores more with Pass@k as its reward.", TITLE, abstract) == ""


def test_an_outperformed_peer_may_be_surpassed():
    abstract = f"{ABSTRACT} Heron outperforms Crane."
    for verb in ("outperforming", "surpassing", "outperformed"):
        assert summary_fault(f"Heron is a unified model for posters, {verb} Crane.", TITLE, abstract) == ""
