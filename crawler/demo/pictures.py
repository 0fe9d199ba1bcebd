"""The pictures of the sample: small PNGs of one colour, made here."""

import struct
import zlib

from crawler.demo.story import Picture, Story

_COLOURS = (
    (196, 57, 57),
    (214, 143, 44),
    (74, 141, 86),
    (58, 110, 165),
    (120, 84, 153),
    (110, 118, 125),
)
_WIDTH, _HEIGHT = 160, 90


def routes(story: Story) -> tuple[str, ...]:
    """Return the addresses of a story's pictures, without the scheme."""
    return tuple(map(_route, story.pictures))


def picture(route: str) -> bytes:
    """Return the picture of an address; the same one for the same address.

    >>> picture("n.sinaimg.cn/a.jpg")[:4]
    b'\\x89PNG'
    """
    colour = _COLOURS[zlib.crc32(route.encode()) % len(_COLOURS)]
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(colour) * _WIDTH) * _HEIGHT
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _route(shown: Picture) -> str:
    return shown.url.rpartition("//")[2]


def _chunk(kind: bytes, data: bytes) -> bytes:
    whole = kind + data
    size, check = struct.pack(">I", len(data)), struct.pack(">I", zlib.crc32(whole))
    return size + whole + check
