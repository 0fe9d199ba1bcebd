"""The one way from a page's bytes to a post that is ready for the store.

`read_page` is a pure function of values that can be pickled, so that a crawl, a replay
and any process of theirs make the same of the same page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.core.compression import Wrapping, unwrap
from crawler.core.entries import Entry
from crawler.core.errors import PostRejected
from crawler.core.extraction import Article, NoArticle, extract_article, join_pages
from crawler.core.posts import accept
from crawler.core.prepared import Prepared, prepare
from crawler.items import PostItem
from crawler.loaders import Origin, load_page


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """One page of an article, and all that is known of it before it is read."""

    body: bytes
    """Its bytes, decompressed unless ``wrapping`` tells otherwise."""

    address: str
    """Its own address."""

    charset: str = ""
    """The charset its ``Content-Type`` names, if it names one."""

    entry: Entry | None
    """What a feed says about the article."""

    origin: Origin
    """What the catalogue says about it."""

    fetched: datetime
    """When it was fetched, UTC."""

    before: tuple[Article, ...] = ()
    """The article's pages before this one."""

    wrapping: Wrapping | None = None
    """What its bytes came in, when they are as they came."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """An item that is no complete post, and every reason why."""

    id: str
    """Its document id, or ``""``."""

    url: str
    """Its canonical URL, or ``""``."""

    reason: str
    """What is wrong with it."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A body that did not come whole."""

    reason: str
    """What is wrong with it."""


PlainReading = Prepared | Article | NoArticle | Unfit
"""What a page turns out to be; an `Article` is one whose next page must be read."""

Reading = PlainReading | Broken
"""What a page turns out to be that may not have come whole."""


def read_page(page: FetchedPage, extra_fields: Sequence[str] = ()) -> Reading:
    """Read one page of an article, the last or only one into a prepared post.

    Args:
        page: the page.
        extra_fields: front-matter keys beyond the seven (``POST_EXTRA_FIELDS``).

    Returns:
        The post; or the page's own article when another page follows; or why the page
        is no article; or why the whole is no post; or why it cannot be unpacked.
    """
    if page.wrapping:
        body, problem = unwrap(page.body, page.wrapping)
        if problem:
            return Broken(problem)
        page = replace(page, body=body, wrapping=None)
    return read_plain(page, extra_fields)


def read_plain(page: FetchedPage, extra_fields: Sequence[str] = ()) -> PlainReading:
    """Read one page whose bytes are decompressed already; see `read_page`."""
    article = extract_article(page.body, page.address, page.charset)
    if isinstance(article, NoArticle) or article.next_page:
        return article
    whole = join_pages((*page.before, article))
    item = load_page(whole, page.entry, page.origin, page.fetched)
    return prepare_item(item, extra_fields)


def prepare_item(item: PostItem, extra_fields: Sequence[str] = ()) -> Prepared | Unfit:
    """Make a loaded item ready for the store, or say why it is no post."""
    try:
        return prepare(accept(item), extra_fields)
    except PostRejected as error:
        return Unfit(item.id or "", item.url or "", str(error))
