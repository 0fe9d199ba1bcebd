"""A store and its archive, filled with generated pages as a crawl of them leaves it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.generated_site import GeneratedSite
from crawler.core.archive import Exchange
from crawler.core.prepared import Prepared
from crawler.loaders import Origin
from crawler.reading import FetchedPage, read_page
from crawler.storage.archive_store import ArchivedStore
from crawler.storage.posts import PostStore

Page = tuple[Prepared, Exchange, dict[str, Any]]
"""A post, what it was made of, and the facts of reading it."""

_RUN = "20261102T000000.000000Z-measured"
_BATCH = 32


def read_site(site: GeneratedSite) -> Iterator[Page]:
    """Read every page of a site, as if it had just been fetched."""
    origin = Origin("新浪财经", ("金融", "新浪财经"), "https://n.sinaimg.cn/a.png", "")
    now = datetime.now(UTC)
    for route in site.routes:
        body = (site.folder / f"{route.strip('/')}.gz").read_bytes()
        url = f"https://{route.strip('/')}"
        page = FetchedPage(
            body=gzip.decompress(body),
            address=url,
            entry=None,
            origin=origin,
            fetched=now,
        )
        post = read_page(page)
        assert isinstance(post, Prepared), post
        exchange = Exchange(
            url=url,
            status=200,
            headers=((b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip")),
            request_headers=((b"Accept", b"text/html"), (b"User-Agent", b"x" * 60)),
            body=body,
            received=now,
        )
        facts = {"site": "新浪财经", "feed": "", "entry": None, "whole": False}
        yield post, exchange, {**facts, "fetched": now.isoformat()}


def fill_store(folder: Path, pages: Iterator[Page], *, archive: bool = True) -> None:
    """Keep pages in a new store, in commits of one size.

    Args:
        folder: where the store is made.
        pages: what is kept.
        archive: keep what was fetched as well.
    """
    store = ArchivedStore(folder, _RUN) if archive else PostStore(folder, _RUN)
    while batch := list(islice(pages, _BATCH)):
        if isinstance(store, ArchivedStore):
            for post, exchange, facts in batch:
                exchange.place = None
                store.hold(post.post.url, exchange, facts)
        store.keep_all([(post, None) for post, _, _ in batch])
    store.close()
