"""Paper ids: the arXiv id without version, else the DOI, from any form or link.

New ids are `2401.12345` (4 digits up to 1412, 5 since 1501), old ones `cs/0112017`; a version, a subject class
(`math.GT/0309136` is `math/0309136`) and everything around it are not part of it.
Source: https://info.arxiv.org/help/arxiv_identifier.html
"""

from __future__ import annotations

import re

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
    rf"{_HOST}(?:arxiv\.org/(?:abs|pdf|html|ps|src|format|e-print|tex)|ar5iv\.org/(?:abs|html)|huggingface\.co/papers"
    r"|hf\.co/papers|alphaxiv\.org/(?:[a-z]{1,12}/)?(?:abs|pdf|html|overview)|arxiv-vanity\.com/papers"
    r"|semanticscholar\.org/arxiv)/"
)
_DOI = r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s{0,3})?10\.48550/(?:arxiv\.)"
_NAMED = r"(?:oai:arxiv\.org:|arxiv:\s{0,3})"

_FLAGS = re.IGNORECASE | re.ASCII
_PREFIXED = rf"(?:(?P<link>{_LINK})|{_DOI}|{_NAMED})?{_ID}"
_WHOLE = re.compile(rf"{_PREFIXED}(?P<rest>.*)", _FLAGS | re.DOTALL)
# Not in the middle of a word, a number, or the path of a page that is not listed above.
_ANYWHERE = re.compile(rf"(?<![a-z0-9_./-]){_PREFIXED}", _FLAGS)
_REST_OF_LINK = re.compile(r"(?:\.pdf)?(?:[/?#]\S*)?", _FLAGS)
# A citation goes on after the id: `arXiv:2401.12345 [cs.CL] 1 Jan 2024`.
_REST_OF_ID = re.compile(r"(?:\.pdf)?(?:\s*\[[a-z.\s-]{1,200}\].{0,200})?", _FLAGS | re.DOTALL)
_DOI_ID = re.compile(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s{0,3})?(10\.[0-9]{4,9}/[^\s<>\"]{1,200})", _FLAGS)
_AROUND = " \t\r\n<>()[]{}\"'“”‘’.,;:!"


def arxiv_id(text: str) -> str | None:
    """The arXiv id in a text that is an id or a link, without version; None for any other text."""
    match = _whole(text)
    return _canonical(match) if match else None


def version(text: str) -> int | None:
    """The version in an id or a link; None without one."""
    match = _whole(text)
    return int(match["version"]) if match and match["version"] else None


def paper_id(text: str) -> str | None:
    """The arXiv id, else the DOI in lower case (DOIs ignore case); None if the text is neither."""
    if canonical := arxiv_id(text):
        return canonical
    match = _DOI_ID.fullmatch(text.strip(_AROUND)) if len(text) <= TEXT_MAX else None
    return match[1].lower() if match else None


def find_ids(text: str) -> tuple[str, ...]:
    """Every arXiv id in a text, named or linked, each once, in order of appearance."""
    return tuple(dict.fromkeys(_canonical(match) for match in _ANYWHERE.finditer(text[:TEXT_MAX])))


def _whole(text: str) -> re.Match[str] | None:
    match = _WHOLE.fullmatch(text.strip(_AROUND)) if len(text) <= TEXT_MAX else None
    if match is None:
        return None
    rest = _REST_OF_LINK if match["link"] else _REST_OF_ID
    return match if rest.fullmatch(match["rest"]) else None


def _canonical(match: re.Match[str]) -> str:
    return match["new"] or f"{match['archive'].lower()}/{match['number']}"
