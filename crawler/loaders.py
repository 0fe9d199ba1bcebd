"""Fill a `PostItem` from what a page and a feed's entry say.

Values come in order of trust: the loader takes the first that is there. Plain values
go in, not selectors: extraction has already read the page once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self

from itemloaders import ItemLoader
from itemloaders.processors import Identity, MapCompose, TakeFirst

from crawler.core.catalogue import Feed, Site
from crawler.core.dates import is_credible
from crawler.core.entries import Entry
from crawler.core.extraction import Article
from crawler.core.markup import Body, normalise_body
from crawler.core.text import drop_unsafe, one_line
from crawler.items import PostItem

FEED_ENTRY = "feed entry"
"""The ``template`` of a post whose body came whole in the feed."""


class PostLoader(ItemLoader):
    """Takes the first value of each field; lists keep all of theirs."""

    default_item_class = PostItem
    # Named for each field: looking for a processor that is not there costs more than
    # everything else the loader does.
    id_in = url_in = published_in = updated_in = feed_in = site_in = Identity()
    categories_in = keywords_in = symbols_in = images_in = headimg_in = Identity()
    document_in = html_in = text_in = template_in = fetched_in = Identity()
    id_out = url_out = title_out = source_out = author_out = editor_out = TakeFirst()
    published_out = updated_out = feed_out = site_out = headimg_out = TakeFirst()
    document_out = html_out = text_out = template_out = fetched_out = TakeFirst()
    # The headline as published, but for what no text may hold.
    title_in = MapCompose(drop_unsafe, str.strip)
    source_in = author_in = editor_in = MapCompose(one_line)
    categories_out = keywords_out = symbols_out = images_out = Identity()

    def get_input_processor(self, field_name: str) -> Callable[..., Any]:
        """Return what every value of a field goes through; looked up once."""
        return _processor(f"{field_name}_in")

    def get_output_processor(self, field_name: str) -> Callable[..., Any]:
        """Return what makes a field's value of all of them; looked up once."""
        return _processor(f"{field_name}_out")


@cache
def _processor(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(PostLoader, name)
    return found


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a post comes from: what the catalogue knows of it."""

    site: str
    """The site's name."""

    categories: tuple[str, ...]
    """The site's categories and the feed's title."""

    placeholder: str
    """The head image of a post without any picture."""

    feed: str
    """The id of the feed that listed it; ``""`` for a page given by hand."""

    body: str = "document"
    """Which body the document gets: ``document`` or ``clean`` (``POST_BODY``)."""

    @classmethod
    def of(cls, site: Site, feed: Feed | None, body: str = "document") -> Self:
        """Take it from a site and, if one listed the page, a feed of it."""
        return cls(
            site=site.name,
            categories=(*site.categories, *([feed.title] if feed else ())),
            placeholder=site.placeholder,
            feed=feed.id if feed else "",
            body=body,
        )


def load_page(
    article: Article, entry: Entry | None, origin: Origin, fetched: datetime
) -> PostItem:
    """Load an article page, with the entry that led to it where there is one."""
    loader = _start(entry, origin, fetched)
    if entry is None:
        loader.add_value("id", article.id)
        loader.add_value("url", article.url)
    for name in ("title", "source", "author", "editor", "keywords", "symbols"):
        loader.add_value(name, getattr(article, name))
    listed = entry.published if entry else None
    times = (article.created, listed, _shown(article))
    loader.add_value("published", _most_trusted(times, fetched))
    if article.changed and is_credible(article.changed, fetched):
        loader.add_value("updated", article.changed)
    loader.add_value("template", article.template)
    if article.lead_image and not article.body.images:
        loader.add_value("headimg", article.lead_image)
    return _finish(loader, article.body, entry, origin)


def load_entry(entry: Entry, origin: Origin, fetched: datetime) -> PostItem:
    """Load an entry that carries its whole article."""
    loader = _start(entry, origin, fetched)
    loader.add_value("published", entry.published)
    loader.add_value("symbols", entry.symbols)
    loader.add_value("template", FEED_ENTRY)
    return _finish(loader, normalise_body(entry.html, entry.url), entry, origin)


def _start(entry: Entry | None, origin: Origin, fetched: datetime) -> PostLoader:
    loader = PostLoader()
    if entry is not None:
        loader.add_value("id", entry.id)
        loader.add_value("url", entry.url)
    loader.add_value("feed", origin.feed or None)
    loader.add_value("categories", origin.categories)
    loader.add_value("site", origin.site)
    loader.add_value("fetched", fetched)
    return loader


def _finish(
    loader: PostLoader, body: Body, entry: Entry | None, origin: Origin
) -> PostItem:
    loader.add_value("images", body.images)
    loader.add_value("headimg", body.images[0].url if body.images else None)
    if entry is not None:
        for name in ("title", "source", "author", "updated"):
            loader.add_value(name, getattr(entry, name))
        if not loader.get_collected_values("keywords"):
            loader.add_value("keywords", entry.keywords)
        loader.add_value("headimg", entry.image)
    loader.add_value("headimg", origin.placeholder)
    document = body.document if origin.body == "document" else body.clean
    loader.add_value("document", document)
    loader.add_value("html", body.clean)
    loader.add_value("text", body.text)
    item: PostItem = loader.load_item()
    return item


def _most_trusted(
    times: tuple[datetime | None, ...], fetched: datetime
) -> datetime | None:
    # A time that cannot be must not hide one that can; where none can, the most
    # trusted is told, for the rejection to name it.
    found = [time for time in times if time]
    credible = [time for time in found if is_credible(time, fetched)]
    return next(iter([*credible, *found]), None)


def _shown(article: Article) -> datetime | None:
    # The meta time adds seconds to the time shown, but only where both agree on the
    # minute: on real pages it is off by up to three hours.
    shown, meta = article.shown_time, article.meta_time
    if shown is None or meta is None:
        return shown or meta
    return meta if timedelta(0) <= meta - shown < timedelta(minutes=1) else shown
