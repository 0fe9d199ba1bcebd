"""The item the loader fills; every field may be missing until it is accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crawler.core.markup import Image
from crawler.core.symbols import Symbol


@dataclass(slots=True, kw_only=True)
class PostItem:
    """A post with holes: the fields of `crawler.core.posts.Post`, all optional.

    Defaults are ``None`` or ``[]``, because an item loader takes any other default
    for a value.
    """

    id: str | None = None
    url: str | None = None
    title: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    feed: str | None = None
    site: str | None = None
    categories: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    symbols: list[Symbol] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    headimg: str | None = None
    document: str | None = None
    html: str | None = None
    text: str | None = None
    template: str | None = None
    fetched: datetime | None = None
