"""Analyser: text -> stems, for topics, search, similarity and highlighting alike. Pure.

Hyphens split (`retrieval-augmented` is `retriev augment`), numbers keep their point (`3.5`), each Chinese, Japanese,
Korean or Thai character is a word of its own, so that a run of them matches as a substring.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar

from snowballstemmer.english_stemmer import EnglishStemmer

try:
    from Stemmer import Stemmer as CompiledStemmer
except ImportError:  # no wheel for this machine: the same stems, sixty times as slow
    CompiledStemmer = None

from bot.text import word_set
from bot.text.entities import without_html
from bot.text.latex import latex_to_text

T = TypeVar("T")

STOP_WORDS = word_set(
    """
    a about above after again all also am an and any are as at be because been being below between both but by
    can cannot could did do does doing during each few for from further had has have having he her here hers him
    his how however i if in into is it its itself may me might more most must my no nor not of off on once only
    or other our ours out over own per same shall she should so some such than that the their theirs them then
    there these they this those through thus to too toward towards under until up upon us via was we were what
    when where whether which while who whom whose why will with within without would yet you your
    """
)
"""English stop words, normalised but not stemmed."""

LONGEST = 64
"""Characters of a word; a longer one is cut, so that the cache of stems stays small."""
_LONGEST_COMPOUND = 4 * LONGEST
_CACHED = 65_536
_PIECES_CACHED = 65_536
"""Pieces of texts that were asked for lately, and as many of before: 30 MB at most."""

# Scripts whose words are not parted by spaces (or, Korean, carry their particles): every character is a word.
_SINGLE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_ALNUM = rf"[^\W_{_SINGLE}]"
_PLAIN_WORD = rf"{_ALNUM}+(?:(?:'|(?<=\d)\.(?=\d)){_ALNUM}+)*"
_WORD = re.compile(rf"[a-z]\+\+|[cf]#|[{_SINGLE}]|{_PLAIN_WORD}")
_ORIGINAL_WORD = re.compile(rf"[A-Za-z]\+\+|[CFcf]#|[{_SINGLE}]|(?:{_ALNUM}|[\u0300-\u036f])+(?:['’]{_ALNUM}+)*")
_COMPOUND = re.compile(rf"[a-z]\+\+|[cf]#|[{_SINGLE}]|{_PLAIN_WORD}(?:[-_]{_PLAIN_WORD})*")
_HYPHEN = re.compile("[-_]")
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi o pi rho sigma sigma tau upsilon phi chi"
    " psi omega"
)
_LATIN = "ø=o ł=l đ=d ħ=h ı=i æ=ae œ=oe þ=th ð=d ŋ=n ’=' ‘=' ʼ=' ‐=- ‑=- –=- −=-"
_LETTERS = (
    dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", _GREEK_NAMES.split(), strict=True))
    | dict(pair.split("=") for pair in _LATIN.split())
    # Folding must not produce LaTeX syntax or invisible characters.
    | {"\\": " ", "$": " ", "\u200b": " "}
    | dict.fromkeys("\u00ad\u200c\u200d\u2060\ufeff", "")
)


class _Folding(dict[int, str]):
    """Folded text by code point, computed on first use; at most 20,000 are cached."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _LETTERS:
            folded = _LETTERS[character]
        elif re.match(f"[{_SINGLE}]", character):
            folded = character  # marks and parts of kana and Hangul are letters, not accents
        else:
            decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold()).casefold()
            folded = "".join(_LETTERS.get(mark, mark) for mark in decomposed if unicodedata.category(mark) != "Mn")
        if len(self) < 20_000:
            self[code] = folded
        return folded


_FOLDING = _Folding()


def normalise(text: str) -> str:
    """Lower case, no accents, no LaTeX or HTML, compatibility characters and Greek letters (`α`: `alpha`) spelt out."""
    return _folded(without_markup(text))


def without_markup(text: str) -> str:
    """Text without HTML and LaTeX, in its own letters."""
    if "&" in text or "</" in text:
        text = without_html(text)
    if "\\" in text or "$" in text:
        text = latex_to_text(_on_one_line(text))
    return text


def _on_one_line(text: str) -> str:
    stripped = text.strip()  # splitting takes three times as long as looking whether it is needed
    return stripped if "  " not in stripped and stripped.isprintable() else " ".join(text.split())


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).translate(_FOLDING)


class Memo(dict[str, T]):
    """Values of the pieces of a text between spaces, computed on first use; the least recently used ones go.

    A text is read by its pieces because looking each one up costs a fifth of finding the words in it: no word has a
    space in it, and letters are folded one by one.
    """

    def __init__(self, value_of: Callable[[str], T], size: int = _PIECES_CACHED) -> None:
        """`value_of` gets a piece with folded letters; `size`: pieces that are kept, and as many of before."""
        super().__init__()
        self._value_of = value_of
        self._size = size
        self._older: dict[str, T] = {}

    def __missing__(self, piece: str) -> T:
        value = self._older.get(piece)
        if value is None:
            value = self._value_of(_folded(piece))
        if len(piece) <= LONGEST:
            if len(self) >= self._size:
                self._older = dict(self)
                self.clear()
            self[piece] = value
        return value

    def values_of(self, text: str) -> Iterator[T]:
        """The values of a text's pieces, in order."""
        return map(self.__getitem__, without_markup(text).split())


_stemmer = CompiledStemmer("english", 0) if CompiledStemmer is not None else EnglishStemmer()
_stemming = threading.Lock()  # a stemmer keeps its word in itself, and parsing happens in worker threads


@lru_cache(maxsize=_CACHED)
def _stem(word: str) -> str:
    if len(word) > LONGEST:
        return word[:LONGEST]
    with _stemming:
        return str(_stemmer.stemWord(word))


@lru_cache(maxsize=_CACHED)
def _parts(compound: str) -> tuple[tuple[str, ...], str]:
    """Stems of the parts of a word, and the stem of the word without its hyphens."""
    parts = tuple(_stem(word) for word in _WORD.findall(compound))
    return parts, _stem(_HYPHEN.sub("", compound)) if len(parts) > 1 else parts[0]


def words(text: str) -> list[str]:
    """Words of a text, normalised."""
    return _WORD.findall(normalise(text))


def stems(text: str, *, stop_words: bool = True) -> list[str]:
    """Stems of a text, in order; without English stop words if `stop_words` is False."""
    if stop_words:
        return stem_readings(text)[0]
    return [_stem(word) for word in words(text) if word not in STOP_WORDS]


def stem_readings(text: str) -> tuple[list[str], list[str]]:
    """Stems of a text, once with hyphenated words split and once with them joined (`multi-modal` -> `multimod`).

    Both spellings match each other if either reading of a query is compared with either reading of a paper.
    """
    compounds = [_parts(compound[:_LONGEST_COMPOUND]) for compound in _COMPOUND.findall(normalise(text))]
    return [stem for parts, _ in compounds for stem in parts], [joined for _, joined in compounds]


class Compound(NamedTuple):
    """A word as it is written, with its hyphens: its stems in every reading."""

    parts: tuple[str, ...]
    joined: str
    """Stem of the whole without hyphens."""
    content: tuple[str, ...]
    """The parts that are no stop words."""
    content_joined: str | None
    """`joined` of a word with hyphens that is no stop word."""


def written_words(text: str) -> list[str]:
    """The words of a text in order, normalised, with their hyphens; `compound` reads each of them."""
    return _COMPOUND.findall(normalise(text))


def compound(word: str) -> Compound:
    """The stems of one of `written_words`."""
    word = word[:_LONGEST_COMPOUND]
    return Compound(*_parts(word), *_content_parts(word))


def index_stems(text: str) -> tuple[list[str], list[str]]:
    """Stems of a text without stop words, in order, and the stems of its hyphenated words joined, each once."""
    split: list[str] = []
    wholes: list[str] = []
    for parts, joined in _pieces.values_of(text):
        split += parts
        if joined:
            wholes += joined
    return split, list(dict.fromkeys(wholes))


def content_compounds(text: str) -> list[tuple[tuple[str, ...], str | None]]:
    """The words of a text that are no stop words: stems of their parts, and of the whole if it has a hyphen."""
    compounds = (_content_parts(compound[:_LONGEST_COMPOUND]) for compound in _COMPOUND.findall(normalise(text)))
    return [(parts, joined) for parts, joined in compounds if parts]


@lru_cache(maxsize=_CACHED)
def _content_parts(compound: str) -> tuple[tuple[str, ...], str | None]:
    """`_parts` without stop words; None for a word without hyphens."""
    parts, joined = _parts(compound)
    content = tuple(stem for word, stem in zip(_WORD.findall(compound), parts, strict=True) if word not in STOP_WORDS)
    return content, joined if len(parts) > 1 and joined not in STOP_WORDS else None


def piece_stems(piece: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`index_stems` of what stands between two spaces."""
    compounds = [_content_parts(compound[:_LONGEST_COMPOUND]) for compound in _COMPOUND.findall(piece)]
    wholes = tuple(joined for _, joined in compounds if joined is not None)
    return tuple(stem for parts, _ in compounds for stem in parts), wholes


_pieces = Memo(piece_stems)


def stem_spans(text: str, targets: frozenset[str]) -> list[tuple[int, int]]:
    """(start, end) of the words of the original text that have one of these stems, for highlighting."""
    spans: list[tuple[int, int]] = []
    start = 0
    for piece in text.split(" "):  # no word has a space in it, and most pieces have none of the stems
        if not targets.isdisjoint(_stems_of(piece)):
            words = _ORIGINAL_WORD.finditer(text, start, start + len(piece))
            spans += [match.span() for match in words if not targets.isdisjoint(_stems_of(match[0]))]
        start += len(piece) + 1
    return spans


@lru_cache(maxsize=_CACHED)
def _stems_of(piece: str) -> tuple[str, ...]:
    return tuple(stem for word in _ORIGINAL_WORD.findall(piece) for stem in stems(word))
