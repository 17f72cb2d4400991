"""Findings from Hugging Face's answers. The API has changed since 2024: all fields but id and title may be missing."""

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
    """A list of papers (a day, the trending list) with its counts as of `now`. Raises SourceError."""
    pairs = _papers(body)
    signals = tuple(signal for item, paper in pairs for signal in _signals(item, paper.id, now))
    return Findings(tuple(paper for _, paper in pairs), signals)


def parse_trending(body: bytes, now: datetime) -> Findings:
    """The trending list as `parse_daily`, with each paper's position, counted from 1."""
    listed = parse_daily(body, now)
    positions = tuple(Signal(paper.id, NAME, "position", float(n), now) for n, paper in enumerate(listed.papers, 1))
    return Findings(listed.papers, listed.signals + positions)


def parse_papers(body: bytes) -> tuple[Paper, ...]:
    """The papers of a list (search results), in its order."""
    return tuple(paper for _, paper in _papers(body))


def parse_paper(body: bytes) -> Paper | None:
    """The answer about one paper; None if its id is not an arXiv id."""
    return _paper(_object(untrusted.decoded_json(body, NAME), "the paper"))


def _papers(body: bytes) -> tuple[tuple[Json, Paper], ...]:
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


def _object(value: object, subject: str) -> Json:
    if not isinstance(value, dict):
        raise SourceError(NAME, f"{subject} is {untrusted.json_type(value)} instead of an object")
    return value


def _paper(item: Json, subject: str = "the paper") -> Paper | None:
    inner = _object(item.get("paper", item), subject)
    id_text, title = untrusted.text_line(inner.get("id"), 200), _title(inner) or _title(item)
    if not id_text:
        raise SourceError(NAME, f"{subject} has no id")
    if not title:
        raise SourceError(NAME, f"{subject} ({id_text}) has no title")
    if (canonical := arxiv_id(id_text)) is None:
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


def _title(item: Json) -> str:
    return untrusted.text_line(item.get("title"), untrusted.TITLE_MAX)


def _authors(value: object) -> tuple[str, ...]:
    """Names, without authors who asked to be hidden."""
    if not isinstance(value, list):
        return ()
    authors = [author for author in value[: untrusted.AUTHORS_MAX] if isinstance(author, dict)]
    return untrusted.name_list([author.get("name") for author in authors if author.get("hidden") is not True])


def _organization(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("fullname") or value.get("name")
    return untrusted.text_line(value, untrusted.NAME_MAX) or None


def _signals(item: Json, paper_id: str, now: datetime) -> tuple[Signal, ...]:
    """The counts in the answer; 0 upvotes is an observation, a missing star count is not."""
    inner = item.get("paper", item)
    counts = {
        "upvotes": inner.get("upvotes"),
        "comments": item.get("numComments"),
        "github_stars": inner.get("githubStars"),
    }
    return untrusted.count_signals(paper_id, NAME, counts, now)
