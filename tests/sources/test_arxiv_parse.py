"""Parsing of arXiv's answers: feed, query results, error feeds, malformed answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SourceError
from bot.model import Paper
from bot.model.category import canonical_category, is_category
from bot.sources.arxiv_parse import parse_feed, parse_query
from tests.harness.recordings import real, recorded, unpacked

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)


def test_the_feed_tells_new_from_replaced_and_both_flavours_of_authors() -> None:
    answer = parse_feed(recorded("arxiv_feed.xml"))
    first, second = answer.new
    assert first == Paper(
        id="2606.00031",
        title="Carrier Pigeons as Message Queues: A Systems View",
        abstract="We queue messages on pigeons. Throughput is 0.4 letters/s.",
        authors=("Ida Loft", "Bo Feather"),
        categories=("cs.DC", "cs.NI"),
        version=1,
    )
    assert second.authors == ("Uma Voice", "Tom Echo")
    assert [(paper.id, paper.version) for paper in answer.replaced] == [("2605.00007", 4), ("2605.00008", 2)]
    assert (answer.replaced[0].doi, answer.replaced[0].journal_ref) == ("10.1000/again", "Trans. Again 1 (2026)")


def test_query_results_have_the_primary_category_first_and_ids_without_version() -> None:
    answer = parse_query(recorded("arxiv_query.xml"))
    first, old, wrong = answer.papers
    assert answer.total == 3
    assert first == Paper(
        id="2606.00031",
        title="Carrier Pigeons as Message Queues: A Systems View",
        abstract="We queue messages on pigeons. Throughput is 0.4 letters/s & rising.",
        authors=("Ida Loft", "Bo Feather"),
        published_at=datetime(2026, 6, 15, 17, 30, tzinfo=UTC),
        categories=("cs.DC", "cs.NI"),
        comment="12 pages, accepted at BIRDS 2026",
        journal_ref="J. Avian Sys. 3 (2026) 1-12",
        doi="10.1000/pigeon",
        version=2,
    )
    assert (old.id, old.version, old.withdrawn) == ("math/0309136", 1, False)
    assert (wrong.version, wrong.withdrawn) == (3, True)


def test_an_empty_feed_is_no_error_and_an_error_feed_is_reported_with_arxivs_reason() -> None:
    assert parse_query(recorded("arxiv_empty.xml")).total == 0
    with pytest.raises(SourceError, match="arxiv: it refuses the question: incorrect id format for pigeon"):
        parse_query(recorded("arxiv_error.xml"))


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>
<feed xmlns="http://www.w3.org/2005/Atom"><title>&lol2;</title></feed>"""
ENTRY = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry>%s</entry></feed>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer instead of XML"),
        (b"<!DOCTYPE html><html><body>Sorry</body></html>", "HTML instead of XML"),
        (b"  <html>Rate exceeded</html>", "HTML instead of XML"),
        (b"Rate exceeded.", "something else instead of XML"),
        (b'{"a": 1}', "something else instead of XML"),
        (BOMB, "XML with a document type or entities"),
        (b'<!DOCTYPE feed SYSTEM "file:///etc/passwd"><feed/>', "XML with a document type or entities"),
        (b"<feed><entry></feed>", "broken XML"),
        (b'<?xml version="1.0" encoding="klingon"?><feed/>', "unreadable XML"),
        (b"<rss version='2.0'></rss>", "XML that is not an Atom feed"),
        (b"<a>" * 50_000, "broken XML"),
        (b"<a>" * 1_000_001, "XML of more than 1,000,000 tags"),
    ],
)
@pytest.mark.parametrize("parse", [parse_feed, parse_query])
def test_a_malformed_answer_is_one_reason(parse: Any, body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(body)
    assert caught.value.reason.startswith(reason)
    assert "\n" not in caught.value.reason


GOOD = b"<entry><id>http://arxiv.org/abs/2606.0000%dv1</id><title>Paper %d</title></entry>"


def feed_of(*entries: bytes) -> bytes:
    body = b"".join([GOOD % (1, 1), *entries, GOOD % (2, 2)])
    return b'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">%s</feed>' % body


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (b"<entry><title>T</title></entry>", "an entry has no arXiv id: “T”"),
        (b"<entry/>", "an entry has no arXiv id: “no title”"),
        (b"<entry><id>urn:uuid:1</id><title/></entry>", "an entry has no arXiv id: “urn:uuid:1”"),
        (b"<entry><id>http://arxiv.org/abs/2606.00009v1</id></entry>", "entry 2606.00009 has no title"),
        (b"<entry><id>2606.00009</id><title>A & B</title></entry>", "an entry is broken XML: 2606.00009"),
        (b"<entry><id>2606.00009</id><title>A < B</entry>", "an entry is broken XML: 2606.00009"),
        (b"<entry><title>&nbsp;</title></entry>", "an entry is broken XML: <entry><title>&nbsp;</title>"),
        (b"<entry></feed></entry>", "an entry is broken XML: <entry></feed>"),
    ],
)
@pytest.mark.parametrize("parse", [parse_feed, parse_query])
def test_one_bad_entry_is_left_out_and_named(parse: Any, entry: bytes, reason: str) -> None:
    answer = parse(feed_of(entry))
    papers = answer.new if parse is parse_feed else answer.papers
    assert [paper.id for paper in papers] == ["2606.00001", "2606.00002"]
    assert answer.skipped == (reason,)


@pytest.mark.parametrize(
    "odd",
    [b"A\x0cB", b"A\x00B", b"A\xffB", b"A&#12;B", b"A&#xC;B", b"A&#x0;B", b"A\xef\xbf\xbfB", b"A&#xD800;B"],
)
@pytest.mark.parametrize("parse", [parse_feed, parse_query])
def test_characters_that_xml_does_not_have_are_left_out(parse: Any, odd: bytes) -> None:
    entry = b"<entry><id>2606.00009</id><title>%s &amp; &#233;</title></entry>" % odd
    answer = parse(feed_of(entry))
    papers = answer.new if parse is parse_feed else answer.papers
    assert [paper.id for paper in papers] == ["2606.00001", "2606.00009", "2606.00002"]
    assert papers[1].title in {"A B & é", "A\ufffdB & é"}
    assert answer.skipped == ()


def test_a_feed_without_a_readable_entry_is_an_outage_and_a_query_without_one_is_not() -> None:
    body = ENTRY % b"<title>T</title>"
    with pytest.raises(SourceError, match="none of its entries can be read: an entry has no arXiv id"):
        parse_feed(body)
    assert parse_query(body).skipped == ("an entry has no arXiv id: “T”",)


def test_broken_entries_are_parsed_alone_only_where_that_is_cheap() -> None:
    """5,000 bytes before the first entry are parsed once more for each of a million entries, if nothing bounds it."""
    for body in (
        feed_of(b"\x0c" + b"<entry/>" * 5_000 + b"<"),
        feed_of(b"&").replace(b"<entry", b"x" * 10_000 + b"<entry"),
    ):
        with pytest.raises(SourceError, match="broken XML"):
            parse_query(body)


@pytest.mark.parametrize("nested", [b"<a>" * 400_000 + b"</a>" * 400_000, b"<a b='%s'/>" % (b"c" * 10**7)])
def test_nesting_and_length_inside_the_limits_are_read_in_seconds(nested: bytes) -> None:
    assert len(parse_query(feed_of(nested)).papers) == 2


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_feed_is_an_error_and_never_half_a_batch(keep: float) -> None:
    for name, parse in (("arxiv_feed.xml", parse_feed), ("arxiv_query.xml", parse_query)):
        body = recorded(name).rstrip()
        with pytest.raises(SourceError):
            parse(body[: int(len(body) * keep)])


def test_only_the_form_of_a_category_is_a_category() -> None:
    good = ["cs", "cs.CL", "hep-th", "math-ph", "cond-mat.supr-con", "q-bio.NC", "physics.ao-ph", "astro-ph.GA"]
    assert all(is_category(text) for text in good)
    assert not any(
        is_category(text) for text in ["", "CS.CL", "68M10", "cs.CL+cs.LG", "cs/CL", "../x", "cs.CL?", "a b"]
    )


def test_a_category_is_spelled_as_arxiv_does() -> None:
    assert [canonical_category(text) for text in ("CS.cl", "Cond-Mat.Soft", "HEP-TH", "physics.AO-PH")] == [
        "cs.CL",
        "cond-mat.soft",
        "hep-th",
        "physics.ao-ph",
    ]


# --- the real bytes --------------------------------------------------------------------------------------------


@pytest.mark.skipif(not real("arxiv_api"), reason="no recorded answers beside the project")
@pytest.mark.parametrize("path", real("arxiv_api"), ids=lambda path: path.name)
def test_real_answers_of_the_api_are_read_whole(path: Path) -> None:
    envelope: dict[str, Any] = {"body": unpacked(path).decode(), "status_code": 200}
    if ".json" in path.name:
        envelope = json.loads(unpacked(path))
    body = envelope["body"].encode()
    if envelope["status_code"] == 400:
        with pytest.raises(SourceError, match="incorrect id format for abc"):
            parse_query(body)
        return
    answer = parse_query(body)
    assert len(answer.papers) == envelope["body"].count("<entry>")
    assert answer.total is not None
    assert answer.total >= len(answer.papers)
    for paper in answer.papers:
        assert paper.title
        assert paper.abstract
        assert paper.authors
        assert paper.categories
        assert paper.version
        assert paper.published_at
    assert sum(paper.doi is not None for paper in answer.papers) == envelope["body"].count("<arxiv:doi>")
    assert sum(paper.comment is not None for paper in answer.papers) == envelope["body"].count("<arxiv:comment>")


@pytest.mark.skipif(not real("arxiv_rss"), reason="no recorded answers beside the project")
@pytest.mark.parametrize("path", real("arxiv_rss"), ids=lambda path: path.name)
def test_real_feeds_are_read_whole(path: Path) -> None:
    body = unpacked(path)
    answer = parse_feed(body)
    assert len(answer.new) + len(answer.replaced) == body.count(b"<entry>")
    assert all(paper.authors and paper.categories and paper.abstract for paper in answer.new)
    assert not any("Announce Type" in paper.abstract for paper in answer.new)
