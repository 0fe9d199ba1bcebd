"""Decode a page by what its bytes are, not by what it says they are.

Sina's pages since about 2017 are UTF-8, the older ones gb2312, gbk or gb18030 (one a
part of the next). Headers often name nothing and metas are sometimes wrong, so
validity decides: bytes that are well-formed UTF-8 are UTF-8, the rest is gb18030. What
header and meta say only settles the few bytes that are well-formed both ways.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import suppress

_TOLERATED = 200
"""One broken character in this many still counts as UTF-8 that was cut or patched."""

_CLAIM = re.compile(
    rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE
)
_GB = re.compile(r"gb(?:_?2312(?:-80)?|k|18030)|cp936|hz", re.IGNORECASE)
# Letters of two UTF-8 bytes, as two gbk letters in a row may look.
_TWO_BYTES_ONLY = re.compile(r"[\x00-\u07ff]*")
_WESTERN = re.compile(r"[\x80-\xff\u2013-\u203a\u20ac]")
_WIDE = re.compile(r"[\u2e80-\ufffc]")
_SAMPLE = 400
_ENOUGH = 6


def decode_page(body: bytes, header: str = "") -> tuple[str, str]:
    """Decode a page.

    Args:
        body: the page's bytes, decompressed.
        header: the charset its ``Content-Type`` names, if it names one.

    Returns:
        The text and the codec's name (``utf-8``, ``gb18030``, or ``utf-16`` for bytes
        with its mark). Bytes no codec takes become U+FFFD, for the caller to count;
        never raises.

    >>> decode_page("财经".encode("gb2312"))
    ('财经', 'gb18030')
    >>> decode_page("财经".encode(), "gbk")
    ('财经', 'utf-8')
    """
    return decode(body, header)[:2]


def decode(body: bytes, header: str = "") -> tuple[str, str, bytes]:
    """Decode a page as `decode_page` does, and give its well-formed UTF-8 as well.

    Returns:
        Text, codec, and the text's bytes in UTF-8, which parsers and counts want.
    """
    marked = body.startswith(BOM_UTF8)
    body = body.removeprefix(BOM_UTF8)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return _encoded(*_decode_other(body, error.start))
    if not marked and not text.isascii() and _TWO_BYTES_ONLY.fullmatch(text):
        # No Chinese letter has two bytes: this is UTF-8 only by chance, or no Chinese.
        claims = _claims(body, header)
        if claims and all(_GB.fullmatch(claim) for claim in claims):
            with suppress(UnicodeDecodeError):
                return _encoded(body.decode("gb18030"), "gb18030")
    return text, "utf-8", body


def damage(text: str) -> str:
    """Say what makes a text unfit to be kept, or ``""``.

    Args:
        text: a headline or body, already decoded.

    Returns:
        How many characters were lost, or that the text was decoded in the wrong way
        once before it got here (mojibake).

    >>> damage("净利润增长\\ufffd%")
    '1 unreadable character'
    >>> damage("新浪财经讯，今日开盘".encode().decode("gb18030", "replace"))
    'mojibake: UTF-8 that was read as gb18030'
    >>> damage("新浪财经讯，今日开盘")
    ''
    """
    if _was_read_as_gb(text[:_SAMPLE]):
        return "mojibake: UTF-8 that was read as gb18030"
    western = len(_WESTERN.findall(text[:_SAMPLE]))
    if western >= _ENOUGH and western * 3 > len(text[:_SAMPLE]):
        return "mojibake: bytes that were read as latin-1"
    if "锟斤拷" in text:
        return "mojibake: lost characters (锟斤拷)"
    lost = text.count("\ufffd")
    return f"{lost} unreadable character{'s' if lost > 1 else ''}" if lost else ""


def _claims(body: bytes, header: str) -> list[str]:
    meta = _CLAIM.search(body[:4096])
    found = [header, meta[1].decode("ascii") if meta else ""]
    return [claim for claim in found if claim]


def _encoded(text: str, codec: str) -> tuple[str, str, bytes]:
    return text, codec, text.encode("utf-8", "replace")


def _decode_other(body: bytes, start: int) -> tuple[str, str]:
    if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return body.decode("utf-16", "replace"), "utf-16"
    # Two thousand bytes from the first break on tell an old page from a damaged one.
    if not _is_nearly_utf8(body[start : start + 2000], 10):
        return body.decode("gb18030", "replace"), "gb18030"
    if _is_nearly_utf8(body, _TOLERATED):
        return body.decode("utf-8", "replace"), "utf-8"
    return body.decode("gb18030", "replace"), "gb18030"


def _is_nearly_utf8(body: bytes, tolerated: int) -> bool:
    text = body.decode("utf-8", "replace")
    wide = len(text) - len(text.encode("ascii", "ignore"))
    broken = text.count("\ufffd")
    return broken * tolerated <= wide or (tolerated < _TOLERATED and broken < _ENOUGH)


def _was_read_as_gb(text: str) -> bool:
    # Undo the mistake: where nearly all of it becomes well-formed UTF-8, it was one.
    # Real Chinese written as gb18030 is never UTF-8 for long.
    again = text.encode("gb18030", "ignore").decode("utf-8", "replace")
    wide = len(_WIDE.findall(again))
    return wide >= _ENOUGH and again.count("\ufffd") * 4 <= wide
