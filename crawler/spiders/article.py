"""Read article pages that are given by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure
from w3lib.encoding import http_content_type_encoding

from crawler.capture import LISTED
from crawler.core.catalogue import Catalogue, Feed, Site
from crawler.core.compression import Wrapping, unwrap
from crawler.core.dates import parse_day
from crawler.core.entries import Entry
from crawler.core.errors import CrawlerError, OptionError, ReaderFailed
from crawler.core.extraction import MAX_PAGES, Article, NoArticle, incomplete
from crawler.core.plain import as_plain
from crawler.core.report import Outcome
from crawler.core.urls import NO_ADDRESS, canonical, document_id, host_of
from crawler.loaders import Origin
from crawler.middlewares import PACKED, wrapping_of
from crawler.reading import Broken, FetchedPage, Reading
from crawler.refusals import Refusal
from crawler.spiders.failures import describe_failure
from crawler.spiders.patient import PatientSpider


class ArticleSpider(PatientSpider):
    """Fetch given pages and keep them as posts.

    Usage: ``scrapy crawl article -a url=https://…`` or ``-a urls=FILE`` (one address
    a line, ``#`` starts a comment), with ``-a feed=ID`` to file them under a feed the
    store has not seen them in.

    Raises:
        OptionError: no address, an unreadable file, an unknown feed.
    """

    name = "article"

    def __init__(
        self, url: str = "", urls: str = "", feed: str = "", **rest: Any
    ) -> None:
        refuse_unknown(rest, "url, urls, feed")
        super().__init__()
        self._urls = [url] if url else []
        if urls:
            self._urls += _read_urls(urls)
        self._feed_id = feed

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the run."""
        return self.run_.catalogue

    async def start(self) -> AsyncIterator[Any]:
        """Open the store, then ask for every page."""
        await self.open_run()
        for url in dict.fromkeys(map(canonical, self._urls)):
            identifier = document_id(url)
            feed = self._feed_id
            feed = feed or await self.ask_store("feed_of", identifier)
            request = self.article_request(url, self.catalogue.feed(feed))
            if request:
                yield request

    async def open_run(self) -> bool:
        """Open the store; without one there is nothing to crawl for.

        Returns:
            Whether there is anything to be done; else the store is left alone.

        Raises:
            CloseSpider: the store cannot be used; the run says why.
        """
        self.run_.clock = self.clock
        try:
            self.run_.prepare()
            self.check_options()
            if not self.has_work():
                return False
            await self.run_.open(self)
        except CrawlerError as error:
            self.run_.abort(error)
            raise CloseSpider("cannot start") from error
        return True

    def has_work(self) -> bool:
        """Tell whether there is anything to be done, before the store is opened."""
        return True

    def check_options(self) -> None:
        """Refuse options that need the catalogue to be seen as wrong.

        Raises:
            OptionError: which one, and what would do.
        """
        if not self._urls:
            raise OptionError("-a url", "", "give a page, or -a urls=FILE")
        for url in self._urls:
            if not canonical(url):
                raise OptionError("-a url", url, NO_ADDRESS)
        if self._feed_id and self.catalogue.feed(self._feed_id) is None:
            raise OptionError("-a feed", self._feed_id, "is not in the catalogue")

    def article_request(
        self, url: str, feed: Feed | None, entry: Entry | None = None
    ) -> Request | None:
        """Make the request for an article page, once a run.

        Returns:
            ``None`` when the run already has it, or when its host is none of the
            site's, which is a rejection.
        """
        host = host_of(url)
        site = self.catalogue.site_of(feed.id) if feed else None
        site = site or self.catalogue.site_for(host)
        if not self.run_.open_article(url, feed.id if feed else "", entry):
            return None
        if site is None or not site.serves(host):
            identifier = entry.id if entry else document_id(url)
            reason = f"{host} is none of the hosts in the catalogue"
            self.run_.reject(url, identifier, "rejected", reason)
            return None
        known = {"url": url, "site": site, "feed": feed, "entry": entry}
        return self._page_request(url, known)

    async def parse_article(  # noqa: PLR0913, PLR0917 - all that is known of the request
        self,
        response: Response,
        url: str,
        site: Site,
        feed: Feed | None,
        entry: Entry | None,
        pages: tuple[Article, ...] = (),
    ) -> list[Any]:
        """Read one page into an item, ask for the next, or note why it is none.

        An article of several pages becomes one item when it has all of them; else it
        fails as a whole and is tried again in the next run.
        """
        fetched = self.clock()
        page = FetchedPage(
            body=response.body,
            address=pages[-1].next_page if pages else url,
            charset=header_charset(response),
            entry=entry,
            origin=Origin.of(site, feed, self.run_.body),
            fetched=fetched,
            before=pages,
            wrapping=self._wrapping(response),
        )
        try:
            found = await self.run_.read(page)
        except ReaderFailed as error:
            self.hold(response, url, site, feed, entry, fetched)
            self.run_.close_article(url, "failed", str(error))
            return []
        if isinstance(found, Broken):
            self._ask_again(response, found.reason)
            return []
        self.hold(response, url, site, feed, entry, fetched)
        self.weigh_page(response, page, found)
        if isinstance(found, Article):
            known = {"url": url, "site": site, "feed": feed, "entry": entry}
            return self._ask_for_next({**known, "pages": (*pages, found)})
        if not isinstance(found, NoArticle):
            return [found]
        if pages:
            self._miss_page(url, len(pages) + 1, found.reason)
        else:
            self.refuse_page(response, url, entry, found)
        return []

    def refuse_page(
        self, response: Response, url: str, entry: Entry | None, why: NoArticle
    ) -> None:
        """Note that a page is no article."""
        identifier = entry.id if entry else document_id(url)
        outcome: Outcome = "removed" if why.is_gone else "rejected"
        page = self._plain(response) if why.is_worth_study else b""
        self.run_.reject(url, identifier, outcome, why.reason, page)

    def weigh_page(
        self,
        response: Response,  # noqa: ARG002 - for those who override it
        page: FetchedPage,
        found: Reading,
    ) -> None:
        """Note what a page says of its host."""
        why = found.reason if isinstance(found, NoArticle) else ""
        self.note_page(page.address, why)

    def clock(self) -> datetime:
        """Tell when what has just come in was fetched, UTC."""
        return datetime.now(UTC)

    def article_failed(self, failure: Failure) -> None:
        """Note why a page could not be fetched; a page that is gone is no failure."""
        self.archive_failure(failure)
        self.note_failure(failure)
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        status = getattr(getattr(failure.value, "response", None), "status", 0)
        pages = kwargs.get("pages", ())
        if pages:
            reason = describe_failure(failure)
            self._miss_page(kwargs["url"], len(pages) + 1, reason)
        elif status in {404, 410}:
            entry = kwargs["entry"]
            identifier = entry.id if entry else document_id(kwargs["url"])
            reason = describe_failure(failure)
            self.run_.reject(kwargs["url"], identifier, "removed", reason)
        else:
            reason = describe_failure(failure)
            self.run_.close_article(kwargs["url"], "failed", reason)

    def _wrapping(self, response: Response) -> Wrapping | None:
        if not response.meta.get(PACKED):
            return None
        return wrapping_of(response, self.settings.getint("DOWNLOAD_MAXSIZE"))

    def _plain(self, response: Response) -> bytes:
        wrapping = self._wrapping(response)
        return unwrap(response.body, wrapping)[0] if wrapping else response.body

    def _ask_again(self, response: Response, problem: str) -> None:
        request, engine = response.request, self.crawler.engine
        assert request is not None
        assert engine is not None
        again = get_retry_request(request, spider=self, reason=problem)
        if again:
            engine.crawl(again)  # It is the same request, not one that a page led to.
            return
        failure = Failure(Refusal(problem))  # type: ignore[no-untyped-call]
        failure.request = request  # type: ignore[attr-defined]
        self.article_failed(failure)

    def _ask_for_next(self, known: dict[str, Any]) -> list[Request]:
        url, pages = known["url"], known["pages"]
        address = pages[-1].next_page
        if len(pages) == MAX_PAGES:
            self._miss_page(url, len(pages) + 1, "no article has so many pages")
        elif address in {url, *(page.next_page for page in pages[:-1])}:
            self._miss_page(url, len(pages) + 1, "its pages lead in a circle")
        else:
            return [self._page_request(address, known)]
        return []

    def hold(  # noqa: PLR0913, PLR0917 - all that is known of the request
        self,
        response: Response,
        url: str,
        site: Site,
        feed: Feed | None,
        entry: Entry | None,
        fetched: datetime,
        *,
        whole: bool = False,
    ) -> None:
        """Hand a page of an article to the archive, with what reading it takes.

        ``whole`` is for a feed's answer that carries the entry's article.
        """
        self.run_.hold(
            response,
            url,
            site=site.name,
            feed=feed.id if feed else "",
            entry=entry.id if entry and whole else as_plain(entry),
            whole=whole,
            fetched=fetched.isoformat(),
            listed=as_plain(response.meta.get(LISTED)),
        )

    def archive_failure(self, failure: Failure) -> None:
        """Hand the answer of a request that failed to the archive, if one came."""
        response = getattr(failure.value, "response", None)
        if isinstance(response, Response):
            self.run_.hold(response)

    def _page_request(self, url: str, known: dict[str, Any]) -> Request:
        # The run asks once for each article, and tells its pages apart: a filter that
        # dropped one would leave the article without an outcome. Its address is quoted.
        return Request(
            url,
            callback=self.parse_article,
            errback=self.article_failed,
            headers=referer_header(known["site"].referer),
            cb_kwargs=known,
            meta={PACKED: True, "verbatim_url": True},
            dont_filter=True,
        )

    def _miss_page(self, url: str, number: int, why: str) -> None:
        self.run_.close_article(url, "failed", incomplete(number, why).reason)


def refuse_unknown(arguments: dict[str, Any], known: str) -> None:
    """Refuse a misspelt spider argument, which would silently crawl everything.

    Raises:
        OptionError: there is an argument nobody asks for.
    """
    for name, value in arguments.items():
        if name.startswith("_"):
            continue  # What scrapyd adds of its own: `_job`.
        raise OptionError(f"-a {name}", value, f"is unknown; there are {known}")


def read_number(option: str, text: str) -> int | None:
    """Read a spider argument that is a whole number from 1; ``""`` is none.

    Raises:
        OptionError: it is something else.
    """
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise OptionError(option, text, "must be a whole number from 1")
    return int(text)


def read_day(option: str, text: str) -> datetime | None:
    """Read a spider argument that is a Beijing day; ``""`` is none.

    Raises:
        OptionError: it is something else.
    """
    day = parse_day(text) if text else None
    if text and day is None:
        raise OptionError(option, text, "is no day such as 2026-11-01")
    return day


def referer_header(referer: str | None) -> dict[str, str]:
    """Make the headers of a request to a server that wants a ``Referer``."""
    return {"Referer": referer} if referer else {}


def conditions(etag: str, modified: str) -> dict[str, str]:
    """Make the headers of a request for what has changed since these were told."""
    headers = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {name: value for name, value in headers.items() if value}


def header_charset(response: Response) -> str:
    """Return the charset that a response's ``Content-Type`` names, or ``""``."""
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return http_content_type_encoding(content_type) or ""


def _read_urls(path: str) -> list[str]:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError("-a urls", path, f"cannot be read: {error}") from error
    urls = [line.partition(" #")[0].strip() for line in lines]
    found = [url for url in urls if url and not url.startswith("#")]
    if not found:
        raise OptionError("-a urls", path, "holds no address")
    return found
