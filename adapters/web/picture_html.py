"""The picture of a paper as HTML, or the tile in the colour of its category that stands where there is none. Pure."""

from __future__ import annotations

from markupsafe import Markup, escape

from adapters.text import printable
from adapters.web.category_color import color_of
from bot.model import Paper

_SIZE = Markup('width="480" height="259"')
"""Pixels of each, so that nothing moves when one arrives."""
_TILE = Markup(
    '<svg{} viewBox="0 0 480 259" {} role="img" aria-label="{}"><path fill="{}" d="M0 0h480v259H0z"/><text x="240"'
    ' y="152" fill="#fff" font-family="sans-serif" font-size="{}" font-weight="600" text-anchor="middle">{}</text>'
    "</svg>"
)
_CLASS, _FILE = Markup(' class="picture"'), Markup(' xmlns="http://www.w3.org/2000/svg"')
SHORT = 9
"""Letters of a category that are set large."""


def picture(paper: Paper) -> Markup:
    """The picture of a paper with a page on Hugging Face, else its tile."""
    if paper.on_hugging_face:
        source = f"/pictures/{escape(paper.id)}.webp"
        return Markup(  # noqa: S704 - escaped above; `Markup.format` takes ten times as long
            f'<img class="picture" src="{source}" alt="Picture from Hugging Face" {_SIZE} loading="lazy">'
        )
    return tile(paper.categories[0] if paper.categories else "")


def tile(category: str, *, alone: bool = False) -> Markup:
    """A tile as SVG, with the name of its category; `alone`: as a file of its own."""
    category = printable(category)[:24]
    text, size = category or "Paper", 72 if len(category) <= SHORT else 40
    return _TILE.format(_FILE if alone else _CLASS, _SIZE, text, color_of(category), size, text)
