"""MentionFeeds that the operator names: mentions of papers, and hostile feeds."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import SettingsError, SourceError
from bot.model import Findings, Signal
from bot.settings import load
from bot.sources.feeds import LIMITS, MentionFeeds
from bot.sources.feeds_parse import parse_feed
from bot.sources.http_client import HttpClient
from tests.fakes.http_server import HANG, Answer, Loopback, Seen
from tests.harness.recordings import recorded

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)
RSS, ATOM = recorded("feed_rss.xml"), recorded("feed_atom.xml")
BREAD = "10.1101/2026.06.12.700001"
HEAD = b'<rss version="2.0"><channel><title>Feed</title>'
TAIL = b"</channel></rss>"


def mentions(body: bytes) -> set[tuple[str, str]]:
    return {(each.paper_id, each.kind) for each in parse_feed(body, "example.org", NOW).signals}


def test_an_item_that_names_papers_is_a_mention_of_each() -> None:
    at, kind = datetime(2026, 6, 15, 7, 30, tzinfo=UTC), "mentioned in Pigeon & Loft Weekly"
    findings = parse_feed(RSS, "example.org", NOW)
    assert findings.papers == ()
    assert set(findings.signals) == {
        Signal("2606.00031", "feeds", kind, 1, at),
        Signal(BREAD, "feeds", kind, 1, at),
    }


def test_links_to_hugging_face_and_dois_in_the_text_are_read() -> None:
    kind = "mentioned in Notes from the coop"
    assert mentions(ATOM) == {("2606.00021", kind), ("10.1101/2026.06.14.700004", kind)}


def test_items_without_a_date_are_of_now_and_a_date_to_come_too() -> None:
    items = b"<item><link>https://arxiv.org/abs/2606.00001</link></item>"
    items += (
        b"<item><link>https://arxiv.org/abs/2606.00002</link><pubDate>Mon, 15 Jun 2099 07:30:00 GMT</pubDate></item>"
    )
    signals = parse_feed(HEAD + items + TAIL, "example.org", NOW).signals
    assert [(each.paper_id, each.seen_at) for each in signals] == [("2606.00001", NOW), ("2606.00002", NOW)]


def test_a_list_of_links_is_no_mention_of_each() -> None:
    links = "".join(f"https://arxiv.org/abs/2606.{n:05} " for n in range(60))
    item = f"<item><title>All of today</title><description>{links}</description></item>".encode()
    assert mentions(HEAD + item + TAIL) == set()


def test_a_title_is_one_line_of_text() -> None:
    item = b"<item><link>https://arxiv.org/abs/2606.00001</link></item>"
    title = b"<title>&lt;b&gt;@here&lt;/b&gt;\n\xe2\x80\xae" + b"x" * 9_000 + b"</title>"
    [signal] = parse_feed(HEAD.replace(b"<title>Feed</title>", title) + item + TAIL, "example.org", NOW).signals
    assert len(signal.kind) <= 80
    assert "\n" not in signal.kind
    assert "\u202e" not in signal.kind
    [signal] = parse_feed(HEAD.replace(b"Feed", b"") + item + TAIL, "example.org", NOW).signals
    assert signal.kind == "mentioned in example.org"


@pytest.mark.parametrize("body", [b"", b"<html><p>hello</p></html>", b"{}", b"\x00\xff", RSS[:120], b"<" * 150_001])
def test_what_is_no_feed_is_one_reason(body: bytes) -> None:
    with pytest.raises(SourceError, match=r"feeds: (no RSS or Atom feed|a feed of more than)"):
        parse_feed(body, "example.org", NOW)


def test_a_feed_that_is_cut_off_has_the_items_before() -> None:
    assert ("2606.00031", "mentioned in Pigeon & Loft Weekly") in mentions(RSS[: RSS.index(b"<item>", 900)])


def test_entities_are_not_expanded_and_files_are_not_read() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
    )
    body = bomb + b'<!ENTITY f SYSTEM "file:///etc/hostname">]>' + HEAD + b"<item><title>&m;&f;</title></item>" + TAIL
    start = time.process_time()
    with pytest.raises(SourceError, match="no RSS or Atom feed"):
        parse_feed(body, "example.org", NOW)
    assert time.process_time() - start < 5


def test_the_time_of_a_broken_feed_grows_with_its_tags_alone() -> None:
    for odd in (b"<item><title>a & b <a href='", b"&#38;lt;", b"<![CDATA[", b"<a ", b"<x>", b"<item></item>", b"&"):
        body = HEAD + odd * 10_000 + b"<item>" + TAIL
        start = time.process_time()
        with contextlib.suppress(SourceError):
            parse_feed(body, "example.org", NOW)
        assert time.process_time() - start < 5, odd


@pytest.mark.parametrize(
    "body",
    [
        b"\n" * 4_000_000 + HEAD + TAIL,
        b'<?xml version="1.0"?>' + b"\n" * 4_000_000 + HEAD + TAIL,
        b'<?xml version="1.0"?>' + b"\n<!ENTITY" * 100_000 + HEAD + TAIL,
        HEAD + b"<item><author>" + b"a." * 2_000_000 + b"</author></item>" + TAIL,
        HEAD + b"<item>" + b"<link>a</link>" * 70_000 + b"</item>" + TAIL,
        HEAD + b"<item>" + b"<a>" * 70_000 + b"</a>" * 70_000 + b"</item>" + TAIL,
        HEAD + b"<item " + b"a='" * 1_000_000 + b"</item>" + TAIL,
        HEAD + b"<item><pubDate>" + b"1 " * 2_000_000 + b"</pubDate></item>" + TAIL,
    ],
    ids=["lines", "lines after the head", "entities", "author", "links", "deep", "attributes", "date"],
)
def test_no_feed_of_four_megabytes_holds_the_process(body: bytes) -> None:
    start = time.process_time()
    with contextlib.suppress(SourceError):
        assert parse_feed(body, "example.org", NOW) == Findings()
    assert time.process_time() - start < 5


def test_feeds_begin_and_date_as_they_do_out_there() -> None:
    rdf = (
        b'\n <?xml version="1.0" encoding="iso-8859-1"?><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        b' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Caf\xe9</title>'
        b"</channel><item><link>https://arxiv.org/abs/2606.00001</link><dc:date>2026-06-15T09:30:00+02:00</dc:date>"
        b"</item></r:RDF>"
    )
    [signal] = parse_feed(rdf, "example.org", NOW).signals
    assert (signal.kind, signal.seen_at) == ("mentioned in Café", datetime(2026, 6, 15, 7, 30, tzinfo=UTC))


async def test_one_bad_feed_is_named_and_the_others_are_read(server: Loopback, http: HttpClient) -> None:
    server.on("/rss", Answer(200, RSS))
    server.on("/atom", Answer(200, ATOM))
    server.on("/page", Answer(200, b"<html>"))
    urls = [f"{server.url}/{path}" for path in ("rss", "page", "gone?key=of-ours", "atom")]
    findings = await MentionFeeds(http, urls).fetch(NOW, NOW)
    assert len(findings.signals) == 4
    host = "127.0.0.1"
    assert findings.skipped == (
        f"{host}/page: no RSS or Atom feed, or one that is cut off",
        f"{host}/gone: HTTP 404 from {host}",
    )


async def test_no_readable_feed_is_a_fault(server: Loopback, http: HttpClient) -> None:
    with pytest.raises(SourceError, match="HTTP 404"):
        await MentionFeeds(http, [f"{server.url}/gone"]).fetch(NOW, NOW)


async def test_a_feed_that_has_not_changed_is_not_sent_again(server: Loopback, http: HttpClient) -> None:
    def feed(request: Seen) -> Answer:
        if request.headers.get("if-none-match") == '"1"':
            return Answer(304)
        return Answer(200, RSS, {"ETag": '"1"'})

    server.on("/rss", feed)
    source = MentionFeeds(http, [f"{server.url}/rss"])
    first, second = await source.fetch(NOW, NOW), await source.fetch(NOW, NOW)
    assert first == second
    assert len(server.requests) == 2


async def test_a_feed_to_another_host_is_not_followed(server: Loopback, http: HttpClient) -> None:
    async with Loopback() as inside:
        server.on("/rss", Answer(302, b"", {"Location": f"{inside.url}/admin"}))
        with pytest.raises(SourceError, match="redirects to"):
            await MentionFeeds(http, [f"{server.url}/rss"]).fetch(NOW, NOW)
        assert inside.requests == []


async def test_a_feed_that_hangs_or_is_too_large_holds_up_no_other(server: Loopback) -> None:
    server.on("/hangs", HANG)
    server.on("/large", Answer(200, b"x" * 200_000))
    server.on("/rss", Answer(200, RSS))
    limits = replace(LIMITS, timeout=1, deadline=5, body_max=100_000)
    async with HttpClient("test", limits=limits) as http:
        urls = [f"{server.url}/{path}" for path in ("hangs", "large", "rss")]
        findings = await MentionFeeds(http, urls).fetch(NOW, NOW)
    assert len(findings.signals) == 2
    assert [line.partition(": ")[2] for line in findings.skipped] == [
        "no answer from 127.0.0.1 in time",
        "an answer of more than 0.0953674 MB from 127.0.0.1",
    ]


@pytest.mark.parametrize("url", ["http://example.org/feed", "feed.xml", "https://", "https://me:key@example.org/feed"])
def test_only_https_feeds_are_taken(url: str) -> None:
    with pytest.raises(SettingsError, match="PAPERBOY_FEEDS") as fault:
        load(feeds=(url,))
    assert "key" not in str(fault.value)


def test_feeds_are_bounded_and_none_are_none() -> None:
    with pytest.raises(SettingsError, match="at most 50 feeds"):
        load(feeds=tuple(f"https://example.org/{n}" for n in range(51)))
    assert load().feeds is None
