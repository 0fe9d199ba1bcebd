"""What a feed's answer becomes: entries and problems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crawler.core.catalogue import Feed
from crawler.core.symbols import Symbol
from crawler.core.text import one_line


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an answer that could not be read."""

    what: str
    """The kind, in a few fixed words: ``not JSON``, ``status``, ``empty`` ..."""

    where: str
    """The position: ``line 1, column 17``, ``item 3: url`` ..."""

    detail: str = ""
    """What stood there, cut short."""

    def __str__(self) -> str:
        tail = f": {self.detail}" if self.detail else ""
        return f"{self.what} at {self.where}{tail}" if self.where else self.what + tail


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a feed says about one article."""

    id: str
    """The document id."""

    url: str
    """The canonical URL."""

    title: str
    """The headline as the feed has it, white space at its ends removed."""

    feed: str
    """The id of the feed that listed it."""

    published: datetime | None = None
    """When it was created, in UTC."""

    updated: datetime | None = None
    """When it was last changed (``mtime``), in UTC."""

    source: str = ""
    """The medium's name."""

    author: str = ""
    """The person who wrote it."""

    keywords: tuple[str, ...] = ()
    """Keywords in the feed's order."""

    image: str = ""
    """The address of the entry's picture."""

    symbols: tuple[Symbol, ...] = ()
    """Symbols the feed names."""

    html: str = ""
    """The whole body, as HTML, where the feed carries it."""


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """One answer of a feed, read."""

    entries: tuple[Entry, ...] = ()
    """What could be read, in the feed's order, each document id once."""

    problems: tuple[Problem, ...] = ()
    """What could not; an answer without entries has at least one, but for a page
    past the last."""

    ttl: timedelta = timedelta(0)
    """For how long the feed says that it need not be asked again."""


def read_items(
    items: list[Any], feed: Feed, read: Callable[[Any, Feed], Entry | str]
) -> FeedAnswer:
    """Read each item of a list; what a reader says instead of an entry is a problem.

    Args:
        items: the list as the wire has it.
        feed: whose it is.
        read: gives the entry, or one short sentence on why there is none.
    """
    entries, problems = [], []
    for number, item in enumerate(items, 1):
        entry = read(item, feed) if isinstance(item, dict) else "is no object"
        if isinstance(entry, Entry):
            entries.append(entry)
        else:
            problems.append(Problem("unreadable", f"item {number}", entry))
    return FeedAnswer(tuple(entries), tuple(problems))


def plain(value: object) -> str:
    """Return a wire value as text: strings trimmed, whole numbers written out.

    >>> plain(" a "), plain(7), plain(None), plain([1])
    ('a', '7', '', '')
    """
    if isinstance(value, str):
        return value.strip(" \t\r\n")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def excerpt(value: object) -> str:
    """Return the first 80 characters of anything, on one line, for a message."""
    return one_line(str(value)[:400])[:80]
