"""Terms of a paper's fields in the index."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Paper
from bot.query.field_index import venue_words
from bot.search.field_terms import paper_terms


@given(st.text() | st.text("12IL &;amp<>/i$\\αé\u0301-"))
def test_a_comment_has_the_words_that_a_search_by_venue_looks_for(comment: str) -> None:
    words = [term.removeprefix("#venue:") for term in paper_terms(Paper("1", "T", comment=comment))]
    assert words == list(dict.fromkeys(venue_words(comment)))


def test_a_category_comes_with_its_archive_once() -> None:
    paper = Paper("1", "T", categories=("cs.CL", "cs.LG", "q-bio.QM extra", "CS.cl"))
    categories = ["cs", "cs.cl", "cs.lg", "q-bio", "q-bio.qm"]
    assert sorted(set(paper_terms(paper))) == [f"#cat:{name}" for name in categories]
