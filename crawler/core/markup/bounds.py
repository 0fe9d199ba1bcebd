"""Refuse, in linear time, what an HTML parser would need minutes for.

Parsers compare each attribute of an element with those before it, so that 100,000 of
them take half a minute (measured with lexbor); at each character reference the
sanitiser moves what is left of that text, so that a million take eight seconds
(measured with nh3); and every element costs a node, every picture also a URL and a
record. No real page comes near these bounds.
"""

from __future__ import annotations

import re

import numpy as np

TOO_DEEP = "nested too deeply"
"""The reason where `too_deep` is true."""

MAX_LENGTH = 2_000_000
"""Characters of a body, of which each may become six; a book has fewer."""

MAX_ATTRIBUTES = 2_000
"""Attributes of one element; a parser needs some 10 ms for so many."""

MAX_IMAGES = 5_000
"""Pictures of one page."""

MAX_TAGS = 300_000
"""What looks like a tag; so many are parsed, sanitised and read in a second."""

_MAX_MOVED = 10**11
"""Bytes moved; 1.5 of these bounds take the sanitiser a second."""

# So many attributes, wherever they stand, are parsed in half a second.
_HARMLESS = 20_000
_IMAGE = re.compile(rb"<img\b", re.IGNORECASE)
_TAG = re.compile(rb"<[a-zA-Z][^\s/>]*")
# One attribute as the HTML standard's tokeniser takes it.
_ATTRIBUTE = re.compile(
    rb"[\s/]*(?:=[^\s/>=]*|[^\s/>=]+)"
    rb"(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"'][^\s>]*|(?=>)))?"
)


def too_crowded(html: bytes) -> str:
    """Say of what a page, in UTF-8, has too much for a parser, or ``""``.

    >>> too_crowded(b"<p>" + b"<img src=x>" * 6000)
    'more than 5000 images'
    >>> too_crowded(b"<p " + b"a=1 " * 30000 + b">")
    'an element with more than 2000 attributes'
    """
    tags = count_byte(html, "<")
    if tags > MAX_TAGS:
        return f"more than {MAX_TAGS} tags"
    if tags > MAX_IMAGES < len(_IMAGE.findall(html)):
        return f"more than {MAX_IMAGES} images"
    if len(html) > 2 * _HARMLESS and _has_crowded_tag(html):
        return f"an element with more than {MAX_ATTRIBUTES} attributes"
    return too_referential(html)


def too_referential(html: bytes) -> str:
    """Say that a text has too many character references for its length, or ``""``.

    It is given in UTF-8. A parser's output must be asked as well as the source: it
    writes some characters as references that were none.

    >>> too_referential(b"<p>" + b"&nbsp;" * 500_000)
    'too many character references in one text'
    """
    if len(html) ** 2 <= _MAX_MOVED:  # Were it nothing but references.
        return ""
    references = html.count(b"&")
    if references * len(html) <= _MAX_MOVED:
        return ""
    moved = sum(text.count(b"&") * len(text) for text in html.split(b"<"))
    return "too many character references in one text" if moved > _MAX_MOVED else ""


def count_byte(html: bytes, byte: str) -> int:
    """Count a byte in a page; for one that is frequent, faster than `bytes.count`."""
    return int(np.count_nonzero(np.frombuffer(html, np.uint8) == ord(byte)))


def _has_crowded_tag(html: bytes) -> bool:
    # Before each attribute stands a separator, or the value of the one before it.
    separators = np.count_nonzero(np.frombuffer(html, np.uint8) <= ord(" "))
    marks = count_byte(html, "/") + count_byte(html, "=")
    if int(separators) + marks < _HARMLESS:
        return False
    position = 0
    while tag := _TAG.search(html, position):
        position = tag.end()
        for _ in range(MAX_ATTRIBUTES):
            attribute = _ATTRIBUTE.match(html, position)
            if attribute is None:
                break
            position = attribute.end()
        else:
            return True
    return False
