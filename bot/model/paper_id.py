"""Paper ids: the arXiv id without version, else the DOI, from any form or link.

New ids are `2401.12345` (4 digits up to 1412, 5 since 1501), old ones `cs/0112017`; a version, a subject class
(`math.GT/0309136` is `math/0309136`) and everything around it are not part of it.
Source: https://info.arxiv.org/help/arxiv_identifier.html
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

TEXT_MAX = 100_000
"""Characters of a text that are searched for ids; the rest is ignored."""

_ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga "
    "funct-an gr-qc hep-ex hep-lat hep-ph hep-th math-ph math mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph "
    "q-alg q-bio quant-ph solv-int stat supr-con"
)
"""Archives with old-style ids, 1991-08 to 2007-03."""

_MONTH = r"(?:0[1-9]|1[0-2])"
_NEW = rf"(?:0[7-9]{_MONTH}|1[0-4]{_MONTH})\.[0-9]{{4}}|(?:1[5-9]|[2-9][0-9]){_MONTH}\.[0-9]{{5}}"
_OLD = (
    rf"(?P<archive>{'|'.join(_ARCHIVES.split())})(?:\.[a-z][a-z-]{{1,20}})?(?:/|%2F)"
    rf"(?P<number>(?:9[1-9]|0[0-7]){_MONTH}[0-9]{{3}})"
)
_ID = rf"(?:(?P<new>{_NEW})|{_OLD})(?:v(?P<version>[1-9][0-9]{{0,2}}))?(?![a-z0-9_]|\.[0-9])"

_HOST = r"(?:https?://)?(?:[a-z0-9-]{1,63}\.){0,4}"
_LINK = (
    rf"{_HOST}(?:arxiv\.org/{{1,2}}(?:abs|pdf|html|ps|src|format|e-print|tex|bibtex|tb)"
    r"|arxiv-org\.translate\.goog/(?:abs|pdf|html)|lanl\.gov/(?:abs|pdf)|ar5iv\.org/(?:abs|html)"
    r"|huggingface\.co/(?:api/)?papers|hf\.co/papers|alphaxiv\.org(?:/[a-z]{1,12}){1,2}|arxiv-vanity\.com/papers"
    r"|semanticscholar\.org(?:/(?:arxiv|paper|graph/v1/paper|v1/paper))?|scirate\.com/arxiv|papers\.cool/arxiv"
    r"|inspirehep\.net/arxiv|adsabs\.harvard\.edu/abs|emergentmind\.com/papers)/(?:arxiv:)?"
)
_DOI = r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:?\s{0,3})?10\.48550/(?:arxiv\.)"
# As arXiv, bibliographies (`arXiv preprint arXiv:…`, `CoRR abs/…`) and people name an id.
_NAMED = (
    r"(?:oai:arxiv\.org:|(?:arxiv,?\s(?:preprint|e-?prints?)[:,]?\s{1,3})?arxiv(?:\sid)?[:.\s]\s{0,3}(?:abs/)?"
    r"|arxiv\spreprint:?\s{1,3}|(?:corr,?\s{1,3})?abs/)"
)

_FLAGS = re.IGNORECASE | re.ASCII
_BARE_ID = re.compile(_NEW)
"""The form in which files name most papers."""
_PREFIXED = rf"(?:(?P<link>{_LINK})|{_DOI}|{_NAMED})?{_ID}"
_WHOLE = re.compile(rf"{_PREFIXED}(?P<rest>.*)", _FLAGS | re.DOTALL)
# Not in the middle of a word, a number, or the path of a page that is not listed above.
_ANYWHERE = re.compile(rf"(?<![a-z0-9_./-]){_PREFIXED}", _FLAGS)
_REST_OF_LINK = re.compile(r"(?:\.pdf)?(?:[/?#]\S*)?", _FLAGS)
# Of a browser's second copy of a file: `v5 (1).pdf`; of a citation: ` (2017)`; of the stamp on a PDF's first page:
# ` [cs.CL] 1 Jan 2024`, before 2007 without the category.
_REST_OF_ID = re.compile(
    r"(?:\.pdf)?(?:\s?\([0-9]{1,4}\)(?:\.pdf)?)?"
    r"(?:\s*\[[a-z.\s-]{1,200}\].{0,200}|\s+[0-9]{1,2}\s[a-z]{3}\s[0-9]{4})?",
    _FLAGS | re.DOTALL,
)
# The title of arXiv's page, in tabs and bookmarks.
_TAB_TITLE = re.compile(rf"\[{_ID}\]\s.{{1,1000}}", _FLAGS | re.DOTALL)
# Bold, italic, struck and code, as chats write them: `_https://…_`.
_FORMATTED = re.compile(r"^\s*([*_~`|]{1,3})([^\s*_~`|].*)\1\s*$", re.DOTALL)
_LINK_START = re.compile(r"(?=https?://)", re.IGNORECASE)
_WORD = re.compile(r"[^\s<>|\"\[\]]+")
_WORD_MAX = 400
"""Characters of a word that may be a DOI, with a publisher's address before it."""

_PAGE = r"(?:https?://)?(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,12}/(?:[a-z0-9._-]{1,40}/){0,4}"
_DOI_ID = re.compile(rf"(?:(?P<page>{_PAGE})|doi:?\s{{0,3}})?(?P<doi>10\.[0-9]{{4,9}}/[^\s<>\"]{{1,200}})", _FLAGS)
# What a publisher's page adds to the DOI in its address.
_AFTER_DOI = re.compile(
    r"[?#].*|(?:(?<=[0-9])v[0-9]{1,2})?(?:/(?:full|fulltext|pdf|epdf|abstract|html|meta)"
    r"|\.(?:full|full-text|article-info|article-metrics|supplementary-material|pdf|html)){1,2}$|/$",
    _FLAGS,
)
PREPRINT_DOI = re.compile(r"10\.(?:1101|64898)/[0-9.]{4,40}(?<![.])", re.ASCII)
"""DOI of bioRxiv or medRxiv; their pages and people write a version behind it: `10.1101/2026.06.14.700004v2`."""
_PREPRINT_VERSION = re.compile(r"v[0-9]{1,2}$", re.ASCII)
_BEFORE = " \t\r\n<>([{\"'“”‘’«「『【《.,;:!"
_AFTER = " \t\r\n<>)]}\"'“”‘’»」』】》.,;:!?…。、，！；："
_OPENING = {")": "(", "]": "[", "}": "{"}


def arxiv_id(text: str) -> str | None:
    """The arXiv id in a text that is an id or a link, without version; None for any other text."""
    match = _whole(text)
    return _canonical(match) if match else None


def version(text: str) -> int | None:
    """The version in an id or a link; None without one."""
    match = None if _BARE_ID.fullmatch(text) else _whole(text)
    return int(match["version"]) if match and match["version"] else None


def paper_id(text: str) -> str | None:
    """The arXiv id, else the DOI in lower case (DOIs ignore case); None if the text is neither."""
    if len(text) > TEXT_MAX:
        return None
    if _BARE_ID.fullmatch(text):
        return text
    text = _FORMATTED.sub(r"\2", unicodedata.normalize("NFKC", text))  # some keyboards type full-width digits
    if canonical := arxiv_id(text):
        return canonical
    if match := _TAB_TITLE.fullmatch(text.strip()):
        return _canonical(match)
    return _doi(text)


def pasted_ids(text: str) -> tuple[str, ...]:
    """Ids of every paper that a pasted text names, alone, by link or among other words, each once."""
    if whole := paper_id(text):
        return (whole,)
    text = unicodedata.normalize("NFKC", text[:TEXT_MAX])
    # A mail filter or a search engine puts the link into its own: `https://…?url=https%3A%2F%2Farxiv.org…`.
    pieces = [piece for piece in _LINK_START.split(unquote(text)) if piece]
    ids = dict.fromkeys(canonical for piece in pieces for canonical in find_ids(piece))
    words = (word for piece in pieces for word in _WORD.findall(piece) if "10." in word and len(word) <= _WORD_MAX)
    return tuple(ids | dict.fromkeys(doi for word in words if (doi := _doi(word)) and not doi.startswith("10.48550/")))


def find_ids(text: str) -> tuple[str, ...]:
    """Every arXiv id in a text, named or linked, each once, in order of appearance."""
    return tuple(dict.fromkeys(_canonical(match) for match in _ANYWHERE.finditer(text[:TEXT_MAX])))


def _doi(text: str) -> str | None:
    match = _DOI_ID.fullmatch(_bare(text))
    if match is None:
        return None
    doi = match["doi"].lower()
    if match["page"] is not None:
        doi = unquote(_AFTER_DOI.sub("", _AFTER_DOI.sub("", match["doi"], count=1), count=1)).lower()
    without_version = _PREPRINT_VERSION.sub("", doi)
    if PREPRINT_DOI.fullmatch(without_version):
        return without_version
    return doi if match["page"] is None or "/" in doi.rstrip("/") else None


def _bare(text: str) -> str:
    """Text without the marks around it; closing brackets stay if their opening ones are inside."""
    text = text.lstrip(_BEFORE)
    bare = text.rstrip(_AFTER)
    for mark in text[len(bare) :][:20]:
        if mark not in _OPENING or bare.count(_OPENING[mark]) <= bare.count(mark):
            break
        bare += mark
    return bare


def _whole(text: str) -> re.Match[str] | None:
    match = _WHOLE.fullmatch(_bare(text)) if len(text) <= TEXT_MAX else None
    if match is None:
        return None
    rest = _REST_OF_LINK if match["link"] else _REST_OF_ID
    return match if rest.fullmatch(match["rest"]) else None


def _canonical(match: re.Match[str]) -> str:
    return match["new"] or f"{match['archive'].lower()}/{match['number']}"
