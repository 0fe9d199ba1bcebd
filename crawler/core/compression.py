"""Unpack compressed bodies: whole, checked to their end, and no larger than allowed."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

ENCODINGS = {b"gzip": 31, b"x-gzip": 31, b"deflate": zlib.MAX_WBITS}
"""The content encodings that can be checked, with zlib's window bits for each."""

_MAX_PARTS = 100
_GZIP = b"\x1f\x8b"
_TAIL = 2_000
_END = re.compile(rb"</(?:html|rss|feed|rdf:rdf)\s*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wrapping:
    """What a body came in."""

    limit: int
    """The most bytes that it may have when unpacked."""

    encoding: bytes = b""
    """Its ``Content-Encoding``, in small letters."""

    is_partial: bool = False
    """Nobody told its length, and the connection was closed after it."""


def unwrap(body: bytes, wrapping: Wrapping) -> tuple[bytes, str]:
    """Unpack a body as it came over HTTP, if it is whole.

    Only gzip and deflate are known: their streams can be checked, and bounded while
    they are unpacked.

    Returns:
        The plain bytes and ``""``, or what is wrong with them.
    """
    encoding, problem = wrapping.encoding, ""
    if encoding in ENCODINGS and body:
        # Its own end proves that it is whole, however the connection was closed.
        body, problem = unpack(body, ENCODINGS[encoding], wrapping.limit)
    elif encoding not in {b"", b"identity"} and body:
        name = encoding.decode("latin-1")[:40]
        problem = f"damaged: in an encoding nobody asked for ({name})"
    elif wrapping.is_partial and not comes_to_its_end(body):
        problem = "cut: the connection was closed before the end"
    if not problem and body.startswith(_GZIP):
        problem = "damaged: compressed twice, or without a word of it"
    return body, problem


def comes_to_its_end(body: bytes) -> bool:
    """Tell whether a body whose length nobody told is whole.

    HTML and XML end with the tag that closes them, but for a few comments and
    scripts. JSON and other texts are for their readers to judge; whatever else there
    is may have been cut.

    >>> comes_to_its_end(b"<html><p>one</p></html> <!-- served in 3 ms -->")
    True
    >>> comes_to_its_end(b"<html><p>one</p>")
    False
    """
    start = body[:_TAIL].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return _END.search(body[-_TAIL:]) is not None
    return b"\0" not in start


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
