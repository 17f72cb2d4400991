"""Text -> ids of word pieces.

Greedy longest match, as in Schuster & Nakajima, "Japanese and Korean voice search" (2012). Pieces that continue a word
begin with `##`, as in BERT's vocabularies. Other characters than Latin letters and digits after
`bot.text.analyzer.normalise` (accents folded, Greek spelt out, LaTeX undone) are ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from bot.text.analyzer import Memo

LONGEST_TEXT = 8_000
"""Characters read of a text; 512 pieces are about 2,500 characters of prose."""
LONGEST_WORD = 40
"""Letters; longer runs are not words."""
MOST_PIECES = 512
"""Pieces read of a text, the limit of BERT-like models."""
_WORDS_KEPT = 100_000
_SPACED = bytes(code if chr(code) in "abcdefghijklmnopqrstuvwxyz0123456789" else ord(" ") for code in range(256))
"""Table that makes a space of what is in no word: twice as fast as finding the words."""


class WordPieces(dict[str, tuple[int, ...]]):
    """Ids of pieces by word, computed on first use and cached; a dict, because lookups are most of the work."""

    def __init__(self, pieces: Sequence[str]) -> None:
        super().__init__()
        self._ids = {piece: number for number, piece in enumerate(pieces)}
        self._longest = max(map(len, pieces))
        self._between_spaces = Memo(self.of_folded)

    def __missing__(self, word: str) -> tuple[int, ...]:
        pieces = self._split(word)
        if len(self) < _WORDS_KEPT:
            self[word] = pieces
        return pieces

    def of(self, text: str) -> list[int]:
        """Ids of a text's first pieces, in order; words that have no split are ignored."""
        return list(chain.from_iterable(self._between_spaces.values_of(text[:LONGEST_TEXT])))[:MOST_PIECES]

    def of_folded(self, text: str) -> tuple[int, ...]:
        """Ids of a text in lower case, without accents and markup, however many they are."""
        words = text.encode("ascii", "replace").translate(_SPACED).decode("ascii").split()
        return tuple(chain.from_iterable(map(self.__getitem__, words)))

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > LONGEST_WORD:
            return ()
        pieces: list[int] = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                piece = self._ids.get(prefix + word[start:end])
                if piece is not None:
                    pieces.append(piece)
                    start = end
                    break
            else:
                return ()
        return tuple(pieces)
