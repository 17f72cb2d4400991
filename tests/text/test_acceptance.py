"""Whether a comment says that a paper was accepted, and where, in its own words."""

from __future__ import annotations

import pytest

from bot.text.acceptance import Acceptance, acceptance


@pytest.mark.parametrize(
    ("comment", "words", "workshop"),
    [
        ("12 pages, 3 figures. Accepted at ICLR 2026", "Accepted at ICLR 2026", False),
        ("Accepted by CVPR2025. Project page: https://a.example/x", "Accepted by CVPR2025", False),
        ("18 pages, 10 figures, ICML 2025", "ICML 2025", False),
        ("8 pages; to appear in IEEE Transactions on Robotics", "to appear in IEEE Transactions on Robotics", False),
        ("ICCV 2025, Project page: https://a.example/x", "ICCV 2025", False),
        (
            "Accepted to the Workshop on Trees at NeurIPS 2025",
            "Accepted to the Workshop on Trees at NeurIPS 2025",
            True,
        ),
        ("CVPRW 2025", "CVPRW 2025", True),
        ("Camera-ready version for ACL 2025 (Findings)", "Camera-ready version for ACL 2025 (Findings)", False),
    ],
)
def test_where_it_was_accepted(comment: str, words: str, workshop: bool) -> None:
    assert acceptance(comment) == Acceptance(words, workshop)


@pytest.mark.parametrize(
    "comment",
    [
        None,
        "",
        "12 pages",
        "Submitted to ICLR 2026",
        "Under review at NeurIPS 2025",
        "Preprint, to be submitted to JMLR",
        "EMNLP 2025 Industry Track submission",
        "Not accepted at ICML 2025",
        "Conditionally accepted to IEEE VIS 2025",
        "Extended version of a paper that was accepted at ECAI 2025",
        "This paper uses the AAAI 2025 style",
        "Winner of the CVPR 2025 challenge",
        "Code will be released upon acceptance",
        "Accepted.",
        "https://github.com/a/CVPR2025",
        "The rejected version was presented at ACL 2024",
    ],
)
def test_what_does_not_say_so(comment: str | None) -> None:
    assert acceptance(comment) is None


def test_a_journal_reference_is_published_whatever_the_comment_says() -> None:
    found = acceptance("Submitted to Nature", "Nature 620, 47-60 (2025)")
    assert found == Acceptance("Nature 620, 47-60 (2025)", workshop=False, published=True)


def test_a_long_quotation_is_cut() -> None:
    found = acceptance(f"Accepted at the {'International ' * 40}Conference")
    assert found is not None
    assert len(found.words) == 160
