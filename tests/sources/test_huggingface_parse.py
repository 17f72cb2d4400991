"""Daily Papers' answers: every generation of fields, and answers that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model import Findings, Paper
from bot.sources.huggingface_parse import parse_daily, parse_paper, parse_papers, parse_trending
from tests.harness.examples import examples
from tests.harness.recordings import real, recorded, unpacked

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)


def daily(body: bytes) -> Findings:
    return parse_daily(body, NOW).findings


def counts(findings: Findings, paper: str) -> dict[str, float]:
    return {signal.kind: signal.value for signal in findings.signals if signal.paper_id == paper}


def test_the_oldest_generation_leaves_unknown_what_it_does_not_have() -> None:
    findings = daily(recorded("hf_2024.json"))
    first, second = findings.papers
    assert first == Paper(
        id="2405.00001",
        title="Folding Long Letters into Short Envelopes: Memory for Language Models",
        abstract="Long inputs do not fit. We fold them into 32 slots and keep 91.4% of the answers.",
        authors=("Mina Ode", "Per Lund"),
        published_at=datetime(2024, 5, 27, 17, 59, 59, tzinfo=UTC),
    )
    assert counts(findings, first.id) == {"upvotes": 12, "comments": 2}
    assert counts(findings, second.id) == {"upvotes": 0, "comments": 0}


def test_a_repository_without_stars_has_none_and_a_time_with_milliseconds_is_read() -> None:
    findings = daily(recorded("hf_2025.json"))
    first = findings.papers[0]
    assert first.listed_at == datetime(2025, 5, 15, 2, 50, 33, 572000, tzinfo=UTC)
    assert first.code_url == "https://github.com/example/bicycles"
    assert "github_stars" not in counts(findings, first.id)


def test_the_newest_generation_is_read_whole() -> None:
    findings = daily(recorded("hf_2026.json"))
    first, second, third = findings.papers
    assert first.authors == ("Li Column", "Omar Press")
    assert first.listed_at == datetime(2026, 6, 16, tzinfo=UTC)
    assert (first.organization, second.organization, third.organization) == ("Example Laboratory", "inkworks", None)
    assert first.project_url == "https://newsroom.example.org/"
    assert counts(findings, first.id) == {"upvotes": 150, "comments": 4, "github_stars": 100}
    assert counts(findings, second.id)["github_stars"] == 0
    assert [paper.withdrawn for paper in findings.papers] == [False, False, True]
    assert {signal.seen_at for signal in findings.signals} == {NOW}
    assert "machine wrote" not in repr(findings.papers), "a summary is no field of a paper before it is checked"
    assert dict(findings.summaries) == {"2606.00021": "A machine wrote this line; it is not ours to show."}


def test_the_trending_order_is_a_place_for_each() -> None:
    findings = parse_trending(recorded("hf_2026.json"), NOW)
    assert [(s.paper_id, s.value) for s in findings.signals if s.kind == "position"] == [
        ("2606.00021", 1),
        ("2606.00022", 2),
        ("2606.00023", 3),
    ]


def test_one_paper_comes_flat() -> None:
    inner = json.loads(recorded("hf_2026.json"))[0]["paper"]
    paper = parse_paper(json.dumps(inner | {"linkedModels": [], "numTotalModels": 0}).encode())
    assert paper is not None
    assert (paper.id, paper.organization) == ("2606.00021", "Example Laboratory")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer instead of JSON"),
        (b"<!doctype html><html><body>502 Bad Gateway</body></html>", "HTML or XML instead of JSON"),
        (b'[{"paper": {"id": "2606.0', "broken JSON at character"),
        (b"[" * 100_000, "JSON that is nested too deeply"),
        (b"[" + b"{}," * 1_000_000 + b"{}]", "JSON of more than 1,000,000 parts"),
        (b"\xff\xfe\xfa[]", "broken JSON at character 1"),
        (b'{"error": "Internal"}', "an object instead of a list of papers"),
        (b"null", "null instead of a list of papers"),
    ],
)
def test_a_malformed_answer_is_one_reason(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        daily(body)
    assert caught.value.reason.startswith(reason)
    assert str(caught.value).startswith("huggingface: ")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (b"3", "a paper is a number instead of an object"),
        (b"null", "a paper is null instead of an object"),
        (b'{"paper": null, "title": "T"}', "a paper is null instead of an object"),
        (b'{"paper": "x"}', "a paper is text instead of an object"),
        (b'{"paper": {"title": "T"}}', "a paper has no id: “T”"),
        (b'{"paper": {"id": null}}', "a paper has no id: an item without a title"),
        (b'{"paper": {"id": "2606.00009", "title": " "}}', "paper 2606.00009 has no title"),
        (b'{"paper": {"id": 2606.00001, "title": "T"}}', "a paper has no id: “T”"),
    ],
)
def test_one_bad_item_is_left_out_and_named(item: bytes, reason: str) -> None:
    good = [b'{"paper": {"id": "2606.0000%d", "title": "T%d", "upvotes": 1}}' % (n, n) for n in (1, 2)]
    listed = parse_daily(b"[%s, %s, %s]" % (good[0], item, good[1]), NOW)
    assert [paper.id for paper in listed.findings.papers] == ["2606.00001", "2606.00002"]
    assert len(listed.findings.signals) == 2
    assert listed.findings.skipped == (reason,)
    assert listed.size == 3
    places = [s.value for s in parse_trending(b"[%s, %s, %s]" % (good[0], item, good[1]), NOW).signals][2:]
    assert places == [1, 3]  # a place is the service's, whatever is left out before it


@pytest.mark.parametrize(
    "odd",
    [b'"A\x0ctitle"', b'"A\xfftitle"', b'"A title", "upvotes": ' + b"9" * 5_000],
    ids=["a control character", "a byte that is no UTF-8", "a number of 5,000 digits"],
)
def test_one_character_that_json_does_not_have_spoils_nothing(odd: bytes) -> None:
    body = b'[{"paper": {"id": "2606.00001", "title": %s}}, {"paper": {"id": "2606.00002", "title": "B"}}]' % odd
    assert [paper.id for paper in daily(body).papers] == ["2606.00001", "2606.00002"]


def test_papers_of_other_sites_are_passed_over() -> None:
    listed = parse_daily(b'[{"paper": {"id": "blog-1", "title": "T"}}]', NOW)
    assert (listed.findings, listed.size) == (Findings(), 1)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_answer_is_an_error_and_never_half_a_batch(keep: float) -> None:
    body = recorded("hf_2026.json").rstrip()
    with pytest.raises(SourceError):
        daily(body[: int(len(body) * keep)])


def one(**fields: Any) -> bytes:
    return json.dumps([{"paper": {"id": "2606.00001", "title": "A title"} | fields, "numComments": "many"}]).encode()


def test_a_field_of_a_wrong_type_is_unknown() -> None:
    wrong = one(
        upvotes="abc", authors={"a": 1}, summary=["x"], githubRepo=7, githubStars=True, publishedAt=2026,
        submittedOnDailyAt="yesterday", organization=[1], projectPage="javascript:alert(1)", withdrawnAt=False,
    )  # fmt: skip
    assert daily(wrong) == Findings((Paper("2606.00001", "A title"),))


@pytest.mark.parametrize("value", [-1, 1e300, float("inf"), float("nan"), 10**400, None, "7", [7]])
def test_a_count_that_cannot_be_one_is_unknown(value: Any) -> None:
    assert daily(one(upvotes=value)).signals == ()


def test_text_is_bounded_and_cannot_disturb_the_line_it_stands_in() -> None:
    body = one(
        title="A\u202e title\x00 with\u2028 lines \ud800",
        summary="x" * 200_000,
        authors=[{"name": "N" * 9_000}] * 5_000,
    )
    [paper] = daily(body).papers
    assert paper.title == "A title with lines \ufffd"
    assert len(paper.abstract) == 50_000
    assert len(paper.authors) == 2_000
    assert len(paper.authors[0]) == 300


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    [
        "id",
        "title",
        "summary",
        "authors",
        "upvotes",
        "publishedAt",
        "submittedOnDailyAt",
        "githubRepo",
        "githubStars",
        "projectPage",
        "organization",
    ]
)


@given(st.dictionaries(fields, json_values, max_size=6))
@examples(100)
def test_any_json_is_findings_or_a_source_error(item_fields: dict[str, Any]) -> None:
    body = json.dumps([{"paper": {"id": "2606.00001", "title": "T"} | item_fields}]).encode()
    try:
        findings = daily(body)
    except SourceError:
        return
    assert all(isinstance(paper, Paper) and paper.title for paper in findings.papers)
    repr(findings).encode()


# --- the real bytes --------------------------------------------------------------------------------------------


@pytest.mark.skipif(not real("hf_daily_papers"), reason="no recorded answers beside the project")
@pytest.mark.parametrize("path", real("hf_daily_papers"), ids=lambda path: path.name)
def test_real_answers_are_read_whole(path: Path) -> None:
    body = unpacked(path)
    items = json.loads(body)
    findings = daily(body)
    assert [paper.id for paper in findings.papers] == [item["paper"]["id"] for item in items]
    for item, paper in zip(items, findings.papers, strict=True):
        inner = item["paper"]
        assert counts(findings, paper.id).get("upvotes") == inner["upvotes"]
        assert counts(findings, paper.id).get("comments") == item["numComments"]
        assert counts(findings, paper.id).get("github_stars") == inner.get("githubStars")
        assert paper.abstract.split() == inner["summary"].split()
        assert len(paper.authors) == sum(not author["hidden"] for author in inner["authors"])
        assert (paper.listed_at is None) == ("submittedOnDailyAt" not in inner)
        assert (paper.code_url, paper.project_url) == (inner.get("githubRepo"), inner.get("projectPage"))
        assert paper.published_at is not None
    assert parse_papers(body) == findings.papers
    with pytest.raises(SourceError):
        daily(body[: len(body) // 2])


def test_html_in_titles_and_names_is_decoded_before_anything_is_stored() -> None:
    item = {
        "paper": {
            "id": "2606.00001",
            "title": "Q&amp;A &#39;n&#39; x<y>z",
            "summary": "R&amp;amp;D",
            "authors": [{"name": "Jos&eacute; Garc&iacute;a"}],
        }
    }
    (paper,) = parse_daily(json.dumps([item]).encode(), NOW).findings.papers
    assert (paper.title, paper.abstract, paper.authors) == ("Q&A 'n' x<y>z", "R&D", ("José García",))


@pytest.mark.parametrize(
    ("value", "name", "handle"),
    [
        ({"name": "antgroup", "fullname": "Ant Group"}, "Ant Group", "antgroup"),
        ({"name": "AutoLab-SJTU"}, "AutoLab-SJTU", "AutoLab-SJTU"),
        ({"name": "no/handle", "fullname": "An Org"}, "An Org", None),
        ({"name": 1, "fullname": ["x"]}, None, None),
        ("Ant Group", "Ant Group", None),
        (None, None, None),
    ],
)
def test_an_organisation_has_its_full_name_and_its_account(value: object, name: str | None, handle: str | None) -> None:
    item = {"paper": {"id": "2606.00001", "title": "T", "organization": value}}
    (paper,) = parse_daily(json.dumps([item]).encode(), NOW).findings.papers
    assert (paper.organization, paper.organization_handle) == (name, handle)
    assert paper.organization_url == (f"https://huggingface.co/{handle}" if handle else None)
