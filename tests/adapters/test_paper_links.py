"""Ids of the papers that a message links to, in the forms that Slack and Discord give it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.paper_links import linked_paper_ids

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def test_papers_are_found_in_slacks_blocks_and_attachments_and_dois_too():
    parts = [
        "",
        [{"elements": [{"elements": [{"type": "link", "url": "https://arxiv.org/abs/2510.00001v3"}]}]}],
        [{"from_url": "https://doi.org/10.1000/ABC.1", "text": None}, {"x": 5}],
    ]
    assert linked_paper_ids(parts) == ("2510.00001", "10.1000/abc.1")
    assert linked_paper_ids([None, None]) == ()


def test_papers_are_found_behind_the_links_of_either_platform():
    assert linked_paper_ids(["<https://doi.org/10.1000/abc.1|this>, [that](https://doi.org/10.1000/abc.2)."]) == (
        "10.1000/abc.1",
        "10.1000/abc.2",
    )
    assert linked_paper_ids(["[a](https://arxiv.org/abs/2510.00001) <https://arxiv.org/abs/2510.00001>"]) == (
        "2510.00001",
    )


@given(JSON)
def test_any_message_can_be_read(parts: Any):
    assert all(linked_paper_ids([parts, paper_id]) for paper_id in linked_paper_ids(parts))


def test_a_message_nested_without_end_is_read_as_far_as_it_makes_sense():
    deep: list[Any] = ["2510.00001"]
    for _ in range(5_000):
        deep = [deep]
    assert linked_paper_ids(deep) == ()


def test_links_inside_the_links_of_mail_filters_and_of_publishers_are_read():
    filtered = "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Farxiv.org%2Fabs%2F1706.03762&data=05"
    published = "https://dl.acm.org/doi/pdf/10.1145/3442188.3445922?download=true"
    assert linked_paper_ids({"text": f"see <{filtered}|here>, {published}"}) == (
        "1706.03762",
        "10.1145/3442188.3445922",
    )
