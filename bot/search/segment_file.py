"""Format of a segment: named arrays in one run of bytes, the same in the database, in memory and in a mapped file.

    magic (8 bytes), length of the header (8), header (JSON), then each array, aligned to 64 bytes, little-endian

Reading copies nothing: the arrays are views of the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"PBINDEX1"
"""Another version of the format has another last digit."""
_ALIGNED = 64
_PREFIX = len(MAGIC) + 8


class DamagedSegmentError(ValueError):
    """Bytes that are no segment of this version, or not a whole one."""


def to_bytes(arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any] | None = None) -> bytearray:
    """Segment of arrays by name, and facts that JSON can hold."""
    offset, places = 0, {}
    for name, array in arrays.items():
        places[name] = (array.dtype.newbyteorder("<").str, array.shape, offset)
        offset = _aligned(offset + array.nbytes)
    header = json.dumps({"arrays": places, "facts": facts or {}, "size": offset}).encode()
    start = _aligned(_PREFIX + len(header))
    data = bytearray(start + offset)
    data[: len(MAGIC)] = MAGIC
    data[len(MAGIC) : _PREFIX] = len(header).to_bytes(8, "little")
    data[_PREFIX : _PREFIX + len(header)] = header
    for name, (kind, shape, at) in places.items():
        target: NDArray[Any] = np.frombuffer(data, kind, int(np.prod(shape)), start + at)
        target.reshape(shape)[...] = arrays[name]
    return data


def read_facts(beginning: bytes) -> dict[str, Any]:
    """The facts of a segment, of which these are the first bytes."""
    length = int.from_bytes(beginning[len(MAGIC) : _PREFIX], "little")
    facts: dict[str, Any] = json.loads(beginning[_PREFIX : _PREFIX + length])["facts"]
    return facts


def read_size(beginning: bytes) -> int:
    """The size of a segment, of which these are the first bytes. Raises DamagedSegmentError."""
    length = int.from_bytes(beginning[len(MAGIC) : _PREFIX], "little")
    try:
        return _aligned(_PREFIX + length) + int(json.loads(beginning[_PREFIX : _PREFIX + length])["size"])
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedSegmentError(str(error)) from None


def from_bytes(data: bytes | bytearray | memoryview) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays by name, as views of the bytes, and the facts. Raises DamagedSegmentError."""
    view = memoryview(data)
    try:
        if bytes(view[: len(MAGIC)]) != MAGIC:
            raise DamagedSegmentError("another format")  # noqa: TRY301 - passes through below
        length = int.from_bytes(view[len(MAGIC) : _PREFIX], "little")
        header = json.loads(bytes(view[_PREFIX : _PREFIX + length]))
        start = _aligned(_PREFIX + length)
        if len(view) != start + header["size"]:
            raise DamagedSegmentError(f"{len(view):,} bytes instead of {start + header['size']:,}")  # noqa: TRY301
        arrays = {
            name: np.frombuffer(view, kind, int(np.prod(shape)), start + at).reshape(shape)
            for name, (kind, shape, at) in header["arrays"].items()
        }
    except DamagedSegmentError:
        raise
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise DamagedSegmentError(str(error)) from None
    return arrays, header["facts"]


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNED) * _ALIGNED
