"""Bounded decoding of packed HTTP answers (https://www.rfc-editor.org/rfc/rfc9110#field.content-encoding). Pure."""

from __future__ import annotations

import zlib

ACCEPTED = "gzip"
"""Accept-Encoding of every request: one coding that any server has, decoded here."""
RATIO_MAX = 100
"""Unpacked size by packed size, from SMALL on; JSON and XML of papers have 3 to 10, a gzip bomb up to 1,032."""
SMALL = 2**20
"""Bytes that any packed answer may have unpacked."""
_GZIP = 31
"""`wbits` for zlib: a gzip header, the largest window."""
_STEP = 256 * 1024


class ContentCodingError(Exception):
    """An answer that is not unpacked; the text is the reason, on one line."""


def coding(header: str) -> str:
    """The coding that a Content-Encoding header names, `gzip` or "". Raises ContentCodingError for all others.

    Several codings, one over the other, are what no service sends and what makes gigabytes of two kilobytes.
    """
    names = [name.strip().lower() for name in header.split(",")]
    packed = [name.removeprefix("x-") for name in names if name not in {"", "identity"}]
    if packed in ([], ["gzip"]):
        return "".join(packed)
    names_text = ", ".join(names)[:60].encode("ascii", "replace").decode()
    raise ContentCodingError(f"packed as “{names_text}”, which was not asked for")


def unpacked(body: bytes, limit: int) -> bytes:
    """Gzip data unpacked, in one or several members. Raises ContentCodingError, at most one step over the limit."""
    limit = min(limit, max(SMALL, RATIO_MAX * len(body)))
    parts: list[bytes] = []
    rest, size = body, 0
    while rest:
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            try:
                part = member.decompress(rest, _STEP)
            except zlib.error:
                raise ContentCodingError("not gzip, as it says") from None
            rest = member.unconsumed_tail
            if not part and not rest and not member.eof:
                raise ContentCodingError("a gzip body that is cut off")
            parts.append(part)
            size += len(part)
            if size > limit:
                raise ContentCodingError(f"more than {limit / 2**20:g} MB unpacked from {len(body) / 2**20:.2g} MB")
        rest = member.unused_data
    return b"".join(parts)
