"""Visit the pages of stored posts again: for edits, and for what was removed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure
from w3lib.html import get_meta_refresh

from crawler.core.catalogue import Site
from crawler.core.dates import parse_time
from crawler.core.entries import Entry
from crawler.core.errors import OptionError, StoreError
from crawler.core.extraction import Article, NoArticle, extract_article
from crawler.core.extraction.article import BANNED, EMPTY_PAGE, MOVED
from crawler.core.removals import (
    GONE_STATUSES,
    POLICIES,
    REDIRECTS,
    is_outage,
    read_redirect,
    usable_validator,
)
from crawler.core.report import Outcome
from crawler.core.schedule import parse_ages
from crawler.core.urls import absolute, host_of
from crawler.loaders import FEED_ENTRY
from crawler.spiders.article import (
    ArticleSpider,
    conditions,
    header_charset,
    read_day,
    read_number,
    referer_header,
    refuse_unknown,
)
from crawler.spiders.failures import describe_failure
from crawler.storage.visits import StoredPage

_LIMIT = 300
"""Pages a run visits unless told otherwise: it holds the store for some minutes."""

_MAX_HOPS = 5
_HEAD = 20_000
"""In so many bytes a page that only leads elsewhere says where to."""

_ANSWERS = [304, *GONE_STATUSES, *REDIRECTS]


class RecheckSpider(ArticleSpider):
    """Visit stored posts on the schedule of ``RECHECK_AFTER``.

    A page that changed is a revision, kept as any other. One that is gone is noticed,
    and removed when a later visit, an hour on at the earliest, confirms it. What a
    run finds gone is believed at its end, host by host: where nothing else of the
    host is to be had either, or most of it is gone at once, it is an outage.

    Args:
        limit: visit at most so many; 300 when empty.
        since: ``YYYY-MM-DD``, Beijing: only posts published on this day or later.
        force: ``1`` to visit the newest posts, due or not, and read every page whole.
        now: an instant to take for the present one, for trying out a schedule.

    Raises:
        OptionError: a value that cannot be used.
    """

    name = "recheck"

    def __init__(
        self,
        limit: str = "",
        since: str = "",
        force: str = "",
        now: str = "",
        **rest: Any,
    ) -> None:
        refuse_unknown(rest, "limit, since, force, now")
        super().__init__()
        self._limit = read_number("-a limit", limit) or _LIMIT
        self._since = read_day("-a since", since)
        self._force = force not in {"", "0"}
        self._now = parse_time(now) if now else None
        if now and self._now is None:
            raise OptionError("-a now", now, "is no time such as 2026-11-01T12:00:00Z")
        self._open: dict[str, StoredPage] = {}
        self._read: dict[str, tuple[str, str]] = {}
        self._gone: dict[str, list[tuple[StoredPage, str]]] = defaultdict(list)
        self._there: Counter[str] = Counter()
        self._witnesses: dict[str, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build it and listen for the end of the visits."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.end_visits, signal=signals.spider_idle)
        return spider

    def check_options(self) -> None:
        """Refuse settings that cannot be used.

        Raises:
            OptionError: which one, and what would do.
        """
        self._ages = parse_ages(self.settings.getlist("RECHECK_AFTER"))
        self._policy = self.settings["REMOVED_POSTS"]
        if self._policy not in POLICIES:
            known = f"is one of {', '.join(POLICIES)}"
            raise OptionError("REMOVED_POSTS", self._policy, known)

    async def start(self) -> AsyncIterator[Any]:
        """Open the store, then ask for every page that is due."""
        await self.open_run()
        self.run_.closing = self._close
        if not self._force:
            await self.heed_stops()
        await self.ask_store("visits.settle", self._policy)
        chosen = await self._choose()
        if not chosen:
            self.logger.info("no page is due; -a force=1 visits the newest posts")
        for page in chosen:
            request = self._visit(page)
            if request:
                yield request

    def clock(self) -> datetime:
        """Tell the instant that is taken for the present one."""
        return self._now or datetime.now(UTC)

    async def parse_visit(
        self, response: Response, page: StoredPage, site: Site, hops: int
    ) -> AsyncIterator[Any]:
        """Note what a visit found; read the page where it may have changed."""
        if response.status != 200:
            self.run_.hold(response)
        if response.status == 304:
            await self._find(page, page.etag, page.modified)
        elif response.status in GONE_STATUSES:
            host = host_of(response.url)
            self._miss(page, f"http {response.status} from {host}")
        elif response.status in REDIRECTS:
            request = self._follow(response, page, site, hops)
            if request:
                yield request
        else:
            entry, template = await self.ask_store("visits.read_entry", page.id)
            # Both would read other words than those stored, and call it an edit.
            if template == FEED_ENTRY or host_of(response.url) != host_of(page.url):
                await self._look(response, page, entry)
            else:
                for result in await self._reread(response, page, site, entry):
                    yield result

    def refuse_page(
        self, response: Response, url: str, entry: Entry | None, why: NoArticle
    ) -> None:
        """Note a page that is no article: gone, a ban, or not understood."""
        page = self._open[url]
        if why.is_gone:
            self._miss(page, why.reason)
        elif why.reason == MOVED and self._leads_away(response, url):
            self._miss(page, "its page only leads to a front page")
        elif why.reason in {BANNED, EMPTY_PAGE}:
            self.run_.close_article(url, "failed", why.reason)
        else:
            super().refuse_page(response, url, entry, why)

    def end_visits(self) -> None:
        """Believe or disbelieve what is gone, once every page has been visited.

        Raises:
            DontCloseSpider: other pages of a host are asked for first, to tell its
                removals from an outage.
        """
        try:
            requests = [request for host in self._gone for request in self._ask(host)]
            if requests:
                for request in requests:
                    self.crawler.engine.crawl(request)
                raise DontCloseSpider
            while self._gone:
                self._judge(*self._gone.popitem())
        except StoreError as error:
            self._gone.clear()
            self.run_.abort(error)

    def parse_witness(self, response: Response, host: str) -> None:
        """Count a page that was only asked for to see whether its host is well."""
        self.run_.hold(response)
        if response.status == 304 or (
            response.status == 200
            and isinstance(extract_article(response.body, response.url), Article)
        ):
            self._there[host] += 1

    def witness_failed(self, failure: Failure) -> None:
        """A page that cannot be had is no sign that its host is well."""

    async def _choose(self) -> list[StoredPage]:
        if self._force:
            found = await self.ask_store("visits.latest", self._limit, self._since)
        else:
            asked = (self.clock(), self._ages, self._limit, self._since)
            found = await self.ask_store("visits.due", *asked)
        return list(found)

    def _visit(self, page: StoredPage) -> Request | None:
        site = self.catalogue.site_for(host_of(page.url))
        if not self.run_.open_article(page.url, page.feed, None):
            return None
        self._open[page.url] = page
        if site is None:
            reason = f"{host_of(page.url)} is none of the hosts in the catalogue"
            self.run_.close_article(page.url, "rejected", reason)
            return None
        return self._request(page.url, page, site, 0)

    def _request(self, url: str, page: StoredPage, site: Site, hops: int) -> Request:
        headers = referer_header(site.referer)
        if not self._force and not hops:
            headers |= conditions(page.etag, page.modified)
        # Redirects come here: the many pages that lead to one front page would be
        # dropped as duplicates of each other.
        return Request(
            url,
            callback=self.parse_visit,
            errback=self.visit_failed,
            headers=headers,
            cb_kwargs={"page": page, "site": site, "hops": hops},
            meta={"dont_redirect": True, "handle_httpstatus_list": _ANSWERS},
            dont_filter=True,
        )

    def visit_failed(self, failure: Failure) -> None:
        """Note why a page could not be had; that says nothing about the post."""
        self.archive_failure(failure)
        page: StoredPage = failure.request.cb_kwargs["page"]  # type: ignore[attr-defined]
        reason = describe_failure(failure)
        self.note_failure(failure)
        self.run_.close_article(page.url, "failed", reason)

    def _follow(
        self, response: Response, page: StoredPage, site: Site, hops: int
    ) -> Request | None:
        location = (response.headers.get("Location") or b"").decode("latin-1")
        target = absolute(location, response.url)
        meaning = read_redirect(page.url, target, site.hosts)
        if meaning == "front page":
            self._miss(page, f"redirected to {target}")
        elif meaning == "elsewhere":
            reason = f"redirected to another page: {target or 'no address'}"
            self.run_.close_article(page.url, "rejected", reason)
        elif hops == _MAX_HOPS:
            self.run_.close_article(page.url, "rejected", "redirected in a circle")
        else:
            return self._request(target, page, site, hops + 1)
        return None

    async def _reread(
        self, response: Response, page: StoredPage, site: Site, entry: Entry
    ) -> list[Any]:
        etag = usable_validator(response.headers.get("ETag"))
        modified = usable_validator(response.headers.get("Last-Modified"))
        self._read[page.url] = (etag, modified)
        feed = self.catalogue.feed(page.feed)
        found = await self.parse_article(response, page.url, site, feed, entry)
        if any(isinstance(result, Request) for result in found):
            # They are of the first page alone, and any may change.
            self._read.pop(page.url, None)
        return found

    async def _look(self, response: Response, page: StoredPage, entry: Entry) -> None:
        self.run_.hold(response)
        found = extract_article(response.body, page.url, header_charset(response))
        # A layout that cannot be read is there as well.
        if isinstance(found, NoArticle) and not found.is_worth_study:
            self.refuse_page(response, page.url, entry, found)
        else:
            await self._find(page)

    def _leads_away(self, response: Response, url: str) -> bool:
        text = response.body[:_HEAD].decode("latin-1")
        site = self.catalogue.site_for(host_of(url))
        target = get_meta_refresh(text, url)[1] or ""
        hosts = site.hosts if site else ()
        return read_redirect(url, target, hosts) == "front page"

    async def _find(self, page: StoredPage, etag: str = "", modified: str = "") -> None:
        del self._open[page.url]
        self._there[host_of(page.url)] += 1
        visit = (page.id, self.clock(), etag, modified)
        back = await self.ask_store("visits.note_there", *visit)
        self.run_.close_article(page.url, "back" if back else "unchanged")

    def _miss(self, page: StoredPage, reason: str) -> None:
        self._gone[host_of(page.url)].append((page, reason))

    def _close(self, url: str, outcome: Outcome) -> None:
        page, read = self._open.pop(url, None), self._read.pop(url, ("", ""))
        if page is None:
            return
        if outcome in {"unchanged", "revised", "back"}:
            self._there[host_of(url)] += 1
            self.run_.tell("visits.note_there", page.id, self.clock(), *read)
        elif outcome == "failed":
            self.run_.tell("visits.note_failure", page.id, self.clock())
        else:
            self.run_.tell("visits.note_read", page.id, self.clock())

    def _ask(self, host: str) -> list[Request]:
        if host in self._witnesses or self._there[host]:
            return []
        but = [page.id for page, _ in self._gone[host]]
        pages = self.run_.call("visits.witnesses", host, but).result()
        self._witnesses[host] = len(pages)
        return [
            Request(
                page.url,
                callback=self.parse_witness,
                errback=self.witness_failed,
                headers=conditions(page.etag, page.modified),
                cb_kwargs={"host": host},
                meta={"dont_redirect": True, "handle_httpstatus_list": _ANSWERS},
                dont_filter=True,
            )
            for page in pages
        ]

    def _judge(self, host: str, found: list[tuple[StoredPage, str]]) -> None:
        there = self._there[host]
        proof = bool(self._witnesses.get(host))
        if is_outage(len(found), there, proof=proof):
            reason = (
                f"taken for an outage: of {host}, {len(found)} pages are gone and"
                f" {there} there; if it is none, visit more with -a force=1"
            )
            for page, _ in found:
                self.run_.close_article(page.url, "failed", reason)
            return
        for page, reason in found:
            del self._open[page.url]
            visit = (page.id, self.clock(), reason, self._policy)
            outcome = self.run_.call("visits.note_gone", *visit).result()
            self.run_.close_article(page.url, outcome, reason)
