"""Sources: who knows which papers are noticed.

    web.py          the HTTP side they share: identity, time and size limits, retries, conditional requests
    limiter.py      one request at a time, seconds apart, people before machines
    foreign.py      a stranger's field: read, or unknown
    huggingface.py  Daily Papers: upvotes, comments, stars, trending place    (huggingface_parse.py: bytes -> Findings)
    arxiv.py        the announcement feed, then details of what is new        (arxiv_parse.py: bytes -> Findings)
    hackernews.py   points and comments of stories that link a paper
    jsonl.py        a file of papers: `paperboy import`, the bundled sample
    connect.py      the sources that the settings name, on one HTTP client and one limiter

Each source fetches and parses apart: a `parse_*` function is pure, takes bytes, and gives all of the answer or a
SourceError. A new source is one more line in SOURCES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import TYPE_CHECKING, cast

from bot.errors import UserError

if TYPE_CHECKING:
    from bot.ports import Source

SOURCES: Mapping[str, str] = {
    "huggingface": "bot.sources.huggingface:HuggingFace",
    "arxiv": "bot.sources.arxiv:ArXiv",
    "hackernews": "bot.sources.hackernews:HackerNews",
    "file": "bot.sources.jsonl:JsonLines",
}
"""Name to dotted name; the module is imported when the source is first asked for."""


def source_class(name: str) -> Callable[..., Source]:
    """The class of a source. Raises UserError for a name nobody has."""
    if name not in SOURCES:
        raise UserError(f"No source is called “{name}”; there are {', '.join(SOURCES)}.")
    return cast("Callable[..., Source]", resolve_name(SOURCES[name]))
