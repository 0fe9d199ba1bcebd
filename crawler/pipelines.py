"""The way of an item: accepted as a post, then kept once, for good."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.core.dedup import Duplicate, New, Poorer, Revision
from crawler.core.errors import PathRefused, StoreError
from crawler.core.posts import Post
from crawler.core.prepared import Prepared
from crawler.core.report import Outcome
from crawler.extensions import Run
from crawler.items import PostItem
from crawler.reading import Unfit, prepare_item


class AcceptPipeline:
    """Make items ready for the store; drop what is no post, and say why."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it for a crawler."""
        return cls(crawler)

    def process_item(self, item: PostItem | Prepared | Unfit) -> Prepared:
        """Accept one item, which may have been made ready where it was read.

        Raises:
            DropItem: the item is no complete post.
        """
        run = Run.of(self._crawler)
        if isinstance(item, PostItem):
            item = prepare_item(item, run.extra_fields)
        if isinstance(item, Prepared):
            return item
        run.reject(item.url, item.id, "rejected", item.reason)
        raise DropItem(item.reason)


class StorePipeline:
    """Keep each post once and count what became of it.

    It waits for the store's thread, so items overtake each other here; that is safe
    because look-up, decision and write are one transaction there.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it for a crawler."""
        return cls(crawler)

    async def process_item(self, prepared: Prepared) -> dict[str, Any]:
        """Keep one post.

        Returns:
            Its record, when it is new or revised.

        Raises:
            DropItem: no post was written: unchanged, a duplicate, in quarantine, a
                post whose path the disk refuses, or a store that refused, which ends
                the run.
        """
        run, post = Run.of(self._crawler), prepared.post
        try:
            kept = await asyncio.wrap_future(run.keep(prepared))
        except StoreError as error:
            _note_refusal(run, post, error)
            raise DropItem(str(error)) from error
        decision = kept.decision
        outcome: Outcome = "unchanged"
        reason = ""
        if isinstance(decision, New):
            outcome = "new"
        elif isinstance(decision, Revision):
            outcome = "revised"
        elif isinstance(decision, Duplicate):
            outcome = "duplicate"
        elif isinstance(decision, Poorer):
            outcome, reason = "quarantined", decision.why
        if kept.back:
            outcome = "back"
        run.close_article(post.url, outcome, reason)
        if kept.record is None:
            raise DropItem(f"{outcome}: {decision.why}")
        return kept.record


def _note_refusal(run: Run, post: Post, error: StoreError) -> None:
    if isinstance(error, PathRefused):  # Of this post alone.
        run.reject(post.url, post.id, "rejected", str(error))
    else:
        run.abort(error)
