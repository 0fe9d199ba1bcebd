"""What today's code makes of an archived answer.

`read_task` is one pure function of values that can be pickled. It may run anywhere and
in any order; what comes of it is for one writer to apply in the archive's order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from w3lib.encoding import http_content_type_encoding

from crawler.core.catalogue import Feed
from crawler.core.compression import Wrapping, unwrap
from crawler.core.entries import Entry, FeedAnswer, read_answer
from crawler.core.extraction import Article, NoArticle
from crawler.core.images import read_format
from crawler.core.prepared import Prepared
from crawler.core.urls import document_id
from crawler.loaders import Origin, load_entry
from crawler.reading import FetchedPage, PlainReading, Unfit, prepare_item, read_plain

MAX_BODY = 64 * 2**20
"""The most bytes a body may have when unpacked."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of an archived answer."""

    data: bytes
    """Its bytes as they came."""

    encoding: bytes = b""
    """Its ``Content-Encoding``."""

    charset: str = ""
    """The charset its ``Content-Type`` names, or ``""``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An answer to be read, with all that is known of it."""

    do: Literal["list", "read", "picture"]
    """What it is: a feed's list page, an article of one or more pages, a picture."""

    bodies: tuple[Body, ...]
    """The list page, the article's pages, or the picture."""

    url: str = ""
    """The article's address."""

    feed: Feed | None = None
    """The feed whose answer it is; of an article, the feed that carries it whole."""

    page: int = 1
    """Which list page it is."""

    entry: Entry | None = None
    """What a feed says about the article."""

    whole: str = ""
    """The id of the entry, in a feed's answer that carries the article whole."""

    origin: Origin | None = None
    """What the catalogue says about the article."""

    fetched: datetime | None = None
    """When it was fetched, UTC."""

    extra_fields: tuple[str, ...] = ()
    """Front-matter keys beyond the seven."""


@dataclass(frozen=True, slots=True)
class Fit:
    """An article that is a post."""

    prepared: Prepared
    """The post."""

    entry: Entry | None
    """What a feed says about it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole picture."""

    data: bytes
    """Its bytes."""

    ending: str
    """Its format, as the ending of its file."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A page that is no article, or no complete post."""

    id: str
    """The article's id, or ``""``."""

    url: str
    """Its address."""

    reason: str
    """Why."""

    page: bytes = b""
    """The page, where somebody should look at it."""

    entry: Entry | None = None
    """What a feed says about it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """An answer of which the archive does not hold what it takes to read it."""

    reason: str
    """What is missing, in a few fixed words."""


Result = FeedAnswer | Fit | Picture | Refused | Unread
"""What an answer turns out to be."""


def body_of(headers: dict[bytes, bytes], data: bytes) -> Body:
    """Make the body of an answer from its headers, by lower-case name, and bytes."""
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    encoding = headers.get(b"content-encoding", b"").lower()
    return Body(data, encoding, http_content_type_encoding(content_type) or "")


def read_task(task: Task) -> Result:
    """Read an archived answer; never raises, whatever the bytes are."""
    if not task.bodies:
        return Unread("its page is not in these files, or damaged")
    plain: list[bytes] = []
    for body in task.bodies:
        data, problem = unwrap(body.data, Wrapping(MAX_BODY, body.encoding))
        if problem:
            return Unread(problem.partition(" (")[0])  # Reasons are counted.
        plain.append(data)
    if task.do == "picture":
        return _read_picture(plain[0])
    if task.do == "list":
        return _read_list(task, plain[0])
    if task.whole:
        return _read_entry(task, plain[0])
    return _read_article(task, plain)


def _read_picture(data: bytes) -> Picture | Unread:
    ending, problem = read_format(data)
    return Unread(problem) if problem else Picture(data, ending)


def _read_list(task: Task, data: bytes) -> FeedAnswer | Unread:
    if task.feed is None:
        return Unread("of a feed that is not in the catalogue")
    return _answer(data, task.feed, task.page)


@lru_cache(maxsize=4)
def _answer(data: bytes, feed: Feed, page: int) -> FeedAnswer:
    return read_answer(data, feed, page)  # Of dozens of articles, one after the other.


def _read_entry(task: Task, data: bytes) -> Result:
    if task.feed is None or task.origin is None or task.fetched is None:
        return Unread("of a feed that is not in the catalogue")
    for entry in _answer(data, task.feed, 1).entries:
        if entry.id == task.whole:
            item = load_entry(entry, task.origin, task.fetched)
            return _fit(prepare_item(item, task.extra_fields), entry)
    return Unread("the feed's answer has no such entry")


def _read_article(task: Task, plain: list[bytes]) -> Result:
    if task.origin is None or task.fetched is None:
        return Unread("of a site that is not in the catalogue")
    before: tuple[Article, ...] = ()
    for page in _pages(task, plain, task.origin, task.fetched):
        before = (*before, page) if isinstance(page, Article) else before
        if isinstance(page, NoArticle) and not before:
            identifier = task.entry.id if task.entry else document_id(task.url)
            study = plain[0] if page.is_worth_study else b""
            return Refused(identifier, task.url, page.reason, study, task.entry)
        if isinstance(page, NoArticle):
            return Unread("a further page is no article")
        if not isinstance(page, Article):
            return _fit(page, task.entry)
    return Unread("it has further pages that are not archived")


def _pages(
    task: Task, plain: list[bytes], origin: Origin, fetched: datetime
) -> Iterator[PlainReading]:
    before: tuple[Article, ...] = ()
    address = task.url
    for data, body in zip(plain, task.bodies, strict=True):
        page = FetchedPage(
            body=data,
            address=address,
            charset=body.charset,
            entry=task.entry,
            origin=origin,
            fetched=fetched,
            before=before,
        )
        found = read_plain(page, task.extra_fields)
        yield found
        if isinstance(found, Article):
            before, address = (*before, found), found.next_page


def _fit(found: Prepared | Unfit, entry: Entry | None) -> Fit | Refused:
    if isinstance(found, Unfit):
        return Refused(found.id, found.url, found.reason, entry=entry)
    return Fit(found, entry)
