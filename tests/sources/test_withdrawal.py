"""Notices of withdrawal, and papers about withdrawal, which are none."""

from __future__ import annotations

import time

import pytest

from bot.sources.withdrawal import is_withdrawn

COMMENTS = [
    "Paper withdrawn",
    "The authors have withdrawn this paper",
    "[Withdrawn]",
    "This manuscript has now been withdrawn",
    "arXiv admin note: submission withdrawn due to inclusion of plagiarized text",
    "Article withdrawn by the authors",
    "We withdraw this paper because of an error in Theorem 2",
    "Withdrawn",
    "withdrawn.",
    "Withdrawn by the author",
    "This paper has been withdrawn",
    "This paper is withdrawn due to a crucial error",
    "The paper was temporarily withdrawn by the authors",
    "12 pages, 3 figures; withdrawn",
    "This submission has been withdrawn by arXiv administrators",
    "arXiv admin note: This submission has been withdrawn by arXiv administrators due to inappropriate text reuse",
    "arXiv admin note: submission has been withdrawn by arXiv administration due to disputed authorship",
    "Withdrawn due to an error in eq. 3",
    "Withdrawn from arXiv",
    "The author has withdrawn this article due to an error",
    "This paper has been withdrawn by the author(s)",
    "paper withdrawn due to error",
    "Submission withdrawn",
    "Withdrawn because the proof is wrong",
    "We have withdrawn this paper",
    "The authors wish to withdraw this paper",
    "This preprint has been retracted",
    "Paper withdrawn by authors. Superseded by arXiv:1234.5678",
    "Withdrawn: the proof of Lemma 2 fails",
    "This work has been withdrawn",
    "(Withdrawn)",
    "The authors withdraw this paper.",
    "This version has been withdrawn. A new version will follow",
    "This article has been withdrawn, see 0704.1234",
    "10 pages. This paper has been withdrawn",
]
ABSTRACTS = [
    "This paper has been withdrawn by the author due to a crucial sign error in equation 1.",
    "The authors have withdrawn this paper.",
    "This submission has been withdrawn by arXiv administrators due to copyright",
    "Paper withdrawn due to an error.",
    "Due to an error in Lemma 2, this paper has been withdrawn.",
    "The paper has been withdrawn by the authors.",
    "Note: this article was withdrawn",
    "We withdraw this paper because of an error in Theorem 2",
    "Withdrawn.",
    "This paper was withdrawn",
]
OTHER_COMMENTS = [
    "We study withdrawn papers on arXiv",
    "WithdrarXiv: a dataset of withdrawn papers",
    "Accepted at the workshop on withdrawal",
    "Withdrawn papers in computer science: a survey",
    "Withdrawal of drugs",
    "Withdrawn from ICLR 2025, under review at ICML",
    "The submission was withdrawn from ICLR 2024",
    "An earlier version of this paper was withdrawn",
    "Previous versions of this article have been withdrawn",
    "Code for detecting withdrawn submissions",
    "withdrawn-paper detection; 8 pages",
    "Withdrawn submissions of OpenReview, 3 tables",
]
OTHER_ABSTRACTS = [
    "We present WithdrarXiv, the first large-scale dataset of withdrawn papers from arXiv, "
    "containing over 14,000 papers and their associated retraction comments.",
    "We ask why authors withdraw their papers. When a paper is withdrawn, readers are not "
    "told. Of 100 papers 3 were withdrawn.",
    "Alcohol withdrawal is studied. The drug was withdrawn from the market, and the patients have withdrawn.",
    "Sixteen patients withdrew the consent. The authors of 20 papers had withdrawn them after review.",
    "We predict whether the paper will be withdrawn by the authors before the decision.",
    "A paper that has been withdrawn is still cited. We study citations to the paper after it was withdrawn.",
    "Many authors withdraw the paper from a conference after low scores; we model how authors "
    "withdraw their submissions.",
    "If the submission was withdrawn, we excluded it.",
    "authors have withdrawn their articles in 12 % of the cases",
    "the work is withdrawn from the fluid by the pump",
    "After the article has been withdrawn, citations fall by 60 %",
    "We examine how often the paper has been withdrawn by the authors after the preprint was posted.",
]


@pytest.mark.parametrize("comment", COMMENTS)
def test_a_comment_that_says_so_marks_the_paper(comment: str) -> None:
    assert is_withdrawn(comment, "We study proofs.")


@pytest.mark.parametrize("abstract", ABSTRACTS)
def test_an_abstract_that_gives_way_to_a_notice_marks_the_paper(abstract: str) -> None:
    assert is_withdrawn("", abstract)


@pytest.mark.parametrize("comment", OTHER_COMMENTS)
def test_a_comment_about_withdrawal_does_not(comment: str) -> None:
    assert not is_withdrawn(comment, "We study proofs.")


@pytest.mark.parametrize("abstract", OTHER_ABSTRACTS)
def test_an_abstract_about_withdrawal_does_not(abstract: str) -> None:
    assert not is_withdrawn("12 pages", abstract)


@pytest.mark.parametrize(
    "piece", ["this paper has been ", "now ", "withdrawn ", "the authors have ", "(", "; ", "note "]
)
def test_a_hostile_comment_takes_no_longer_than_its_length(piece: str) -> None:
    started = time.thread_time()
    is_withdrawn(piece * 10_000, piece * 10_000)
    assert time.thread_time() - started < 1
