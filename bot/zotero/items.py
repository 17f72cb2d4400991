"""A paper as an item of a Zotero library, and whether an item is a paper. Pure.

Types and fields: https://api.zotero.org/schema; keys: https://www.zotero.org/support/dev/web_api/v3/write_requests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from bot.model import Paper, SavedPaper
from bot.model.paper_id import find_ids, paper_id
from bot.text.analyzer import words
from bot.text.cleaning import clean_text
from bot.wording.citation import Author, citation

KEY_LETTERS = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
KEY_LENGTH = 8
QUERY_WORDS = 6
ABSTRACT_MAX = 10_000
"""Characters; Zotero refuses fields that are much longer than abstracts are."""
AUTHORS_MAX = 200
TITLE_TELLS = 4
"""Words from which on a title alone tells a work: its journal's DOI may not be known here."""
_QUERY_WORD = re.compile(r"[^\W_]{4,}")


def item_key(paper: Paper) -> str:
    """The key of a paper's item in any library: always the same, so that no repeated request doubles it."""
    number = int.from_bytes(blake2b(paper.id.encode(), digest_size=8, person=b"paperboy zotero").digest())
    letters = ""
    for _ in range(KEY_LENGTH):
        number, place = divmod(number, len(KEY_LETTERS))
        letters += KEY_LETTERS[place]
    return letters


def new_item(saved: SavedPaper, collection: str) -> dict[str, Any]:
    """The item of a saved paper: a journalArticle where a journal is known, else a preprint."""
    cited = citation(saved)
    arxiv = f"arXiv:{cited.arxiv_id}" if cited.arxiv_id else ""
    fields: dict[str, Any] = {
        "itemType": "journalArticle" if cited.journal else "preprint",
        "title": cited.title,
        "creators": [_creator(each) for each in cited.authors[:AUTHORS_MAX]],
        "abstractNote": cited.abstract[:ABSTRACT_MAX],
        "date": cited.published.isoformat() if cited.published else "",
        "DOI": cited.doi or (f"10.48550/arXiv.{cited.arxiv_id}" if cited.arxiv_id else ""),
        "url": cited.url,
    }
    if cited.journal:
        fields |= {"publicationTitle": cited.journal, "extra": arxiv}
    else:
        fields |= {"repository": "arXiv" if arxiv else "", "archiveID": arxiv}
    tags = [{"tag": each} for each in cited.tags] + [{"tag": each, "type": 1} for each in cited.categories]
    return {
        "key": item_key(saved.paper),
        "version": 0,  # refused with 412 where the key is there already
        "tags": tags,
        "collections": [collection] if collection else [],
        **{name: value for name, value in fields.items() if value},
    }


def _creator(author: Author) -> dict[str, str]:
    if not author.given:
        return {"creatorType": "author", "name": author.name}
    first_name = ", ".join(filter(None, (author.given, author.suffix)))
    return {"creatorType": "author", "firstName": first_name, "lastName": author.family}


def title_query(paper: Paper) -> str:
    """Words of the title for Zotero's quick search, which finds items that have all of them."""
    longest = sorted(_QUERY_WORD.findall(clean_text(paper.title)), key=len, reverse=True)
    return " ".join(longest[:QUERY_WORDS])


def is_item_of(paper: Paper, data: Mapping[str, Any]) -> bool:
    """Whether an item is a paper: by its arXiv id or DOI, else by its whole title."""
    named = {name: value for name in ("DOI", "archiveID", "url", "extra") if isinstance(value := data.get(name), str)}
    ids = {each for value in named.values() for each in (*find_ids(value), paper_id(value)) if each}
    if ids & {paper.id, (paper.doi or paper.id).lower()}:
        return True
    title = data.get("title")
    named_alike = isinstance(title, str) and words(clean_text(title)) == words(clean_text(paper.title))
    return named_alike and (not ids or len(words(clean_text(paper.title))) >= TITLE_TELLS)
