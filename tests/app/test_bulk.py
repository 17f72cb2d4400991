"""The doors for programs: JSON Lines in, a line of JSON out for each, and no traceback for a bad line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bot.app.cli.data_commands import SKIPPED_SHOWN
from bot.sources.jsonl import LINE_MAX
from bot.text.analyzer import words
from tests.harness.command_line import filled, paperboy


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
    questions = [{"_id": "7", "text": "video: a model?"}, {"_id": 8, "query": "video -model"}, {"text": "language"}]
    file = tmp_path / "queries.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, questions)).encode()))
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


GOOD_QUERY, GOOD_PAPER = '{"text": "video"}', '{"id": "a", "title": "T"}'
BAD_LINES = ("{", "[1]", "null", '"x" ' * 3, '{"text": "' + "x" * LINE_MAX + '"}')


@pytest.mark.parametrize("command", [("search", "--queries"), ("tldr",)])
def test_bad_lines_are_left_out_counted_and_named_and_the_others_are_answered(tmp_path: Path, command: tuple[str, ...]):
    good = GOOD_PAPER if command == ("tldr",) else GOOD_QUERY
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join((good, *BAD_LINES, "", good, *["{"] * SKIPPED_SHOWN, good)))
    result = paperboy(*command, str(file), "--json")
    assert (result.exit_code, len(lines_of(result.stdout))) == (0, 3)
    *named, count = result.stderr.splitlines()
    assert [line.partition("line ")[2].partition(":")[0] for line in named] == [
        *map(str, range(2, 2 + len(BAD_LINES))),
        *map(str, range(9, 9 + SKIPPED_SHOWN - len(BAD_LINES))),
    ]
    assert count == f"{file}: {len(BAD_LINES) + SKIPPED_SHOWN} lines left out"
    strict = paperboy(*command, str(file), "--json", "--strict")
    assert strict.exit_code == 2
    assert strict.stderr.splitlines() == [f"paperboy: {named[0]}"]


def test_a_line_without_a_query_is_left_out_too(tmp_path: Path):
    file = tmp_path / "queries.jsonl"
    file.write_text('{"title": "b"}\n{"text": 7}\n{"text": "video"}\n')
    result = paperboy("search", "--queries", str(file), "--json")
    assert [line["query"] for line in lines_of(result.stdout)] == ["video"]
    assert [line.partition(" needs")[0] for line in result.stderr.splitlines()] == [
        f"{file}: line 1:",
        f"{file}: line 2:",
        f"{file}: 2 lines left out",
    ]


@pytest.mark.parametrize(
    ("command", "content", "reason"),
    [
        (("search", "--queries"), "{", "no line is a query; line 1: "),
        (("search", "--queries"), "[]\n{}", "no line is a query; line 1: "),
        (("tldr",), "[1]\n{", "no line is a paper; line 1: "),
    ],
)
def test_a_file_of_bad_lines_alone_is_an_error_of_one_line(tmp_path: Path, command, content: str, reason: str):
    file = tmp_path / "lines.jsonl"
    file.write_text(content)
    result = paperboy(*command, str(file), "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith(f"paperboy: {file}: {reason}")


@pytest.mark.parametrize("command", [("search", "--queries"), ("tldr",)])
@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_is_answered_by_nothing(tmp_path: Path, command, content: str):
    file = tmp_path / "lines.jsonl"
    file.write_text(content)
    result = paperboy(*command, str(file), "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_neither_a_query_nor_a_file_is_told_what_to_give():
    assert "--queries FILE" in paperboy("search").stderr


def test_reindexing_changes_no_answer():
    before = paperboy("search", "video generation", "--json").stdout
    assert "papers indexed" in paperboy("reindex").stdout
    assert paperboy("search", "video generation", "--json").stdout == before


def test_a_file_of_papers_is_summarised_line_by_line_in_its_order_also_gzipped(tmp_path: Path):
    abstract = "Gulls are slow. In this paper, we propose a gull that is 2.5 times faster at sea (see Fig. 2)."
    papers = [
        {"id": "b", "title": "Fast gulls", "abstract": abstract},
        {"_id": 7, "title": "Nothing", "text": ""},
        {"id": "c"},
        {"id": "d", "title": "Gulls at sea", "abstract": "Gulls at sea."},
        {"id": "e", "title": "长", "abstract": "长文本生成很慢。本文提出了一种新的草稿模型。" * 2_000},
    ]
    file = tmp_path / "papers.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, papers)).encode()))
    rows = lines_of(paperboy("tldr", str(file), "--json").stdout)
    assert [line["id"] for line in rows] == ["b", "7", "c", "d", "e"]
    assert "2.5 times" in rows[0]["tldr"]
    assert set(words(rows[0]["tldr"])) <= set(words(abstract))
    assert [line.get("note") for line in rows[1:4]] == ["no abstract", "no abstract", "nothing beyond the title"]
    assert rows[4]["tldr"] == "本文提出了一种新的草稿模型。"
    assert paperboy("tldr", str(file)).stdout.splitlines()[1] == "7: no abstract"


def test_half_of_a_gzip_is_an_error_of_one_line(tmp_path: Path):
    file = tmp_path / "papers.jsonl"
    file.write_bytes(gzip.compress(b'{"id": "a"}' * 99)[:30])
    for command in (("tldr",), ("search", "--queries")):
        result = paperboy(*command, str(file), "--json")
        assert result.exit_code == 2
        assert result.stderr == f"paperboy: {file}: papers.jsonl is not a whole gzip file\n"
