"""The post: a normalised article that is complete, and the one gate that says so."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from crawler.core.dates import EARLIEST
from crawler.core.errors import PostRejected
from crawler.core.markup import Image
from crawler.core.symbols import Symbol
from crawler.core.text import display_line
from crawler.core.urls import DOCUMENT_ID, absolute

ADOPTED = "adopted document"
"""The `template` of a post that was taken from a document, not from a page."""

_FUTURE = timedelta(days=1)
_MAX_TITLE = 1000
_UNREADABLE = 200
_NO_IMAGE = "no head image and the site has no placeholder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A normalised article with nothing missing."""

    id: str
    """The document id."""

    url: str
    """The canonical URL."""

    title: str
    """The headline as published."""

    source: str
    """The medium's name, or ``""`` when the page and feed name none."""

    author: str
    """The person who wrote it, or ``""``."""

    editor: str
    """The editor's name, or ``""``."""

    published: datetime
    """When it was published, UTC."""

    updated: datetime | None
    """When the site last changed it, UTC; ``None`` when unknown."""

    feed: str
    """The id of the feed it was first found in, or ``""`` for a page given by hand."""

    site: str
    """The site's name: the document's ``author``."""

    categories: tuple[str, ...]
    """Site group, site and feed title."""

    keywords: tuple[str, ...]
    """Keywords in the page's order."""

    symbols: tuple[Symbol, ...]
    """Stock symbols with their reasons."""

    images: tuple[Image, ...]
    """The body's pictures in order."""

    headimg: str
    """The head image's address; never empty."""

    document: str = field(repr=False)
    """The body of the document (see ``POST_BODY``)."""

    html: str = field(repr=False)
    """The reading version of the body."""

    text: str = field(repr=False)
    """The plain text, one paragraph a line."""

    template: str
    """The template that read it, ``feed entry``, or `ADOPTED`."""

    fetched: datetime
    """When the page or entry was fetched, UTC."""


def accept(item: Any) -> Post:
    """Make the complete post of a loaded item, or say everything that is missing.

    Args:
        item: a filled ``PostItem``: the fields of a `Post`, any of which may be
            ``None``.

    Raises:
        PostRejected: with every reason: no title, no time or one that cannot be, no
            text and no image, an id or address of the wrong form, unreadable text.
    """
    values = {field.name: getattr(item, field.name) for field in fields(Post)}
    problems = [problem for problem in _problems(values) if problem]
    if problems:
        raise PostRejected(problems)
    for name in ("source", "author", "editor", "feed"):
        values[name] = values[name] or ""
    for name in ("categories", "keywords", "symbols", "images"):
        values[name] = tuple(values[name] or ())
    return Post(**values)


def _problems(values: dict[str, Any]) -> list[str]:
    title, text = values["title"] or "", values["text"] or ""
    return [
        _id_problem(values["id"] or ""),
        "" if absolute(values["url"] or "") else "no usable URL",
        _title_problem(title),
        _time_problem(values["published"], values["fetched"]),
        "" if text or values["images"] else "no body: neither text nor image",
        "" if absolute(values["headimg"] or "") else _NO_IMAGE,
        "" if values["site"] and values["categories"] else "no site or category",
        _text_problem(title + text),
    ]


def _id_problem(identifier: str) -> str:
    if DOCUMENT_ID.fullmatch(identifier):
        return ""
    return f"document id {identifier!r} has not the form of one"


def _title_problem(title: str) -> str:
    if not display_line(title):
        return "no title"
    return f"title of {len(title)} characters" if len(title) > _MAX_TITLE else ""


def _time_problem(published: datetime | None, fetched: datetime | None) -> str:
    if published is None:
        return "no publication time"
    if fetched is None:
        return "no fetch time"
    if published < EARLIEST:
        return f"published {published:%Y-%m-%d}, before the site existed"
    if published > fetched + _FUTURE:
        return f"published {published:%Y-%m-%d %H:%M} UTC, in the future"
    return ""


def _text_problem(text: str) -> str:
    broken = text.count("\ufffd")
    if broken * _UNREADABLE > len(text):
        return f"{broken} unreadable characters: wrong charset or damaged page"
    return ""
