"""Unpack compressed bodies: whole, checked to their end, and no larger than allowed."""

from __future__ import annotations

import zlib

ENCODINGS = {b"gzip": 31, b"x-gzip": 31, b"deflate": zlib.MAX_WBITS}
"""The content encodings that can be checked, with zlib's window bits for each."""

_MAX_PARTS = 100


def unpack(body: bytes, wbits: int, limit: int) -> tuple[bytes, str]:
    """Unpack a zlib or gzip stream to its verified end.

    Args:
        body: the compressed bytes; a gzip stream may have several members, up to 100.
        wbits: zlib's window bits, which name the format.
        limit: the most bytes that may come out.

    Returns:
        The bytes and ``""``, or what is wrong with them.
    """
    parts: list[bytes] = []
    size = 0
    while body:
        stream = zlib.decompressobj(wbits)
        try:
            part = stream.decompress(body, limit - size + 1)
        except zlib.error:
            if wbits == zlib.MAX_WBITS and not parts:
                return unpack(body, -zlib.MAX_WBITS, limit)  # Deflate without header.
            return b"", "damaged: the compressed body is no such stream"
        parts.append(part)
        size += len(part)
        if size > limit:
            return b"", f"too large: more than {limit} bytes when unpacked"
        if not stream.eof:
            return b"", "cut: the compressed body has no end"
        body = stream.unused_data
        # Each part costs a copy of all that follow it.
        if len(parts) == _MAX_PARTS and body:
            return b"", f"damaged: compressed in more than {_MAX_PARTS} parts"
    return b"".join(parts), ""
