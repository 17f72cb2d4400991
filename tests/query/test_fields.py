"""One declaration is all that a field of the query language needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import embeddings
from bot.app import collect
from bot.errors import QueryError
from bot.model import Findings, Paper
from bot.query.ast import FieldTerm, Term
from bot.query.field_index import Document
from bot.query.fields import FIELDS, QueryField, help_lines
from bot.query.matcher import Documents
from bot.query.parser import canonical, field_values, parse
from bot.search import Search
from bot.wording.help import help_all
from tests.harness.store import new_store

NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)
PAPERS = (
    Paper("10.1/1", "Video diffusion", "x", listed_at=NOW),
    Paper("10.1/2", "Video diffusion of long scenes", "x", listed_at=NOW),
)
TITLE = QueryField(
    "title",
    "title:6",
    "a number of words",
    "titles of at most six words",
    lambda value: int(value) if value.isdigit() else None,
    lambda most, index: index.where(lambda document: len(document.paper.title.split()) <= most),
)


@pytest.fixture
def title(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The made-up field, declared as bot/query/README.md says; what was parsed with it is not remembered."""
    monkeypatch.setitem(FIELDS, TITLE.name, TITLE)
    yield
    parse.cache_clear()


def test_a_field_that_is_not_declared_is_refused():
    with pytest.raises(QueryError, match="no field “title:”"):
        parse("title:2")
    with pytest.raises(KeyError):
        FieldTerm("title", 2)
    with pytest.raises(KeyError):
        field_values(parse("video"), "title")


@pytest.mark.usefixtures("title")
def test_a_declared_field_parses_prints_and_refuses_a_wrong_value():
    assert parse("TITLE:2").alternatives == ((Term(FieldTerm("title", 2)),),)
    assert canonical("video -title:02") == "video -title:2"
    with pytest.raises(QueryError, match="Write a number of words, not “title:two”"):
        parse("title:two")


@pytest.mark.usefixtures("title")
def test_a_declared_field_matches_in_topics():
    documents = Documents([Document(paper) for paper in PAPERS], NOW)
    assert list(documents.matching(parse("video title:2"))) == [0]
    assert list(documents.matching(parse("video -title:2"))) == [1]


@pytest.mark.usefixtures("title")
@pytest.mark.parametrize(("text", "ids"), [("video title:2", ["10.1/1"]), ("title:2", ["10.1/1"])])
async def test_a_declared_field_matches_in_searches(tmp_path: Path, text: str, ids: list[str]):
    with new_store(tmp_path / "p.db") as store:
        await store.papers.add(Findings(PAPERS), "file", NOW)
        await collect.describe(store)
        await collect.embed(store, embeddings.load(embeddings.DEFAULT))
        results = await Search(store).search(text, limit=5, now=NOW)
        assert [hit.paper.id for hit in results.hits] == ids


@pytest.mark.usefixtures("title")
def test_a_declared_field_is_in_the_help_of_the_language():
    assert "title:6: titles of at most six words" in help_all().text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Yejin Choi", ("yejin", "choi")),
        ("Y. Choi", ("choi",)),
        ("Wei Li", ("wei", "li")),
        ("A. B.", ("a", "b")),
        ("A.", ("a",)),
        ("Byung-Kwan Lee", ("byung", "kwan", "lee", "byungkwan")),
    ],
)
def test_a_search_looks_up_whole_names_and_initials_only_where_there_is_nothing_else(name, parts):
    """The initial of a name stands in a tenth of all papers; reading those would cost more than the search."""
    assert FIELDS["author"].lookup(name, NOW).author_parts == parts


def test_no_field_reads_the_text_of_a_paper_and_one_that_says_nothing_may():
    """Analysing a text to confirm a hit costs six times as much as comparing fields."""
    for field in FIELDS.values():
        value = field.parse(field.example.partition(":")[2].strip('"'))
        assert not field.lookup(value, NOW).reads_text
    assert TITLE.lookup(6, NOW).reads_text


def test_help_has_a_line_for_each_group_of_fields():
    assert help_lines() == [
        ('cat:cs.CL author:"Yejin Choi" org:nvidia venue:neurips', "fields"),
        ("like:2405.14105", "papers like this one"),
        ("has:code since:7d min:20", "with code; of the last week; at least 20 upvotes"),
    ]


def test_every_example_is_valid_and_prints_as_itself():
    for field in FIELDS.values():
        assert str(parse(field.example)) == field.example


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("has:code", {"10.2/code", "10.2/both"}),
        ("has:project", {"10.2/project", "10.2/both"}),
        ("-has:code diffusion", {"10.2/project", "10.2/none"}),
        ('author:"Y. Choi"', {"10.2/code"}),
        ("author:choi", {"10.2/code", "10.2/both"}),
        ('author:"A. B."', {"10.2/none"}),
        ("author:byungkwan", {"10.2/project"}),
        ('author:"Byungkwan Lee"', {"10.2/project"}),
        ('author:"Byung-Kwan Lee"', {"10.2/project"}),
    ],
)
async def test_topics_and_searches_agree_on_what_a_paper_has_and_who_wrote_it(tmp_path: Path, text: str, ids: set[str]):
    code, project = "https://example.org/code", "https://example.org/page"
    papers = (
        Paper("10.2/code", "A diffusion", "x", ("Yejin Choi",), listed_at=NOW, code_url=code),
        Paper("10.2/project", "B diffusion", "x", ("Cy Doe", "Byung-Kwan Lee"), listed_at=NOW, project_url=project),
        Paper("10.2/both", "C diffusion", "x", ("Bo Choi",), listed_at=NOW, code_url=code, project_url=project),
        Paper("10.2/none", "D diffusion", "x", ("A B",), listed_at=NOW),
    )
    documents = Documents([Document(paper) for paper in papers], NOW)
    assert {papers[at].id for at in documents.matching(parse(text))} == ids
    with new_store(tmp_path / "p.db") as store:
        await store.papers.add(Findings(papers), "file", NOW)
        await collect.describe(store)
        assert {hit.paper.id for hit in (await Search(store).search(text, limit=9, now=NOW)).hits} == ids
