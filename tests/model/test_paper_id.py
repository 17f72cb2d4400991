"""Ids and links of every form, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.paper_id import arxiv_id, find_ids, paper_id, pasted_ids, version
from tests.harness.examples import examples

months = st.integers(1, 12).map("{:02}".format)
new_ids = st.one_of(
    st.builds("{:02}{}.{:04}".format, st.integers(8, 14), months, st.integers(1, 9999)),
    st.builds("{:02}{}.{:05}".format, st.integers(15, 99), months, st.integers(1, 99999)),
)
old_ids = st.builds(
    "{}/{:02}{}{:03}".format,
    st.sampled_from(["cs", "math", "hep-th", "cond-mat", "quant-ph", "math-ph", "q-bio"]),
    st.sampled_from([91, 99, 0, 6]),
    months,
    st.integers(1, 999),
)
ids = new_ids | old_ids
forms = st.sampled_from(
    [
        "{}",
        "arXiv:{}",
        "ARXIV: {}",
        "oai:arXiv.org:{}",
        "https://arxiv.org/abs/{}",
        "http://www.arxiv.org/pdf/{}",
        "https://arxiv.org/pdf/{}.pdf",
        "https://export.arxiv.org/abs/{}#comments",
        "arxiv.org/html/{}",
        "https://huggingface.co/papers/{}",
        "https://hf.co/papers/{}",
        "https://www.alphaxiv.org/abs/{}?chatId=1",
        "https://ar5iv.labs.arxiv.org/html/{}",
        "https://doi.org/10.48550/arXiv.{}",
        "10.48550/ARXIV.{}",
    ]
)
versions = st.sampled_from([None, 1, 2, 31])


@given(ids, forms, versions)
@examples(75)
def test_every_form_of_an_id_is_the_same_id(plain: str, form: str, number: int | None) -> None:
    written = form.format(plain if number is None else f"{plain}v{number}")
    assert arxiv_id(written) == plain
    assert version(written) == number
    assert arxiv_id(f"  <{written}> \n") == plain


@given(st.lists(st.tuples(ids, forms), max_size=4))
@examples(100)
def test_ids_in_a_text_are_found_once_each_in_order(written: list[tuple[str, str]]) -> None:
    text = "We read " + " and then ".join(form.format(plain) for plain, form in written) + ", twice."
    assert find_ids(text) == tuple(dict.fromkeys(plain for plain, _ in written))


@given(st.text(max_size=200))
@examples(100)
def test_any_text_is_answered_and_what_is_found_is_an_id(text: str) -> None:
    assert all(arxiv_id(each) == each for each in find_ids(text))
    whole = arxiv_id(text)
    assert whole is None or arxiv_id(whole) == whole


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("math.GT/0309136", "math/0309136"),
        ("cond-mat.supr-con/9901001v2", "cond-mat/9901001"),
        ("https://arxiv.org/abs/cs%2F0112017", "cs/0112017"),
        ("arXiv:2401.12345v1 [cs.CL] 22 Jan 2024", "2401.12345"),
        ("https://arxiv.org/pdf/2401.12345v3.pdf#page=2", "2401.12345"),
        ("https://www.alphaxiv.org/overview/2401.12345v1", "2401.12345"),
    ],
)
def test_what_stands_around_an_id_is_not_part_of_it(written: str, plain: str) -> None:
    assert arxiv_id(written) == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "0000.0000",
        "2413.12345",  # no month 13
        "2512.1234",  # five digits since 2015
        "1305.12345",  # four before
        "2401.123456",
        "cs/0113017",
        "poetry/0112017",
        "2401.12345 and more",
        "２４０１.１２３４５",
        "https://notarxiv.org/abs/2401.12345",
        "https://arxiv.org.example.net/abs/2401.12345",
        "https://example.org/abs/2401.12345",
        "https://arxiv.org/list/cs.CL/recent",
        "x" * 200_000,
    ],
)
def test_what_is_no_id_is_none(text: str) -> None:
    assert arxiv_id(text) is None


def test_an_id_inside_a_number_a_word_or_an_unknown_page_is_not_found() -> None:
    assert find_ids("1.2401.12345, v2401.12345, 2401.12345.6, https://example.org/2401.12345, 2401.12345x") == ()


@pytest.mark.parametrize("piece", ["a.", "arxiv.org/", "https://", "doi.org/", "arXiv:", "2401.1234"])
def test_a_long_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    """Quadratic matching of 100,000 characters would take minutes and be noticed."""
    assert find_ids(piece * 60_000) == ()


@pytest.mark.parametrize("piece", ["%", "(", ")", "[", "10.1000/", "abs/", "arxiv ", "https://a.b/", "2401.1234"])
def test_a_long_hostile_paste_takes_no_longer_than_its_length(piece: str) -> None:
    assert pasted_ids(piece * (90_000 // len(piece))) == ()


PASTES = """
arXiv:1706.03762v5 [cs.CL]
arXiv:1706.03762v5  [cs.CL]  2 Aug 2023
[1706.03762v5] Attention Is All You Need
(arXiv:1706.03762)
arXiv preprint arXiv:1706.03762 (2017).
arXiv e-prints, arXiv:1706.03762
arxiv 1706.03762
_https://arxiv.org/abs/1706.03762_
*arXiv:1706.03762*
||https://arxiv.org/abs/1706.03762||
`1706.03762`
CoRR abs/1706.03762
１７０６．０３７６２
1706.03762v5 (1).pdf
1706.03762 please
https://arxiv.org/abs/1706.03762v5?utm_source=twitter&utm_medium=social#abc
https://arxiv.org/pdf/1706.03762v7.pdf#page=3
https://arxiv.org/html/1706.03762v7#S3
https://arxiv.org/abs/arXiv:1706.03762
https://export.arxiv.org/abs/1706.03762v2
https://arxiv-org.translate.goog/abs/1706.03762?_x_tr_sl=en
https://www.alphaxiv.org/zh/overview/1706.03762v7
https://www.alphaxiv.org/audio/1706.03762
https://www.semanticscholar.org/arxiv/1706.03762
https://api.semanticscholar.org/arXiv:1706.03762
https://huggingface.co/papers/1706.03762?ref=x
https://ar5iv.labs.arxiv.org/html/1706.03762
https://ui.adsabs.harvard.edu/abs/arXiv:1706.03762
https://doi.org/10.48550%2FarXiv.1706.03762
DOI 10.48550/arXiv.1706.03762v5
<https://arxiv.org/abs/1706.03762|arxiv.org/abs/1706.03762>
[the paper](https://arxiv.org/abs/1706.03762)
[https://arxiv.org/abs/1706.03762](https://arxiv.org/abs/1706.03762)
Attention Is All You Need https://arxiv.org/abs/1706.03762
https://arxiv.org/abs/1706.03762👇
「https://arxiv.org/abs/1706.03762」。
https://arxiv.org/abs/1706.03762，很好
chrome-extension://efaidnbmnnnibpcajpcglclefindmkaj/https://arxiv.org/pdf/1706.03762.pdf
https://www.google.com/url?q=https://arxiv.org/abs/1706.03762&sa=D&ust=17
https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Farxiv.org%2Fabs%2F1706.03762&data=05%7C
https://web.archive.org/web/2023/https://arxiv.org/abs/1706.03762
@article{vaswani, eprint={1706.03762}, archivePrefix={arXiv}}
"""


@pytest.mark.parametrize("pasted", PASTES.strip().splitlines())
def test_whatever_a_chat_a_browser_or_a_pdf_makes_of_a_paper_is_read(pasted: str) -> None:
    assert pasted_ids(pasted) == ("1706.03762",)


@pytest.mark.parametrize(
    ("pasted", "ids"),
    [
        ("arXiv:hep-th/9711200v3 22 Jan 1998", ("hep-th/9711200",)),
        ("https://dl.acm.org/doi/pdf/10.1145/3442188.3445922?download=true", ("10.1145/3442188.3445922",)),
        ("https://link.springer.com/content/pdf/10.1007/978-3-319-10602-1_48.pdf", ("10.1007/978-3-319-10602-1_48",)),
        ("https://www.frontiersin.org/articles/10.3389/fpsyg.2020.00001/full", ("10.3389/fpsyg.2020.00001",)),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.123456v1.full.pdf", ("10.1101/2020.01.01.123456",)),
        ("https://www.biorxiv.org/content/10.1101/2026.06.12.700001v2", ("10.1101/2026.06.12.700001",)),
        ("https://www.medrxiv.org/content/10.64898/2026.06.12.26300001v1.full-text", ("10.64898/2026.06.12.26300001",)),
        ("doi: 10.1101/700001v11", ("10.1101/700001",)),
        ("10.1101/gad.123456.118", ("10.1101/gad.123456.118",)),
        ("10.5555/loft.7v2", ("10.5555/loft.7v2",)),
        ("10.1016/0004-3702(93)90015", ("10.1016/0004-3702(93)90015",)),
        ("(10.1016/0004-3702(93)).", ("10.1016/0004-3702(93)",)),
        ("https://doi.org/10.1109%2FCVPR.2016.90?utm_source=x", ("10.1109/cvpr.2016.90",)),
        ("see https://doi.org/10.1000/ABC.1, please", ("10.1000/abc.1",)),
        ("1706.03762, 1810.04805", ("1706.03762", "1810.04805")),
        ("https://arxiv.org/abs/1706.03762 https://arxiv.org/abs/1810.04805v2", ("1706.03762", "1810.04805")),
        ("1706.03762 https://arxiv.org/abs/1706.03762v2", ("1706.03762",)),
        ("about 10.1 apples", ()),
        ("video diffusion", ()),
    ],
)
def test_old_ids_dois_and_several_papers_are_read_from_a_paste(pasted: str, ids: tuple[str, ...]) -> None:
    assert pasted_ids(pasted) == ids


def test_a_paper_without_arxiv_id_goes_by_its_doi() -> None:
    assert paper_id("https://doi.org/10.1000/ABC.1") == "10.1000/abc.1"
    assert paper_id("doi: 10.1000/abc.1") == "10.1000/abc.1"
    assert paper_id("https://doi.org/10.48550/arXiv.2401.12345") == "2401.12345"
    assert paper_id("about 10.1 apples") is None
