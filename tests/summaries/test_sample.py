"""The bundled sample: retold abstracts, whose summaries are made as those of real papers and stand alone."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from bot.model import Paper
from bot.sources import sample
from bot.sources.jsonl import parse_lines
from bot.summaries.extractive import key_sentence, tldr
from bot.text.analyzer import stems
from bot.text.sentences import split_sentences

PAPERS = parse_lines(sample.read()).papers
POINTING = re.compile(
    r"^(?:it|they|its|their|he|she|both|either|each|one|also|then|thus|here|for example|however|moreover|besides)\b"
    r"|\b(?:this|these|those|such|the (?:proposed|former|latter|above|resulting))\b"
    r"(?! (?:that|as|who|which)\b)",
    re.IGNORECASE,
)
"""Words that point to what is not shown (`dangling` in tests/bench/reading), at the beginning or anywhere."""
LEAD_IN = re.compile(
    r"^(?:in this|to this end|to address|in summary|specifically|finally|first|second)\b", re.IGNORECASE
)
NEW_WORDS = 3
"""Content stems, at least, that a summary has beside its title's; with fewer it is the title over again."""


@pytest.mark.parametrize("paper", PAPERS, ids=[paper.id for paper in PAPERS])
def test_the_summary_of_a_paper_stands_alone_and_says_more_than_its_title(paper: Paper):
    summary = tldr(paper.title, paper.abstract)
    first, *others = split_sentences(summary)
    assert not POINTING.search(first), first
    assert not LEAD_IN.search(first), first
    for sentence in others:  # a second one may lean on the first by a pronoun alone
        assert not POINTING.search(re.sub(r"^(?:it|they|its|their)\b", "", sentence, flags=re.IGNORECASE)), sentence
    new = set(stems(summary, stop_words=False)) - set(stems(paper.title, stop_words=False))
    assert len(new) >= NEW_WORDS, summary
    figures = key_sentence(paper.title, paper.abstract)
    assert not LEAD_IN.search(figures)
    assert not re.match(r"(?:it|they|its|their)\b", figures, re.IGNORECASE), figures


def test_no_summary_is_part_of_the_sample():
    fields = {field for line in sample.read().splitlines() for field in json.loads(line)}
    assert fields.isdisjoint({"tldr", "tldr_by", "ai_summary"})


def test_the_sample_is_told_from_the_authors_abstracts():
    assert sample.is_retold(PAPERS[0])
    assert not sample.is_retold(replace(PAPERS[0], abstract="The authors' own."))
    assert not sample.is_retold(Paper("2510.15870", "Nothing known of it"))
