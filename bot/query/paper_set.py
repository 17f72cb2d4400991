"""Sets of papers, by their positions in one index. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray


class PaperSet:
    """Immutable set of positions, stored as the bits of one int."""

    __slots__ = ("_bits",)

    def __init__(self, positions: Iterable[int] = (), *, bits: int = 0) -> None:
        for position in positions:
            bits |= 1 << position
        self._bits = bits

    @classmethod
    def first(cls, count: int) -> PaperSet:
        """All positions below a number."""
        return cls(bits=(1 << count) - 1)

    @classmethod
    def union(cls, sets: Iterable[PaperSet]) -> PaperSet:
        """The papers that are in any of some sets."""
        return cls(bits=reduce(or_, (papers._bits for papers in sets), 0))  # noqa: SLF001 - its own class

    @classmethod
    def from_flags(cls, flags: NDArray[np.bool_]) -> PaperSet:
        """The positions at which (papers,) flags are set."""
        return cls.from_bytes(np.packbits(flags, bitorder="little").tobytes())

    @classmethod
    def from_bytes(cls, packed: bytes | bytearray) -> PaperSet:
        """Eight positions a byte, the lowest bit first."""
        return cls(bits=int.from_bytes(packed, "little"))

    def flags(self, length: int) -> NDArray[np.bool_]:
        """(length,): whether each position is in the set."""
        inside = self._bits & ((1 << length) - 1)
        packed = np.frombuffer(inside.to_bytes(-(-length // 8), "little"), dtype=np.uint8)
        return np.unpackbits(packed, count=length, bitorder="little").astype(bool)

    def __len__(self) -> int:
        return self._bits.bit_count()

    def __bool__(self) -> bool:
        return self._bits != 0

    def __iter__(self) -> Iterator[int]:
        """The positions, ascending."""
        digits = bin(self._bits)[:1:-1]
        position = digits.find("1")
        while position >= 0:
            yield position
            position = digits.find("1", position + 1)

    def __contains__(self, position: int) -> bool:
        return self._bits >> position & 1 == 1

    def isdisjoint(self, other: PaperSet) -> bool:
        """Whether no paper is in both."""
        return not self._bits & other._bits

    def __and__(self, other: PaperSet) -> PaperSet:
        return PaperSet(bits=self._bits & other._bits)

    def __or__(self, other: PaperSet) -> PaperSet:
        return PaperSet(bits=self._bits | other._bits)

    def __sub__(self, other: PaperSet) -> PaperSet:
        return PaperSet(bits=self._bits & ~other._bits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PaperSet) and self._bits == other._bits

    def __hash__(self) -> int:
        return hash(self._bits)

    def __repr__(self) -> str:
        return f"PaperSet({list(self)})"
