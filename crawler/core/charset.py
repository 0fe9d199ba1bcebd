"""Decode a page by what its bytes are, not by what it says they are.

Sina's pages since about 2017 are UTF-8, the older ones gb2312, gbk or gb18030 (one a
part of the next). Headers often name nothing and metas are sometimes wrong, so
validity decides: bytes that are well-formed UTF-8 are UTF-8, the rest is gb18030.
"""

from __future__ import annotations

from codecs import BOM_UTF8

_TOLERATED = 200
"""One broken character in this many still counts as UTF-8 that was cut or patched."""


def decode_page(body: bytes) -> tuple[str, str]:
    """Decode a page.

    Args:
        body: the page's bytes, decompressed.

    Returns:
        The text and the codec's name (``utf-8`` or ``gb18030``). Bytes no codec
        takes become U+FFFD, for the caller to count; never raises.

    >>> decode_page("财经".encode("gb2312"))
    ('财经', 'gb18030')
    >>> decode_page("财经".encode())
    ('财经', 'utf-8')
    """
    body = body.removeprefix(BOM_UTF8)
    try:
        return body.decode(), "utf-8"
    except UnicodeDecodeError:
        lenient = body.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    wide = sum(1 for character in lenient if character > "\x7f")
    if broken * _TOLERATED <= wide:
        return lenient, "utf-8"
    return body.decode("gb18030", "replace"), "gb18030"
