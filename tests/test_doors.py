"""The doors for programs: JSON Lines in, a line of JSON out for each, and no traceback for a bad line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.test_cli import alone, filled, paperboy

__all__ = ["alone"]


@pytest.fixture(autouse=True)
def stocked(alone: None) -> None:
    filled()


def lines_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_query_is_answered_as_one_line_of_ids_and_falling_scores():
    (line,) = lines_of(paperboy("search", "video", "--limit", "3", "--json").stdout)
    assert line["query"] == "video"
    scores = [result["score"] for result in line["results"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)


def test_a_file_of_queries_is_answered_line_by_line_in_its_order_also_gzipped(tmp_path: Path):
    asked = [{"_id": "7", "text": "video: a model?"}, {"_id": 8, "query": "video -model"}, {"text": "language"}]
    file = tmp_path / "queries.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, asked)).encode()))
    answers = lines_of(paperboy("search", "--queries", str(file), "--json").stdout)
    assert [answer.get("_id") for answer in answers] == ["7", "8", None]
    assert [answer["query"] for answer in answers] == ["video: a model?", "video -model", "language"]
    assert all(answer["results"] for answer in answers)


def test_a_query_that_finds_nothing_or_is_malformed_says_so_on_its_line_and_the_others_go_on(tmp_path: Path):
    file = tmp_path / "queries.jsonl"
    file.write_text('{"query": "\\"open"}\n{"text": "of the"}\n{"text": ""}\n{"text": "video"}\n')
    malformed, common, empty, good = lines_of(paperboy("search", "--queries", str(file), "--json").stdout)
    assert "quote" in malformed["note"]
    assert "nearly every paper" in common["note"]
    assert empty["results"] == []
    assert empty["note"]
    assert good["results"]


def test_for_people_the_answer_is_a_title_a_line_and_a_malformed_query_one_line_with_its_remedy():
    assert "  " in paperboy("search", "video", "--limit", "1").stdout.splitlines()[0]
    nothing = paperboy("search", "zyzzyva")
    assert (nothing.exit_code, nothing.stdout) == (0, "zyzzyva: nothing found\n")
    for query in ('cat:"', "of the"):
        malformed = paperboy("search", query)
        assert malformed.exit_code == 2
        assert len(malformed.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "line 1"), ("[]", "line 1"), ('{"text": "a"}\n{"title": "b"}', 'line 2: needs "text"')],
)
def test_a_bad_line_in_the_file_is_named(tmp_path: Path, content: str, told: str):
    file = tmp_path / "queries.jsonl"
    file.write_text(content)
    result = paperboy("search", "--queries", str(file), "--json")
    assert result.exit_code == 2
    assert told in result.stderr
    assert not result.stdout


def test_neither_a_query_nor_a_file_is_told_what_to_give():
    assert "--queries FILE" in paperboy("search").stderr


def test_reindexing_changes_no_answer():
    before = paperboy("search", "video generation", "--json").stdout
    assert "papers indexed" in paperboy("reindex").stdout
    assert paperboy("search", "video generation", "--json").stdout == before
