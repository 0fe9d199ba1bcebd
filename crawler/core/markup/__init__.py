"""Turn a body as a page or feed has it into two clean bodies, a text and images.

``document`` is the body of the post's document: the source's markup, made safe.
``clean`` is the reading version: without the site's junk, classes and comments.
Both have passed an allow-list sanitiser (nh3) as the last thing that touches tags,
and neither holds a character that the site generator would act upon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser

from crawler.core.markup.bounds import (
    MAX_LENGTH,
    TOO_DEEP,
    count_byte,
    too_crowded,
    too_referential,
)
from crawler.core.markup.reading import Image, read_body
from crawler.core.markup.safety import (
    drop_elements,
    escape_for_generator,
    sanitise_document,
    too_deep,
)
from crawler.core.markup.source import mend_source
from crawler.core.text import drop_unsafe

_REFERENCE = re.compile(r"&(?!(?:nbsp|amp|lt|gt|quot|[lr]dquo|mdash|middot);)")
"""A character reference that may stand for a character no document may hold."""

__all__ = [
    "TOO_DEEP",
    "Body",
    "Image",
    "count_byte",
    "normalise_body",
    "too_crowded",
    "too_deep",
    "why_empty",
]


@dataclass(frozen=True, slots=True)
class Body:
    """An article's body, normalised."""

    document: str = field(repr=False)
    """HTML for the document: the source's structure and styles, made safe."""

    clean: str = field(repr=False)
    """HTML for reading: paragraphs, tables, images and links only."""

    text: str
    """Plain text, one paragraph a line, without captions."""

    images: tuple[Image, ...]
    """The content images in order."""


def normalise_body(html: str, base: str, junk: tuple[str, ...] = ()) -> Body:
    """Make both bodies, the text and the image list from a body's HTML.

    Args:
        html: the inner HTML of the body container, or a feed's description.
        base: the page's URL, which relative links start from.
        junk: selectors of what the reading version leaves out on this layout, beyond
            what it leaves out on all.

    Returns:
        A body in which nothing can run, load from another scheme or be taken for
        the generator's syntax. What parsers choke on gives an empty body; `why_empty`
        says what it was.
    """
    if _too_much(html):
        return _NO_BODY
    tree, parsed = _parse(html)
    drop_elements(tree)
    mend_source(tree, base, parsed)
    source = tree.html or ""
    if too_referential(source.encode()):
        return _NO_BODY
    document = escape_for_generator(sanitise_document(source))
    clean, text, images = read_body(tree, junk)
    return Body(document, clean, text, images)


def why_empty(html: str) -> str:
    """Say why a body was refused as it stands, or ``""``.

    Args:
        html: what `normalise_body` made nothing of.
    """
    return _too_much(html) or too_referential((_parse(html)[0].html or "").encode())


def _too_much(html: str) -> str:
    if len(html) > MAX_LENGTH:
        return f"a body of more than {MAX_LENGTH} characters"
    return TOO_DEEP if too_deep(html) else too_crowded(html.encode("utf-8", "replace"))


def _parse(html: str) -> tuple[LexborHTMLParser, str]:
    """Parse a body; returns what was parsed as well."""
    text = drop_unsafe(html).lstrip()
    tree = LexborHTMLParser(text, is_fragment=True)
    if _REFERENCE.search(html):
        # A character reference may have become what was dropped: once more, so that
        # neither body can hold any, as neither sanitiser makes one.
        text = drop_unsafe(tree.html or "")
        tree = LexborHTMLParser(text, is_fragment=True)
    return tree, text


_NO_BODY = Body("", "", "", ())
