"""Findings from Hugging Face's answers. The API has changed since 2024: all fields but id and title may be missing.

An item without them is left out and named in `Findings.skipped`; papers with another id than arXiv's are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from bot.errors import SourceError
from bot.model import Findings, Paper, Signal
from bot.model.paper_id import arxiv_id
from bot.sources import untrusted
from bot.sources.withdrawal import is_withdrawn

NAME = "huggingface"

Json = Mapping[str, Any]
SUMMARY_MAX = 1_000
"""Characters of a summary that came with the list; longer ones are never shown."""
_HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of papers: what it brings, and how many items it has, read or not."""

    findings: Findings
    size: int


def parse_daily(body: bytes, now: datetime) -> ListPage:
    """A list of papers (a day, the trending list) with its counts as of `now`. Raises SourceError if it is no list."""
    listed, skipped, size = _papers(body)
    signals = tuple(signal for item, paper, _ in listed for signal in _signals(item, paper.id, now))
    papers = tuple(paper for _, paper, _ in listed)
    return ListPage(Findings(papers, signals, skipped, tuple(_summaries(listed))), size)


def parse_trending(body: bytes, now: datetime) -> Findings:
    """The trending list as `parse_daily`, with each paper's position, counted from 1."""
    listed, skipped, _ = _papers(body)
    signals = [signal for item, paper, _ in listed for signal in _signals(item, paper.id, now)]
    signals += [Signal(paper.id, NAME, "position", float(position), now) for _, paper, position in listed]
    return Findings(tuple(paper for _, paper, _ in listed), tuple(signals), skipped)


def parse_papers(body: bytes) -> tuple[Paper, ...]:
    """The papers of a list (search results), in its order."""
    return tuple(paper for _, paper, _ in _papers(body)[0])


def parse_paper(body: bytes) -> Paper | None:
    """The answer about one paper; None if its id is not an arXiv id. Raises SourceError if it is not as expected."""
    return _paper(untrusted.decoded_json(body, NAME))


def _papers(body: bytes) -> tuple[list[tuple[Json, Paper, int]], tuple[str, ...], int]:
    """Each paper of a list once, with its item and its position from 1; the items left out; the list's length."""
    items = untrusted.decoded_json(body, NAME)
    if not isinstance(items, list):
        raise SourceError(NAME, f"{untrusted.json_type(items)} instead of a list of papers")
    papers, skipped = untrusted.readable(
        NAME, enumerate(items, 1), lambda numbered: (numbered[1], _paper(numbered[1]), numbered[0])
    )
    listed: dict[str, tuple[Json, Paper, int]] = {}
    for item, paper, position in papers:
        if paper is not None:
            listed.setdefault(paper.id, (item, paper, position))
    return list(listed.values()), skipped, len(items)


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise SourceError(NAME, f"a paper is {untrusted.json_type(value)} instead of an object")
    return value


def _paper(value: object) -> Paper | None:
    item = _object(value)
    inner = _object(item.get("paper", item))
    id_text, title = untrusted.text_line(inner.get("id"), 200), _title(inner) or _title(item)
    if not id_text:
        raise SourceError(NAME, f"a paper has no id: {untrusted.named(inner)}")
    if not title:
        raise SourceError(NAME, f"paper {id_text} has no title")
    if (canonical := arxiv_id(id_text)) is None:
        return None
    abstract = untrusted.text_line(inner.get("summary") or item.get("summary"), untrusted.ABSTRACT_MAX)
    organization = read_organization(inner.get("organization") or item.get("organization"))
    authors, more_authors = untrusted.author_names(shown_authors(inner.get("authors")))
    return Paper(
        id=canonical,
        title=title,
        abstract=abstract,
        authors=authors,
        more_authors=more_authors,
        published_at=untrusted.utc_time(inner.get("publishedAt")),
        listed_at=untrusted.utc_time(inner.get("submittedOnDailyAt")),
        organization=organization.name,
        organization_handle=organization.handle,
        code_url=untrusted.web_link(inner.get("githubRepo")),
        project_url=untrusted.web_link(inner.get("projectPage")),
        withdrawn=untrusted.utc_time(inner.get("withdrawnAt")) is not None or is_withdrawn("", abstract),
    )


def _title(item: Json) -> str:
    return untrusted.text_line(item.get("title"), untrusted.TITLE_MAX)


def shown_authors(value: object) -> list[object]:
    """The names in a list of author objects, without authors who asked to be hidden."""
    authors = [author for author in value if isinstance(author, dict)] if isinstance(value, list) else []
    return [author.get("name") for author in authors if author.get("hidden") is not True]


class Organization(NamedTuple):
    """An organisation's full name, else its account's, and the account."""

    name: str | None
    handle: str | None


def read_organization(value: object) -> Organization:
    """An organisation from its object (`name` is the account, `fullname` may be missing), or from its name as text."""
    if not isinstance(value, dict):
        return Organization(untrusted.text_line(value, untrusted.NAME_MAX) or None, None)
    account = untrusted.text_line(value.get("name"), untrusted.NAME_MAX)
    name = untrusted.text_line(value.get("fullname"), untrusted.NAME_MAX) or account
    return Organization(name or None, account if _HANDLE.fullmatch(account) else None)


def _summaries(listed: Iterable[tuple[Json, Paper, int]]) -> Iterator[tuple[str, str]]:
    """Paper ids and the summaries by Hugging Face's model, of the papers that have one."""
    for item, paper, _ in listed:
        if summary := untrusted.text_line(item.get("paper", item).get("ai_summary"), SUMMARY_MAX):
            yield paper.id, summary


def _signals(item: Json, paper_id: str, now: datetime) -> tuple[Signal, ...]:
    """The counts in the answer; 0 upvotes is an observation, a missing star count is not."""
    inner = item.get("paper", item)
    counts = {
        "upvotes": inner.get("upvotes"),
        "comments": item.get("numComments"),
        "github_stars": inner.get("githubStars"),
    }
    return untrusted.count_signals(paper_id, NAME, counts, now)
