"""A file of papers: all of it or a line number."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model import Paper, Signal
from bot.sources.jsonl import JsonLines, parse_lines, read_file, read_paper
from tests.harness.examples import examples
from tests.harness.recordings import DATA

NOW = datetime(2026, 6, 16, 9, 30, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "bot" / "sources" / "sample" / "week.jsonl"

FULL = {
    "id": "arXiv:2606.00041v2",
    "title": "Bundles of\n Newspapers",
    "abstract": "We tie bundles.",
    "authors": ["Tie Knot", "Rope Maker"],
    "published_at": "2026-06-14T17:00:00Z",
    "listed_at": "2026-06-15T06:00:00+02:00",
    "categories": ["cs.CL", "cs.IR"],
    "organization": "Bundle Works",
    "code_url": "https://github.com/example/bundles",
    "project_url": "https://bundles.example.org",
    "comment": "8 pages",
    "signals": [{"source": "huggingface", "kind": "upvotes", "value": 7, "seen_at": "2026-06-15T07:00:00Z"}],
}
PAPER = Paper(
    id="2606.00041",
    title="Bundles of Newspapers",
    abstract="We tie bundles.",
    authors=("Tie Knot", "Rope Maker"),
    published_at=datetime(2026, 6, 14, 17, tzinfo=UTC),
    listed_at=datetime(2026, 6, 15, 4, tzinfo=UTC),
    categories=("cs.CL", "cs.IR"),
    organization="Bundle Works",
    code_url="https://github.com/example/bundles",
    project_url="https://bundles.example.org",
    comment="8 pages",
    version=2,
)


def lines(*records: Any) -> bytes:
    return b"\n".join(record if isinstance(record, bytes) else json.dumps(record).encode() for record in records)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
async def test_a_file_is_read_whole_gzipped_or_not(tmp_path: Path, pack: Any) -> None:
    path = tmp_path / "papers"
    path.write_bytes(pack(lines(FULL, b"", {"_id": "4983", "title": "An old report", "text": "Old."})))
    findings = await JsonLines(path).fetch(NOW, NOW)
    assert findings.papers == (PAPER, Paper("4983", "An old report", "Old."))
    assert findings.signals == (
        Signal("2606.00041", "huggingface", "upvotes", 7, datetime(2026, 6, 15, 7, tzinfo=UTC)),
    )


def test_the_names_that_hugging_face_uses_are_read_too() -> None:
    renamed = {
        "summary": "abstract",
        "publishedAt": "published_at",
        "submittedOnDailyAt": "listed_at",
        "githubRepo": "code_url",
        "projectPage": "project_url",
    }
    record = {key: value for key, value in FULL.items() if key not in renamed.values()}
    record |= {theirs: FULL[ours] for theirs, ours in renamed.items()}
    assert parse_lines(lines(record)).papers == (PAPER,)


def test_a_paper_without_arxiv_id_goes_by_its_doi() -> None:
    [paper] = parse_lines(lines({"id": "https://doi.org/10.1000/ABC", "title": "T"})).papers
    assert paper.id == "10.1000/abc"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "2606.00001", "tit', "broken JSON"),
        (b"[1, 2]", "a list instead of an object"),
        ({"title": "T"}, "no id"),
        ({"id": True, "title": "T"}, "no id"),
        ({"id": "x" * 201, "title": "T"}, "no id"),
        ({"id": "2606.00001"}, "no title"),
        (b"<html>", "HTML or XML"),
        ({"id": "1", "title": "x" * (2 * 2**20)}, "longer than 2 MB"),
        (FULL | {"signals": {}}, "signals is an object instead of a list"),
        (FULL | {"signals": [*FULL["signals"], {"source": "x"}]}, "signal 2 needs"),
        (FULL | {"signals": [{"source": "x", "kind": "y", "value": "7", "seen_at": "2026-06-15"}]}, "signal 1 needs"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_kept(line: Any, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_lines(lines(FULL, b"  ", line, FULL))
    assert caught.value.reason.startswith(f"line 3: {reason}")


@given(st.lists(st.binary(max_size=60), max_size=4))
@examples(75)
def test_any_bytes_are_findings_or_a_source_error(lines: list[bytes]) -> None:
    reason = "line 1: none"
    try:
        parse_lines(b"\n".join(lines))
    except SourceError as fault:
        reason = fault.reason
    assert re.match(r"line [0-9]+: .+", reason)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(lines(*[FULL] * 50))[:-20])
    torn = tmp_path / "torn.gz"
    torn.write_bytes(b"\x1f\x8b" + b"nonsense" * 9)
    reasons = []
    for path in (tmp_path / "none.jsonl", tmp_path, cut, torn):
        with pytest.raises(SourceError) as caught:
            read_file(path)
        reasons.append(caught.value.reason)
    assert reasons == [
        "cannot read none.jsonl: No such file or directory",
        f"cannot read {tmp_path.name}: Is a directory",
        "cut.gz is not a whole gzip file",
        "torn.gz is not a whole gzip file",
    ]


def test_an_empty_file_is_no_papers(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(b"")
    assert read_file(path).papers == ()


def test_the_bundled_sample_is_read_whole() -> None:
    findings = read_file(SAMPLE)
    lines = [json.loads(line) for line in SAMPLE.read_text().splitlines()]
    assert [paper.id for paper in findings.papers] == [record["id"] for record in lines]
    assert len(findings.signals) == sum(len(record["signals"]) for record in lines)
    assert all(paper.abstract and paper.authors and paper.listed_at for paper in findings.papers)


@pytest.mark.skipif(not DATA.exists(), reason="no data beside the project")
def test_the_archive_of_daily_papers_is_read_whole() -> None:
    path = DATA / "hf_daily_papers" / "papers.jsonl.gz"
    findings = read_file(path)
    with gzip.open(path) as file:
        assert len(findings.papers) == len({json.loads(line)["id"] for line in file})
    assert all(paper.abstract and paper.published_at for paper in findings.papers)


@pytest.mark.skipif(not DATA.exists(), reason="no data beside the project")
def test_a_corpus_with_numbered_documents_is_read_whole() -> None:
    assert len(read_file(DATA / "scifact" / "corpus.jsonl.gz").papers) == 5183
    with pytest.raises(SourceError, match="line 1: no id"):
        read_file(DATA / "seed_papers.jsonl.gz", strict=True)


HUGGING_FACE = {
    "id": "2511.50002",
    "title": "HF paper object",
    "summary": "We study objects.",
    "authors": [{"_id": "1", "name": "Ada Lovelace", "hidden": False}, {"name": "Secret", "hidden": True}],
    "organization": {"name": "nvidia", "fullname": "NVIDIA"},
}
KAGGLE = {
    "id": "0704.0001",
    "title": "Kaggle snapshot line",
    "abstract": "We study lines.",
    "authors": "C. Bal\\'azs (1), E. L. Berger and P. M. Nadolsky",
    "categories": "hep-ph math.CO",
    "comments": "37 pages",
    "journal-ref": "Phys.Rev.D76",
    "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}, {"version": "v2"}],
    "authors_parsed": [["Balázs", "C.", ""], ["Berger", "E. L.", "Jr"], ["Nadolsky", "P. M.", ""]],
}


def test_records_of_hugging_face_and_kaggle_keep_authors_categories_and_organisation() -> None:
    listed = {"paper": HUGGING_FACE, "title": "outer", "numComments": 3}
    unparsed = {name: value for name, value in KAGGLE.items() if name != "authors_parsed"} | {"id": "0704.0002"}
    own, inner, kaggle, text = (
        parse_lines(lines(record)).papers[0] for record in (HUGGING_FACE, listed, KAGGLE, unparsed)
    )
    assert own == inner
    assert (own.authors, own.organization) == (("Ada Lovelace",), "NVIDIA")
    assert kaggle.authors == ("C. Balázs", "E. L. Berger Jr", "P. M. Nadolsky")
    assert text.authors == ("C. Bal\\'azs", "E. L. Berger", "P. M. Nadolsky")
    assert (kaggle.categories, kaggle.comment, kaggle.journal_ref) == (
        ("hep-ph", "math.CO"),
        "37 pages",
        "Phys.Rev.D76",
    )
    assert kaggle.published_at == datetime(2007, 4, 2, 19, 18, 42, tzinfo=UTC)


def test_bad_lines_are_left_out_and_named_and_an_overlong_one_ends_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl.gz"
    path.write_bytes(gzip.compress(lines(FULL, {"id": "x"}, b"{" + b" " * (5 * 2**20), FULL | {"id": "2606.00042"})))
    findings = read_file(path)
    assert [paper.id for paper in findings.papers] == ["2606.00041", "2606.00042"]
    assert findings.skipped == ("line 2: no title", "line 3: longer than 2 MB")
    with pytest.raises(SourceError, match="line 2: no title"):
        read_file(path, strict=True)


def test_what_a_gzip_unpacks_to_is_bounded_in_bytes_lines_and_bad_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "papers.jsonl.gz"
    monkeypatch.setattr("bot.sources.jsonl.FILE_MAX", 30 * 2**20)
    for content, reason in (
        (bytes(31 * 2**20), "more than 30 MB unpacked"),
        (b"\n" * 1_000_001, "more than 1,000,000 lines"),
        (b"x\n" * 10_001, "line 10001: "),
    ):
        path.write_bytes(gzip.compress(content))
        with pytest.raises(SourceError, match=reason):
            read_file(path)


def test_three_thousand_authors_are_kept_in_bounded_form_with_their_number() -> None:
    (paper,) = parse_lines(lines(FULL | {"authors": [f"Author {n}" for n in range(3_432)]})).papers
    assert (len(paper.authors), paper.more_authors) == (2_000, 1_432)


def test_a_notice_in_an_imported_comment_or_abstract_marks_the_paper_as_withdrawn() -> None:
    lines = (
        {"id": "0704.0001", "title": "A Proof", "comments": "12 pages. This paper has been withdrawn by the author"},
        {"id": "0704.0002", "title": "A Proof", "abstract": "The authors have withdrawn this paper."},
        {"id": "0704.0003", "title": "A Proof", "comments": "12 pages", "abstract": "We study withdrawn papers."},
    )
    findings = parse_lines(b"\n".join(json.dumps(line).encode() for line in lines))
    assert [paper.withdrawn for paper in findings.papers] == [True, True, False]


def test_a_field_of_another_kind_is_passed_over_and_an_alias_is_read() -> None:
    record = {"id": "2401.00001", "title": "T", "comment": [], "comments": "5 pages", "categories": ["cs.CL", 3]}
    paper = read_paper(record)
    assert (paper.comment, paper.categories) == (None, ("cs.CL",))
    assert read_paper(record | {"comment": "", "categories": "cs.CL,cs.LG"}).comment == "5 pages"
