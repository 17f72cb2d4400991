"""A file of papers of any size, in batches."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SourceError
from bot.sources.jsonl import parse_lines
from bot.sources.paper_stream import Batch, PaperFile, Place, Wanted
from tests.harness.snapshot import snapshot_record, write_snapshot

pytestmark = pytest.mark.usefixtures("small_batches")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sources.paper_stream.BATCH", 10)


def packed(path: Path, kind: str) -> Path:
    content = path.read_bytes()
    target = path.with_suffix(f".{kind}")
    if kind == "gz":
        target.write_bytes(gzip.compress(content))
    elif kind == "zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("LICENSE", "public")
            archive.writestr("arxiv-metadata-oai-snapshot.json", content)
    elif kind == "bom":
        target.write_bytes(b"\xef\xbb\xbf" + content)
    else:
        target.write_bytes(content)
    return target


def ids(batches: list[Batch]) -> list[str]:
    return [paper.id for batch in batches for paper in batch.papers]


@pytest.mark.parametrize("kind", ["plain", "gz", "zip", "bom"])
def test_a_file_is_read_in_batches_packed_or_not_from_any_batch_on(tmp_path: Path, kind: str) -> None:
    plain = tmp_path / "snapshot.json"
    write_snapshot(plain, range(35))
    file = PaperFile(packed(plain, kind))
    batches = list(file.batches())
    assert [len(batch.papers) for batch in batches] == [10, 10, 10, 5]
    assert ids(batches) == [paper.id for paper in parse_lines(plain.read_bytes()).papers]
    assert batches[-1].read == 1.0
    assert [batch.read for batch in batches] == sorted(batch.read for batch in batches)
    assert ids(list(file.batches(batches[1].end))) == ids(batches[2:])
    assert next(file.batches(batches[-1].end)).papers == []


def test_bad_lines_are_counted_and_named_by_their_number_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    lines = [json.dumps(snapshot_record(number)).encode() for number in range(14)]
    lines[3], lines[12] = b"{" + b" " * (5 * 2**20) + b"}", b"[]"
    path.write_bytes(b"\n".join(lines)[:-40])  # the last line is cut
    batches = list(PaperFile(path).batches())
    named = [line for batch in batches for line in batch.skipped_named]
    assert [line[:29] for line in named] == [
        "line 4: longer than 2 MB", "line 13: a list instead of an", "line 14: broken JSON at chara",
    ]  # fmt: skip
    assert len(ids(batches)) == 11
    assert ids(list(PaperFile(path).batches(batches[0].end))) == ids(batches[1:])
    with pytest.raises(SourceError, match="line 4: longer"):
        list(PaperFile(path, strict=True).batches())


@pytest.mark.parametrize("strict", [False, True])
def test_of_a_packed_file_that_was_cut_the_beginning_is_read(tmp_path: Path, strict: bool) -> None:
    plain = tmp_path / "snapshot.json"
    write_snapshot(plain, range(2_000))
    cut = packed(plain, "gz")
    cut.write_bytes(cut.read_bytes()[:-2_000])
    if strict:
        with pytest.raises(SourceError, match="not a whole gzip file"):
            list(PaperFile(cut, strict=True).batches())
        return
    batches = list(PaperFile(cut).batches())
    assert 500 < len(ids(batches)) < 2_000
    assert sum(batch.skipped for batch in batches) == 1
    assert "is not a whole gzip file" in batches[-1].skipped_named[-1]


def test_only_some_categories_or_archives_and_days_are_read(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(path, range(9), {0: {"categories": "cs"}, 3: {"categories": None}})

    def read(**wanted: Any) -> tuple[int, int]:
        batches = list(PaperFile(path, Wanted(**wanted)).batches())
        return len(ids(batches)), sum(batch.passed_over for batch in batches)

    assert read(categories=("cs",)) == (5, 4)
    assert read(categories=("stat.ml", "hep-th")) == (4, 5)
    assert read(categories=("c",)) == (0, 9)
    assert read(since=date(2008, 4, 2)) == (9, 0)
    assert read(since=date(2008, 4, 3)) == (0, 9)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (704.0001, "0704.0001"),
        ("704.0001", "0704.0001"),
        (1001.01, "1001.0100"),
        ("1501.0100", "1501.01000"),
        (1912.1, "1912.10000"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.GT/0309136", "math/0309136"),
    ],
)
def test_ids_of_the_snapshot_get_back_the_zeros_that_they_lost_as_numbers(value: object, expected: str) -> None:
    [paper] = parse_lines(json.dumps(snapshot_record(0, id=value)).encode()).papers
    assert paper.id == expected


def test_the_last_version_and_the_first_date_of_a_record_are_its_papers() -> None:
    versions = [{"version": f"v{n}", "created": f"Mon, {n} Apr 2007 19:18:4{n} GMT"} for n in range(1, 4)]
    [paper] = parse_lines(json.dumps(snapshot_record(0, versions=versions)).encode()).papers
    assert (paper.version, paper.published_at) == (3, datetime(2007, 4, 1, 19, 18, 41, tzinfo=UTC))
    for created in ("Mon, 31 Feb 2007 19:18:42 GMT", "Mon, 2 Xyz 2007 19:18:42 GMT", "", None, 7):
        [paper] = parse_lines(
            json.dumps(snapshot_record(0, versions=[{"version": "v1", "created": created}])).encode()
        ).papers
        assert paper.published_at is None


def test_another_file_or_another_choice_is_another_one_to_go_on_with(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(path, range(3))
    first = PaperFile(path).identity()
    assert PaperFile(path).identity() == first
    assert PaperFile(path, Wanted(("cs",))).identity() != first
    write_snapshot(path, range(4))
    assert PaperFile(path).identity() != first
    with pytest.raises(SourceError, match=r"cannot read none\.json"):
        PaperFile(tmp_path / "none.json").identity()


def test_a_file_that_is_no_archive_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "torn.zip"
    path.write_bytes(b"PK\x03\x04" + b"nonsense" * 9)
    with pytest.raises(SourceError, match=r"torn\.zip cannot be unpacked"):
        list(PaperFile(path).batches(Place()))
