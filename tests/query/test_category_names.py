"""Words that name categories of arXiv."""

from __future__ import annotations

import pytest

from bot.model.category import ARCHIVES, CATEGORIES, PREPRINT_SERVERS
from bot.query.category_names import NAMES, categories_named


def test_every_category_has_a_name_and_every_name_a_category():
    assert {each for each in CATEGORIES if each.partition(".")[0] not in PREPRINT_SERVERS} <= set(NAMES)
    assert set(NAMES) <= {*CATEGORIES, *ARCHIVES}


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("robotics", ("cs.RO",)),
        ("Robotic", ("cs.RO",)),
        ("computer vision", ("cs.CV",)),
        ("computer vision and pattern recognition", ("cs.CV",)),
        ("human computer interaction", ("cs.HC",)),
        ("machine learning", ("cs.LG", "stat.ML")),
        ("NLP", ("cs.CL",)),
        ("game theory", ("cs.GT",)),
        ("quantum physics", ("quant-ph",)),
        ("astrophysics", ("astro-ph",)),
        ("video diffusion", ()),
        ("robotics benchmarks", ()),
        ("performance", ()),
        ("image", ()),
        ("the", ()),
    ],
)
def test_a_topic_names_a_category_by_its_whole_name_or_one_of_its_parts(text: str, categories: tuple[str, ...]):
    assert categories_named(text) == categories
