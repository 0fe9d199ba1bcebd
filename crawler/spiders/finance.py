"""Follow the catalogue's feeds to their articles."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.core.catalogue import Feed
from crawler.core.entries import Entry, FeedAnswer, read_answer
from crawler.core.errors import OptionError
from crawler.core.urls import host_of
from crawler.loaders import Origin, load_entry
from crawler.spiders.article import (
    ArticleSpider,
    read_day,
    read_number,
    referer_header,
    refuse_unknown,
)
from crawler.spiders.failures import UNREACHABLE, describe_failure

_GAP_PAGES = 20
_MAX_PAGES = 2000
_LISTS_FIRST = 10


class FinanceSpider(ArticleSpider):
    """Poll feeds, fetch what is new or changed in them, keep it as posts.

    Whole pages are read and at least two of them, whatever is known already: on the
    real feeds 41 % of new items appear below known ones. A feed that has been read
    before goes on until a page holds something known, so that an outage leaves no
    gap. The feeds of one host are polled one after the other; a host that cannot be
    reached fails them all at once.

    Args:
        feeds: ids parted by commas; all enabled ones when empty.
        pages: how many list pages to read, exactly.
        since: ``YYYY-MM-DD``, Beijing: go back to this day, and no further.
        limit: fetch at most so many articles.
        force: ``1`` to fetch what is known and unchanged as well.

    Raises:
        OptionError: a value that cannot be used.
    """

    name = "finance"

    def __init__(
        self,
        feeds: str = "",
        pages: str = "",
        since: str = "",
        limit: str = "",
        force: str = "",
        **rest: Any,
    ) -> None:
        refuse_unknown(rest, "feeds, pages, since, limit, force")
        super().__init__()
        self._names = [name.strip() for name in feeds.split(",") if name.strip()]
        self._pages = read_number("-a pages", pages)
        self._since = read_day("-a since", since)
        self._limit = read_number("-a limit", limit)
        self._left = self._limit if self._limit is not None else -1
        self._force = force not in {"", "0"}
        self._queues: dict[str, deque[Feed]] = defaultdict(deque)
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._listed_before: dict[str, bool] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Open the store, then poll the first feed of every host."""
        self.open_run()
        for feed in self._chosen():
            self.run_.tally.open_feed(feed.id)
            self._queues[host_of(feed.url)].append(feed)
        for host in list(self._queues):
            for request in self._next_feed(host):
                yield request

    def check_options(self) -> None:
        """Refuse feeds that are not in the catalogue."""
        for name in self._names:
            if self.catalogue.feed(name) is None:
                known = ", ".join(feed.id for feed in self.catalogue.feeds)
                raise OptionError("-a feeds", name, f"is not one of {known}")

    async def parse_feed(
        self, response: Response, feed: Feed, page: int
    ) -> AsyncIterator[Any]:
        """Read one page of a feed; ask for its articles and for what follows it."""
        answer = read_answer(response.body, feed, page)
        ids = {entry.id for entry in answer.entries}
        is_fresh = self._count(feed, page, answer)
        goes_on = self._goes_on(feed, page, answer) if is_fresh else False
        # What need not wait for the store is asked for at once: the site answers
        # while the store works. With a limit, that might be a page too many.
        is_settled = goes_on is not None and self._limit is None
        if is_settled:
            for request in self._following(feed, page, goes_on=bool(goes_on)):
                yield request
        wanted = await self._sift(feed, page, answer)
        self.run_.tally.feeds[feed.id].known += len(ids) - len(wanted)
        for entry in wanted:
            for request in self._ask_for(entry, feed):
                yield request
        if is_settled:
            return
        if goes_on is None:
            goes_on = self._listed_before[feed.id] and len(wanted) == len(ids)
        for request in self._following(feed, page, goes_on=goes_on and self._left != 0):
            yield request

    def feed_failed(self, failure: Failure) -> Any:
        """Note why a feed could not be fetched, and go on with the next."""
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        feed: Feed = kwargs["feed"]
        host, reason = host_of(feed.url), describe_failure(failure)
        self._fail(feed, f"page {kwargs['page']}: {reason}")
        if isinstance(failure.value, UNREACHABLE):
            while self._queues[host]:
                self._fail(self._queues[host].popleft(), reason)
        return list(self._next_feed(host))

    def _count(self, feed: Feed, page: int, answer: FeedAnswer) -> bool:
        tally = self.run_.tally.feeds[feed.id]
        tally.pages += 1
        for problem in answer.problems:
            self._note(feed, f"page {page}: {problem}")
        fresh = {entry.id for entry in answer.entries} - self._seen[feed.id]
        self._seen[feed.id] |= fresh
        tally.listed += len(fresh)
        return bool(fresh)

    def _chosen(self) -> list[Feed]:
        feeds = self.catalogue.feeds
        if self._names:
            return [feed for feed in feeds if feed.id in self._names]
        return [feed for feed in feeds if feed.enabled]

    def _next_feed(self, host: str) -> list[Request]:
        queue = self._queues[host]
        return [self._feed_request(queue.popleft(), 1)] if queue else []

    def _feed_request(self, feed: Feed, page: int) -> Request:
        site = self.catalogue.site_of(feed.id)
        return Request(
            feed.page_url(page),
            callback=self.parse_feed,
            errback=self.feed_failed,
            headers=referer_header(feed.referer or site.referer),
            cb_kwargs={"feed": feed, "page": page},
            priority=_LISTS_FIRST,
        )

    def _fail(self, feed: Feed, problem: str) -> None:
        self._note(feed, problem)
        self.run_.tally.feeds[feed.id].done = True

    def _note(self, feed: Feed, problem: str) -> None:
        self.run_.tally.feeds[feed.id].problems.append(problem)
        self.logger.debug("Feed %s: %s", feed.id, problem)

    async def _sift(self, feed: Feed, page: int, answer: FeedAnswer) -> list[Entry]:
        if page == 1:
            self._listed_before[feed.id] = await self.ask_store("has_listed", feed.id)
        if not answer.entries:
            return []
        wanted: list[Entry] = await self.ask_store(
            "sift", answer.entries, force=self._force
        )
        return wanted

    def _ask_for(self, entry: Entry, feed: Feed) -> list[Any]:
        if self._since and entry.published and entry.published < self._since:
            return []
        if self._left == 0:
            return []
        if feed.content == "entry":
            if not self.run_.open_article(entry.url, feed.id, entry):
                return []
            site = self.catalogue.site_of(feed.id)
            origin = Origin.of(site, feed, self.run_.body)
            self._left -= 1
            return [load_entry(entry, origin, datetime.now(UTC))]
        request = self.article_request(entry.url, feed, entry)
        if request is None:
            return []
        self._left -= 1
        return [request]

    def _goes_on(self, feed: Feed, page: int, answer: FeedAnswer) -> bool | None:
        # None: only if the store knows nothing that the page lists.
        if not feed.is_paged or page >= _MAX_PAGES:
            return False
        if self._pages is not None:
            return page < self._pages
        if self._since:
            times = [entry.published for entry in answer.entries if entry.published]
            return page < feed.pages or any(time >= self._since for time in times)
        if page < feed.pages:
            return True
        return False if self._force or page >= _GAP_PAGES else None

    def _following(self, feed: Feed, page: int, *, goes_on: bool) -> list[Request]:
        if goes_on:
            return [self._feed_request(feed, page + 1)]
        self.run_.tally.feeds[feed.id].done = True
        return self._next_feed(host_of(feed.url))
