"""Hugging Face's answers -> Findings. Fields have come and gone since 2024: all but id and title may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.errors import SourceError
from bot.model import Findings, Paper, Signal
from bot.model.paper_id import arxiv_id
from bot.sources import untrusted

NAME = "huggingface"

Json = Mapping[str, Any]


def parse_daily(body: bytes, now: datetime) -> Findings:
    """A list of papers (a day, the trending list, search results) with the counts it shows, seen at `now`."""
    pairs = _read(body)
    signals = tuple(signal for item, paper in pairs for signal in _signals(item, paper.id, now))
    return Findings(tuple(paper for _, paper in pairs), signals)


def parse_trending(body: bytes, now: datetime) -> Findings:
    """The trending list: the same, and each paper's place in it, 1 is the first."""
    found = parse_daily(body, now)
    places = tuple(Signal(paper.id, NAME, "position", float(n), now) for n, paper in enumerate(found.papers, 1))
    return Findings(found.papers, found.signals + places)


def parse_papers(body: bytes) -> tuple[Paper, ...]:
    """The papers of a list alone (search results), in its order."""
    return tuple(paper for _, paper in _read(body))


def parse_paper(body: bytes) -> Paper | None:
    """One paper's own answer; None when its id is of a kind we cannot link."""
    return _paper(_object(untrusted.decoded_json(body, NAME), "the paper"))


def _read(body: bytes) -> tuple[tuple[Json, Paper], ...]:
    items = untrusted.decoded_json(body, NAME)
    if not isinstance(items, list):
        raise SourceError(NAME, f"{untrusted.json_type(items)} instead of a list of papers")
    pairs: dict[str, tuple[Json, Paper]] = {}
    for number, value in enumerate(items, 1):
        item = _object(value, f"paper {number}")
        if (paper := _paper(item, f"paper {number}")) is not None:
            pairs.setdefault(paper.id, (item, paper))
    if items and not pairs:
        raise SourceError(NAME, f"none of {len(items)} papers has an id that we read")
    return tuple(pairs.values())


def _object(value: object, what: str) -> Json:
    if not isinstance(value, dict):
        raise SourceError(NAME, f"{what} is {untrusted.json_type(value)} instead of an object")
    return value


def _paper(item: Json, what: str = "the paper") -> Paper | None:
    inner = _object(item.get("paper", item), what)
    told, title = untrusted.text_line(inner.get("id"), 200), _title(inner) or _title(item)
    if not told:
        raise SourceError(NAME, f"{what} has no id")
    if not title:
        raise SourceError(NAME, f"{what} ({told}) has no title")
    if (canonical := arxiv_id(told)) is None:
        return None
    return Paper(
        id=canonical,
        title=title,
        abstract=untrusted.text_line(inner.get("summary") or item.get("summary"), untrusted.ABSTRACT_MAX),
        authors=_authors(inner.get("authors")),
        published_at=untrusted.utc_time(inner.get("publishedAt")),
        listed_at=untrusted.utc_time(inner.get("submittedOnDailyAt")),
        organization=_organization(inner.get("organization")) or _organization(item.get("organization")),
        code_url=untrusted.web_link(inner.get("githubRepo")),
        project_url=untrusted.web_link(inner.get("projectPage")),
        withdrawn=untrusted.utc_time(inner.get("withdrawnAt")) is not None,
    )


def _title(of: Json) -> str:
    return untrusted.text_line(of.get("title"), untrusted.TITLE_MAX)


def _authors(value: object) -> tuple[str, ...]:
    """Names, without those whose owners asked to be hidden."""
    if not isinstance(value, list):
        return ()
    shown = [
        a.get("name") for a in value[: untrusted.AUTHORS_MAX] if isinstance(a, dict) and a.get("hidden") is not True
    ]
    return untrusted.name_list(shown)


def _organization(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("fullname") or value.get("name")
    return untrusted.text_line(value, untrusted.NAME_MAX) or None


def _signals(item: Json, paper_id: str, now: datetime) -> tuple[Signal, ...]:
    """The counts that are there: 0 upvotes is an observation, a missing star count is none."""
    inner = item.get("paper", item)
    told = {
        "upvotes": untrusted.nonnegative(inner.get("upvotes")),
        "comments": untrusted.nonnegative(item.get("numComments")),
        "github_stars": untrusted.nonnegative(inner.get("githubStars")),
    }
    return tuple(Signal(paper_id, NAME, kind, value, now) for kind, value in told.items() if value is not None)
