"""Follow the catalogue's feeds to their articles."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.capture import LISTED, fetched_of, place_of
from crawler.core.catalogue import ALL, Feed
from crawler.core.dates import parse_time
from crawler.core.entries import Entry, FeedAnswer, Problem, read_answer
from crawler.core.errors import OptionError
from crawler.core.extraction import NoArticle
from crawler.core.hosts import HostWatch, answer_trouble
from crawler.core.paging import Paging, Range
from crawler.core.polling import Schedule, is_due
from crawler.core.prepared import Prepared
from crawler.core.urls import document_id, host_of
from crawler.loaders import Origin, load_entry
from crawler.patience import HostLeftAlone
from crawler.reading import FetchedPage, Reading
from crawler.spiders.article import (
    ArticleSpider,
    conditions,
    read_day,
    read_number,
    referer_header,
    refuse_unknown,
)
from crawler.spiders.bookkeeping import Bookkeeping
from crawler.spiders.failures import UNREACHABLE, describe_failure, name_trouble
from crawler.storage.polls import read_polls

_LISTS_FIRST = 10


class FinanceSpider(Bookkeeping, ArticleSpider):
    """Poll feeds, fetch what is new or changed in them, keep it as posts.

    A plain run polls the feeds that are due, and ends at once when none is. The feeds
    of one host are polled one after the other; a host that cannot be reached, or that
    refuses us, fails them all at once.

    Args:
        feeds: ids parted by commas, due or not; ``all``: all enabled ones.
        pages: how many list pages to read of every feed, exactly.
        since: ``YYYY-MM-DD``, Beijing: go back to this day, and no further.
        until: ``YYYY-MM-DD``, Beijing, with ``since``: read the days from then to
            before this one again, day by day; once killed, it goes on where it was.
        limit: fetch at most so many articles.
        force: ``1`` to poll every feed, due or not and whatever its host asked for,
            and to fetch what is known and unchanged as well.
        now: an instant to take for the present one, for trying out a schedule.

    Raises:
        OptionError: a value that cannot be used.
    """

    name = "finance"

    def __init__(  # noqa: PLR0913, PLR0917 - each a choice of the operator's
        self,
        feeds: str = "",
        pages: str = "",
        since: str = "",
        until: str = "",
        limit: str = "",
        force: str = "",
        now: str = "",
        **rest: Any,
    ) -> None:
        refuse_unknown(rest, "feeds, pages, since, until, limit, force, now")
        super().__init__()
        self._names = [name.strip() for name in feeds.split(",") if name.strip()]
        pages_, since_ = read_number("-a pages", pages), read_day("-a since", since)
        self._range = Range(pages_, since_)
        self._until = read_day("-a until", until)
        if self._until and (since_ is None or since_ >= self._until or pages_):
            advice = "needs an earlier -a since, and no -a pages"
            raise OptionError("-a until", until, advice)
        self._limit = read_number("-a limit", limit)
        self._left = self._limit if self._limit is not None else -1
        self._force = force not in {"", "0"}
        self._now = parse_time(now) if now else None
        if now and self._now is None:
            raise OptionError("-a now", now, "is no time such as 2026-11-01T12:00:00Z")
        self._queues: dict[str, deque[Paging]] = defaultdict(deque)

    async def start(self) -> AsyncIterator[Any]:
        """Open the store, then poll the first feed of every host."""
        if not await self.open_run():
            return
        schedules = await self.ask_store("schedules.read")
        if not self._force:
            await self.heed_stops()
        feeds = self._chosen(schedules, self.run_.hosts)
        for feed in feeds:
            self.run_.tally.open_feed(feed.id)
        for paging in await self.begin(feeds, schedules, self._range, self._until):
            self._queues[host_of(paging.feed.url)].append(paging)
        for host in list(self._queues):
            for request in self._next_feed(host):
                yield request

    def check_options(self) -> None:
        """Refuse feeds that are not in the catalogue."""
        for name in self._names:
            if name != ALL and self.catalogue.feed(name) is None:
                known = ", ".join([ALL, *(feed.id for feed in self.catalogue.feeds)])
                raise OptionError("-a feeds", name, f"is not one of {known}")

    def has_work(self) -> bool:
        """Tell whether a feed is to be polled; else say when the next one is."""
        known = read_polls(Path(self.settings["OUTPUT_DIR"]))
        if self._chosen(known.schedules, HostWatch(known.stops)):
            return True
        tally, now = self.run_.tally, self.clock()
        enabled = [feed for feed in self.catalogue.feeds if feed.enabled]
        times = ((known.due(feed, now), feed.id) for feed in enabled)
        at, feed = min(((at, feed) for at, feed in times if at), default=(None, ""))
        when = f" before {at:%Y-%m-%d %H:%M} UTC ({feed})" if at else ""
        due = [feed for feed in enabled if is_due(known.schedule(feed), now)]
        if not due:
            tally.stop = f"no feed is due{when}; -a feeds={ALL} polls them all"
            return False
        # They are not well, although nothing was tried that could fail.
        tally.stop_code = 1
        hosts = sorted({host_of(feed.url) for feed in due})
        words = "; ".join(known.stops[host].words(host) for host in hosts)
        tally.stop = f"no feed is polled{when}: {words}; -a force=1 polls all the same"
        return False

    async def parse_feed(
        self, response: Response, paging: Paging, page: int
    ) -> AsyncIterator[Any]:
        """Read one page of a feed; ask for its articles and for what follows it."""
        if response.status == 304:
            self.run_.hold(response)
            self.end_same(paging, response)
            for request in self._next_feed(host_of(response.url), done=paging):
                yield request
            return
        self.begin_page(paging)
        answer = _read_list(response.body, paging, page)
        goes_on = self._take(response, paging, answer, page)
        # What need not wait for the store is asked for at once: the site answers
        # while the store works. With a limit, that might be a page too many.
        if self._limit is None:
            for request in self._following(paging, page, goes_on=goes_on):
                yield request
        for request in await self._articles(response, paging, answer, page):
            yield request
        self.end_page(paging)
        if self._limit is not None:
            for request in self._following(paging, page, goes_on=goes_on):
                yield request

    def feed_failed(self, failure: Failure) -> Any:
        """Note why a feed could not be fetched, and go on with the next."""
        self.archive_failure(failure)
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        paging: Paging = kwargs["paging"]
        host, reason = host_of(paging.feed.url), describe_failure(failure)
        wish = self.note_failure(failure)
        where = f"{paging.window.day} " if paging.window else ""
        self.note_problem(paging.feed, f"{where}page {kwargs['page']}: {reason}")
        if not isinstance(failure.value, HostLeftAlone):
            self.end_failed(paging, name_trouble(failure), wish)
        if isinstance(failure.value, UNREACHABLE):
            while self._queues[host]:
                other = self._queues[host].popleft()
                self.fail_unasked(other, reason)
                self.end_failed(other, name_trouble(failure))
        return list(self._next_feed(host, done=paging))

    def clock(self) -> datetime:
        """Tell the instant that is taken for the present one."""
        return self._now or datetime.now(UTC)

    def _chosen(
        self, schedules: Mapping[str, Schedule], hosts: HostWatch
    ) -> list[Feed]:
        feeds, now = self.catalogue.feeds, self.clock()
        if self._names and ALL not in self._names:
            return [feed for feed in feeds if feed.id in self._names]
        enabled = [feed for feed in feeds if feed.enabled]
        if self._names or self._force or self._range != Range():
            return enabled
        return [
            feed
            for feed in enabled
            if is_due(schedules.get(feed.id, Schedule()), now)
            and not hosts.stopped(host_of(feed.url), now)
        ]

    def _take(
        self, response: Response, paging: Paging, answer: FeedAnswer, page: int
    ) -> bool:
        """Count a page; tell whether another is to follow, else end the poll."""
        feed, host = paging.feed, host_of(response.url)
        tally = self.run_.tally.feeds[feed.id]
        tally.pages += 1
        trouble = answer_trouble(response.body, answer)
        if trouble == "ban":
            reason = f"{host} answers with a ban page"
            self.note_refusal(host, trouble, reason)
            self.note_problem(feed, f"page {page}: banned: {reason}")
        else:
            for problem in answer.problems:
                self.note_problem(feed, f"page {page}: {problem}")
        if trouble:
            self.end_failed(paging, trouble)
            return False
        self.note_page(response.url)
        tally.listed += len(paging.take(answer))
        if page == 1:
            self.note_head(paging, response, answer)
        goes_on = paging.goes_on()
        if not goes_on:
            self.end_read(paging)
        return goes_on

    def _following(self, paging: Paging, page: int, *, goes_on: bool) -> list[Request]:
        feed = paging.feed
        if goes_on and self._left != 0:
            return [self._feed_request(paging, page + 1)]
        if goes_on:
            self.leave(paging, cut=True)
        return self._next_feed(host_of(feed.url), done=paging)

    def _next_feed(self, host: str, done: Paging | None = None) -> list[Request]:
        queue = self._queues[host]
        if done and not any(each.feed.id == done.feed.id for each in queue):
            self.run_.tally.feeds[done.feed.id].done = True
        stop = self.run_.hosts.stopped(host, self.clock())
        while stop and queue:
            # Nothing was asked of these: it is no failure of theirs.
            self.fail_unasked(queue.popleft(), stop.words(host))
        return [self._feed_request(queue.popleft(), 1)] if queue else []

    def _feed_request(self, paging: Paging, page: int) -> Request:
        feed = paging.feed
        site = self.catalogue.site_of(feed.id)
        headers = referer_header(feed.referer or site.referer)
        if page == 1 and paging.is_whole and not self._force:
            headers |= conditions(paging.last.etag, paging.last.modified)
        return Request(
            feed.page_url(page),
            callback=self.parse_feed,
            errback=self.feed_failed,
            headers=headers,
            cb_kwargs={"paging": paging, "page": page},
            meta={"handle_httpstatus_list": [304]},
            priority=_LISTS_FIRST,
        )

    async def _articles(
        self, response: Response, paging: Paging, answer: FeedAnswer, page: int
    ) -> list[Any]:
        if not answer.entries:
            self.run_.hold(response)
            return []
        wanted: list[Entry] = await self.ask_store(
            "sift",
            answer.entries,
            force=self._force,
            answer=fetched_of(response, feed=paging.feed.id, page=page),
        )
        tally = self.run_.tally.feeds[paging.feed.id]
        tally.known += len(answer.entries) - len(wanted)
        return [
            each for entry in wanted for each in self._ask_for(response, entry, paging)
        ]

    def _ask_for(self, response: Response, entry: Entry, paging: Paging) -> list[Any]:
        since, published = self._range.since, entry.published
        if paging.window:
            is_asked_for = paging.window.holds(entry)
        else:
            is_asked_for = not since or not published or published >= since
        if self._left == 0 or not is_asked_for:
            self.leave(paging, cut=is_asked_for)
            return []
        found = self._article(response, entry, paging.feed)
        if found is None:
            return []
        self._left -= 1
        self.note_article(entry.url, paging)
        return [found]

    def _article(self, response: Response, entry: Entry, feed: Feed) -> Any:
        if feed.content == "page":
            request = self.article_request(entry.url, feed, entry)
            if request:
                request.meta[LISTED] = place_of(response)
            return request
        if not self.run_.open_article(entry.url, feed.id, entry):
            return None
        site, fetched = self.catalogue.site_of(feed.id), self.clock()
        self.hold(response, entry.url, site, feed, entry, fetched, whole=True)
        return load_entry(entry, Origin.of(site, feed, self.run_.body), fetched)

    def weigh_page(self, response: Response, page: FetchedPage, found: Reading) -> None:
        """Note what a page says of its host, whether it has a body, and its version."""
        super().weigh_page(response, page, found)
        feed = page.entry.feed if page.entry else ""
        if isinstance(found, Prepared):
            self.pages[feed, found.post.template] += 1
            if not page.before:
                self.note_validators(found.post, response)
        elif isinstance(found, NoArticle) and found.is_bare:
            name = page.entry.id if page.entry else document_id(page.address)
            self.bare.append((feed, found.template, name))


def _read_list(body: bytes, paging: Paging, page: int) -> FeedAnswer:
    window = paging.window
    # There are days without an article, as there are pages past the last.
    answer = read_answer(body, paging.feed, 2 if window and window.day else page)
    if window and not window.is_kept_to(answer.entries):
        other = Problem("another day than was asked for", "the list")
        return FeedAnswer(problems=(other,))
    return answer
