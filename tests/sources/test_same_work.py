"""Papers on arXiv and on bioRxiv that are one work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Paper
from bot.sources.same_work import same_works

ON_ARXIV = Paper("2606.00031", "Pigeons' Memory: a Study of Homing", authors=("Zoë van der Loft", "B. Coop"))
ON_BIORXIV = Paper("10.1101/2026.06.12.1", "Pigeons’ memory – a study of homing.", authors=("Z. van der Loft",))


def test_the_same_title_and_first_author_are_one_work() -> None:
    assert same_works([ON_BIORXIV, ON_ARXIV]) == (("2606.00031", "10.1101/2026.06.12.1"),)


def test_so_are_two_preprints_that_were_published_as_one() -> None:
    published = "10.5555/loft.7"
    preprint = replace(ON_BIORXIV, title="Homing in pigeons, revisited", doi=published)
    assert same_works([replace(ON_ARXIV, doi=published.upper()), preprint]) == ((ON_ARXIV.id, preprint.id),)


@pytest.mark.parametrize(
    "other",
    [
        replace(ON_BIORXIV, authors=("B. Coop",)),
        replace(ON_BIORXIV, authors=()),
        replace(ON_BIORXIV, title="Pigeons' memory: a second study of homing"),
        replace(ON_BIORXIV, id="2606.00032"),
    ],
)
def test_all_else_are_two(other: Paper) -> None:
    assert same_works([ON_ARXIV, other]) == ()


def test_a_title_that_many_share_says_nothing() -> None:
    assert same_works([replace(ON_ARXIV, title="Editorial"), replace(ON_BIORXIV, title="Editorial")]) == ()
