"""A list whose pages are turned by its own button, on any platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.model import Message, Paper
from bot.wording.cards import Entry, Listing, paper_listing

PAPERS = tuple(
    Paper(
        f"2611.{number:05d}",
        f"Paper number {number} {'on the many ways in which a title can be long ' * 4}",
        "abstract",
        tldr=f"It says {'a long sentence about what was found out ' * 5}{number}.",
    )
    for number in range(1, 48)
)
COUNT = 20


def page(start: int) -> Message:
    """The page of `search video count:20` that begins with a paper."""
    entries = tuple(Entry(paper, note="some words of a note " * 5) for paper in PAPERS[start - 1 : start - 1 + COUNT])
    more = start - 1 + COUNT < len(PAPERS)
    return paper_listing(Listing("Papers for video", entries, "search", {"query": "video"}, start, COUNT, more))


def turned(render: Callable[[Message], tuple[str, Mapping[str, Mapping[str, str]]]]) -> list[str]:
    """The text of each page, from the first to the last, as More leads through them.

    `render`: what a platform shows of a message: its text, and the options of its buttons by their labels.
    """
    pages: list[str] = []
    start: str | None = "1"
    while start is not None:
        text, buttons = render(page(int(start)))
        pages.append(text)
        numbered = [int(label[1:]) for label in buttons if label.startswith("#")]
        following = int(buttons["More"]["start"]) if "More" in buttons else len(PAPERS) + 1
        assert numbered == list(range(int(start), following))
        start = buttons["More"]["start"] if "More" in buttons else None
    return pages


def every_paper_once(pages: list[str]) -> None:
    """Each paper is on one page, under its number."""
    for number in range(1, len(PAPERS) + 1):
        assert sum(f"Paper number {number} " in each for each in pages) == 1
