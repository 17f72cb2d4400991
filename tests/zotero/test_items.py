"""Papers as items, and the profile of a library."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.model import SavedPaper
from bot.zotero.items import KEY_LETTERS, is_item_of, item_key, new_item, title_query
from bot.zotero.profile import closest, profile_of, weights
from tests.fakes import paper
from tests.fakes.zotero import FIELDS

ONE = paper(1)
IN_JOURNAL = replace(
    ONE, journal_ref="J. Dice 3", doi="10.1000/d", authors=("ATLAS Collaboration", "Martin L. King Jr."), abstract=""
)
BY_DOI = replace(ONE, id="10.1000/x", categories=())


def test_a_paper_with_a_journal_is_an_article():
    item = new_item(SavedPaper(IN_JOURNAL, tags=("rl",)), "")
    assert item["itemType"] == "journalArticle"
    assert (item["DOI"], item["publicationTitle"], item["extra"]) == ("10.1000/d", "J. Dice 3", "arXiv:2511.00001")
    assert item["creators"] == [
        {"creatorType": "author", "name": "ATLAS Collaboration"},
        {"creatorType": "author", "firstName": "Martin L., Jr.", "lastName": "King"},
    ]
    assert item["tags"] == [{"tag": "rl"}, {"tag": "cs.CL", "type": 1}]
    assert not {"repository", "abstractNote"} & item.keys()


def test_any_other_paper_is_a_preprint_with_its_id_doi_abstract_and_link():
    item = new_item(SavedPaper(ONE), "READ2345")
    assert item == {
        "key": item_key(ONE),
        "version": 0,
        "tags": [{"tag": "cs.CL", "type": 1}],
        "collections": ["READ2345"],
        "itemType": "preprint",
        "title": ONE.title,
        "creators": [
            {"creatorType": "author", "firstName": "Ada", "lastName": "Example"},
            {"creatorType": "author", "firstName": "Ben", "lastName": "Example"},
        ],
        "abstractNote": ONE.abstract,
        "date": "2025-11-23",
        "DOI": "10.48550/arXiv.2511.00001",
        "url": "https://arxiv.org/abs/2511.00001",
        "repository": "arXiv",
        "archiveID": "arXiv:2511.00001",
    }
    assert new_item(SavedPaper(BY_DOI), "")["DOI"] == "10.1000/x"


@pytest.mark.parametrize("each", [ONE, IN_JOURNAL, BY_DOI])
def test_an_item_has_the_fields_of_its_type_alone_and_is_its_paper(each):
    item = new_item(SavedPaper(each), "")
    assert item.keys() <= FIELDS[item["itemType"]]
    assert is_item_of(each, item)
    assert not is_item_of(paper(2), item)


def test_the_key_of_a_paper_is_always_the_same_and_one_that_zotero_takes():
    assert item_key(ONE) == item_key(replace(ONE, title="Renamed"))
    keys = {item_key(paper(number)) for number in range(2_000)}
    assert len(keys) == 2_000
    assert all(len(key) == 8 and set(key) <= set(KEY_LETTERS) for key in keys)


@pytest.mark.parametrize(
    ("data", "same"),
    [
        ({"title": "On Dice", "DOI": "10.1000/other"}, False),
        ({"title": "On dice!"}, True),
        ({"title": "On Dice", "extra": 7, "url": None}, True),
        ({"title": 3}, False),
        ({}, False),
    ],
)
def test_a_short_title_tells_a_work_only_where_no_id_speaks_against_it(data, same):
    assert is_item_of(replace(ONE, title="On Dice"), data) is same


def test_a_title_is_searched_for_by_its_longest_words():
    title = "A Survey of (Very) Large-Scale Würfel: the $\\alpha$ case of reinforcement learning with dice and more"
    assert title_query(replace(ONE, title=title)) == "reinforcement learning Survey Würfel Large Scale"
    assert title_query(replace(ONE, title="A 3 of π")) == ""


def test_recent_items_weigh_more_as_in_zotero_arxiv_daily():
    assert np.allclose(weights(10) / weights(10)[0], [1 / (1 + np.log10(place)) for place in range(1, 11)])
    assert weights(500).sum() == pytest.approx(1)
    assert len(weights(0)) == 0


def test_papers_are_ordered_by_what_tells_them_apart():
    library = np.array([[1, 1, 0], [0, 0, 0], [1, 0.9, 0.1]], np.float32)
    papers = np.array([[1, 0.2, 0.2], [0, 0, 0], [1, 0.9, 0], [1, 0, 0.9]], np.float32)
    assert closest(profile_of(library), papers) == (2, 0, 3), "the one without a known word is left out"
    assert profile_of(np.zeros((2, 3), np.float32)) == b""
    assert closest(profile_of(library), np.zeros((2, 3), np.float32)) == ()
    assert closest(profile_of(library), np.zeros((0, 3), np.float32)) == ()
