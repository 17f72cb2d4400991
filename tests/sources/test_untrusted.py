"""Fields of foreign answers, each a valid value whatever was sent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.sources import untrusted


@given(st.text(" \n\t\r\xa0\u200b\u2028\ud800a.&é\x07") | st.text(), st.integers(1, 30))
def test_a_line_is_the_text_with_its_white_space_as_single_spaces(text: str, limit: int) -> None:
    whole = untrusted._LONE_SURROGATE.sub("\ufffd", text[: limit * 4])
    line = " ".join(untrusted._UNWANTED.sub(" ", whole).split())
    assert untrusted.text_line(text, limit, html=False) == line[:limit].rstrip()
