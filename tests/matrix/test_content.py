"""Content of Matrix events."""

from __future__ import annotations

from adapters.matrix.content import content
from bot.wording.parts import say


def test_a_rooms_address_is_a_link_and_other_text_is_escaped() -> None:
    html = content(say("<b> goes to matrix:e.org/!r:e.org"))["formatted_body"]
    assert '<a href="https://matrix.to/#/!r:e.org">!r:e.org</a>' in html
    assert "&lt;b&gt; goes to" in html
