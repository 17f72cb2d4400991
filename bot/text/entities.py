"""HTML that sources leave in titles, names and abstracts -> plain text. Pure, and linear in the text."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

# `&amp;amp;` is `&`: escaped twice on its way through two programs.
_AMPERSANDS = re.compile(r"&(?:(?:amp|#0{0,5}38|#x0{0,5}26);)+", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# In pairs alone, since `a<b>c` is a formula; without attributes, since these formats have none.
_FORMATTED = re.compile(r"<(i|b|em|strong|sub|sup|tt|u|scp|italic|bold|sc)>([^<>]{0,500})</\1>", re.IGNORECASE)


def without_html(text: str) -> str:
    """Text with entities decoded (`Q&amp;A`, `&#39;`) and `<i>…</i>` and its like undone; `<3`, `a & b` stay."""
    if "&" in text and ";" in text:
        text = _ENTITY.sub(_character, _AMPERSANDS.sub("&", text))
    return _FORMATTED.sub(r"\2", _FORMATTED.sub(r"\2", text)) if "</" in text else text


def _character(match: re.Match[str]) -> str:
    entity = match[0]
    return unescape(entity) if entity[1] == "#" or entity[1:] in html5 else entity
