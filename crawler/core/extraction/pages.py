"""Articles of several pages: joined in order, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from crawler.core.extraction.article import INCOMPLETE, Article, NoArticle
from crawler.core.markup import Body, Image
from crawler.core.symbols import unique_symbols

MAX_PAGES = 20
"""No article of Sina's has more; a chain that goes on is a loop."""

_ID = re.compile(r"(<[a-z][a-z0-9]*(?: [^<>]*?)?) id=(?:\"([^\"]*)\"|([^\s>\"]+))")


def join_pages(pages: Sequence[Article]) -> Article:
    """Join an article's pages into one, in the order given.

    The first page's title, times and names count; keywords and symbols are those of
    all pages, pictures too, each once; no ``id`` stands twice in the document.

    Args:
        pages: at least one.
    """
    first = pages[0]
    if len(pages) == 1:
        return first
    bodies = [page.body for page in pages]
    images: dict[str, Image] = {}
    for body in bodies:
        for image in body.images:
            images.setdefault(image.url, image)
    words = dict.fromkeys(word for page in pages for word in page.keywords)
    return replace(
        first,
        editor=next((page.editor for page in pages if page.editor), ""),
        keywords=tuple(words),
        symbols=unique_symbols([each for page in pages for each in page.symbols]),
        body=Body(
            document=unique_ids("\n".join(body.document for body in bodies)),
            clean="\n".join(body.clean for body in bodies),
            text="\n".join(body.text for body in bodies if body.text),
            images=tuple(images.values()),
        ),
        next_page="",
    )


def incomplete(number: int, why: str) -> NoArticle:
    """Say that an article's page is missing, without which it is not kept.

    Args:
        number: which page, from 2; there are at least so many.
        why: what came of it.
    """
    return NoArticle(INCOMPLETE.format(number, f"{number} or more", why))


def unique_ids(html: str) -> str:
    """Drop each ``id`` that an earlier element of a body already has.

    >>> unique_ids('<p id="a">1</p><p id="a">2</p><p id="b">3</p>')
    '<p id="a">1</p><p>2</p><p id="b">3</p>'
    """
    seen: set[str] = set()

    def keep_first(match: re.Match[str]) -> str:
        name = match[2] or match[3] or ""
        if name in seen:
            return match[1]
        seen.add(name)
        return match[0]

    return _ID.sub(keep_first, html)
