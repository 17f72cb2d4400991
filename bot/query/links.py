"""Links to pages that are no papers: what they may be searched by. Pure."""

from __future__ import annotations

import re

from bot.query.lexer import FIRST_WORDS
from bot.text.analyzer import words

_REPOSITORY = re.compile(
    r"(?:https?://)?(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|huggingface\.co|hf\.co)/"
    r"(?:(?:datasets|spaces)/)?[\w.-]+/([\w.-]+)",
    re.IGNORECASE,
)
_SLUG = re.compile(r"[^?#]*/([^/?#]+)/?(?:[?#].*)?", re.DOTALL)
_SHORTEST = 3
"""Fewest letters of a repository's name that tells something."""


def is_link(text: str) -> bool:
    """Whether a word is a link, with a scheme or to a repository."""
    return "://" in text or _REPOSITORY.match(text) is not None


def link_words(link: str) -> str:
    """The name of a repository, or the words in the address of an article; empty if a link has neither."""
    if repository := _REPOSITORY.match(link):
        name = repository[1].removesuffix(".git")
        return name if len(name) >= _SHORTEST and words(name) else ""
    slug = _SLUG.fullmatch(link.partition("://")[2])
    parts = [part for part in re.split(r"[-_+.]|%20", slug[1]) if part.isalnum()] if slug else []
    title = [part for part in parts if not part.isdigit() and part not in ("html", "pdf", "htm", "php")]
    return " ".join(title[:FIRST_WORDS]) if len(title) > 1 else ""
