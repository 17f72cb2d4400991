"""GitHub: stars of many repositories in one question, and its limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import SourceError
from bot.model import Signal
from bot.sources.github import GitHub
from bot.sources.github_parse import parse_stars, query, repository_name
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter
from tests.fakes.http_server import Answer, Loopback, Seen, json_answer
from tests.harness.recordings import recorded

NOW = datetime(2026, 6, 16, 9, 30, tzinfo=UTC)
NAMES = ("example/bundles", "example/gone", "example/loft")
PAPERS = {"example/bundles": "2606.00031", "example/gone": "2606.00032", "example/loft": "2606.00033"}
BODY = recorded("github_stars.json")


def test_stars_are_signals_and_a_repository_that_is_gone_is_no_fault() -> None:
    findings = parse_stars(BODY, NAMES, PAPERS, NOW)
    assert findings.signals == (
        Signal("2606.00031", "github", "github_stars", 1204, NOW),
        Signal("2606.00033", "github", "github_stars", 0, NOW),
    )
    assert findings.skipped == ()


def test_names_are_quoted() -> None:
    assert query(['a/b") { id } x: repository(owner: "c']) == (
        'query { r0: repository(owner: "a", name: "b\\") { id } x: repository(owner: \\"c") { stargazerCount } }'
    )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/Example/Bundles.git", "example/bundles"),
        ("http://www.github.com/example/bundles/tree/main", "example/bundles"),
        ("https://github.com/example", None),
        ("https://gitlab.com/example/bundles", None),
        ("https://github.com.example.org/example/bundles", None),
        ('https://github.com/example/b"undles', None),
    ],
)
def test_repositories_by_their_address(url: str, name: str | None) -> None:
    assert repository_name(url) == name


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer"),
        (BODY[:60], "broken JSON"),
        (b"[]", "a list instead of an object"),
        (b'{"message": "Bad credentials"}', "it refuses the question: Bad credentials"),
        (b'{"data": null}', "it refuses the question: no reason"),
        (
            json.dumps(
                {"data": {}, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
            ).encode(),
            "it refuses the question: API rate limit exceeded",
        ),
        (b'{"data": {"r0": 7}}', "none of its answers can be read: repository example/bundles has no number of stars"),
    ],
)
def test_a_malformed_or_refusing_answer_is_one_reason(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_stars(body, NAMES, PAPERS, NOW)
    assert caught.value.reason.startswith(reason)


def github(http: HttpClient, server: Loopback, repositories: Mapping[str, str]) -> GitHub:
    async def recent(since: datetime) -> Mapping[str, str]:
        assert since == NOW - timedelta(days=30)
        return repositories

    return GitHub(http, server.url, token="token-of-ours", repositories=recent, limiter=Limiter(0))


async def test_a_hundred_repositories_a_request(server: Loopback, http: HttpClient) -> None:
    def stars(request: Seen) -> Answer:
        fields = request.json()["query"].count("stargazerCount")
        return json_answer({"data": {f"r{number}": {"stargazerCount": number} for number in range(fields)}})

    server.on("/graphql", stars)
    repositories = {f"https://github.com/example/r{n}": f"2606.{n:05}" for n in range(130)}
    repositories["https://gitlab.com/example/other"] = "2606.90000"
    findings = await github(http, server, repositories).fetch(NOW, NOW)
    assert len(findings.signals) == 130
    assert [request.json()["query"].count("stargazerCount") for request in server.requests] == [100, 30]
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer token-of-ours"}


async def test_without_repositories_there_is_no_request(server: Loopback, http: HttpClient) -> None:
    assert (await github(http, server, {}).fetch(NOW, NOW)).signals == ()
    assert server.requests == []


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"Retry-After": "600"}, 10),
        (
            {
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": str(int(NOW.timestamp()) + 1800),
                "Date": "Tue, 16 Jun 2026 09:30:00 GMT",
            },
            30,
        ),
    ],
)
async def test_its_limits_come_as_403_and_are_kept(
    server: Loopback, http: HttpClient, headers: dict[str, str], minutes: int
) -> None:
    server.on("/graphql", Answer(403, b"{}", headers))
    source = github(http, server, {"https://github.com/example/bundles": "2606.00031"})
    with pytest.raises(SourceError, match=f"HTTP 403 .* asks to be left alone for {minutes} min"):
        await source.fetch(NOW, NOW)
    with pytest.raises(SourceError, match="asked to be left alone") as caught:
        await source.fetch(NOW, NOW)
    assert len(server.requests) == 1
    assert "token-of-ours" not in str(caught.value)


async def test_a_token_is_never_sent_to_another_host(server: Loopback, http: HttpClient) -> None:
    async with Loopback() as other:
        server.on("/graphql", Answer(307, b"", {"Location": f"{other.url}/graphql"}))
        source = github(http, server, {"https://github.com/example/bundles": "2606.00031"})
        with pytest.raises(SourceError, match="redirects to"):
            await source.fetch(NOW, NOW)
        assert other.requests == []


async def test_a_refused_token_is_one_line(server: Loopback, http: HttpClient) -> None:
    server.on("/graphql", json_answer({"message": "Bad credentials"}, 401))
    with pytest.raises(SourceError, match=r"github: HTTP 401 from 127\.0\.0\.1$"):
        await github(http, server, {"https://github.com/example/bundles": "2606.00031"}).fetch(NOW, NOW)
